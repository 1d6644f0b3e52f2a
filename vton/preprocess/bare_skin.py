"""Skin that the body network takes for a top of a like colour, told by the face."""

from itertools import pairwise

import cv2
import numpy as np

from vton.labels import ARM_LABELS, BOTTOM_LABELS, UPPER_LABELS, Joint, Parse
from vton.types import CANVAS_WIDTH

SEEN = 0.3
"""Confidence above which a keypoint says something."""
ALIKE, UNLIKE = 16, 22
"""How far skin may be from the face's median colour, and how far cloth is from it at least; CIELAB, lightness counting
a third, hue a third more."""
HIGHLIGHT, CLEARER = 34, 0.4
"""How far it may be where it is so much nearer to the face's colour than to the top's."""
WEIGHTS = (0.35, 1.3, 1.3)
SURE = 0.7
"""Which share of the top's middle has to be of another colour than the face."""
CORE, NARROWER = (0.3, 0.7), (0.4, 0.4)
"""Between which shares of the way from shoulders to hips that middle is, and how much narrower."""
TRUNK, BETWEEN, HAND = (-0.3, 1.1), (0.05, -0.25), 0.42
"""The same of the whole trunk; and how far from the wrist a hand before it reaches, in shoulder widths."""
LEAST = 0.03
"""Area of a piece of skin at least, in squared shoulder widths."""
ABOUT_BONES = 0.55
"""How far from the bones of neck and arms skin may be, in shoulder widths."""
BELLY, ACROSS, LEAST_BELLY = (0.4, 1.1), 0.6, 0.05
"""Between which shares of the way from shoulders to hips a belly may be bare, across which part of the trunk, and how
high at least, in shoulder widths."""
FINGERS = 0.4
"""Length of a hand for each of its forearm's."""
AWAY = 0.15
"""How far from the bones of both arms, in shoulder widths, no arm is."""
BORDER, NEARER = 24, 0.6
"""How far around a belly its top is looked at, in pixels, and how much nearer to its colour than to skin's a hem is."""
LIMBS = (
    (Parse.RIGHT_ARM, (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST)),
    (Parse.LEFT_ARM, (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST)),
    (Parse.NECK, (Joint.NOSE, Joint.NECK)),
)


def bare_skin_not_top(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """What is taken for a top, about an arm or below the neck, in the colour of the face and not in its own is skin.

    Args:
        parse: uint8 (H, W), ids of `Parse`.
        image: uint8 RGB (H, W, 3).
        keypoints: (18, 3) in pixels.

    Returns:
        uint8 (H, W); `parse` itself where nothing is to be changed, or where face and top cannot be told apart.
    """
    points = keypoints[:, :2]
    unit = float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))
    # Mostly there is none, and a quarter of the size tells.
    if unit < 40 or not _skin_in_the_top(*_smaller(parse, image, points)).any():
        return parse
    skin = _skin_in_the_top(parse, image, points)
    rows, columns = np.nonzero(skin)
    places = np.stack([columns, rows], axis=1).astype(np.float32)
    away = np.full((len(LIMBS), len(rows)), np.inf, np.float32)
    for number, (_, bones) in enumerate(LIMBS):
        if keypoints[list(bones), 2].min() > SEEN:
            away[number] = distance_to_bones(places, points[list(bones)])
    # Before the trunk there are only hands; beside them is a bare belly.
    trunk = _torso(parse.shape, points, TRUNK, BETWEEN)[rows, columns]
    for number, (_, (*_, wrist)) in enumerate(LIMBS[:2]):
        to_wrist = np.linalg.norm(places - points[wrist], axis=1)
        away[number, trunk & (to_wrist > HAND * unit)] = np.inf
    near, nearest = away.min(0) < ABOUT_BONES * unit, away.argmin(0)
    result = parse.copy()
    result[rows[near], columns[near]] = np.array([label for label, _ in LIMBS], np.uint8)[nearest[near]]
    return result


def _skin_in_the_top(parse: np.ndarray, image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """bool (H, W): what is taken for a top in the colour of the face; nothing where the top itself has it."""
    tops, face, nothing = np.isin(parse, UPPER_LABELS), parse == Parse.FACE, np.zeros(parse.shape, bool)
    core = tops & _torso(parse.shape, points, CORE, NARROWER)
    if face.sum() < parse.size / 2000 or not core.any():
        return nothing
    unit = float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))
    lab = _lab(image)
    to_skin = _distance(lab, face)
    # The top itself may be of skin's colour, or of many colours.
    if (to_skin[core] > UNLIKE).mean() < SURE:
        return nothing
    skin = tops & (to_skin < np.where(to_skin < CLEARER * _distance(lab, core), HIGHLIGHT, ALIKE))
    size = 2 * (parse.shape[1] // 200) + 1
    skin = cv2.morphologyEx(skin.view(np.uint8), cv2.MORPH_OPEN, np.ones((size, size), np.uint8))
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(skin)
    large = stats[:, cv2.CC_STAT_AREA] > LEAST * unit**2
    large[0] = False
    return large[pieces]


def bare_belly(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Between a short top and what is worn below, rows of skin across the trunk are skin.

    Args and returns as those of `bare_skin_not_top`; the belly is NECK, which stands for all skin of the trunk.
    """
    points = keypoints[:, :2]
    unit = float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))
    if unit < 40 or not _belly(*_smaller(parse, image, points)).any():
        return parse
    return np.where(_belly(parse, image, points), np.uint8(Parse.NECK), parse)


def belly_not_arm(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Pieces of arm at the height of the belly that lie away from both arms' bones and hands are the belly.

    parse: uint8 (H, W), ids of `Parse`. keypoints: (18, 3) in its pixels. Returns uint8 (H, W), the belly as NECK.
    """
    points = keypoints[:, :2]
    unit = float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))
    arms = [list(joints) for label, joints in LIMBS if label in ARM_LABELS]
    if unit < 40 or keypoints[np.ravel(arms), 2].min() < SEEN:
        return parse
    bones = [with_hand(points[arm]) for arm in arms]
    trunk, result = _torso(parse.shape, points, BELLY, (0, 0)), parse.copy()
    for label in ARM_LABELS:
        _, pieces, stats, _ = cv2.connectedComponentsWithStats((parse == label).view(np.uint8))
        for piece in 1 + np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] < unit**2 / 4):
            rows, columns = np.nonzero(pieces == piece)
            places = np.stack([columns, rows], axis=1).astype(np.float32)
            near = min(float(distance_to_bones(places, b).min()) for b in bones)
            if near > AWAY * unit and trunk[rows, columns].mean() > 0.8:
                result[rows, columns] = Parse.NECK
    return result


def with_hand(arm: np.ndarray) -> np.ndarray:
    """The places of an arm's joints, (3, 2), and the end of its hand, (4, 2)."""
    return np.vstack([arm, arm[-1] + FINGERS * (arm[-1] - arm[-2])])


def hem_not_belly(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """What is taken for a bare belly in the colour of the top that it borders on, rather than in skin's, is its hem.

    Args and returns as those of `bare_skin_not_top`.
    """
    neck, hips = keypoints[Joint.NECK, 1], keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean()
    first = int(np.clip(neck + BELLY[0] * (hips - neck), 0, len(parse)))
    if first == len(parse):
        # OpenCV crashes on empty pictures.
        return parse
    count, pieces, stats, _ = cv2.connectedComponentsWithStats((parse[first:] == Parse.NECK).view(np.uint8))
    skin = np.isin(parse, (Parse.FACE, *ARM_LABELS))
    if count == 1 or not skin.any():
        return parse
    lab, result = _lab(image) * np.float32(WEIGHTS), parse.copy()
    of_skin = np.median(lab[skin], axis=0)
    for piece in range(1, count):
        left, top, width, height = stats[piece, :4]
        # The top lies above, mostly.
        x, y = max(left - BORDER, 0), max(first + top - 2 * BORDER, 0)
        around = np.s_[y : first + top + height + BORDER, x : left + width + BORDER]
        inside = np.zeros(parse[around].shape, bool)
        own = pieces[top : top + height, left : left + width] == piece
        inside[first + top - y :, left - x :][:height, :width] = own
        cloth = np.isin(parse[around], UPPER_LABELS)
        if not cloth.any():
            continue
        colour, of_cloth = (np.median(lab[around][part], axis=0) for part in (inside, cloth))
        if np.linalg.norm(colour - of_cloth) < NEARER * np.linalg.norm(colour - of_skin):
            result[around][inside] = np.bincount(parse[around][cloth]).argmax()
    return result


def _belly(parse: np.ndarray, image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """bool (H, W): cloth in the colour of face and arms, in rows that have little else across the trunk."""
    cloth, skin = np.isin(parse, (*UPPER_LABELS, *BOTTOM_LABELS)), np.isin(parse, (Parse.FACE, *ARM_LABELS))
    belly, nothing = cloth & _torso(parse.shape, points, BELLY, (0, 0)), np.zeros(parse.shape, bool)
    unit = float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))
    if skin.sum() < parse.size / 500 or not belly.any():
        return nothing
    alike = _distance(_lab(image), skin) < ALIKE
    across = (belly & alike).sum(1) / np.maximum(belly.sum(1), 1)
    bands = np.split(np.arange(len(across)), np.flatnonzero(np.diff(across > ACROSS)) + 1)
    band = max((band for band in bands if across[band[0]] > ACROSS), key=len, default=np.arange(0))
    if len(band) < LEAST_BELLY * unit:
        return nothing
    # Cloth of skin's own colour has no other cloth above and below.
    above, below = max(band[0] - len(band), 0), min(band[-1] + len(band), len(across) - 1)
    if max(across[above], across[below]) > ACROSS / 2 or not belly[[above, below]].any(1).all():
        return nothing
    rows = np.zeros((len(parse), 1), bool)
    rows[band] = True
    return rows & cloth & alike


def _smaller(parse: np.ndarray, image: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same at a quarter of the size."""
    size = (parse.shape[1] // 4, parse.shape[0] // 4)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return cv2.resize(parse, size, interpolation=cv2.INTER_NEAREST), small, (points - 1.5) / 4


def _lab(image: np.ndarray) -> np.ndarray:
    """CIELAB, without the finest detail; float32 (H, W, 3)."""
    smooth = cv2.GaussianBlur(image, (0, 0), max(0.5, 2 * image.shape[1] / CANVAS_WIDTH))
    return cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB).astype(np.float32)


def _distance(lab: np.ndarray, of: np.ndarray) -> np.ndarray:
    """How far each colour is from the median of some, bool (H, W); float32 (H, W)."""
    return np.linalg.norm((lab - np.median(lab[of], axis=0)) * np.float32(WEIGHTS), axis=-1)


def _torso(
    shape: tuple[int, ...], points: np.ndarray, between: tuple[float, float], narrower: tuple[float, float]
) -> np.ndarray:
    """bool (H, W): a part of the torso, between two shares of the way from the shoulders to the hips.

    points: (18, 2) in pixels. narrower: by which share of its half width above and below.
    """
    shoulders, hips = points[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]], points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]]
    lines = [shoulders + share * (hips - shoulders) for share in between]
    corners = [end + less * (line.mean(0) - end) for line, less in zip(lines, narrower, strict=True) for end in line]
    part = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(part, np.int32([corners[0], corners[1], corners[3], corners[2]]), 1)
    return part > 0


def distance_to_bones(points: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """Distance of (N, 2) points to a chain of segments through (M, 2) joints."""
    distances = []
    for start, end in pairwise(joints):
        along = end - start
        share = ((points - start) @ along / max(float(along @ along), 1e-6)).clip(0, 1)
        distances.append(np.linalg.norm(points - start - share[:, None] * along, axis=1))
    return np.min(distances, axis=0)
