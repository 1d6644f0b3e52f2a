"""Where a top shows between the fingers and along the edge of a hand held before it, told by the colours of both."""

import cv2
import numpy as np

from vton.labels import ARM_LABELS, UPPER_LABELS, Joint
from vton.preprocess.colour_shares import clear_shares
from vton.preprocess.cuffs import ARMS, SEEN, SKIN_RANGE, skin_colours

REACH, ABOVE = 0.6, 0.1
"""How far from the wrist a hand reaches, and how far above the wrist it is looked at, in shoulder widths."""
CORE, APART, LEAST = 4, 0.08, 50
"""Pixels from the top on from which a hand tells its own colours, and from the hand on from which a top does where they
are not skin's; from how far on it does where they are, in shoulder widths; and how many pixels of either tell."""
UNLIKE, SMOOTH = 0.3, 0.7
"""Likeness (Bhattacharyya coefficient) of hand and top up to which their colours tell them apart, and how far around a
pixel its colour counts, in pixels."""
OF_THE_TOP, MIXED, OF_THE_HAND = 0.7, 0.4, 0.1
"""How much of a colour the top has from which on it is no hand; from which on it is none beside the top, where colours
are mixed; and up to which it is no top."""
PALETTE, SAMPLES, NEARER = 4, 500, 0.5
"""How many colours a top is said to have, and of how many of its pixels; and how far the colour of a piece of it is
from the nearest of them at most, as a share of its distance from skin's."""
EDGE = 5
"""Width of where colours are mixed on both sides of an edge, in pixels."""
FINGER, WITHIN = 0.06, 0.12
"""How far beyond what is taken for a hand the rest of it reaches, and how far within it a top is, in shoulder
widths."""


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
    unit = float(np.linalg.norm(keypoints[Joint.RIGHT_SHOULDER, :2] - keypoints[Joint.LEFT_SHOULDER, :2]))
    result = parse
    for label, elbow, wrist in ARMS:
        if unit < 40 or min(keypoints[elbow, 2], keypoints[wrist, 2]) < SEEN:
            continue
        place, axis = keypoints[wrist, :2], keypoints[wrist, :2] - keypoints[elbow, :2]
        low = np.floor(place - REACH * unit).clip(0, parse.shape[::-1]).astype(int)
        high = np.ceil(place + REACH * unit).clip(0, parse.shape[::-1]).astype(int)
        around = np.s_[low[1] : high[1], low[0] : high[0]]
        x, y = np.arange(low[0], high[0]) - place[0], np.arange(low[1], high[1])[:, None] - place[1]
        beyond = (x * axis[0] + y * axis[1]) / max(float(np.linalg.norm(axis)), 1.0) > -ABOVE * unit
        own = (parse[around] == label) & beyond
        hand = _in_its_colours(own, beyond, parse[around], image[around], unit)
        if hand is not None:
            result = parse.copy() if result is parse else result
            areas = [int((parse[around] == upper).sum()) for upper in UPPER_LABELS]
            result[around][own & ~hand] = UPPER_LABELS[int(np.argmax(areas))]
            result[around][hand] = label
    return result


def _in_its_colours(
    own: np.ndarray, beyond: np.ndarray, parse: np.ndarray, image: np.ndarray, unit: float
) -> np.ndarray | None:
    """Where a hand is by its colours, bool (h, w), `own` being what was taken for it; None where they do not tell."""
    tops, skin = np.isin(parse, UPPER_LABELS), np.isin(parse, ARM_LABELS)
    if not own.any() or not tops.any():
        return None
    from_top, from_skin = (cv2.distanceTransform((~part).view(np.uint8), cv2.DIST_L2, 5) for part in (tops, skin))
    core = own & (from_top > CORE)
    if core.sum() < LEAST:
        return None
    colours = skin_colours(image)
    skin_colour = np.median(colours[core], axis=0)
    alike = np.linalg.norm(colours - skin_colour, axis=-1) < SKIN_RANGE
    # Between fingers cloth may have been taken for hand, and beside them hand for cloth.
    core, cloth = core & alike, tops & ((from_skin > APART * unit) | (~alike & (from_skin > CORE)))
    if min(core.sum(), cloth.sum()) < LEAST:
        return None
    share = clear_shares(image, cloth, core, UNLIKE, SMOOTH)
    if share is None:
        return None
    not_hand = own & ~alike & (from_top < WITHIN * unit)
    between = _nearer_pieces(not_hand & (share > OF_THE_TOP), colours, _main_colours(colours[cloth]), skin_colour)
    beside_cloth = cv2.dilate((tops | between).view(np.uint8), np.ones((EDGE, EDGE), np.uint8)) > 0
    kept = own & ~between & ~(not_hand & beside_cloth & (share > MIXED))
    beside = tops & beyond & alike & (share < OF_THE_HAND) & (from_skin < FINGER * unit)
    _, pieces = cv2.connectedComponents((kept | beside).view(np.uint8), connectivity=4)
    return kept | (beside & np.isin(pieces, np.unique(pieces[core & kept])))


def _nearer_pieces(mask: np.ndarray, colours: np.ndarray, to: np.ndarray, than: np.ndarray) -> np.ndarray:
    """The connected pieces of a mask (h, w) whose median colour is much nearer to one of some, (n, 3), than to
    another."""
    count, pieces = cv2.connectedComponents(mask.view(np.uint8))
    nearer = np.zeros(count, bool)
    for piece in range(1, count):
        colour = np.median(colours[pieces == piece], axis=0)
        nearer[piece] = np.linalg.norm(colour - to, axis=1).min() < NEARER * np.linalg.norm(colour - than)
    return nearer[pieces]


def _main_colours(colours: np.ndarray) -> np.ndarray:
    """What colours (n, 3) a few of them stand for, (k, 3)."""
    some = np.ascontiguousarray(colours[:: max(1, len(colours) // SAMPLES)], np.float32)
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_MAX_ITER, 10, 0)
    return cv2.kmeans(some, PALETTE, None, stop, 1, cv2.KMEANS_PP_CENTERS)[2]
