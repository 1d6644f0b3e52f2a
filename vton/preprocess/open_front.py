"""Jackets worn open and hoods that stand up: only what lies about the neck is behind the wearer.

What a picture shows between the fronts of a jacket is worn beneath it, a shirt or its own inside.

Lengths are in sides of the square with the garment's area.
"""

import numpy as np

DEEPEST = 0.55
"""How deep a neckline is at most; what reaches further down is an open front."""
NECK = (0.15, 0.17)
"""How deep the neckline of what is worn beneath is then taken to be, and half its width at most."""
WHOLE = 0.9
"""What is wider than such a neck and takes more than this share of the garment, in the upper half of its rows, is a
hood that stands up or lies on the shoulders, whose sides are no inside."""
LOWEST = 0.13
"""How far below the garment's upper edge the inside of its back begins at most: a patch further down is something else,
such as the lining of lapels."""
POINTED = 0.75
"""Mean width of the lower half of what shows between lapels at most, as a share of its largest width."""


def about_the_neck(lining: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The part of what was taken for the inside of a garment's back that is behind the wearer's neck.

    Args:
        lining, mask: float32 (H, W) in [0, 1], of the inside and of the whole garment.

    Returns:
        float32 (H, W) in [0, 1]; `lining` itself where it is as deep as necklines are, zeros where it begins too low,
        unless it is the lower part of what shows between lapels.
    """
    inside, cloth = lining > 0.5, mask > 0.5
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if len(rows) == 0:
        return lining
    unit = float(np.count_nonzero(cloth)) ** 0.5
    top = int(np.flatnonzero(cloth[:, columns[0] : columns[-1] + 1].any(1))[0])
    depth, upper = rows[-1] - top, slice(rows[0], (rows[0] + rows[-1]) // 2 + 1)
    open_front = depth > DEEPEST * unit
    if rows[0] - top > LOWEST * unit:
        widths = inside[rows[0] : rows[-1] + 1].sum(1)
        lapels = open_front and widths[len(widths) // 2 :].mean() < POINTED * widths.max()
        middle, half = (columns[0] + columns[-1]) / 2, min(widths.max() / 2, NECK[1] * unit)
        return mask * _hung(mask.shape, top, middle, (half, NECK[0] * unit)) if lapels else np.zeros_like(lining)
    hood = np.ptp(columns) > 2 * NECK[1] * unit and inside[upper].sum() > WHOLE * cloth[upper].sum()
    if open_front:
        depth = NECK[0] * unit
    elif not hood:
        return lining
    return lining * _bowl(inside, top, depth, NECK[1] * unit)


def _bowl(inside: np.ndarray, top: int, depth: float, widest: float) -> np.ndarray:
    """Half an ellipse that hangs from the row `top` in the middle of an inside, bool (H, W), at most as wide as that;
    float32 (H, W) in [0, 1]. depth, widest: its half axes in pixels."""
    across = np.flatnonzero(inside[top + round(depth / 2)])
    if len(across) == 0:
        return np.zeros(inside.shape, np.float32)
    half = min(max((across[-1] - across[0]) / 2, 1.0), widest)
    return _hung(inside.shape, top, (across[-1] + across[0]) / 2, (half, depth))


def _hung(shape: tuple[int, int], top: int, middle: float, axes: tuple[float, float]) -> np.ndarray:
    """Half an ellipse of those half axes, in pixels, about a column below a row: float32 (H, W) in [0, 1]."""
    beside = (np.arange(shape[1]) - middle) / axes[0]
    lowest = top + axes[1] * np.sqrt((1 - beside**2).clip(0))
    return np.clip(lowest - np.arange(shape[0])[:, None] + 0.5, 0, 1).astype(np.float32)
