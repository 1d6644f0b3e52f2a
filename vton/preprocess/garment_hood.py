"""Hoods that stand up in a garment's picture: no warp finds the shoulders below them.

A hood is cut off where the shoulders begin. Below it the neck is open, as below a hood that hangs down behind.
Lengths are in sides of the square with the garment's area.
"""

import cv2
import numpy as np

LEAST_HEIGHT = 0.25
"""How high a hood stands at least; turtlenecks and stand-up collars are lower."""
NARROWEST, WIDEST, SHOULDERS, WITHIN = 0.2, 0.62, 1.35, 0.16
"""How wide a hood is at least and at most; how many times as wide the garment is below, and within which height."""
WHOLE, SLEEVES = 1.05, 0.95
"""By how much a hood's rows may reach further than they are covered; and how wide it is with its sleeves at least."""
OPEN, DEPTH = 0.52, 0.15
"""Width and depth of the opening below a hood, as shares of the hood's width: a hooded top closes about the neck."""


def without_hood(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """A garment without the hood that stands up above it.

    Args:
        mask: float32 (H, W) in [0, 1].

    Returns:
        The garment below its hood, and the opening at the neck, which is part of it, both float32 (H, W) in [0, 1];
        None where no hood stands up.
    """
    solid = mask > 0.5
    widths, unit = solid.sum(1), float(solid.sum()) ** 0.5
    rows = np.flatnonzero(widths)
    if len(rows) == 0:
        return None
    top, step = int(rows[0]), max(1, round(WITHIN * unit))
    begin = top + round(LEAST_HEIGHT * unit)
    last = min(top + round(0.75 * unit), len(mask) - step)
    if begin >= last:
        return None
    grows = widths[begin + step : last + step] / np.maximum(widths[begin:last], 1)
    base = begin + int(grows.argmax())
    hood = widths[top : base + 1].max()
    middle = widths[top + round(LEAST_HEIGHT / 2 * unit)]
    if grows.max() < SHOULDERS or hood > WIDEST * unit or middle < NARROWEST * unit:
        return None
    if not widths[top:base].all():
        # What lies apart, above the rest, is no hood: letters of a white top before a white wall.
        return None
    columns = np.flatnonzero(solid[base])
    # Between straps and halters is a gap, and dresses are narrow where their skirts begin.
    extents = [np.ptp(np.flatnonzero(row)) + 1 for row in solid[top:base]]
    if sum(extents) > WHOLE * widths[top:base].sum() or np.ptp(np.flatnonzero(solid.any(0))) < SLEEVES * unit:
        return None
    centre, width = (columns[0] + columns[-1]) / 2, columns[-1] - columns[0] + 1
    garment, opening = mask.copy(), np.zeros(mask.shape, np.uint8)
    garment[:base] = 0
    axes = (max(1, round(OPEN * width / 2)), max(1, round(DEPTH * width)))
    cv2.ellipse(opening, (round(centre), base), axes, 0, 0, 180, 255, -1, cv2.LINE_AA)
    return garment, np.minimum(cv2.GaussianBlur(opening.astype(np.float32) / 255, (0, 0), 1.0), garment)
