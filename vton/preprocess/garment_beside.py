"""Things beside a garment, such as a hand, a vase or other clothes that its outline runs into, are no part of it."""

import cv2
import numpy as np

from vton.preprocess.regions import at_size, lab_at, mirrored, taken_away

SIDE = 160
"""Pixels of the square with the garment's area, at the size on which things beside it are looked for."""
MIDDLE, ROWS = 0.18, (0.2, 0.85)
"""Which part of the garment tells its colours: so far from its middle, as a share of its width, and which rows."""
BINS, KNOWN = 6, (0.01, 0.05)
"""Steps of a colour (CIELAB); and which share of the garment's middle looks like one of its colours at least, first
anywhere, then beside what was found to be something else."""
COLOURS = (48, 48, 48)
"""How many such steps there are, with one beyond either end."""
AROUND = 25
"""How far around something else the backdrop is looked for that lies between, in pixels of that size."""
THICK, LEAST = 7, 0.008
"""How thick a thing beside it is at least, at that size, and which share of the mask it takes at least."""
SHIFT = 0.12
"""How far from the middle of the mask the garment's axis is looked for, as a share of its width."""
PAIRED, MOST = 0.3, 0.45
"""Which share of a garment's part has a counterpart on the axis's other side at least; and which share of the mask what
has none takes at most, for it to be something else."""


def without_neighbours(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A garment's mask without what has neither the garment's colours nor a counterpart on the garment's other side.

    Sleeves, cuffs and straps of other colours come in pairs; so does a hanger's bar, which `without_hanger` finds.

    Args:
        pixels: uint8 RGB (H, W, 3).
        mask: bool (H, W).

    Returns:
        bool (H, W).
    """
    small = at_size(mask, SIDE)
    if not small.any() or _is_even(small):
        return mask
    known = _known_colours(lab_at(pixels, small.shape), small)
    pieces = _pieces(small & (known < KNOWN[0]), LEAST * small.sum())
    if not pieces:
        return mask
    axis = _axis(small & ~np.logical_or.reduce(pieces), small)
    other = _alone(pieces, small, axis)
    if not 0 < other.sum() < MOST * small.sum():
        return mask
    # Between it and the garment lies backdrop, mostly.
    between = cv2.dilate(other, np.ones((2 * AROUND + 1,) * 2, np.uint8)) & (known < KNOWN[1]) & small
    other |= _alone(_pieces(between > 0, 0), small, axis)
    return taken_away(mask, other, 2)


def _is_even(small: np.ndarray) -> bool:
    """Whether a mask, bool (h, w), has nothing as large as a thing beside it that is not on its other side, too."""
    axis = round(float(np.average(np.arange(small.shape[1]), weights=small.sum(0))))
    return not _pieces(small & ~mirrored(small, axis), LEAST * small.sum())


def _known_colours(lab: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Which share of the middle of a mask, bool (h, w), has about the colour of each pixel: float32 (h, w).

    lab: float32 (h, w, 3), the picture in CIELAB.
    """
    steps = np.stack([lab[..., 0], lab[..., 1] + 128, lab[..., 2] + 128], 2) // BINS
    steps = steps.astype(int).clip(0, 45)
    rows, columns = np.nonzero(small)
    middle, width = np.median(columns), np.ptp(columns) + 1
    top, tall = rows.min(), np.ptp(rows) + 1
    told = (np.abs(columns - middle) < MIDDLE * width) & (rows > top + ROWS[0] * tall) & (rows < top + ROWS[1] * tall)
    index = np.ravel_multi_index(tuple(np.moveaxis(steps + 1, 2, 0)), COLOURS)
    near = np.bincount(index[rows[told], columns[told]], minlength=int(np.prod(COLOURS))).reshape(COLOURS)
    for axis in range(near.ndim):
        near = near + np.roll(near, 1, axis) + np.roll(near, -1, axis)
    return (near.ravel()[index] / max(1, told.sum())).astype(np.float32)


def _pieces(foreign: np.ndarray, least: float) -> list[np.ndarray]:
    """The connected parts of bool (h, w) that are thick and have more than `least` pixels."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (THICK, THICK))
    closed = cv2.morphologyEx(foreign.view(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    return [labels == index for index in range(1, count) if stats[index, cv2.CC_STAT_AREA] > least]


def _alone(pieces: list[np.ndarray], small: np.ndarray, axis: int) -> np.ndarray:
    """Those pieces of a mask, bool (h, w), that have no counterpart beyond its axis: uint8 (h, w) in {0, 1}."""
    alone = np.zeros(small.shape, np.uint8)
    for piece in pieces:
        if (mirrored(piece, axis) & small).sum() < PAIRED * piece.sum():
            alone |= piece
    return alone


def _axis(garment: np.ndarray, small: np.ndarray) -> int:
    """About which column the garment, bool (h, w), is most like its mirror image."""
    columns = np.flatnonzero(small.any(0))
    middle, reach = float(np.median(np.nonzero(garment)[1])), SHIFT * (np.ptp(columns) + 1)
    axes = range(max(0, round(middle - reach)), min(small.shape[1], round(middle + reach) + 1))
    return max(axes, key=lambda axis: np.count_nonzero(garment & mirrored(garment, axis)))
