"""Places in a person's frame and in pictures: what the networks that lay a garment over its wearer share."""

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.labels import DENSEPOSE_PARTS, MIRRORED_KEYPOINTS, MIRRORED_PARTS, MIRRORED_REGIONS

FRAME = (256, 192)
"""Height and width of the frames of person and garment in whose pixels joints, places and reads are given."""

GARMENT_SIZE = (128, 96)
"""Of the garment's picture that the networks look at."""

FIELD_SIZE = (64, 48)
"""Of the maps of the person that the field looks at, and of the grid on which the condition generator evaluates it."""

PART_GROUPS = ("nothing", "torso", "right hand", "left hand", "left upper arm", "right upper arm", "left lower arm",
               "right lower arm", "head", "legs")  # fmt: skip


MIRRORED_LABELS = {"regions": MIRRORED_REGIONS, "target": MIRRORED_REGIONS, "parts": MIRRORED_PARTS}


def _group_of(part: str) -> int:
    name = part.removesuffix(" front").removesuffix(" back")
    if name.endswith("of the head"):
        return PART_GROUPS.index("head")
    if name.endswith(("leg", "foot")):
        return PART_GROUPS.index("legs")
    return PART_GROUPS.index("nothing" if name == "background" else name)


GROUP_OF_PART = tuple(_group_of(part) for part in DENSEPOSE_PARTS)
"""DensePose part id → index into PART_GROUPS."""


def one_hot(ids: Tensor, classes: int) -> Tensor:
    """Integer (N, H, W) → float32 (N, classes, H, W)."""
    planes = torch.zeros(len(ids), classes, *ids.shape[1:], device=ids.device)
    return planes.scatter_(1, ids.long()[:, None], 1.0)


def one_hot_groups(parts: Tensor) -> Tensor:
    """Integer (N, H, W) of DensePose parts → float32 (N, 10, H, W) of PART_GROUPS."""
    table = torch.tensor(GROUP_OF_PART, device=parts.device)
    return one_hot(table[parts.long()], len(PART_GROUPS))


def coordinates(number: int, height: int, width: int, device: torch.device) -> Tensor:
    """x and y from -1 to 1, (N, 2, H, W)."""
    y, x = torch.linspace(-1, 1, height, device=device), torch.linspace(-1, 1, width, device=device)
    return torch.stack(torch.meshgrid(x, y, indexing="xy"))[None].expand(number, -1, -1, -1)


def mirrored(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Stacked arrays of person and garment as both look in a mirror.

    Args:
        batch: any of joints (N, 18, 2) and reads (N, h, w, 2), in pixels of the frame; regions, target and parts,
            integer (N, H, W); anything else (N, H, W, ...), and what has no sides, (N,).
    """
    last = FRAME[1] - 1
    turned = {
        field: values.flip(2) if values.ndim > 2 else values for field, values in batch.items() if field != "joints"
    }
    for field in turned.keys() & MIRRORED_LABELS.keys():
        turned[field] = _mirrored_labels(field, turned[field].device)[turned[field].int()]
    if "reads" in turned:
        turned["reads"] = torch.cat([last - turned["reads"][..., :1], turned["reads"][..., 1:]], -1)
    if "joints" in batch:
        joints = batch["joints"][:, [int(joint) for joint in MIRRORED_KEYPOINTS]]
        turned["joints"] = torch.cat([last - joints[..., :1], joints[..., 1:]], -1)
    return turned


@cache
def _mirrored_labels(field: str, device: torch.device) -> Tensor:
    return torch.from_numpy(MIRRORED_LABELS[field]).to(device)


def pixel_places(height: int, width: int, device: torch.device) -> Tensor:
    """Centres of the cells of a grid laid over the frame, in its pixels, (height · width, 2), row by row."""
    y = (torch.arange(height, device=device) + 0.5) * (FRAME[0] / height) - 0.5
    x = (torch.arange(width, device=device) + 0.5) * (FRAME[1] / width) - 0.5
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), -1).reshape(-1, 2)


def thinned(ids: Tensor) -> Tensor:
    """Integer (N, 256, 192) at the field's size, (N, 64, 48): one of each 4×4 pixels."""
    step = FRAME[0] // FIELD_SIZE[0]
    return ids[:, step // 2 :: step, step // 2 :: step]


def frame_grid(reads: Tensor, height: int, width: int) -> Tensor:
    """Reads (N, 2, h, w), in pixels of the garment's frame, as a grid of another size, (N, height, width, 2)."""
    size = reads.new_tensor([FRAME[1], FRAME[0]]).view(1, 2, 1, 1)
    # Bilinear, and continued beyond the outermost centres by repeating them: that is what the training sees too.
    enlarged = F.interpolate(reads, size=(height, width), mode="bilinear", align_corners=False)
    return ((2 * enlarged + 1) / size - 1).permute(0, 2, 3, 1)


def hidden_layers(channels: int, out: int, dropout: float) -> tuple[nn.Module, ...]:
    """A fully connected layer of a code."""
    return nn.Linear(channels, out), nn.LayerNorm(out), nn.GELU(), nn.Dropout(dropout)


def modulated(x: Tensor, layers: nn.ModuleList, modulation: Tensor, width: int) -> Tensor:
    """Places through layers that a code scales and shifts (FiLM).

    Args:
        x: (N, K, features of a place). layers: linear, of `width` outputs each, all but the first of `width` inputs.
        modulation: (N, layers · 2 · width).

    Returns:
        (N, K, width).
    """
    scale, shift = modulation[:, None].view(len(x), 1, len(layers), 2, width).unbind(3)
    for number, layer in enumerate(layers):
        y = F.gelu(layer(x) * (1 + scale[:, :, number]) + shift[:, :, number])
        x = x + y if number else y
    return x


class Landmarks(nn.Module):
    """A picture → the places of landmarks that it learns to find, how sure each is, and a coarse view of the whole.

    Args:
        channels: of the picture.
        widths: of the three stages of convolutions.
        landmarks: how many.
        overview: channels of the coarse view.
        size: height and width of the picture, multiples of 4 · pool times all strides.
        strides: of the first two convolutions: landmarks are found on a grid so much coarser than the picture.
        pool: by how much the coarse view is coarser still than a quarter of that grid.
    """

    def __init__(
        self,
        channels: int,
        widths: tuple[int, int, int],
        landmarks: int,
        overview: int,
        size: tuple[int, int],
        strides: tuple[int, int] = (2, 2),
        pool: int = 1,
    ):
        super().__init__()
        first, second, third = widths
        self.features = nn.Sequential(
            *_convolution(channels, first, stride=strides[0]),
            *_convolution(first, second, stride=strides[1]),
            *_convolution(second, second),
            *_convolution(second, third, dilation=2),
            *_convolution(third, third, dilation=4),
        )
        self.heat = nn.Conv2d(third, landmarks, 1)
        self.overview = nn.Sequential(*_convolution(third, overview, stride=2), *_convolution(overview, overview, 2))
        if pool > 1:
            self.overview.append(nn.AvgPool2d(pool))
        coarser = 4 * pool * strides[0] * strides[1]
        self.outputs = 3 * landmarks + overview * (size[0] // coarser) * (size[1] // coarser)

    def forward(self, picture: Tensor) -> Tensor:
        """(N, channels, *size) → float32 (N, outputs)."""
        return self.tell(self.features(picture.contiguous(memory_format=torch.channels_last)))

    def tell(self, features: Tensor) -> Tensor:
        """(N, widths[2], *size / all strides), what `features` makes of a picture → float32 (N, outputs)."""
        heat = self.heat(features).float()
        places = coordinates(1, *heat.shape[2:], heat.device).flatten(2).transpose(1, 2)
        heat = heat.flatten(2)
        found = heat.softmax(-1) @ places
        return torch.cat([found.flatten(1), heat.amax(-1) / 5, self.overview(features).float().flatten(1)], 1)


def _convolution(channels: int, out: int, stride: int = 1, dilation: int = 1) -> tuple[nn.Module, ...]:
    layer = nn.Conv2d(channels, out, 3, stride, dilation, dilation, bias=False)
    return layer, nn.BatchNorm2d(out), nn.ReLU()
