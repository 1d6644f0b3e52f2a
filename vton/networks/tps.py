"""Thin-plate splines (Bookstein, 1989): a smooth warp through displaced control points.

Coordinates are (x, y) in [-1, 1].
"""

import torch
from torch import Tensor


def control_grid(side: int = 5, extent: float = 0.9) -> Tensor:
    """A square lattice of points, row by row, (side², 2)."""
    axis = torch.linspace(-extent, extent, side)
    return torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1).reshape(-1, 2)


def radial_basis(points: Tensor, controls: Tensor) -> Tensor:
    """r² ln r² between points (P, 2) and control points (K, 2), (P, K); 0 where they coincide."""
    squared = (points[:, None] - controls[None]).square().sum(-1)
    return torch.where(squared == 0, 0, squared * squared.clamp_min(1e-38).log())


def affine_basis(points: Tensor) -> Tensor:
    """1, x and y of points (P, 2), (P, 3)."""
    return torch.cat((torch.ones_like(points[:, :1]), points), 1)


def inverse_system(controls: Tensor, scale: float = 1.0) -> Tensor:
    """What turns the targets of the control points into the spline's coefficients.

    Args:
        controls: (K, 2).
        scale: factor of the radial basis.

    Returns:
        (K + 3, K + 3): radial coefficients first, then those of 1, x and y.
    """
    radial, affine = scale * radial_basis(controls, controls), affine_basis(controls)
    corner = torch.zeros(3, 3, dtype=controls.dtype)
    return torch.cat((torch.cat((radial, affine), 1), torch.cat((affine.T, corner), 1))).inverse()


def pixel_points(height: int, width: int, extent: float, like: Tensor) -> Tensor:
    """The coordinates of all pixels, row by row, (height·width, 2), the outermost at ±extent."""
    y = torch.linspace(-extent, extent, height, dtype=like.dtype, device=like.device)
    x = torch.linspace(-extent, extent, width, dtype=like.dtype, device=like.device)
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), -1).reshape(-1, 2)
