"""DensePose R-CNN (Güler et al., 2018) on ResNet-50 and a feature pyramid, as published: R_50_FPN_s1x.

Attribute names are those of the published checkpoint.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vton.networks.densepose_backbone import LEVELS, FeaturePyramid
from vton.networks.densepose_boxes import (
    ANCHOR_SIZES,
    BOX_WEIGHTS,
    BoxHead,
    BoxPredictor,
    ProposalHead,
    decode_boxes,
    grid_anchors,
    pool_boxes,
    select_persons,
    select_proposals,
)
from vton.networks.densepose_charts import (
    DECODED_LEVELS,
    ChartHead,
    ChartPredictor,
    Charts,
    Decoder,
    boxes_on_photo,
    pool_persons,
)

PIXEL_MEAN_BGR = (103.53, 116.28, 123.675)
"""What is subtracted from the grey levels (0 to 255) before the network; nothing is divided."""
SIZE_DIVISOR = 32


@dataclass(frozen=True)
class Detections:
    """The persons of one picture, the most certain first.

    boxes: (P, 4), x0 y0 x1 y1 in pixels of the picture named by whoever returns them.
    scores: (P,) probabilities.
    charts: what DensePose says about each box.
    """

    boxes: Tensor
    scores: Tensor
    charts: Charts

    def on_photo(self, size: tuple[int, int], photo_size: tuple[int, int]) -> "Detections":
        """The same persons in pixels of the photo.

        Args:
            size: height and width of the picture that the network saw, without its padding.
            photo_size: height and width of the photo.
        """
        boxes, kept = boxes_on_photo(self.boxes, size, photo_size)
        return Detections(boxes, self.scores[kept], self.charts[kept])


class DensePoseRCNN(nn.Module):
    """Finds people and says which body part each of their pixels shows.

    Args:
        width: channels of the ResNet's stem.
        blocks: bottlenecks of each of its stages.
        channels: of the pyramid and all that reads it.
        box_features: of the fully connected layers that judge a box.
        chart_width: channels of the convolutions of the DensePose branch.
        chart_layers: how many there are.
        parts: body parts, background included.
    """

    def __init__(
        self,
        width: int = 64,
        blocks: tuple[int, ...] = (3, 4, 6, 3),
        channels: int = 256,
        box_features: int = 1024,
        chart_width: int = 512,
        chart_layers: int = 8,
        parts: int = 25,
    ):
        super().__init__()
        self.backbone = FeaturePyramid(width, blocks, channels)
        self.proposal_generator = nn.Module()
        self.proposal_generator.rpn_head = ProposalHead(channels)
        self.roi_heads = nn.Module()
        self.roi_heads.box_head = BoxHead(channels, box_features)
        self.roi_heads.box_predictor = BoxPredictor(box_features)
        self.roi_heads.decoder = Decoder(channels)
        self.roi_heads.densepose_head = ChartHead(channels, chart_width, chart_layers)
        self.roi_heads.densepose_predictor = ChartPredictor(chart_width, parts)

    def propose(self, levels: dict[str, Tensor], sizes: list[tuple[int, int]]) -> list[tuple[Tensor, Tensor]]:
        """Boxes that may hold something: for each picture (P, 4) in its pixels and their logits (P,), the best first.

        Args:
            levels: p2 to p6 of N pictures.
            sizes: height and width of each picture without its padding.
        """
        logits, deltas, anchors = [], [], []
        for number, name in enumerate(LEVELS):
            count, _, height, width = levels[name].shape
            level_logits, level_deltas = self.proposal_generator.rpn_head(levels[name])
            logits.append(level_logits.permute(0, 2, 3, 1).flatten(1))
            level_deltas = level_deltas.view(count, -1, 4, height, width).permute(0, 3, 4, 1, 2)
            deltas.append(level_deltas.reshape(count, -1, 4))
            anchors.append(grid_anchors(height, width, 4 << number, ANCHOR_SIZES[number]).to(levels[name]))
        return [
            select_proposals([one[picture] for one in logits], [one[picture] for one in deltas], anchors, size)
            for picture, size in enumerate(sizes)
        ]

    def detect(
        self, levels: dict[str, Tensor], sizes: list[tuple[int, int]], min_score: float
    ) -> list[tuple[Tensor, Tensor]]:
        """People: for each picture boxes (P, 4) in its pixels and scores (P,), the best first.

        Args:
            levels: p2 to p6 of N pictures.
            sizes: height and width of each picture without its padding.
            min_score: only people above it are kept.
        """
        proposals = [boxes for boxes, _ in self.propose(levels, sizes)]
        pooled = pool_boxes([levels[name] for name in DECODED_LEVELS], proposals)
        logits, deltas = self.roi_heads.box_predictor(self.roi_heads.box_head(pooled))
        boxes = decode_boxes(deltas, torch.cat(proposals), BOX_WEIGHTS)
        scores = logits.softmax(1)[:, 0]
        counts = [len(rows) for rows in proposals]
        rows = zip(boxes.split(counts), scores.split(counts), sizes, strict=True)
        return [select_persons(*row, min_score)[:2] for row in rows]

    def chart(self, levels: dict[str, Tensor], boxes: list[Tensor]) -> Charts:
        """DensePose of given boxes.

        Args:
            levels: p2 to p5 of N pictures.
            boxes: (K, 4) of each picture, in its pixels.

        Returns:
            The charts of all boxes, picture after picture.
        """
        pooled = pool_persons(self.roi_heads.decoder(levels), boxes)
        return self.roi_heads.densepose_predictor(self.roi_heads.densepose_head(pooled))

    def forward(self, images: Tensor, sizes: list[tuple[int, int]], min_score: float = 0.05) -> list[Detections]:
        """Find people and chart them.

        Args:
            images: (N, 3, H, W), **BGR** grey levels less PIXEL_MEAN_BGR; zeros right and below up to multiples of 32.
            sizes: height and width of each picture without that padding.
            min_score: only people above it are kept; published pictures use 0.8.

        Returns:
            For each picture its people, in pixels of `sizes`.
        """
        levels = self.backbone(images)
        found = self.detect(levels, sizes, min_score)
        charts = self.chart(levels, [boxes for boxes, _ in found])
        ends = torch.tensor([len(boxes) for boxes, _ in found]).cumsum(0).tolist()
        return [
            Detections(boxes, scores, charts[end - len(boxes) : end])
            for (boxes, scores), end in zip(found, ends, strict=True)
        ]
