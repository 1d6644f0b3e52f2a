"""Where a top ends at bare skin, told by the colours of both: between the fingers and along the edge of a hand held
before it, and at the neckline."""

from typing import NamedTuple

import cv2
import numpy as np

from vton.labels import ARM_LABELS, BOTTOM_LABELS, UPPER_LABELS, Joint, Parse, among
from vton.preprocess.clothes import most_seen
from vton.preprocess.colour_shares import clear_shares, colour_bins, likeness, shares
from vton.preprocess.cuffs import ARMS, SEEN, SKIN_RANGE, skin_colours
from vton.preprocess.regions import shoulder_width, window

REACH, ABOVE = 0.6, 0.1
"""How far from the wrist a hand reaches, and how far above the wrist it is looked at, in shoulder widths."""
HIGH, ASIDE, DOWN = 0.5, 0.6, 0.7
"""How far above, beside and below the middle of the shoulders a neckline is looked for, in shoulder widths."""
CORE, APART, LEAST = 4, 0.08, 50
"""Pixels from the top on from which skin tells its own colours, and from skin on from which a top does where they are
not skin's; from how far on it does where they are, in shoulder widths; and how many pixels of either tell."""
UNLIKE, SMOOTH = 0.3, 0.7
"""Likeness (Bhattacharyya coefficient) of skin and top up to which their colours tell them apart, and how far around a
pixel its colour counts, in pixels."""
OF_THE_TOP, MIXED, OF_THE_SKIN = 0.7, 0.4, 0.1
"""How much of a colour the top has from which on it is no skin; from which on it is none beside the top, where colours
are mixed; and up to which it is no top."""
STEP, WIDE, CLOTH_SHARE, ALL_OF_IT, CLOTH_LIKENESS = 2, 0.9, 0.55, 0.62, 1.5
"""Pixels for each that is looked at of a hand that may be none; how far about the wrist, in shoulder widths, since what
is none is as large as it likes; how much of its colours the top has then at least, and how much if none of it is a
hand; and how much liker to the top than to the face it is."""
PALETTE, SAMPLES, NEARER = 4, 500, 0.5
"""How many colours a top is said to have, and of how many of its pixels; and how far the colour of a piece of it is
from the nearest of them at most, as a share of its distance from skin's."""
EDGE = 5
"""Width of where colours are mixed on both sides of an edge, in pixels."""


class Reach(NamedTuple):
    """How far beyond what is taken for some skin the rest of it reaches, and how far within it a top is, in shoulder
    widths; and whether a top may lie within it without touching the rest of the top, as it does between fingers."""

    beyond: float
    within: float
    enclosed: bool


OF_A_HAND, OF_THE_NECK = Reach(0.06, 0.12, True), Reach(0.0, 0.3, False)


def top_between_fingers(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Before a top, what is taken for hand in colours that the hand has not is the top, and what is taken for top
    beside a hand, in colours that it alone has, is hand.

    Args:
        parse: uint8 (H, W), ids of `Parse`.
        image: uint8 RGB (H, W, 3).
        keypoints: (18, 3) in pixels.

    Returns:
        uint8 (H, W); `parse` itself where nothing is to be changed, or where both have like colours.
    """
    unit = shoulder_width(keypoints)
    result = parse
    for label, elbow, wrist in ARMS:
        if unit < 40 or min(keypoints[elbow, 2], keypoints[wrist, 2]) < SEEN:
            continue
        place, axis = keypoints[wrist, :2], keypoints[wrist, :2] - keypoints[elbow, :2]
        around = window(place - REACH * unit, place + REACH * unit, parse.shape)
        rows, columns = (np.arange(side.start, side.stop) for side in around)
        x, y = columns - place[0], rows[:, None] - place[1]
        beyond = (x * axis[0] + y * axis[1]) / max(float(np.linalg.norm(axis)), 1.0) > -ABOVE * unit
        settled = _settled(parse[around], image[around], label, beyond, unit, OF_A_HAND)
        if settled is not None:
            result = parse.copy() if result is parse else result
            result[around] = settled
    return result


def no_hands_of_cloth(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """What is taken for a hand that is in a pocket, in colours that the top or the trousers have and the face has not,
    is the top, or the trousers.

    Args and returns as those of `top_between_fingers`.
    """
    unit = shoulder_width(keypoints)
    labels = np.ascontiguousarray(parse[::STEP, ::STEP])
    face = among(labels, (Parse.FACE, Parse.NECK))
    if unit < 40 or face.sum() < LEAST:
        return parse
    bins, result = colour_bins(np.ascontiguousarray(image[::STEP, ::STEP])), parse
    # Of a hand in a pocket of the trousers a part is seen.
    for kinds, all_of_it in ((UPPER_LABELS, ALL_OF_IT), (BOTTOM_LABELS, np.inf)):
        cloth = among(labels, kinds)
        if cloth.sum() < LEAST or likeness(bins, cloth, face) > UNLIKE:
            continue
        share = shares(bins, cloth, face)
        for label, _, wrist in ARMS:
            if keypoints[wrist, 2] < SEEN:
                continue
            hand = (labels == label) & _around(keypoints[wrist, :2], WIDE * unit, labels.shape)
            taken = _cloth_of(hand, share, bins, cloth, face, all_of_it)
            if taken is not None:
                taken = cv2.resize(taken, parse.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
                result = np.where(taken & (parse == label), np.uint8(most_seen(labels, kinds)), result)
    return result


def _around(place: np.ndarray, radius: float, shape: tuple[int, int]) -> np.ndarray:
    """bool (h, w), each STEP-th pixel: what is at most a radius away from a place, x and y."""
    across, down = np.arange(shape[1]) * STEP, np.arange(shape[0])[:, None] * STEP
    return (across - place[0]) ** 2 + (down - place[1]) ** 2 < radius**2


def _cloth_of(
    hand: np.ndarray, share: np.ndarray, bins: np.ndarray, cloth: np.ndarray, face: np.ndarray, all_of_it: float
) -> np.ndarray | None:
    """What of a hand is cloth, uint8 (h, w); None where it is a hand.

    share, bins: of the colours, as `shares` and `colour_bins` tell. all_of_it: mean share from which on none is hand.
    """
    if hand.sum() < LEAST or share[hand].mean() < CLOTH_SHARE:
        return None
    if likeness(bins, hand, cloth) <= CLOTH_LIKENESS * likeness(bins, hand, face):
        return None
    taken = hand & (share > 0.5) if share[hand].mean() < all_of_it else hand
    return cv2.dilate(taken.view(np.uint8), np.ones((3, 3), np.uint8))


def top_about_the_neck(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """What is taken for neck beside a top, in colours that the top has and the neck has not, is its collar or edge.

    Args and returns as those of `top_between_fingers`.
    """
    unit = shoulder_width(keypoints)
    if unit < 40:
        return parse
    middle = keypoints[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER], :2].mean(0)
    low, high = np.array([-ASIDE, -HIGH]), np.array([ASIDE, DOWN])
    around = window(middle + low * unit, middle + high * unit, parse.shape)
    # Nearer to the face are beards.
    labels = parse[around]
    face, tops = labels == Parse.FACE, among(labels, UPPER_LABELS)
    if not tops.any():
        return parse
    to_face, to_top = (cv2.distanceTransform((~part).view(np.uint8), cv2.DIST_L2, 5) for part in (face, tops))
    settled = _settled(labels, image[around], Parse.NECK, (to_top < to_face) | ~face.any(), unit, OF_THE_NECK)
    if settled is None:
        return parse
    result = parse.copy()
    result[around] = settled
    return result


def _settled(
    parse: np.ndarray, image: np.ndarray, label: Parse, where: np.ndarray, unit: float, reach: Reach
) -> np.ndarray | None:
    """A part of a parse in which skin with a label, `where` it may be, and the top end where their colours do; None
    where they do not tell."""
    own = (parse == label) & where
    skin = _in_its_colours(own, where, parse, image, unit, reach)
    if skin is None:
        return None
    settled = np.where(own & ~skin, np.uint8(most_seen(parse, UPPER_LABELS)), parse)
    settled[skin] = label
    return settled


def _in_its_colours(
    own: np.ndarray, where: np.ndarray, parse: np.ndarray, image: np.ndarray, unit: float, reach: Reach
) -> np.ndarray | None:
    """Where skin is by its colours, bool (h, w), `own` being what was taken for it; None where they do not tell."""
    tops, skin = among(parse, UPPER_LABELS), among(parse, (Parse.NECK, Parse.FACE, *ARM_LABELS))
    if not own.any() or not tops.any():
        return None
    from_top, from_skin = (cv2.distanceTransform((~part).view(np.uint8), cv2.DIST_L2, 5) for part in (tops, skin))
    core = own & (from_top > CORE)
    if np.count_nonzero(core) < LEAST:
        return None
    colours = skin_colours(image)
    skin_colour = np.median(colours[core], axis=0)
    squares = cv2.transform(np.square(colours - skin_colour), np.ones((1, 3), np.float32))
    alike = squares < SKIN_RANGE**2
    # Cloth may have been taken for skin, as between fingers, and beside it skin for cloth.
    core, cloth = core & alike, tops & ((from_skin > APART * unit) | (~alike & (from_skin > CORE)))
    if min(np.count_nonzero(core), np.count_nonzero(cloth)) < LEAST:
        return None
    share = clear_shares(image, cloth, core, UNLIKE, SMOOTH)
    if share is None:
        return None
    other = own & ~alike & (from_top < reach.within * unit)
    between = _nearer_pieces(other & (share > OF_THE_TOP), colours, _main_colours(colours[cloth]), skin_colour)
    if not reach.enclosed:
        between &= ~_apart_from(between, tops)
    beside_cloth = cv2.dilate((tops | between).view(np.uint8), np.ones((EDGE, EDGE), np.uint8)) > 0
    kept = own & ~between & ~(other & beside_cloth & (share > MIXED))
    beside = tops & where & alike & (share < OF_THE_SKIN) & (from_skin < reach.beyond * unit)
    _, pieces = cv2.connectedComponents((kept | beside).view(np.uint8), connectivity=4)
    return kept | (beside & np.isin(pieces, np.unique(pieces[core & kept])))


def _nearer_pieces(mask: np.ndarray, colours: np.ndarray, to: np.ndarray, than: np.ndarray) -> np.ndarray:
    """The connected pieces of a mask (h, w) whose mean colour is much nearer to one of some, (n, 3), than to
    another."""
    count, pieces = cv2.connectedComponents(mask.view(np.uint8))
    inside = pieces[mask]
    sums = np.stack([np.bincount(inside, weights, count) for weights in colours[mask].T], 1)
    means = sums / np.maximum(np.bincount(inside, minlength=count), 1)[:, None]
    to_one = np.linalg.norm(means[:, None] - to, axis=2).min(1)
    nearer = to_one < NEARER * np.linalg.norm(means - than, axis=1)
    nearer[0] = False
    return nearer[pieces]


def _apart_from(mask: np.ndarray, region: np.ndarray) -> np.ndarray:
    """The connected pieces of a mask that touch no region; bool (h, w) all."""
    _, pieces = cv2.connectedComponents((mask | region).view(np.uint8))
    return mask & ~np.isin(pieces, np.unique(pieces[region]))


def _main_colours(colours: np.ndarray) -> np.ndarray:
    """What colours (n, 3) a few of them stand for, (k, 3)."""
    some = np.ascontiguousarray(colours[:: max(1, len(colours) // SAMPLES)], np.float32)
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_MAX_ITER, 10, 0)
    return cv2.kmeans(some, PALETTE, None, stop, 1, cv2.KMEANS_PP_CENTERS)[2]
