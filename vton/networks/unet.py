"""The instance-normalised U-Net that VITON-HD's segmentation and all of ACGPN's generators are."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _double(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, 1, 1),
        nn.InstanceNorm2d(out_channels),
        nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, 3, 1, 1),
        nn.InstanceNorm2d(out_channels),
        nn.ReLU(),
    )


def _enlarging(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(in_channels, out_channels, 3, 1, 1),
        nn.InstanceNorm2d(out_channels),
        nn.ReLU(),
    )


class InstanceUNet(nn.Module):
    """Five levels of pairs of convolutions; attribute names are the published ones.

    Args:
        input_channels, output_channels: of the whole network.
        width: channels of the first level, doubled by each further one. Published: 64.
    """

    def __init__(self, input_channels: int, output_channels: int, width: int = 64):
        super().__init__()
        self.add_layers(input_channels, output_channels, width)

    def add_layers(self, input_channels: int, output_channels: int, width: int) -> None:
        """Make the layers; apart from the constructor, because key order puts a subclass's own modules first."""
        widths = [width * 2**level for level in range(5)]
        for level, (before, after) in enumerate(zip([input_channels, *widths[:-1]], widths, strict=True), 1):
            setattr(self, f"conv{level}", _double(before, after))
        for level in range(6, 10):
            after = widths[9 - level]
            setattr(self, f"up{level}", _enlarging(2 * after, after))
            setattr(self, f"conv{level}", _double(2 * after, after))
        self.conv9.append(nn.Conv2d(width, output_channels, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(N, input_channels, H, W) → logits (N, output_channels, H, W); H and W multiples of 16."""
        skips = []
        for level in range(1, 5):
            x = getattr(self, f"conv{level}")(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.conv5(x)
        for level in range(6, 10):
            x = torch.cat((skips.pop(), getattr(self, f"up{level}")(x)), 1)
            x = getattr(self, f"conv{level}")(x)
        return x
