"""Hoods that lie about the neckline of a garment's picture: how wide the neck is that comes out of them.

A hood is open as wide as a head, and its edge is what tells a neckline elsewhere. But whoever wears it down has its
sides about the neck, and what shows of its inside beside the neck is cloth. Lengths are in sides of the square with the
garment's area.
"""

import cv2
import numpy as np

from vton.preprocess.garment_hood import OPEN
from vton.preprocess.regions import extents

BELOW = 0.2
"""How far below the shoulders' beginning a hood's front closes at most, as a share of the hood's width."""
STEP, EVEN = 0.05, 0.01
"""Across how many rows the outline's growth is measured, and along how many it is smoothed."""
FIRST, LAST = 0.02, 0.3
"""How far below the garment's upper edge the sides of a hood begin, and the shoulders below it at the lowest."""
STEEP, TURN = 1.5, 1.5
"""By how many pixels a row a hood's outline grows at most where it is steepest, and by how many more where shoulders
begin."""
NARROWEST, WIDEST, LEAST = 0.32, 0.6, 0.035
"""How wide a hood is, and its height times its width at least: collars are smaller, high necks narrower."""
REACH, SHOULDERS = 0.16, (1.3, 2.6)
"""Within which height below a hood the garment grows to how many times its width."""


def neck_in_hood(inside: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The inside of a garment's back, where a hood lies about it as wide as a neck; elsewhere as it is.

    Args:
        inside, mask: float32 (H, W) in [0, 1].

    Returns:
        float32 (H, W) in [0, 1], at most the mask; `inside` itself where there is none of it, or no hood.
    """
    rows = np.flatnonzero((inside > 0.5).any(1))
    hood = _lying_hood(mask > 0.5) if len(rows) else None
    if hood is None:
        return inside
    top, base, left, right = hood
    width = right - left + 1
    half, centre = OPEN / 2 * width, (left + right) / 2
    bottom = min(base + BELOW * width, float(rows[-1]))
    x = np.abs(np.arange(mask.shape[1], dtype=np.float32) - centre)
    y = np.arange(mask.shape[0], dtype=np.float32)[:, None]
    # A U: its sides stand upright above half a circle.
    drawn = (half - np.hypot(x, (y - bottom + half).clip(0))).clip(0, 1).astype(np.float32)
    drawn[:top] = 0
    return np.minimum(drawn, mask)


def _lying_hood(solid: np.ndarray) -> tuple[int, int, int, int] | None:
    """The upper edge of a hood, the row where the shoulders begin below it, and its first and last column.

    Above the shoulders the sides of a hood are steep, those of a neckline slant like the shoulders.

    solid: bool (H, W), the garment. None where no hood lies upon its shoulders.
    """
    unit = float(solid.sum()) ** 0.5
    wide = cv2.blur(extents(solid)[:, None], (1, max(1, round(EVEN * unit)) | 1))[:, 0]
    seen = np.flatnonzero(wide > STEP * unit)
    if len(seen) == 0:
        return None
    top, step = int(seen[0]), max(1, round(STEP * unit))
    first, last = top + round(FIRST * unit), min(top + round(LAST * unit), len(wide) - step)
    if first >= last:
        return None
    grows = (wide[first + step : last + step] - wide[first:last]) / step
    turns = grows - np.minimum.accumulate(grows)
    end = int(turns.argmax())
    steepest = int(grows[: end + 1].argmin())
    if turns[end] < TURN or grows[steepest] > STEEP:
        return None
    between = (grows[steepest] + grows[end]) / 2
    base = first + steepest + int(np.flatnonzero(grows[steepest : end + 1] >= between)[0])
    width, below = wide[top : base + 1].max(), wide[min(base + round(REACH * unit), len(wide) - 1)]
    hooded = NARROWEST * unit < width < WIDEST * unit and (base - top) * width > LEAST * unit**2
    if not hooded or not SHOULDERS[0] * wide[base] < below < SHOULDERS[1] * wide[base]:
        return None
    columns = np.flatnonzero(solid[top:base].any(0))
    return top, base, int(columns[0]), int(columns[-1])
