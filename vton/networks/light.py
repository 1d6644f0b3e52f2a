"""The compact image generator: a small U-Net that answers with light, where the published one paints."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.networks.body import ConvBlock, down_and_up


class LightNet(nn.Module):
    """What HR-VITON's image generator sees → a factor for each colour of a rough composite.

    The published generator normalises every picture by its own mean and deviation, and loses with them how bright the
    garment is beside the person; it learns light slowly. Here the batch's statistics are taken instead, and most of
    the work is done at half the size.

    Args:
        input_channels: of the pictures.
        label_channels: of the label map.
        widths: channels of the levels, from half of the size to 1/32.
    """

    def __init__(
        self,
        input_channels: int = 15,
        label_channels: int = 7,
        widths: tuple[int, ...] = (32, 48, 80, 128, 160),
    ):
        super().__init__()
        self.stem = ConvBlock(4 * (input_channels + label_channels), widths[0])
        self.down = nn.ModuleList(ConvBlock(a, b, stride=2) for a, b in pairwise(widths))
        self.up = nn.ModuleList(
            ConvBlock(below + skip, skip) for below, skip in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.detail = nn.Conv2d(widths[0], widths[0], 3, 1, 1)
        self.head = nn.Conv2d(widths[0], 4 * 3, 1)

    def forward(self, pictures: Tensor, layers: Tensor) -> Tensor:
        """Predict light.

        Args:
            pictures: (N, input_channels, H, W) in [-1, 1], H and W even.
            layers: (N, label_channels, H, W) in [0, 1].

        Returns:
            (N, 3, H, W) in [-1, 1]: logarithms of factors, in units of the largest.
        """
        x = self.stem(F.pixel_unshuffle(torch.cat((pictures, layers), 1), 2))
        x = down_and_up(x, self.down, self.up)
        return torch.tanh(F.pixel_shuffle(self.head(F.relu(self.detail(x))), 2))
