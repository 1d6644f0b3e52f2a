"""Hangers: a hook above the collar, and the bar that it holds in the neckline, are no part of the garment."""

import cv2
import numpy as np

from vton.preprocess.garment_hook import hook_above
from vton.preprocess.regions import size_at, taken_away

SIDE = 200
"""Pixels of the square with the garment's area, at the size on which hangers are looked for."""
THICK = 11
"""A hook is thinner than this, at that size."""
SEED, STUMP, LEAST_STUMP = 6, 24, 8
"""How much of a bar is looked at for its colour, and how far below the garment's top it may begin: above it is the
hook's stump, which counts from a height on; at that size."""
POINTED, SPREAD, EVEN = (16, 30), (30, 120), 0.6
"""How wide a bar is at most where its hook was, without and with a stump of it, how wide below, at that size; and which
share of the longer of its arms the shorter one is at least."""
CONTRAST, ALIKE = 25, 16
"""How far a bar's colour is from the cloth's at least, and from its own at most (CIELAB)."""
BLUNT, LEAST_CONTRAST, UNLIKE = 46, 13, 0.6
"""Of a bar on which a hook is seen: how wide it is at most where that stands, at that size; how far its colour there is
from the cloth's at least, and which share of that the rest of it is (CIELAB)."""


def without_hanger(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A garment's mask without the hook that stands on its collar, and what of the hanger's bar the neckline shows.

    Straps come in pairs and end to the sides; a hook is one thin piece, which meets the garment once, in its middle.

    Args:
        pixels: uint8 RGB (H, W, 3).
        mask: bool (H, W).

    Returns:
        bool (H, W).
    """
    size = size_at(mask, SIDE)
    small = (cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.4).astype(np.uint8)
    hook, picture = _hook(small), cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    if hook is not None:
        hanger = hook | _bar(picture, small, hook)
    else:
        hanger = _bar_alone(picture, small)
        if not hanger.any() and mask.any() and hook_above(pixels, mask):
            hanger = _bar_below_a_hook(picture, small)
    if not hanger.any():
        return mask
    return taken_away(mask, hanger, 1)


def _hook(small: np.ndarray) -> np.ndarray | None:
    """The hook in a mask uint8 (H, W), as bool (H, W), or None."""
    padded = cv2.copyMakeBorder(small, *(THICK,) * 4, cv2.BORDER_CONSTANT)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (THICK, THICK))
    opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, kernel)[THICK:-THICK, THICK:-THICK]
    rows, columns = np.flatnonzero(opened.any(axis=1)), np.flatnonzero(opened.any(axis=0))
    if not len(rows):
        return None
    middle, width = (columns[0] + columns[-1]) / 2, columns[-1] - columns[0]
    count, pieces, stats, centres = cv2.connectedComponentsWithStats(small & ~opened)
    body = cv2.dilate(opened, np.ones((3, 3), np.uint8)) > 0
    found = None
    for index in range(1, count):
        _, top, wide, tall, _ = stats[index]
        if top >= rows[0] or tall < 14 or wide > 0.25 * width:
            continue
        if top + tall < rows[0] - 3 or abs(centres[index][0] - middle) > 0.15 * width:
            continue
        if found is not None:
            return None
        touching = np.flatnonzero((body & (pieces == index)).any(axis=0))
        # A halter's straps meet above the neck, and come down on both sides of it.
        if len(touching) and touching[-1] - touching[0] < 2 * THICK and rows[0] - top > 10:
            found = pieces == index
    return found


def _bar(picture: np.ndarray, small: np.ndarray, hook: np.ndarray) -> np.ndarray:
    """What joins the hook's foot and has another colour than the garment: bool (H, W)."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    rows, columns = np.nonzero(hook)
    foot = rows.max()
    middle = int(np.median(columns[rows >= foot - 4]))
    nothing = np.zeros_like(hook)
    if foot + 12 >= len(small):
        return nothing
    below = lab[foot + 4 : foot + 9, max(0, middle - 2) : middle + 3].reshape(-1, 3)
    chest = (slice(foot + 60, foot + 120), slice(max(0, middle - 40), middle + 40))
    cloth = lab[chest][small[chest] > 0]
    if not len(cloth):
        return nothing
    # Cloth in shadow is still cloth: a bar has to be of another hue, or lighter.
    colour, usual = np.median(below, axis=0), np.median(cloth, axis=0)
    if np.linalg.norm((colour - usual)[1:]) < 12 and colour[0] < usual[0] + 8:
        return nothing
    near = (np.linalg.norm(lab - colour, axis=2) < 12) & (small > 0)
    near[: foot - 2], near[foot + 60 :] = False, False
    _, pieces = cv2.connectedComponents(near.astype(np.uint8), connectivity=4)
    wanted = np.setdiff1d(pieces[foot + 2 : foot + 10, max(0, middle - 3) : middle + 4], 0)
    bar = np.isin(pieces, wanted)
    return bar if bar.sum() < 0.06 * small.sum() else nothing


def _top_of(picture: np.ndarray, small: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[int, int]] | None:
    """A picture in CIELAB, float32 (H, W, 3), the colour of the garment's chest, (3,), and row and column of its top;
    None where its top is not in its middle, or no chest is seen. small: uint8 (H, W), its mask."""
    rows, columns = np.flatnonzero(small.any(1)), np.flatnonzero(small.any(0))
    middle, reach = (columns[0] + columns[-1]) // 2, (columns[-1] - columns[0]) // 8
    top, first = int(rows[0]), max(0, middle - reach)
    tips = np.flatnonzero(small[top, first : middle + reach + 1])
    chest = np.s_[top + 60 : top + 120, max(0, middle - 40) : middle + 40]
    if not len(tips) or not small[chest].any():
        return None
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return lab, np.median(lab[chest][small[chest] > 0], axis=0), (top, first + int(np.median(tips)))


def _bar_below_a_hook(picture: np.ndarray, small: np.ndarray) -> np.ndarray:
    """The bar of a hanger whose hook is seen above it, whatever is stuck on it: what joins the top of the mask, uint8
    (H, W), and is not of the cloth's colour. A collar of another colour is wider at its top. bool (H, W)."""
    nothing, seen = np.zeros(small.shape, bool), _top_of(picture, small)
    if seen is None:
        return nothing
    lab, cloth, (top, tip) = seen
    apart = np.linalg.norm(lab - cloth, axis=2)
    seeds = np.s_[top + 2 : top + 2 + SEED, max(0, tip - 2) : tip + 3]
    there = float(np.median(apart[seeds]))
    unlike = ((apart > UNLIKE * there) & (small > 0)).view(np.uint8)
    unlike[top + 60 :] = 0
    _, pieces = cv2.connectedComponents(unlike, connectivity=4)
    bar = np.isin(pieces, np.setdiff1d(pieces[seeds], 0))
    widths = np.array([np.ptp(np.flatnonzero(row)) + 1 if row.any() else 0 for row in bar[top : top + 60]])
    spread = np.flatnonzero(bar.any(0))
    if there < LEAST_CONTRAST or not len(spread) or bar.sum() > 0.06 * small.sum():
        return nothing
    sides = sorted((tip - spread[0], spread[-1] - tip))
    sound = widths[:4].max() <= BLUNT and SPREAD[0] < widths.max() < SPREAD[1] and sides[0] >= EVEN * sides[1]
    return bar if sound else nothing


def _bar_alone(picture: np.ndarray, small: np.ndarray) -> np.ndarray:
    """The bar of a hanger of whose hook the mask has little or nothing: at the top, pointed, and of another colour.

    A collar or a hood of another colour has a wide upper edge, and no stump upon it. bool (H, W).
    """
    nothing, seen = np.zeros(small.shape, bool), _top_of(picture, small)
    if seen is None:
        return nothing
    lab, cloth, (top, tip) = seen
    unlike = np.linalg.norm(lab[top : top + STUMP + SEED, tip] - cloth, axis=1) > CONTRAST
    runs = np.flatnonzero(np.lib.stride_tricks.sliding_window_view(unlike, SEED).all(1)) if len(unlike) >= SEED else []
    if not len(runs):
        return nothing
    stump = int(runs[0])
    seeds = np.s_[top + stump : top + stump + SEED, max(0, tip - 2) : tip + 3]
    alike = np.linalg.norm(lab - np.median(lab[seeds].reshape(-1, 3), axis=0), axis=2) < ALIKE
    alike = (alike & (small > 0)).view(np.uint8)
    alike[top + 60 :] = 0
    _, pieces = cv2.connectedComponents(alike, connectivity=4)
    bar = np.isin(pieces, np.setdiff1d(pieces[seeds], 0))
    widths = np.array([np.ptp(np.flatnonzero(row)) + 1 if row.any() else 0 for row in bar[top : top + 60]])
    pointed = widths[stump : stump + 4].max(initial=0) <= POINTED[stump >= LEAST_STUMP]
    if not pointed or not SPREAD[0] < widths.max(initial=0) < SPREAD[1] or bar.sum() > 0.06 * small.sum():
        return nothing
    spread = np.flatnonzero(bar.any(0))
    sides = sorted((tip - spread[0], spread[-1] - tip))
    if sides[0] < EVEN * sides[1]:
        return nothing
    bar[top : top + stump] = small[top : top + stump] > 0
    return bar
