"""Cuffs: what lies between a sleeve and the hand and has not skin's colour."""

import cv2
import numpy as np

from vton.labels import UPPER_LABELS, Joint, Parse
from vton.preprocess.regions import shoulder_width

SEEN = 0.3
"""Confidence above which a keypoint says where an arm is."""
REACH = 0.8
"""How far from the wrist a cuff, the sleeve above and the hand below are looked for, in shoulder widths."""
CUFF_LENGTH, LONGEST_CUFF = 0.14, 0.55
"""Longest cuff beyond a sleeve's end, and how far beyond the wrist one may reach, in shoulder widths: the wrist that is
found may lie well above the hand."""
SLEEVE, SLEEVE_WIDTH = (-0.5, 0.05), 0.2
"""Between which distances beyond the wrist there is a sleeve to which a cuff belongs, and how far beside the bone."""
LEAST_HAND = 0.01
"""Area of a hand whose colour is believed, in squared shoulder widths."""
SKIN_RANGE, WEIGHTS = 20, (0.4, 1, 1)
"""How far skin may be from its median colour in CIELAB, and what lightness counts there."""
LEAST_CONTRAST, NEARER = 9, 3
"""How far a sleeve's colour is from skin's at least, and how much nearer to it a cuff's is, to be told by it."""
ARMS = (
    (Parse.RIGHT_ARM, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
    (Parse.LEFT_ARM, Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
)


def restore_cuffs(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray, silhouette: np.ndarray) -> np.ndarray:
    """Between a sleeve and the hand, what is taken for arm or for nothing and has not skin's colour is the cuff.

    Args:
        parse: uint8 (H, W), ids of `Parse`.
        image: uint8 RGB (H, W, 3).
        keypoints: (18, 3) in pixels.
        silhouette: float32 (H, W) in [0, 1].

    Returns:
        uint8 (H, W).
    """
    unit = shoulder_width(keypoints)
    areas = [int((parse == label).sum()) for label in UPPER_LABELS]
    if max(areas) == 0 or unit < 40:
        return parse
    result, head = parse.copy(), _head_colour(parse, image)
    for label, elbow, wrist in ARMS:
        if min(keypoints[elbow, 2], keypoints[wrist, 2]) < SEEN:
            continue
        place, axis = keypoints[wrist, :2], keypoints[wrist, :2] - keypoints[elbow, :2]
        low = np.floor(place - REACH * unit).clip(0, parse.shape[::-1]).astype(int)
        high = np.ceil(place + REACH * unit).clip(0, parse.shape[::-1]).astype(int)
        around = np.s_[low[1] : high[1], low[0] : high[0]]
        if not (parse[around] == label).any():
            continue
        axis = axis / max(float(np.linalg.norm(axis)), 1.0)
        x, y = np.arange(low[0], high[0]) - place[0], np.arange(low[1], high[1])[:, None] - place[1]
        beyond, aside = (x * axis[0] + y * axis[1]) / unit, np.abs(y * axis[0] - x * axis[1]) / unit
        cuff = _cuff(parse[around], image[around], silhouette[around], label, (beyond, aside, unit), head)
        result[around][cuff] = UPPER_LABELS[int(np.argmax(areas))]
    return result


def _cuff(
    parse: np.ndarray,
    image: np.ndarray,
    silhouette: np.ndarray,
    label: int,
    along: tuple[np.ndarray, np.ndarray, float],
    head: np.ndarray | None,
) -> np.ndarray:
    """Where the cuff of an arm with a label is, bool (h, w), in what is around its wrist.

    along: how far beyond the wrist and beside its bone each pixel lies, (h, w) in shoulder widths, and their width.
    head: colour of face and neck, as of `skin_colours`, (3,); None where neither is seen.
    """
    (beyond, aside, unit), arm, tops = along, parse == label, np.isin(parse, UPPER_LABELS)
    sleeve = tops & (beyond < SLEEVE[1]) & (beyond > SLEEVE[0]) & (aside < SLEEVE_WIDTH)
    if not sleeve.any() or sleeve.sum() < 2 * (arm & (beyond < -0.1)).sum():
        return np.zeros(parse.shape, bool)
    to_top = cv2.distanceTransform((~sleeve).view(np.uint8), cv2.DIST_L2, 5) / unit
    hand, cuff = arm & (beyond > 0.1) & (to_top > CUFF_LENGTH), arm & (np.abs(beyond) < 0.3) & (to_top < CUFF_LENGTH)
    colours, skin = skin_colours(image), head
    if hand.sum() > LEAST_HAND * unit**2:
        skin = np.median(colours[hand], axis=0)
        if head is not None and np.linalg.norm((skin - head)[1:]) > SKIN_RANGE:
            # What follows the sleeve is cloth down to the hand, or all of it.
            skin, cuff = head, arm & (beyond < LONGEST_CUFF)
    if skin is None:
        return np.zeros(parse.shape, bool)
    palm = min(float(np.percentile(beyond[arm], 30)), LONGEST_CUFF)
    cuff |= _between(sleeve, arm, parse, silhouette) & (beyond < palm) & (aside < 0.25)
    cuff &= _unlike(colours, skin, np.median(colours[sleeve], axis=0))
    return cv2.morphologyEx(cuff.view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0


def _unlike(colours: np.ndarray, skin: np.ndarray, sleeve: np.ndarray) -> np.ndarray:
    """Whether colours (h, w, 3) are not skin's, (3,): far from it, or clearly nearer to the sleeve's."""
    away = np.linalg.norm(colours - skin, axis=-1)
    if np.linalg.norm(sleeve - skin) < LEAST_CONTRAST:
        return away > SKIN_RANGE
    return (away > SKIN_RANGE) | (np.linalg.norm(colours - sleeve, axis=-1) < away - NEARER)


def _between(sleeve: np.ndarray, arm: np.ndarray, parse: np.ndarray, silhouette: np.ndarray) -> np.ndarray:
    """bool (h, w): pieces of the silhouette without a label that touch both a sleeve and the arm."""
    nameless = ((parse == Parse.BACKGROUND) & (silhouette > 0.5)).view(np.uint8)
    _, pieces = cv2.connectedComponents(cv2.morphologyEx(nameless, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)))
    near = (cv2.dilate(part.view(np.uint8), np.ones((7, 7), np.uint8)) > 0 for part in (sleeve, arm))
    joined = np.intersect1d(*(np.unique(pieces[part]) for part in near))
    return np.isin(pieces, joined[joined > 0])


def _head_colour(parse: np.ndarray, image: np.ndarray) -> np.ndarray | None:
    """Median colour of face and neck, (3,), from every fourth pixel."""
    head = np.isin(parse[::4, ::4], (Parse.FACE, Parse.NECK))
    if not head.any():
        return None
    small = cv2.resize(image, head.shape[::-1], interpolation=cv2.INTER_AREA)
    return np.median(skin_colours(small)[head], axis=0)


def skin_colours(image: np.ndarray) -> np.ndarray:
    """CIELAB in which lightness counts less, without the finest detail; float32 (h, w, 3)."""
    lab = cv2.cvtColor(cv2.GaussianBlur(image, (0, 0), 1.5), cv2.COLOR_RGB2LAB)
    return lab.astype(np.float32) * np.float32(WEIGHTS)
