"""PF-AFN's warp behind a first guess from the skeleton: what the compact weights use.

A correlation finds where a garment goes only after long training. Where the joints are and what outline the garment has
tells most of it at once, in a few fully connected layers; the published network then looks at a garment that already
lies about right.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.networks.pf_afn import SLOPE, AppearanceFlow, sample

JOINTS = 18
FOLD = 2
"""The published network works at half the resolution, each 2×2 pixels folded into channels."""


class FlowGuess(nn.Module):
    """Keypoints and the garment's mask → a coarse flow.

    Args:
        hidden: channels of both inner layers.
        outline: height and width to which the mask is shrunk.
        grid: height and width of the flow.
        dropout: share of the inner values left out while training.
    """

    def __init__(
        self,
        hidden: int = 512,
        outline: tuple[int, int] = (32, 24),
        grid: tuple[int, int] = (16, 12),
        dropout: float = 0.0,
    ):
        super().__init__()
        self.outline, self.grid = tuple(outline), tuple(grid)
        self.layers = nn.Sequential(
            nn.Linear(2 * JOINTS + outline[0] * outline[1], hidden),
            nn.LeakyReLU(SLOPE),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.LeakyReLU(SLOPE),
            nn.Dropout(dropout),
            nn.Linear(hidden, 2 * grid[0] * grid[1]),
        )

    def forward(self, joints: Tensor, mask: Tensor) -> Tensor:
        """Guess.

        Args:
            joints: (N, 18, 2), x and y from -1 to 1 over the person's frame; may lie beyond it.
            mask: (N, 1, H, W) in [0, 1], of the garment in its own frame.

        Returns:
            (N, 2, *grid): the place in the garment's frame, in [-1, 1] between the centres of its outermost pixels,
            for places of the person's frame spaced likewise.
        """
        outline = F.adaptive_avg_pool2d(mask.float(), self.outline).flatten(1)
        offsets = self.layers(torch.cat([joints.flatten(1), 2 * outline - 1], 1)).float()
        return _base(self.grid, offsets.device) + offsets.view(-1, 2, *self.grid)


class PosedAppearanceFlow(nn.Module):
    """A guess, and the published warp network that refines it.

    Args:
        person_channels, garment_channels: of the unfolded pictures; the garment's fourth channel is its mask.
        widths, pyramid_width, hidden: of `AppearanceFlow`.
        guess: arguments of `FlowGuess`.
        follow: how far to go from the guess to its last refinement, 0 to 1. On held-out renders 0.7 errs no more than
            1 does, and on photographs, which the refinement has not learnt from, it keeps hems and sleeves smoother.
    """

    def __init__(
        self,
        person_channels: int = 9,
        garment_channels: int = 6,
        widths: tuple[int, ...] = (32, 64, 96, 96),
        pyramid_width: int = 32,
        hidden: tuple[int, ...] = (64, 48, 32),
        guess: dict | None = None,
        follow: float = 0.7,
    ):
        super().__init__()
        self.follow = follow
        self.guess = FlowGuess(**(guess or {}))
        channels = (person_channels * FOLD**2, garment_channels * FOLD**2)
        self.refine = AppearanceFlow(*channels, widths, pyramid_width, hidden, align_corners=True)

    def forward(self, person: Tensor, garment: Tensor, joints: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Bring the garment onto the body.

        Args:
            person: (N, person_channels, H, W); H and W multiples of 64.
            garment: (N, garment_channels, H, W).
            joints: (N, 18, 2), see `FlowGuess`.

        Returns:
            The warped garment, as many channels; the flow (N, 2, H, W); and the guess and its refinements from coarse
            to fine, the last one of half the size.
        """
        height, width = person.shape[2:]
        guess = self.guess(joints, garment[:, 3:4])
        guess = F.interpolate(guess, size=(height // FOLD, width // FOLD), mode="bicubic", align_corners=True)
        near = sample(garment, F.interpolate(guess, size=(height, width), mode="bilinear", align_corners=True))
        _, corrections = self.refine(F.pixel_unshuffle(person, FOLD), F.pixel_unshuffle(near, FOLD))
        flows = [guess, *(sample(guess, correction) for correction in corrections)]
        flow = torch.lerp(guess, flows[-1], self.follow)
        flow = F.interpolate(flow, size=(height, width), mode="bilinear", align_corners=True)
        return sample(garment, flow), flow, flows


def _base(size: tuple[int, int], device: torch.device) -> Tensor:
    y, x = torch.linspace(-1, 1, size[0], device=device), torch.linspace(-1, 1, size[1], device=device)
    return torch.stack(torch.meshgrid(x, y, indexing="xy"))[None]
