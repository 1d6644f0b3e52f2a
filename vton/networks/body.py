"""The compact body network: one U-Net that parses a person and finds the DensePose parts."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

KEYPOINT_CHANNELS = 18
MIN_CONFIDENCE = 0.2


def keypoint_heatmaps(keypoints: Tensor, height: int = 128, width: int = 96, sigma: float = 3.0) -> Tensor:
    """Draw keypoints as Gaussians of height 1.

    Args:
        keypoints: (N, 18, 3): x and y in pixels of a picture twice as large as the maps, and confidence.
        height, width: size of the maps.
        sigma: standard deviation in pixels of the maps.

    Returns:
        float32 (N, 18, height, width) in [0, 1]; all zero where the confidence is at most 0.2.
    """
    keypoints = keypoints.float()
    # Centres of pixels: x of the large picture is at (x + 0.5) / 2 - 0.5 of the small one.
    x = (keypoints[..., 0] + 0.5) / 2 - 0.5
    y = (keypoints[..., 1] + 0.5) / 2 - 0.5
    columns = torch.arange(width, device=keypoints.device) - x[..., None]
    rows = torch.arange(height, device=keypoints.device) - y[..., None]
    along_x = torch.exp(-(columns**2) / (2 * sigma**2))
    along_y = torch.exp(-(rows**2) / (2 * sigma**2)) * (keypoints[..., 2:] > MIN_CONFIDENCE)
    return along_y[..., :, None] * along_x[..., None, :]


class ConvBlock(nn.Module):
    """Two 3×3 convolutions with batch normalisation, and a shortcut around the second.

    (N, in_channels, H, W) → (N, out_channels, H/stride, W/stride).
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1):
        super().__init__()
        self.first = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(out_channels)
        self.second = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.first_norm(self.first(x)))
        return F.relu(x + self.second_norm(self.second(x)))


def down_and_up(x: Tensor, down: nn.ModuleList, up: nn.ModuleList) -> Tensor:
    """The way through a U-Net: the blocks of `down`, and back those of `up`, each with what was there at its size."""
    skips = []
    for block in down:
        skips.append(x)
        x = block(x)
    for block, skip in zip(up, reversed(skips), strict=True):
        x = F.interpolate(x, size=skip.shape[2:], mode="bilinear", align_corners=False)
        x = block(torch.cat((x, skip), 1))
    return x


class BodyNet(nn.Module):
    """Picture, silhouette and keypoints → parse and parts, at half resolution inside.

    Args:
        widths: channels of the levels, from half resolution to 1/32.
        parse_classes: labels of the parse.
        part_classes: DensePose parts, background included.
    """

    def __init__(
        self,
        widths: tuple[int, ...] = (24, 40, 80, 144, 192),
        parse_classes: int = 20,
        part_classes: int = 25,
    ):
        super().__init__()
        self.parse_classes = parse_classes
        inputs = 4 * (3 + 1) + KEYPOINT_CHANNELS
        self.stem = ConvBlock(inputs, widths[0])
        self.down = nn.ModuleList(ConvBlock(a, b, stride=2) for a, b in pairwise(widths))
        self.up = nn.ModuleList(
            ConvBlock(below + skip, skip) for below, skip in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.detail = nn.Conv2d(widths[0], 2 * widths[0], 3, 1, 1)
        self.head = nn.Conv2d(2 * widths[0], 4 * (parse_classes + part_classes), 1)

    def forward(self, image: Tensor, silhouette: Tensor, heatmaps: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the parse and of the parts.

        Args:
            image: (N, 3, H, W) RGB in [-1, 1], H and W multiples of 32; trained at 256×192.
            silhouette: (N, 1, H, W) in [0, 1].
            heatmaps: (N, 18, H/2, W/2) from `keypoint_heatmaps`.

        Returns:
            (N, parse_classes, H, W) and (N, part_classes, H, W).
        """
        folded = F.pixel_unshuffle(torch.cat((image, silhouette), 1), 2)
        x = self.stem(torch.cat((folded, heatmaps), 1))
        x = down_and_up(x, self.down, self.up)
        logits = F.pixel_shuffle(self.head(F.relu(self.detail(x))), 2)
        return logits[:, : self.parse_classes], logits[:, self.parse_classes :]
