"""A closer look at a garment that has been laid over its wearer: how far it should move, having seen where it lies.

Regressing places from codes alone leaves errors of some percent, however long it is trained. Shown its own guess, a
network sees directly where cloth and body do not fit (iterative error feedback: Carreira et al., "Human Pose Estimation
with Iterative Error Feedback", CVPR 2016), as a whole and, through features read at each place, nearby (pixel-aligned
features: Saito et al., "PIFu", ICCV 2019).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.labels import Region
from vton.networks.places import (
    FIELD_SIZE,
    FRAME,
    PART_GROUPS,
    Landmarks,
    coordinates,
    frame_grid,
    hidden_layers,
    modulated,
    one_hot,
    one_hot_groups,
    pixel_places,
)

GUESS_SIZE = (32, 24)
"""Of the grid on which a look is shown what was read so far."""

WIDTHS = (32, 48, 64)
"""Multiples of 16: at others oneDNN 3.13 can give wrong gradients of dilated layers in bfloat16."""
LANDMARKS, OVERVIEW = 24, 6
LOCAL = 24
"""Features of the surroundings that a place is told."""

MOST = 25.0
"""Pixels that an output of 1 moves a reading by."""


@dataclass(frozen=True)
class View:
    """What a look sees of a whole picture.

    local: (N, LOCAL, h, w), what it tells places nearby. modulation: (N, layers · 2 · width). affine: (N, 1, 6).
    """

    local: Tensor
    modulation: Tensor
    affine: Tensor


class CloserLook(nn.Module):
    """Corrects where places read the garment.

    Args:
        told: length of the code of the first guess.
        features: numbers that describe a place; see `garment_field`.
        fine: whether it works on the whole grid of its pictures instead of on half of it.
        hidden, width, layers, dropout: as of `garment_field.GarmentField`.
    """

    def __init__(
        self,
        told: int,
        features: int,
        fine: bool = False,
        hidden: int = 384,
        width: int = 96,
        layers: int = 4,
        dropout: float = 0.1,
    ):
        super().__init__()
        self.width = width
        channels = len(Region) + len(PART_GROUPS) + 4 + 2 + 2
        how = {"strides": (1, 1), "pool": 2} if fine else {"strides": (2, 1)}
        self.landmarks = Landmarks(channels, WIDTHS, LANDMARKS, OVERVIEW, FIELD_SIZE, **how)
        self.local = nn.Conv2d(WIDTHS[-1], LOCAL, 1)
        self.code = nn.Sequential(
            *hidden_layers(told + self.landmarks.outputs, hidden, dropout), *hidden_layers(hidden, hidden, dropout)
        )
        self.modulation = nn.Linear(hidden, layers * 2 * width)
        self.affine = nn.Linear(hidden, 6)
        entering = features + LOCAL + 2
        self.layers = nn.ModuleList(nn.Linear(width if layer else entering, width) for layer in range(layers))
        self.out = nn.Linear(width, 2)
        with torch.no_grad():
            self.modulation.weight.mul_(0.5)
        # Untrained it leaves the guess as it is.
        for layer in (self.modulation.bias, self.affine.weight, self.affine.bias, self.out.weight, self.out.bias):
            nn.init.zeros_(layer)

    def view(self, code: Tensor, guess: Tensor, garment: Tensor, regions: Tensor, parts: Tensor) -> View:
        """Look at the garment where a guess lays it.

        Args:
            code: (N, told). guess: (N, 2, 32, 24), where a grid over the person's frame reads the garment so far.
            garment: (N, 4, 128, 96): RGB in [-1, 1], mask in [0, 1].
            regions, parts: integer (N, 64, 48), `Region` ids of the parse-agnostic map and DensePose parts.
        """
        picture = self._laid(guess, garment, regions, parts)
        seen = self.landmarks.features(picture.contiguous(memory_format=torch.channels_last))
        told, local = self.landmarks.tell(seen), self.local(seen).float()
        with torch.autocast(code.device.type, enabled=False):
            code = self.code(torch.cat([code, told], 1))
            return View(local, self.modulation(code), 20 * self.affine(code)[:, None])

    def correct(self, view: View, features: Tensor, places: Tensor, reads: Tensor) -> Tensor:
        """Better readings, float32 (N, K, 2), of places (N, K, 2) in pixels of the person's frame.

        Args:
            features: (N, K, features). reads: (N, K, 2), where the places read the garment so far, pixels of its frame.
        """
        with torch.autocast(places.device.type, enabled=False):
            size = places.new_tensor([FRAME[1], FRAME[0]])
            grid = ((2 * places + 1) / size - 1)[:, :, None]
            near = F.grid_sample(view.local, grid, padding_mode="border", align_corners=False)[..., 0].transpose(1, 2)
            moved = (reads - places) / 50
            x = modulated(torch.cat([features, near, moved], 2), self.layers, view.modulation, self.width)
            slanted = (reads / size - 0.5) @ view.affine[:, 0, 2:].view(-1, 2, 2)
            return reads + view.affine[..., :2] + slanted + MOST * self.out(x)

    @staticmethod
    def _laid(guess: Tensor, garment: Tensor, regions: Tensor, parts: Tensor) -> Tensor:
        """Person and garment where the guess lays it, (N, channels, 64, 48)."""
        grid = frame_grid(guess, *FIELD_SIZE)
        mask = garment[:, 3:4]
        worn = F.grid_sample(torch.cat([garment[:, :3] * mask, mask], 1), grid, align_corners=False)
        places = pixel_places(*FIELD_SIZE, guess.device).T.view(1, 2, *FIELD_SIZE)
        reads = F.interpolate(guess, size=FIELD_SIZE, mode="bilinear", align_corners=False)
        person = [
            one_hot(regions, len(Region)),
            one_hot_groups(parts),
            coordinates(len(garment), *FIELD_SIZE, guess.device),
        ]
        return torch.cat([*person, worn, (reads - places) / 50], 1)
