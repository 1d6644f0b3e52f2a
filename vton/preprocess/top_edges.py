"""Where a top ends beside the arms, told by its colours and those of the wall: networks and silhouettes see gaps
between sleeveless tops and arms that are not there, and things on the wall as pieces of a top."""

import cv2
import numpy as np

from vton.labels import ARM_LABELS, UPPER_LABELS, Parse, among
from vton.preprocess.colour_shares import clear_shares, colour_bins, likeness
from vton.preprocess.regions import near, shoulder_width

WIDEST = 0.12
"""How far from top and arm a gap between them reaches that may be no gap, in shoulder widths."""
STEP = 2
"""Pixels for each that is looked at."""
INSIDE, BESIDE, APART = 2, 1.5, 0.15
"""How far within a top and an arm they tell their colours, and how near a top more of it lies, in pixels looked at; and
how far from anybody the wall tells its colours, in shoulder widths."""
PLAIN = 15
"""Least distance of the colours of top and wall in 8-bit CIELAB."""
UNLIKE, SMOOTH, CLEAR = 0.2, 0.5, 0.75
"""Likeness (Bhattacharyya coefficient) of top and wall up to which their colours tell them apart, how far around a
pixel its colour counts, in pixels looked at, and how much of a colour the top has then."""
LEAST = 0.001
"""Area of the smallest piece that is told, in squared shoulder widths."""
SMALL, STRAY, AROUND = 0.1, 0.15, 0.2
"""Area up to which a piece of top apart from the rest may be none, in squared shoulder widths; how much it has then of
the rest's colours at most (Bhattacharyya coefficient); and how far about it is looked for what it is, in shoulder
widths."""


def top_up_to_the_arms(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """What is taken for a gap between top and arm, in colours that the top has and neither wall nor arm, is top.

    Args:
        parse: uint8 (H, W), ids of `Parse`.
        image: uint8 RGB (H, W, 3).
        keypoints: (18, 3) in pixels.

    Returns:
        uint8 (H, W); `parse` itself where nothing is to be changed, or where colours do not tell.
    """
    unit = shoulder_width(keypoints) / STEP
    labels = np.ascontiguousarray(parse[::STEP, ::STEP])
    person, tops, arms = labels != Parse.BACKGROUND, among(labels, UPPER_LABELS), among(labels, ARM_LABELS)
    if unit < 40 / STEP or not tops.any() or not arms.any() or person.all():
        return parse
    left, top, width, height = cv2.boundingRect(tops.view(np.uint8))
    reach = round(2 * APART * unit)
    box = np.s_[max(0, top - reach) : top + height + reach, max(0, left - reach) : left + width + reach]
    seen = cv2.resize(image, labels.shape[::-1], interpolation=cv2.INTER_AREA)[box]
    person, tops, arms = person[box], tops[box], arms[box]
    gap = ~person & near(tops, WIDEST * unit) & near(arms, WIDEST * unit)
    deep = cv2.erode(person.view(np.uint8), np.ones((2 * INSIDE + 1,) * 2, np.uint8)) > 0
    cloth, skin, wall = tops & deep, arms & deep, ~near(person, APART * unit)
    if not (gap.any() and cloth.any() and skin.any() and wall.any()) or not _differ(seen, cloth, wall):
        return parse
    for other in (wall, skin):
        share = clear_shares(seen, cloth, other, UNLIKE, SMOOTH)
        if share is None:
            return parse
        gap &= share > CLEAR
    pair = np.ones((2, 2), np.uint8)
    gap = cv2.dilate(cv2.erode(gap.view(np.uint8), pair, anchor=(0, 0)), pair, anchor=(1, 1))
    found = np.zeros(labels.shape, np.uint8)
    found[box] = _large_beside(gap, LEAST * unit**2, near(tops, BESIDE))
    if not found.any():
        return parse
    found = cv2.resize(found, parse.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    return np.where(found & (parse == Parse.BACKGROUND), np.uint8(np.bincount(labels[box][tops]).argmax()), parse)


def _differ(image: np.ndarray, one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two parts of a picture have plainly different colours, so that a little shade makes neither the other."""
    lab = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2LAB).astype(np.float32)
    return float(np.linalg.norm(np.median(lab[one], axis=0) - np.median(lab[other], axis=0))) > PLAIN


def no_stray_tops(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Small pieces of top apart from the rest, in colours that the rest has not, belong to what they border on.

    Args and returns as those of `top_up_to_the_arms`.
    """
    unit, tops = shoulder_width(keypoints), among(parse, UPPER_LABELS)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(tops.view(np.uint8))
    if unit < 40 or count < 3:
        return parse
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    bins, result = None, parse
    for piece in range(1, count):
        if piece == largest or stats[piece, cv2.CC_STAT_AREA] > SMALL * unit**2:
            continue
        bins = colour_bins(image) if bins is None else bins
        stray = pieces == piece
        if likeness(bins, stray, pieces == largest) < STRAY:
            result = parse.copy() if result is parse else result
            result[stray] = _most_alike_beside(stray, parse, bins, unit)
    return result


def _most_alike_beside(stray: np.ndarray, parse: np.ndarray, bins: np.ndarray, unit: float) -> int:
    """Of the labels other than a top's that a piece borders on, that in whose colours it is; the background else."""
    around = near(stray, AROUND * unit) & ~among(parse, UPPER_LABELS)
    labels = np.unique(parse[around & near(stray, 2 * BESIDE)])
    alike = {int(label): likeness(bins, stray, around & (parse == label)) for label in labels}
    return max(alike, key=alike.get, default=int(Parse.BACKGROUND))


def _large_beside(mask: np.ndarray, least: float, beside: np.ndarray) -> np.ndarray:
    """The connected pieces of uint8 (h, w) in {0, 1} that have some area and touch a region; bool (h, w) both."""
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(mask)
    kept = np.isin(np.arange(len(stats)), pieces[beside]) & (stats[:, cv2.CC_STAT_AREA] >= least)
    kept[0] = False
    return kept[pieces]
