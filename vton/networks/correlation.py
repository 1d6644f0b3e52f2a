"""How alike two feature maps are, in plain tensor operations."""

import torch
from torch import Tensor
from torch.nn import functional as F


def local_correlation(garment: Tensor, person: Tensor, radius: int = 3) -> Tensor:
    """Compare every place of the garment with the person's places around it (FlowNet's cost volume).

    Args:
        garment, person: (N, C, H, W).
        radius: of the square neighbourhood.

    Returns:
        (N, (2·radius + 1)², H, W), row by row through the neighbourhood: the mean over channels of
        garment(y, x) · person(y + dy, x + dx), which is 0 outside.
    """
    height, width = garment.shape[2:]
    padded = F.pad(person, (radius,) * 4)
    side = 2 * radius + 1
    return torch.stack(
        [
            (garment * padded[:, :, dy : dy + height, dx : dx + width]).mean(1)
            for dy in range(side)
            for dx in range(side)
        ],
        1,
    )


def global_correlation(person: Tensor, garment: Tensor) -> Tensor:
    """Compare every place of the garment with all places of the person (Rocco et al., CVPR 2017).

    Args:
        person, garment: (N, C, H, W).

    Returns:
        (N, W·H, H, W) at the garment's places; channel x·H + y is the person's place (y, x).
    """
    places = person.transpose(2, 3).flatten(2)
    return torch.einsum("nck,nchw->nkhw", places, garment)
