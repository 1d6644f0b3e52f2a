"""The lining network: which part of a garment's picture shows the inside of its back."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.networks.body import ConvBlock, down_and_up


class LiningNet(nn.Module):
    """A garment's neck → where it is seen from within, at half resolution inside.

    Args:
        widths: channels of the levels, from half resolution to 1/32.
        inputs: channels of the picture.
    """

    def __init__(self, widths: tuple[int, ...] = (16, 24, 40, 56, 72), inputs: int = 4):
        super().__init__()
        self.stem = ConvBlock(4 * inputs, widths[0])
        self.down = nn.ModuleList(ConvBlock(a, b, stride=2) for a, b in pairwise(widths))
        self.up = nn.ModuleList(
            ConvBlock(below + skip, skip) for below, skip in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.head = nn.Conv2d(widths[0], 4, 3, 1, 1)

    def forward(self, picture: Tensor) -> Tensor:
        """Find the inside.

        Args:
            picture: (N, 4, H, W) from `preprocess.lining_frame.network_picture`, H and W even; trained at 128×128.

        Returns:
            logits (N, H, W).
        """
        x = self.stem(F.pixel_unshuffle(picture, 2))
        x = down_and_up(x, self.down, self.up)
        return F.pixel_shuffle(self.head(x), 2)[:, 0]


def mirrored_probability(network: nn.Module, picture: Tensor) -> Tensor:
    """Mean of what a network says of pictures (N, C, H, W) and of their mirror images: (N, H, W) in [0, 1]."""
    logits = network(torch.cat((picture, picture.flip(3))))
    own, mirrored = logits.float().chunk(2)
    return torch.sigmoid((own + mirrored.flip(2)) / 2)
