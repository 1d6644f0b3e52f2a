"""DensePose's own branch: which body part each pixel of a box shows, and where on that part (Güler et al., 2018)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.ops import clip_boxes_to_image, roi_align

from vton.networks.densepose_boxes import box_rows

DECODED_LEVELS = ("p2", "p3", "p4", "p5")
POOLED = 28


class ReluConv(nn.Conv2d):
    """A 3×3 convolution and a ReLU: (N, in_channels, H, W) → (N, out_channels, H, W)."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__(in_channels, out_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(super().forward(x))


class Doubling(nn.Upsample):
    """Twice the height and width: (N, C, H, W) → (N, C, 2·H, 2·W)."""

    def __init__(self):
        super().__init__(scale_factor=2.0, mode="bilinear", align_corners=False)


class Decoder(nn.Module):
    """The pyramid's levels brought to the finest one's size and added (Kirillov et al., 2019).

    p2 to p5, each (N, channels, H / 2^level, W / 2^level) → (N, channels, H, W).
    """

    def __init__(self, channels: int = 256):
        super().__init__()
        self.p2 = nn.Sequential(ReluConv(channels, channels))
        for level, name in enumerate(DECODED_LEVELS[1:], 1):
            steps = [step for _ in range(level) for step in (ReluConv(channels, channels), Doubling())]
            self.add_module(name, nn.Sequential(*steps))
        self.predictor = nn.Conv2d(channels, channels, 1)

    def forward(self, levels: dict[str, Tensor]) -> Tensor:
        return self.predictor(sum(self.get_submodule(name)(levels[name]) for name in DECODED_LEVELS))


class ChartHead(nn.Module):
    """(K, channels, 28, 28) → (K, width, 28, 28), a row of 3×3 convolutions with ReLU."""

    def __init__(self, channels: int = 256, width: int = 512, layers: int = 8):
        super().__init__()
        for layer in range(layers):
            self.add_module(f"body_conv_fcn{layer + 1}", ReluConv(width if layer else channels, width))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.children():
            x = layer(x)
        return x


@dataclass(frozen=True)
class Charts:
    """What DensePose says about K boxes, each laid out on a grid of 112×112 cells.

    coarse: (K, 2, 112, 112) logits: background, person.
    fine: (K, 25, 112, 112) logits: background and the parts of `labels.DENSEPOSE_PARTS`.
    u, v: (K, 25, 112, 112) coordinates on each part; about 0 to 1.
    """

    coarse: Tensor
    fine: Tensor
    u: Tensor
    v: Tensor

    def __getitem__(self, chosen: Tensor | slice) -> "Charts":
        return Charts(self.coarse[chosen], self.fine[chosen], self.u[chosen], self.v[chosen])


class ChartPredictor(nn.Module):
    """(K, width, 28, 28) → Charts."""

    def __init__(self, width: int = 512, parts: int = 25):
        super().__init__()
        self.ann_index_lowres = nn.ConvTranspose2d(width, 2, 4, 2, 1)
        self.index_uv_lowres = nn.ConvTranspose2d(width, parts, 4, 2, 1)
        self.u_lowres = nn.ConvTranspose2d(width, parts, 4, 2, 1)
        self.v_lowres = nn.ConvTranspose2d(width, parts, 4, 2, 1)
        self.enlarge = Doubling()

    def forward(self, x: Tensor) -> Charts:
        layers = (self.ann_index_lowres, self.index_uv_lowres, self.u_lowres, self.v_lowres)
        return Charts(*(self.enlarge(layer(x)) for layer in layers))


def pool_persons(decoded: Tensor, boxes: list[Tensor]) -> Tensor:
    """What the decoder's map (N, C, H, W), at a quarter of the picture, holds inside each box: (K, C, 28, 28)."""
    return roi_align(decoded, box_rows(boxes), POOLED, 1 / 4, sampling_ratio=2, aligned=False)


def boxes_on_photo(boxes: Tensor, size: tuple[int, int], photo_size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Boxes of the resized picture as boxes of the photo.

    Args:
        boxes: (K, 4) in pixels of the resized picture.
        size, photo_size: height and width of the resized picture without padding, and of the photo.

    Returns:
        boxes (P, 4) inside the photo, and which of the K still have an area there (P,).
    """
    (height, width), (photo_height, photo_width) = size, photo_size
    # Ratios are rounded to float32 only when they multiply, as in the published code.
    scale = boxes.new_tensor([photo_width / width, photo_height / height] * 2)
    boxes = clip_boxes_to_image(boxes * scale, photo_size)
    kept = (boxes[:, 2:] > boxes[:, :2]).all(1).nonzero()[:, 0]
    return boxes[kept], kept


def pixel_box(box: Tensor) -> tuple[int, int, int, int]:
    """The whole pixels that a box (4,) is drawn on: left, top, width and height, each cut off, so they can be 0."""
    x0, y0, x1, y1 = box
    return int(x0), int(y0), int(x1 - x0), int(y1 - y0)


def part_labels(coarse: Tensor, fine: Tensor, width: int, height: int) -> Tensor:
    """The part each pixel of one box shows.

    Args:
        coarse, fine: logits (2, 112, 112) and (25, 112, 112).
        width, height: of the box in whole pixels; at least one is used.

    Returns:
        uint8 (height, width), ids of `labels.DENSEPOSE_PARTS`.
    """
    person = _resampled(coarse, width, height).argmax(0) > 0
    return (_resampled(fine, width, height).argmax(0) * person).to(torch.uint8)


def part_coordinates(u: Tensor, v: Tensor, labels: Tensor) -> Tensor:
    """Where on its part each pixel of one box lies.

    Args:
        u, v: (25, 112, 112).
        labels: uint8 (H, W) from `part_labels`.

    Returns:
        float32 (2, H, W): u and v, about 0 to 1; 0 on the background.
    """
    height, width = labels.shape
    index = labels.long()[None]
    both = [_resampled(values, width, height).gather(0, index)[0] for values in (u, v)]
    return torch.stack(both) * (labels > 0)


def _resampled(values: Tensor, width: int, height: int) -> Tensor:
    size = (max(height, 1), max(width, 1))
    return F.interpolate(values[None], size, mode="bilinear", align_corners=False)[0]


def part_map(boxes: Tensor, charts: Charts, photo_size: tuple[int, int]) -> Tensor:
    """The parts of everybody on one map of the photo.

    Args:
        boxes: (K, 4) in pixels of the photo, the best first; a later one lies on top, as in the published pictures.
        charts: of these boxes.
        photo_size: height and width.

    Returns:
        uint8 (H, W), ids of `labels.DENSEPOSE_PARTS`.
    """
    parts = torch.zeros(photo_size, dtype=torch.uint8, device=boxes.device)
    for box, coarse, fine in zip(boxes, charts.coarse, charts.fine, strict=True):
        left, top, width, height = pixel_box(box)
        if width > 0 and height > 0:
            labels = part_labels(coarse, fine, width, height)
            place = parts[top : top + height, left : left + width]
            place.copy_(torch.where(labels > 0, labels, place))
    return parts
