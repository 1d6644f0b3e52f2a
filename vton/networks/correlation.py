"""How alike two feature maps are, in plain tensor operations."""

import torch
from torch import Tensor
from torch.nn import functional as F

BLOCK = 16
"""How many places of a row `local_correlation` compares at a time, where the width is a multiple."""


def local_correlation(garment: Tensor, person: Tensor, radius: int = 3) -> Tensor:
    """Compare every place of the garment with the person's places around it (FlowNet's cost volume).

    Args:
        garment, person: (N, C, H, W).
        radius: of the square neighbourhood.

    Returns:
        (N, (2·radius + 1)², H, W), row by row through the neighbourhood: the mean over channels of
        garment(y, x) · person(y + dy, x + dx), which is 0 outside.
    """
    number, channels, height, width = garment.shape
    side = 2 * radius + 1
    # Products of whole blocks of a row with all that lies around the block: matrix products, of which a diagonal band
    # is what is wanted, take a sixth of the time of 49 products of shifted maps when training.
    block = BLOCK if width % BLOCK == 0 else width
    reach = block + 2 * radius
    places = garment.permute(0, 2, 3, 1).reshape(number, height, width // block, block, channels)
    around = F.pad(person, (radius,) * 4).permute(0, 2, 3, 1).unfold(2, reach, block)
    rows = []
    for dy in range(side):
        alike = (places @ around[:, dy : dy + height]).contiguous()
        rows.append(alike.as_strided((*alike.shape[:-1], side), (*alike.stride()[:3], reach + 1, 1)))
    return torch.cat(rows, -1).view(number, height, width, side**2).permute(0, 3, 1, 2) / channels


def global_correlation(person: Tensor, garment: Tensor) -> Tensor:
    """Compare every place of the garment with all places of the person (Rocco et al., CVPR 2017).

    Args:
        person, garment: (N, C, H, W).

    Returns:
        (N, W·H, H, W) at the garment's places; channel x·H + y is the person's place (y, x).
    """
    places = person.transpose(2, 3).flatten(2)
    return torch.einsum("nck,nchw->nkhw", places, garment)
