"""Sleeves that are taken for arms, told by their colours: those of the top, and of stripes along them."""

import cv2
import numpy as np

from vton.labels import ARM_LABELS, UPPER_LABELS, Joint, Parse
from vton.preprocess.bare_skin import distance_to_bones
from vton.preprocess.regions import shoulder_width

SEEN = 0.3
"""Confidence above which a keypoint says where an arm is."""
LAST = 0.75
"""Down to which share of the forearm a long sleeve is looked for: the wrist that was found may lie on the hand."""
PLACES, MOSTLY = 12, 0.5
"""At how many places of each bone, and which share of them is sleeve on an arm that has one."""
BESIDE = 0.22
"""How far beside the bones a sleeve's stripes may lie, in shoulder widths."""
UNLIKE, MUCH_UNLIKE, WEIGHTS = 14, 17, (0.35, 1.3, 1.3)
"""How far from the face's colour their median is at least, in CIELAB, where the bones lie in the sleeve and where they
do not; and what lightness and hue count there."""
LEAST_HAND = 0.01
"""Area of a hand that shows its colour, in squared shoulder widths."""
ARMS = (
    (Parse.RIGHT_ARM, (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST)),
    (Parse.LEFT_ARM, (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST)),
)


def restore_sleeves(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Arms in the colour of a plain top, and not in that of the face, are sleeves."""
    weights = np.array([0.6, 1.3, 1.3], np.float32)
    lab = cv2.cvtColor(cv2.GaussianBlur(image, (0, 0), 2), cv2.COLOR_RGB2LAB).astype(np.float32)
    torso = np.zeros(parse.shape, np.uint8)
    corners = keypoints[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP], :2]
    cv2.fillConvexPoly(torso, corners.round().astype(np.int32), 1)
    cloth = np.isin(parse, UPPER_LABELS) & (torso > 0)
    skin = np.isin(parse, (Parse.FACE, Parse.NECK))
    if cloth.sum() < parse.size / 400 or skin.sum() < parse.size / 2000:
        return parse
    cloth_colour, skin_colour = np.median(lab[cloth], axis=0), np.median(lab[skin], axis=0)
    spread = np.percentile(np.linalg.norm((lab[cloth] - cloth_colour) * weights, axis=1), 75)
    if spread > 22 or np.linalg.norm((cloth_colour - skin_colour) * weights) < 25:
        return parse
    arms = np.isin(parse, ARM_LABELS)
    to_cloth = np.linalg.norm((lab[arms] - cloth_colour) * weights, axis=1)
    # Skin on an arm is often darker or lighter than on the face, but of the same hue.
    to_skin = np.linalg.norm((lab[arms] - skin_colour) * np.array([0.35, 1.3, 1.3], np.float32), axis=1)
    sleeves = np.zeros(parse.shape, np.uint8)
    sleeves[arms] = to_cloth < 0.8 * to_skin
    sleeves = cv2.morphologyEx(sleeves, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)) > 0
    worn = np.bincount(parse[cloth], minlength=len(Parse)).argmax()
    return np.where(sleeves, np.uint8(worn), parse)


def stripes_not_arms(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """On an arm that has a long sleeve, what is taken for the arm above the hand and is not skin is the sleeve.

    Args:
        parse: uint8 (H, W), ids of `Parse`.
        image: uint8 RGB (H, W, 3).
        keypoints: (18, 3) in pixels.

    Returns:
        uint8 (H, W); `parse` itself where nothing is to be changed.
    """
    unit = shoulder_width(keypoints)
    tops, face = np.isin(parse, UPPER_LABELS), parse == Parse.FACE
    if not tops.any() or not face.any():
        return parse
    result = parse
    for label, joints in ARMS:
        if keypoints[list(joints), 2].min() < SEEN:
            continue
        bones = keypoints[list(joints), :2].astype(np.float32)
        bones[2] = bones[1] + LAST * (bones[2] - bones[1])
        rows, columns = np.nonzero(parse == label)
        places = np.stack([columns, rows], 1).astype(np.float32)
        near = distance_to_bones(places, bones) < BESIDE * unit
        near &= (places - bones[2]) @ (bones[2] - bones[1]) < 0
        colours, hand = image[rows, columns][near], image[rows, columns][~near]
        rows, columns = rows[near], columns[near]
        if len(rows) == 0:
            continue
        from_face = _apart(colours, image[face])
        covered = min(_share(tops, bones[:2]), _share(tops, bones[1:])) >= MOSTLY and from_face > UNLIKE
        bare_hand = len(hand) > LEAST_HAND * unit**2 and _apart(hand, image[face]) < from_face / 2
        if not covered and not (bare_hand and min(from_face, _apart(colours, hand)) > MUCH_UNLIKE):
            continue
        result = parse.copy() if result is parse else result
        result[rows, columns] = np.bincount(parse[tops]).argmax()
    return result


def _share(region: np.ndarray, bone: np.ndarray) -> float:
    """Which share of the places along a bone, (2, 2), lies in a region, bool (H, W)."""
    places = np.linspace(*bone, PLACES).round().astype(int)
    inside = ((places >= 0) & (places < region.shape[::-1])).all(1)
    return float(region[places[inside, 1], places[inside, 0]].sum()) / PLACES


def _apart(colours: np.ndarray, others: np.ndarray) -> float:
    """How far the median colours of pixels, uint8 RGB (n, 3) and (m, 3), are from each other."""
    medians = (
        np.median(cv2.cvtColor(pixels[None], cv2.COLOR_RGB2LAB)[0].astype(np.float32), axis=0)
        for pixels in (colours, others)
    )
    return float(np.linalg.norm(np.subtract(*medians) * WEIGHTS))
