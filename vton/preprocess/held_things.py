"""What is held before a top, such as a cup: it is neither the top nor skin, and stays in front as the hand does."""

import cv2
import numpy as np

from vton.labels import UPPER_LABELS, Parse, among
from vton.preprocess.colour_shares import colour_bins, frequencies
from vton.preprocess.cuffs import ARMS, SEEN
from vton.preprocess.regions import shoulder_width, window

HAND, THING, AROUND = 0.5, 0.45, 0.95
"""How far from the wrist a hand reaches, how far from it what it holds, and how far about the wrist is looked; in
shoulder widths."""
LEAST_HAND, LEAST_TOP = 0.01, 0.1
"""Area of a hand that holds something at least, and of the top away from it, in squared shoulder widths."""
BINS, FOREIGN = (12, 6, 6), 0.002
"""Widths of a histogram's bins in 8-bit CIELAB, and which share of the top, away from the hand, has a colour or one of
the next to it at most for it to be none of the top's."""
LARGE, TOUCHED = 0.02, 0.15
"""Area of what is held at least, in squared shoulder widths, and how much of its rim is hand: a print before which a
hand is has more of its rim on the top."""
SMALL, PATCH = 0.004, 0.1
"""Area of another piece of it at least, and of skin within it at most, in squared shoulder widths."""
STEP, EVEN, RIM = 2, 3, 5
"""Pixels for each that is looked at; width of the narrowest piece, and twice that of a rim, in those."""


def with_held_things(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Before a top, what lies at a hand in colours that are nowhere else on the top is held in it, and is its arm's.

    Args:
        parse: uint8 (H, W), ids of `Parse`.
        image: uint8 RGB (H, W, 3).
        keypoints: (18, 3) in pixels.

    Returns:
        uint8 (H, W); `parse` itself where nothing is held.
    """
    unit, result = shoulder_width(keypoints) / STEP, parse
    small, bins = np.ascontiguousarray(parse[::STEP, ::STEP]), None
    for label, elbow, wrist in ARMS:
        if unit < 40 / STEP or min(keypoints[elbow, 2], keypoints[wrist, 2]) < SEEN:
            continue
        place = keypoints[wrist, :2] / STEP
        around = window(place - AROUND * unit, place + AROUND * unit, small.shape)
        rows, columns = (np.arange(side.start, side.stop) for side in around)
        hand = (small[around] == label) & (np.hypot(columns - place[0], rows[:, None] - place[1]) < HAND * unit)
        if hand.sum() < LEAST_HAND * unit**2:
            continue
        if bins is None:
            shrunk = cv2.resize(image, small.shape[::-1], interpolation=cv2.INTER_AREA)
            bins = colour_bins(shrunk, BINS)
        held = _held(small, bins, hand, around, unit)
        if held is not None:
            result = parse.copy() if result is parse else result
            whole = result[tuple(slice(STEP * side.start, STEP * side.stop) for side in around)]
            shown = cv2.resize(held.astype(np.float32), whole.shape[::-1], interpolation=cv2.INTER_LINEAR)
            whole[(shown > 0.5) & among(whole, (*UPPER_LABELS, Parse.NECK))] = label
    return result


def _held(
    parse: np.ndarray, bins: np.ndarray, hand: np.ndarray, around: tuple[slice, slice], unit: float
) -> np.ndarray | None:
    """What a hand, bool (h, w), holds in a part of a picture, bool (h, w); None where it holds nothing.

    parse: uint8 (H, W). bins: int32 (H, W), the bins of its pixels' colours. unit: shoulders' width in its pixels.
    """
    away = cv2.distanceTransform((~hand).view(np.uint8), cv2.DIST_L2, 5)
    top = among(parse, UPPER_LABELS)
    elsewhere, near = top.copy(), top[around] & (away < THING * unit)
    elsewhere[around] &= away > HAND * unit
    if not near.any() or elsewhere.sum() < LEAST_TOP * unit**2:
        return None
    foreign = near & (frequencies(bins[elsewhere], BINS)[bins[around]] < FOREIGN)
    foreign = cv2.morphologyEx(foreign.view(np.uint8), cv2.MORPH_OPEN, np.ones((EVEN, EVEN), np.uint8))
    held = [piece for piece, touched in _pieces(foreign, hand, LARGE * unit**2) if touched > TOUCHED]
    if not held:
        return None
    # Between its parts may be something in the colour of skin, which was taken for some.
    skin = ((parse[around] == Parse.NECK) & (away < THING * unit)).view(np.uint8)
    own = np.logical_or.reduce([hand, *held])
    for patch, touched in _pieces(skin, own, 0):
        if touched and patch.sum() < PATCH * unit**2:
            held.append(patch)
            own |= patch
    held += [piece for piece, touched in _pieces(foreign, own, SMALL * unit**2) if touched]
    return np.logical_or.reduce(held)


def _pieces(region: np.ndarray, beside: np.ndarray, least: float) -> list[tuple[np.ndarray, float]]:
    """The pieces of a region, uint8 (h, w), of so many pixels at least, bool (h, w), and how much of the rim of each is
    in another region, bool (h, w)."""
    found, (_, pieces, stats, _) = [], cv2.connectedComponentsWithStats(region)
    for number in 1 + np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= max(least, 1)):
        piece = pieces == number
        rim = (cv2.dilate(piece.view(np.uint8), np.ones((RIM, RIM), np.uint8)) > 0) & ~piece
        found.append((piece, float(beside[rim].mean()) if rim.any() else 0.0))
    return found
