"""A wide neckline's inside that is plainly darker than the front, told by colours: the lining network misses some."""

import cv2
import numpy as np

from vton.preprocess.lining_frame import DROP, STEADY, joined

SEED, BOWL, DARKER = 0.03, 0.02, 8.0
"""Half the side of the square below the upper edge's middle whose colours tell an inside, and the least area of one, as
shares of the frame's; and by how much it is darker than the front, in CIELAB."""
ALIKE, FILLED, WIDEST = (7.0, 10.0), 0.75, 0.8
"""Strict and loose limit of CIELAB distance within which colours are the inside's; which share of its convex hull has
them at least, since labels have not; and how wide it is at most beside the garment below it."""


def shaded_bowl(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """What joins the upper edge's middle in its colours, ends by itself, and lies like a bowl between the shoulders.

    Args:
        pixels: uint8 RGB (S, S, 3). mask: float32 (S, S) in [0, 1], the garment. Both as of `lining_frame.into_frame`.

    Returns:
        float32 (S, S), 1 in the inside and 0 elsewhere, or everywhere where there is none.
    """
    solid, none = mask > 0.5, np.zeros(mask.shape, np.float32)
    lab = cv2.cvtColor(cv2.GaussianBlur(pixels, (0, 0), 1.0).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    whole = _alike_below_the_edge(lab, solid)
    if whole is None or whole.sum() < BOWL * whole.size:
        return none
    rows, columns = np.nonzero(whole)
    depth, wide, end = np.ptp(rows) + 1, np.ptp(columns) + 1, int(rows.max())
    lowest, reach = int(columns[rows == end].mean()), round(SEED * len(solid))
    central = abs(lowest - (columns.min() + columns.max()) / 2) < wide / 6
    if not central or depth < DROP * len(solid) or wide > WIDEST * solid[end].sum():
        return none
    below = np.s_[end + 3 : end + 3 + reach, max(0, lowest - reach) : lowest + reach + 1]
    front, inside = lab[below][solid[below]], lab[whole]
    darker = len(front) > 0 and np.median(front[:, 0]) - np.median(inside[:, 0]) > DARKER
    return whole.astype(np.float32) if darker else none


def _alike_below_the_edge(lab: np.ndarray, solid: np.ndarray) -> np.ndarray | None:
    """The convex hull, bool (S, S), within the garment of what has the colours below its upper edge's middle; None
    where that has no edge of its own, or another shape.

    lab: float32 (S, S, 3), CIELAB. solid: bool (S, S), the garment.
    """
    middle, reach = len(solid) // 2, round(SEED * len(solid))
    top = int(solid[:, middle].argmax())
    seed = np.zeros(solid.shape, bool)
    seed[top + 2 : top + 2 + reach, middle - reach : middle + reach + 1] = True
    seed &= solid
    if not seed.any():
        return None
    distance = np.linalg.norm(lab - np.median(lab[seed], axis=0), axis=2)
    strict, loose = (joined(seed, solid & (distance < limit)) for limit in ALIKE)
    hull = np.zeros(solid.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(np.argwhere(strict)[:, ::-1].astype(np.int32)), 1)
    whole = (hull > 0) & solid
    bounded = loose.sum() <= STEADY * strict.sum() and strict.sum() >= FILLED * whole.sum()
    return whole if bounded else None
