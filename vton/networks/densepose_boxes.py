"""DensePose's detector: proposals from the pyramid, then boxes of people with their scores (Ren et al., 2015)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.ops import batched_nms, clip_boxes_to_image, nms, roi_align

ANCHOR_SIZES = (32, 64, 128, 256, 512)
ANCHOR_RATIOS = (0.5, 1.0, 2.0)
"""Heights over widths; all three anchors of a level have the same area."""
BOX_WEIGHTS = (10.0, 10.0, 5.0, 5.0)
LARGEST_GROWTH = math.log(1000 / 16)
PROPOSALS = 1000
PROPOSAL_OVERLAP = 0.7
PERSON_OVERLAP = 0.5
MOST_PERSONS = 100


def cell_anchors(size: float) -> Tensor:
    """The anchors around the origin of one level, unrounded: (3, 4), x0 y0 x1 y1."""
    widths = torch.tensor([math.sqrt(size**2 / ratio) for ratio in ANCHOR_RATIOS])
    heights = widths * torch.tensor(ANCHOR_RATIOS)
    return torch.stack((-widths, -heights, widths, heights), 1) / 2


def grid_anchors(height: int, width: int, stride: int, size: float) -> Tensor:
    """All anchors of one level, in row, column, ratio order: (3·height·width, 4) in pixels of the picture."""
    rows, columns = torch.meshgrid(torch.arange(height) * stride, torch.arange(width) * stride, indexing="ij")
    centres = torch.stack((columns, rows, columns, rows), 2).float()
    return (centres[:, :, None] + cell_anchors(size)).reshape(-1, 4)


def decode_boxes(deltas: Tensor, boxes: Tensor, weights: tuple[float, float, float, float]) -> Tensor:
    """Move and stretch boxes as predicted.

    Args:
        deltas: (N, 4): shift of the centre in widths and heights, and logarithm of the growth, times `weights`.
        boxes: (N, 4), x0 y0 x1 y1.

    Returns:
        (N, 4), x0 y0 x1 y1.
    """
    sizes = boxes[:, 2:] - boxes[:, :2]
    centres = boxes[:, :2] + 0.5 * sizes
    shifts, growths = (deltas / deltas.new_tensor(weights)).split(2, 1)
    centres = shifts * sizes + centres
    half = 0.5 * (growths.clamp(max=LARGEST_GROWTH).exp() * sizes)
    return torch.cat((centres - half, centres + half), 1)


class ProposalHead(nn.Module):
    """Features of one level → how likely an object is at each anchor, and how to move the anchor."""

    def __init__(self, channels: int = 256):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.objectness_logits = nn.Conv2d(channels, len(ANCHOR_RATIOS), 1)
        self.anchor_deltas = nn.Conv2d(channels, 4 * len(ANCHOR_RATIOS), 1)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(N, channels, H, W) → logits (N, 3, H, W) and deltas (N, 12, H, W), anchor by anchor."""
        x = F.relu(self.conv(features))
        return self.objectness_logits(x), self.anchor_deltas(x)


def select_proposals(
    logits: list[Tensor], deltas: list[Tensor], anchors: list[Tensor], size: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """The most promising boxes of one picture.

    Args:
        logits, deltas, anchors: of each level, (A,), (A, 4) and (A, 4), in the same order.
        size: height and width of the picture without its padding.

    Returns:
        boxes (P, 4) and their logits (P,), the best first, P at most 1000.
    """
    boxes, scores, levels = [], [], []
    for level, (level_logits, level_deltas, level_anchors) in enumerate(zip(logits, deltas, anchors, strict=True)):
        best, chosen = level_logits.topk(min(PROPOSALS, len(level_logits)))
        decoded = decode_boxes(level_deltas[chosen], level_anchors[chosen], (1.0, 1.0, 1.0, 1.0))
        decoded = clip_boxes_to_image(decoded, size)
        solid = (decoded[:, 2:] > decoded[:, :2]).all(1)
        boxes.append(decoded[solid])
        scores.append(best[solid])
        levels.append(torch.full_like(best[solid], level, dtype=torch.int64))
    boxes, scores = torch.cat(boxes), torch.cat(scores)
    kept = batched_nms(boxes, scores, torch.cat(levels), PROPOSAL_OVERLAP)[:PROPOSALS]
    return boxes[kept], scores[kept]


def level_of(boxes: Tensor) -> Tensor:
    """Which of p2 to p5 (0 to 3) a box (N, 4) is read from: 224 pixels belong to p4, and each octave is a level."""
    sizes = boxes[:, 2:] - boxes[:, :2]
    levels = torch.floor(4 + torch.log2(sizes.prod(1).sqrt() / 224 + 1e-8))
    return levels.clamp(2, 5).long() - 2


def pool_boxes(features: list[Tensor], boxes: list[Tensor]) -> Tensor:
    """What the pyramid holds inside each box.

    Args:
        features: p2 to p5, each (N, C, H, W).
        boxes: (K, 4) of each of the N pictures, in pixels.

    Returns:
        (sum of K, C, 7, 7).
    """
    rows, levels = box_rows(boxes), level_of(torch.cat(boxes))
    pooled = features[0].new_zeros(len(rows), features[0].shape[1], 7, 7)
    for level, maps in enumerate(features):
        here = levels == level
        pooled[here] = roi_align(maps, rows[here], 7, 1 / (4 << level), sampling_ratio=2, aligned=False)
    return pooled


def box_rows(boxes: list[Tensor]) -> Tensor:
    """Boxes of several pictures in one table: (K, 5), the number of the picture, then x0 y0 x1 y1."""
    return torch.cat([F.pad(rows, (1, 0), value=float(number)) for number, rows in enumerate(boxes)])


class BoxHead(nn.Module):
    """Pooled features (K, channels, 7, 7) → (K, features), two fully connected layers."""

    def __init__(self, channels: int = 256, features: int = 1024):
        super().__init__()
        self.fc1 = nn.Linear(channels * 7 * 7, features)
        self.fc2 = nn.Linear(features, features)

    def forward(self, pooled: Tensor) -> Tensor:
        return F.relu(self.fc2(F.relu(self.fc1(pooled.flatten(1)))))


class BoxPredictor(nn.Module):
    """(K, features) → class logits (K, 2), person first and background second, and deltas (K, 4)."""

    def __init__(self, features: int = 1024):
        super().__init__()
        self.cls_score = nn.Linear(features, 2)
        self.bbox_pred = nn.Linear(features, 4)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        return self.cls_score(features), self.bbox_pred(features)


def select_persons(
    boxes: Tensor, scores: Tensor, size: tuple[int, int], min_score: float
) -> tuple[Tensor, Tensor, Tensor]:
    """The boxes that show a person, one a person.

    Args:
        boxes: (K, 4), decoded.
        scores: (K,), probability of a person.
        size: height and width of the picture without its padding.
        min_score: only higher scores are kept.

    Returns:
        boxes (P, 4) inside the picture, scores (P,), and which of the K they are (P,); the best first, P at most 100.
    """
    boxes = clip_boxes_to_image(boxes, size)
    likely = (scores > min_score).nonzero()[:, 0]
    kept = likely[nms(boxes[likely], scores[likely], PERSON_OVERLAP)[:MOST_PERSONS]]
    return boxes[kept], scores[kept], kept
