"""DOC-VTON's networks (Yang et al., "OccluMix: Towards De-Occlusion Virtual Try-on", 2023): the U-Nets that complete
occluded arms. Warp and image generator are PF-AFN's.

Attribute names are those of the published checkpoints.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class DoubleConv(nn.Module):
    """Two convolutions with batch normalisation: (N, in_channels, H, W) → (N, out_channels, H, W)."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, 1, 1),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, 1, 1),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Entry(nn.Module):
    """The first level."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.conv = DoubleConv(in_channels, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Down(nn.Module):
    """One level down: half the size."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.mpconv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(in_channels, out_channels))

    def forward(self, x: Tensor) -> Tensor:
        return self.mpconv(x)


class Up(nn.Module):
    """One level up: twice the size, joined with the skip."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.conv = DoubleConv(in_channels, out_channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        return self.conv(torch.cat((skip, x), 1))


class Exit(nn.Module):
    """Logits."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class CompletionUNet(nn.Module):
    """Pose and labels → labels without occlusion.

    Args:
        input_channels: pose 18 and one-hot labels (14 for the first network, 4 for the second).
        classes: 14 or 3.
        width: channels of the first level.
    """

    def __init__(self, input_channels: int, classes: int, width: int = 64):
        super().__init__()
        self.inc = Entry(input_channels, width)
        self.down1 = Down(width, 2 * width)
        self.down2 = Down(2 * width, 4 * width)
        self.down3 = Down(4 * width, 8 * width)
        self.down4 = Down(8 * width, 8 * width)
        self.up1 = Up(16 * width, 4 * width)
        self.up2 = Up(8 * width, 2 * width)
        self.up3 = Up(4 * width, width)
        self.up4 = Up(2 * width, width)
        self.outc = Exit(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(N, input_channels, H, W) → logits (N, classes, H, W); H and W multiples of 16."""
        first = self.inc(x)
        second = self.down1(first)
        third = self.down2(second)
        fourth = self.down3(third)
        x = self.up1(self.down4(fourth), fourth)
        x = self.up2(x, third)
        x = self.up3(x, second)
        return self.outc(self.up4(x, first))
