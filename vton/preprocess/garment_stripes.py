"""Stripes and patches of a garment that have the background's colour, and end at its outline: they belong to it."""

import cv2
import numpy as np

from vton.preprocess.regions import at_size, lab_at

SIDE, RADIUS = 320, 9
"""Pixels of the square with the garment's area, at the size on which notches are looked for; and half the width, there,
of the widest notch in an outline that may be such a stripe's end."""
WIDE, DENT = 4, 3
"""How many times as wide the disc is that closes an outline where such ends were found; how deep the narrower one dents
them, in pixels of that size."""
LEAST, DEEP, MOST = 8, 5, 4 * RADIUS * RADIUS
"""How many notches there are at least, for them to be a pattern's; and how many pixels one has at least and at most."""
ALIKE, GOES_ON, AROUND = 12.0, 0.2, 4
"""How far (CIELAB) a stripe's colours may differ on both sides of the outline, which share of what is around a notch
has its colour at least, and how far that reaches, in pixels."""


def with_stripe_ends(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A garment's mask with the ends of stripes that look like its background, as of white ones on white.

    Without them its outline is a comb. Notches in which no stripe ends, as between the teeth of lace, stay.

    Args:
        pixels: uint8 RGB (H, W, 3). mask: bool (H, W).

    Returns:
        bool (H, W).
    """
    if not mask.any():
        return mask
    small = at_size(mask, SIDE)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(_closed(small, RADIUS).view(np.uint8) & ~small)
    areas = stats[:, cv2.CC_STAT_AREA]
    notches = [index for index in range(1, count) if DEEP <= areas[index] <= MOST]
    if len(notches) < LEAST:
        return mask
    lab = lab_at(pixels, small.shape)
    ends = [index for index in notches if _goes_on(lab, small, pieces, stats[index], index)]
    if len(ends) < max(LEAST, len(notches) / 2):
        return mask
    found = cv2.dilate(np.isin(pieces, ends).view(np.uint8), np.ones((2 * DENT + 1,) * 2, np.uint8)).astype(np.float32)
    found = cv2.resize(found, mask.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    # A wider disc leaves no dents.
    return mask | (_closed(mask, WIDE * RADIUS * mask.shape[0] / small.shape[0]) & found)


def _closed(mask: np.ndarray, radius: float) -> np.ndarray:
    """A region, bool (h, w), with everything that no disc of this radius outside of it reaches."""
    margin = int(radius) + 2
    framed = cv2.copyMakeBorder(mask.view(np.uint8), *(margin,) * 4, cv2.BORDER_CONSTANT, value=0)
    outside = cv2.distanceTransform(1 - framed, cv2.DIST_L2, 5) > radius
    closed = cv2.distanceTransform((~outside).view(np.uint8), cv2.DIST_L2, 5) > radius
    return closed[margin:-margin, margin:-margin] | mask


def _goes_on(lab: np.ndarray, small: np.ndarray, pieces: np.ndarray, stat: np.ndarray, index: int) -> bool:
    """Whether the garment beside a notch has the notch's colour in part."""
    left, top, width, height = stat[:4]
    box = np.s_[max(0, top - AROUND) : top + height + AROUND, max(0, left - AROUND) : left + width + AROUND]
    notch = pieces[box] == index
    near = cv2.dilate(notch.view(np.uint8), np.ones((2 * AROUND + 1,) * 2, np.uint8)) > 0
    beside = near & small[box]
    away = np.linalg.norm(lab[box][beside] - lab[box][notch].mean(0), axis=1)
    return beside.any() and bool((away < ALIKE).mean() > GOES_ON)
