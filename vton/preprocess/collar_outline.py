"""Whether a garment's outline shows a standing collar: above the shoulders its sides fall steeply from a narrow edge.

Lengths in the garment's picture are in sides of the square with the garment's area.
"""

from dataclasses import dataclass

import numpy as np

NEAR_MIDDLE, TOP_EDGE = 0.25, 0.012
"""How far from a garment's middle its neck is looked for, and how much lower than its highest point its upper edge may
reach."""
WIDTHS, OFF_MIDDLE = (0.12, 0.34), 0.06
"""How wide the upper edge of a collar is, and how far its middle may lie beside the garment's."""
SLOPE, STEEP, LEAST_STEEP, FOOT = 0.15, 0.007, 0.005, 0.11
"""Along how much of a shoulder, beginning at the collar's upper corner, its outline is looked at; how far this lies
outside of the straight line at least, on average and on each side, since a collar falls steeply and the shoulder less
so; and how far from the corner their meeting point is at most. A hood is wider, and round."""
STEEPEST_SHOULDER = 0.8
"""How much shoulders fall at most, down by across. Beside a strap there is an armhole."""
SHOULDER = (0.02, 0.08)
"""Which part of the outline beside a collar's feet counts as its shoulders."""


@dataclass(frozen=True, eq=False)
class CollarOutline:
    """Where a garment's picture has a standing collar.

    feet: float32 (2, 2), x and y of the points at which it meets the shoulders, left and right in the picture.
    top: y of its upper edge.
    shoulders: float32 (2, n, 2), x and y of the outline beside the left and the right foot.
    unit: side of the square with the garment's area, in pixels.
    """

    feet: np.ndarray
    top: float
    shoulders: np.ndarray
    unit: float


def collar_outline(mask: np.ndarray) -> CollarOutline | None:
    """The standing collar that a garment's mask (H, W) in [0, 1] shows, in its pixels; None without one."""
    solid = mask > 0.5
    unit = float(solid.sum()) ** 0.5
    reach = int(NEAR_MIDDLE * unit)
    if reach < 8:
        return None
    per_column = np.cumsum(solid.sum(0))
    middle = int(np.searchsorted(per_column, per_column[-1] / 2))
    tops = np.where(solid.any(0), solid.argmax(0), len(solid)).astype(np.float32)
    first = max(0, middle - reach)
    near = tops[first : middle + reach + 1]
    edge = first + np.flatnonzero(near < near.min() + TOP_EDGE * unit)
    width, aside = (edge[-1] - edge[0]) / unit, abs((edge[-1] + edge[0]) / 2 - middle) / unit
    if not WIDTHS[0] < width < WIDTHS[1] or aside > OFF_MIDDLE:
        return None
    found = [_foot(tops, int(corner), side, unit) for corner, side in ((edge[0], -1), (edge[-1], 1))]
    if found[0] is None or found[1] is None or found[0][1] + found[1][1] < 2 * STEEP * unit:
        return None
    feet = [found[0][0], found[1][0]]
    outside = np.arange(round(SHOULDER[0] * unit), round(SHOULDER[1] * unit))
    columns = np.stack([feet[0] - outside, feet[1] + outside]).clip(0, len(tops) - 1)
    return CollarOutline(
        feet=np.float32([[foot, tops[foot]] for foot in feet]),
        top=float(near.min()),
        shoulders=np.stack([columns, tops[columns]], 2).astype(np.float32),
        unit=unit,
    )


def _foot(tops: np.ndarray, corner: int, side: int, unit: float) -> tuple[int, float] | None:
    """The column in which a collar's side meets the shoulder, and how far outside of the straight line; or None.

    tops: float32 (W,), the first row of the garment. corner: column of the collar's upper corner. side: -1 or 1, to
    the left or to the right.
    """
    columns = corner + side * np.arange(int(SLOPE * unit) + 1)
    if columns.min() < 0 or columns.max() >= len(tops):
        return None
    down = tops[columns] - tops[corner]
    outside = down - np.linspace(0, down[-1], len(down))
    at = int(outside.argmax())
    if outside[at] < LEAST_STEEP * unit or at > FOOT * unit:
        return None
    shoulder = down[-1] - down[at] < STEEPEST_SHOULDER * (len(down) - at)
    return (int(columns[at]), float(outside[at])) if shoulder else None
