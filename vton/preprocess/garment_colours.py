"""A garment on an uneven or busy background, found by the colours of both."""

import cv2
import numpy as np

from vton.preprocess.garment_background import ring
from vton.preprocess.regions import connected_to_border, large_pieces, middle_of, tidy

COLOUR_BIN, COLOUR_BINS = np.uint8([16, 8, 8]), (16, 32, 32)
"""Steps of 8-bit Lab and their numbers, in which colours are counted."""
CERTAIN, TYPICAL, BORDER, AROUND = (0.1, 0.16), (0.2, 0.26), 0.05, 5
"""Half axes of the ellipses in the middle of a picture that are garment for certain and whose colours are a garment's,
and width of the border whose colours are the background's, as shares of its sides; and over how many pixels of a
picture of 288 a side that is averaged."""
MOSTLY = 0.8
"""Which share of a picture's middle is garment at least, and of the whole picture at most: on a busy background less
means that half of the garment is lost, and more that the background is taken for it."""
MORE_OFTEN, NEVER = 8.0, 2e-3
"""How many times as often as in a garment's middle a colour occurs outside that is a stranger's, and how often at
least."""


def on_a_busy_background(pixels: np.ndarray, guess: np.ndarray | None) -> np.ndarray:
    """The garment, from a guess as good as distance from a busy background's colour makes one.

    Args:
        pixels: uint8 RGB (H, W, 3).
        guess: bool (H, W); None where that tells nothing.

    Returns:
        bool (H, W), one piece.
    """
    if guess is not None and not guess[_middle(guess.shape, *TYPICAL)].mean() > MOSTLY > guess.mean():
        guess = None
    return large_pieces(by_colours(pixels, guess), 1)


def by_colours(pixels: np.ndarray, guess: np.ndarray | None) -> np.ndarray:
    """Colour models of garment and background, cut along the edges between them (Rother et al., "GrabCut", 2004).

    Args:
        pixels: uint8 RGB (H, W, 3).
        guess: bool (H, W), a mask to start from, whose middle is kept; None starts from the colours in the middle of
            the picture.

    Returns:
        bool (H, W).
    """
    height, width = pixels.shape[:2]
    factor = min(1.0, 288 / max(height, width))
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    rows, columns = small.shape[:2]
    labels = np.full((rows, columns), cv2.GC_PR_BGD, np.uint8)
    if guess is None:
        labels[_coloured_as_the_middle(small)] = cv2.GC_PR_FGD
        labels[_middle((rows, columns), *CERTAIN)] = cv2.GC_FGD
    else:
        shrunk = cv2.resize(guess.astype(np.uint8), (columns, rows), interpolation=cv2.INTER_AREA)
        shrunk[_strangers(small, shrunk > 0)] = 0
        labels[shrunk > 0] = cv2.GC_PR_FGD
        labels[cv2.erode(shrunk, np.ones((11, 11), np.uint8)) > 0] = cv2.GC_FGD
    labels[ring((rows, columns))] = cv2.GC_BGD
    if not (labels & 1).any():
        return np.zeros((height, width), bool)
    cv2.setRNGSeed(0)
    cv2.grabCut(small, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    found = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    return tidy(cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR) > 0.5)


def _strangers(pixels: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """What joins the outside of a guess and has colours that are seen there and not in the garment's middle, such as a
    tile or a fold of the sheet that is lit otherwise; bool (H, W). pixels: uint8 RGB (H, W, 3); guess: bool (H, W)."""
    index = _colour_index(pixels)
    outside, middle = (_frequencies(index[region]) for region in (~guess, middle_of(guess)))
    strange = guess & (outside > MORE_OFTEN * middle + NEVER).ravel()[index]
    strange = cv2.morphologyEx(strange.view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    return connected_to_border(strange | ~guess) & guess


def _coloured_as_the_middle(pixels: np.ndarray) -> np.ndarray:
    """What has colours that are more frequent in the middle of a picture than along its border, bool (H, W).

    pixels: uint8 RGB (H, W, 3).
    """
    rows, columns = pixels.shape[:2]
    index = _colour_index(pixels)
    border = np.ones((rows, columns), bool)
    border[tuple(np.s_[round(BORDER * side) : side - round(BORDER * side)] for side in (rows, columns))] = False
    middle = _middle((rows, columns), *TYPICAL)
    cloth, background = (_frequencies(index[region]).ravel()[index] for region in (middle, border))
    share = cv2.boxFilter(cloth / np.maximum(cloth + background, 1e-9), -1, (AROUND, AROUND))
    return share > 0.5


def _middle(size: tuple[int, int], across: float, down: float) -> np.ndarray:
    """An ellipse in the middle of a picture with half axes that are these shares of its sides, bool (H, W)."""
    (rows, columns), drawn = size, np.zeros(size, np.uint8)
    axes = round(columns * across), round(rows * down)
    return cv2.ellipse(drawn, (columns // 2, rows // 2), axes, 0, 0, 360, 1, -1) > 0


def _colour_index(pixels: np.ndarray) -> np.ndarray:
    """The place of each pixel's colour among those that are counted, int (H, W). pixels: uint8 RGB (H, W, 3)."""
    bins = cv2.cvtColor(cv2.GaussianBlur(pixels, (0, 0), 1.0), cv2.COLOR_RGB2LAB) // COLOUR_BIN
    return np.ravel_multi_index(tuple(np.moveaxis(bins, 2, 0)), COLOUR_BINS)


def _frequencies(index: np.ndarray) -> np.ndarray:
    """How often colours occur, as shares, with those beside them: float64 COLOUR_BINS. index: their places (N,)."""
    counts = np.bincount(index, minlength=int(np.prod(COLOUR_BINS))).reshape(COLOUR_BINS) / max(len(index), 1)
    for axis in range(counts.ndim):
        counts = counts + (np.roll(counts, 1, axis) + np.roll(counts, -1, axis)) / 2
    return counts
