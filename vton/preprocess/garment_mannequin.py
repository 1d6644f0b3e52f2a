"""The neck of a dress form that wears a garment in its picture is no part of the garment."""

import cv2
import numpy as np

from vton.preprocess.regions import at_size, lab_at, taken_away

SIDE = 200
"""Pixels of the square with the garment's area, at the size on which necks are looked for."""
STANDS, REACHES = 12, 70
"""How high a neck stands above the shoulders at least, and how far down from its top it is looked for, at that size."""
NARROWEST, WIDEST, SHOULDERS = 18, 62, 1.5
"""How wide a neck is at least and at most, at that size; and how many times as wide the garment is below it."""
EVEN, SOLID = 0.3, 0.88
"""By which share of its width a neck is wider or narrower in some rows at most; and which share of its convex hull it
fills at least: between the leaves of a collar of another colour is a gap."""
CONTRAST, ALIKE = 25, 14
"""How far a neck's colour is from the cloth's at least, and from its own at most (CIELAB)."""
SAGS = 0.08
"""How much lower a neck ends in its middle than at its sides at least, as a share of its width: there a neckline is."""


def without_mannequin(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A garment's mask without the dress form's neck above its neckline.

    Args:
        pixels: uint8 RGB (H, W, 3).
        mask: bool (H, W).

    Returns:
        bool (H, W).
    """
    small = at_size(mask, SIDE)
    widths = small.sum(1)
    rows = np.flatnonzero(widths)
    if len(rows) == 0:
        return mask
    top = int(rows[0])
    # Rounded at its top, it is as wide as anywhere a little below it.
    width = float(np.median(widths[top + 3 : top + STANDS]))
    base = top + int(np.argmax(widths[top:] > SHOULDERS * max(width, 1)))
    # Further down it passes into the shoulders.
    stump = widths[top + 3 : top + max(4, round(0.7 * (base - top)))]
    if not (NARROWEST <= width <= WIDEST and STANDS <= base - top < REACHES) or np.ptp(stump) > EVEN * width:
        return mask
    neck = _alike(lab_at(pixels, small.shape), small, top)
    return taken_away(mask, neck, 1) if neck.any() and _is_neck(neck, base) else mask


def _alike(lab: np.ndarray, small: np.ndarray, top: int) -> np.ndarray:
    """What joins the topmost rows of a garment, and has their colour and not the cloth's: bool (h, w), as `small`."""
    columns = np.flatnonzero(small[top + 3])
    middle = int(columns.mean())
    seeds = np.s_[top + 3 : top + 9, max(0, middle - 4) : middle + 5]
    chest = np.s_[top + 60 : top + 120, max(0, middle - 40) : middle + 40]
    colour, cloth = np.median(lab[seeds].reshape(-1, 3), axis=0), lab[chest][small[chest]]
    if not len(cloth) or np.linalg.norm(colour - np.median(cloth, axis=0)) < CONTRAST:
        return np.zeros_like(small)
    alike = small & (np.linalg.norm(lab - colour, axis=2) < ALIKE)
    alike[top + REACHES :] = False
    # Its upper edge is lit, or mixed with the background.
    alike[: top + 3] = small[: top + 3]
    opened = cv2.morphologyEx(alike.view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, pieces = cv2.connectedComponents(opened, connectivity=4)
    return np.isin(pieces, np.setdiff1d(pieces[seeds], 0))


def _is_neck(neck: np.ndarray, base: int) -> bool:
    """Whether a piece, bool (h, w), that begins above row `base` is solid, and ends below it in a neckline's curve."""
    points = cv2.findNonZero(neck.view(np.uint8))
    left, _, width, _ = cv2.boundingRect(points)
    hull = cv2.contourArea(cv2.convexHull(points))
    ends = len(neck) - neck[::-1].argmax(0)[left : left + width]
    third = max(1, width // 3)
    sides = np.concatenate([ends[: third // 2], ends[-(third // 2) :]]) if third > 1 else ends
    sags = np.median(ends[third:-third]) - np.median(sides) if width > 2 * third else 0
    return bool(neck.sum() > SOLID * hull and width <= 1.3 * WIDEST and ends.max() > base - 4 and sags > SAGS * width)
