"""The gap between a sleeve and the body, where a shadow or white stripes closed it: the other side's tells of it."""

import cv2
import numpy as np

from vton.preprocess.garment_background import ring
from vton.preprocess.regions import at_size, lab_at, mirrored

SIDE = 256
"""Pixels of the square with the garment's area, at the size on which gaps are looked for."""
ALIKE, UNLIKE = 5.0, 8.0
"""Up to which difference of colour (CIELAB) a place has the background's, and from which on the garment has not."""
LEAST, MOST = 0.0015, 0.03
"""Which share of the garment's area a closed gap takes at least and at most."""
AROUND, SHARE = 3, 0.4
"""How far about a gap the garment is looked at, in pixels of that size, and how much of it is unlike the background."""
MARGIN = 2
"""How inexactly both sides mirror each other, in pixels of that size."""


def with_open_gaps(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A garment's mask without background that lies where the garment's other side shows some, too.

    Args:
        pixels: uint8 RGB (H, W, 3). mask: bool (H, W).

    Returns:
        bool (H, W).
    """
    if not mask.any():
        return mask
    small = at_size(mask, SIDE)
    near = np.ones((2 * MARGIN + 1,) * 2, np.uint8)
    axis = round(float(np.average(np.arange(small.shape[1]), weights=small.sum(0))))
    alone = small & ~mirrored(cv2.erode(small.view(np.uint8), near) > 0, axis)
    alone &= _between(small & ~alone)
    if cv2.morphologyEx(alone.view(np.uint8), cv2.MORPH_OPEN, near).sum() < LEAST * small.sum():
        return mask
    lab = lab_at(pixels, small.shape)
    away = np.linalg.norm(lab - np.median(lab[ring(lab.shape[:2])], axis=0), axis=2)
    alike = small & (away < ALIKE)
    foreign = cv2.morphologyEx((alike & alone).view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(foreign)
    gaps = np.zeros(small.shape, np.uint8)
    for index in range(1, count):
        if not LEAST * small.sum() < stats[index, cv2.CC_STAT_AREA] < MOST * small.sum():
            continue
        piece = cv2.dilate((pieces == index).view(np.uint8), near) * alike
        around = cv2.dilate(piece, np.ones((2 * AROUND + 1,) * 2, np.uint8)) > piece
        beside = around & small
        if (around & ~small).any() and (away[beside] > UNLIKE).mean() > SHARE:
            gaps |= piece
    if not gaps.any():
        return mask
    return mask & (cv2.resize(gaps.astype(np.float32), mask.shape[::-1], interpolation=cv2.INTER_LINEAR) < 0.5)


def _between(small: np.ndarray) -> np.ndarray:
    """What has some of a region, bool (h, w), on either side in its row."""
    right = np.logical_or.accumulate(small[:, ::-1], axis=1)[:, ::-1]
    return np.logical_or.accumulate(small, axis=1) & right
