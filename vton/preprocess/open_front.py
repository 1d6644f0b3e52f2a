"""A jacket worn open: what its picture shows between both fronts is worn beneath it, a shirt or its own inside, and
only what lies about the neck is behind the wearer.

Lengths are in sides of the square with the garment's area.
"""

import numpy as np

DEEPEST = 0.55
"""How deep a neckline is at most; what reaches further down is an open front."""
NECK = (0.15, 0.17)
"""How deep the neckline of what is worn beneath is then taken to be, and half its width at most."""
LOWEST = 0.13
"""How far below the garment's upper edge the inside of its back begins at most: a patch further down is something else,
such as the lining of lapels."""


def about_the_neck(lining: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The part of what was taken for the inside of a garment's back that is behind the wearer's neck.

    Args:
        lining, mask: float32 (H, W) in [0, 1], of the inside and of the whole garment.

    Returns:
        float32 (H, W) in [0, 1]; `lining` itself where it is as deep as necklines are, zeros where it begins too low.
    """
    inside, cloth = lining > 0.5, mask > 0.5
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if len(rows) == 0:
        return lining
    unit = float(np.count_nonzero(cloth)) ** 0.5
    top = int(np.flatnonzero(cloth[:, columns[0] : columns[-1] + 1].any(1))[0])
    if rows[0] - top > LOWEST * unit:
        return np.zeros_like(lining)
    if rows[-1] - top <= DEEPEST * unit:
        return lining
    depth = NECK[0] * unit
    across = np.flatnonzero(inside[top + round(depth / 2)])
    if len(across) == 0:
        return np.zeros_like(lining)
    middle = (across[-1] + across[0]) / 2
    half = min(max((across[-1] - across[0]) / 2, 1.0), NECK[1] * unit)
    beside = (np.arange(lining.shape[1]) - middle) / half
    lowest = top + depth * np.sqrt((1 - beside**2).clip(0))
    below = np.arange(len(lining))[:, None] - lowest
    return lining * np.clip(0.5 - below, 0, 1).astype(np.float32)
