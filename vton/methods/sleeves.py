"""Arms and the sleeves over them, once a new garment is worn: arms as the photo has them.

Everywhere shape is float32 (h, w) in [0, 1], where the garment is; labels and before are uint8 (h, w), `Region` of what
is there otherwise and of the photo; points are (18, 2), complete keypoints in pixels of those maps.
"""

from itertools import pairwise

import cv2
import numpy as np

from vton.labels import DENSEPOSE_PARTS, Joint, Region, among

ARMS = (
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
    (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
)
TRUNK_PARTS = tuple(number for number, name in enumerate(DENSEPOSE_PARTS) if "torso" in name or "upper arm" in name)
"""DensePose parts that every top is about."""
SKIN = (Region.LEFT_ARM, Region.RIGHT_ARM, Region.NOISE)
ARM_REGIONS = (Region.LEFT_ARM, Region.RIGHT_ARM)
ARM_WIDTHS = ((0.29, 0.24), (0.23, 0.16))
"""Of upper arm and forearm at their ends, in shoulder widths."""
STRIP = 0.045
"""Half the width of a strip of skin beside a sleeve, in shoulder widths."""
LEAST_BEND, FAN = 0.2, 0.6
"""From which angle on an elbow is bent, in radians; and over which share of the shorter bone a sleeve gives up what
fans out around it."""
LEAST_HAND = 0.03
"""Area of a hand or of an arm's bare part at least, in squared shoulder widths."""
SHOULDER, LEAST_BARE = 0.6, 0.06
"""Down to which share of the upper arm what is bare may be a shoulder above a sleeve; and along how much of an arm it
is bare at least, in shoulder widths."""
SLEEVE_WIDER, SPLINTER = 0.12, 0.02
"""In torso lengths: how much wider a sleeve may become to cover an arm, and half the width of skin beside it that is no
arm or neck."""


def along_arm(bones: np.ndarray, middle: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far along an arm's bones each pixel lies, and how far out of them, away from the body's middle; (h, w).

    Around a bent elbow what is outside of both bones lies at the elbow, as far out as it is away from it.
    """
    columns, rows = np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32)[:, None]
    along, across, nearest = None, None, None
    passed = 0.0
    for number, (start, end) in enumerate(pairwise(bones.astype(np.float32))):
        length = max(float(np.linalg.norm(end - start)), 1e-3)
        x, y = (end - start) / np.float32(length)
        side = np.sign(np.array([y, -x]) @ ((start + end) / 2 - middle)) or 1.0
        s = (columns - start[0]) * x + (rows - start[1]) * y
        u = (columns - start[0]) * np.float32(side * y) - (rows - start[1]) * np.float32(side * x)
        away = u * u + np.square(s - s.clip(0, length))
        # At its free end a bone goes on.
        bound = s.clip(None, length) if number == 0 else s.clip(0, None)
        out = np.copysign(np.sqrt(u * u + np.square(s - bound)), u)
        if nearest is None:
            along, across, nearest = bound, out, away
        else:
            closer = away < nearest
            along, across = np.where(closer, bound + np.float32(passed), along), np.where(closer, out, across)
        passed += length
    return along, across


def fanned_out(along: np.ndarray, bones: np.ndarray) -> np.ndarray:
    """How far along a bent arm its sleeve is read: on the outer side of the elbow cloth fans out.

    Where `along_arm` puts all that is outside of both bones at the elbow, as much of the sleeve is shown as the arc is
    long there, which upper arm and forearm beside it give up.

    Args:
        along: float32 (h, w), as from `along_arm`. bones: (3, 2) in its pixels.
    """
    upper, lower = np.diff(bones, axis=0)
    lengths = np.maximum(np.linalg.norm([upper, lower], axis=1), 1e-3)
    first, second = upper / lengths[0], lower / lengths[1]
    turn = first[0] * second[1] - first[1] * second[0]
    bend = float(np.arctan2(abs(turn), first @ second))
    if not LEAST_BEND < bend < np.pi - LEAST_BEND:
        return along
    # Away from where the arm turns to, across the first and the second bone.
    outwards = [np.sign(turn) * np.array([y, -x]) for x, y in (first, second)]
    height, width = along.shape
    x = np.arange(width, dtype=np.float32) - np.float32(bones[1, 0])
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32(bones[1, 1])
    ahead, aside, back, far = (
        x * np.float32(a) + y * np.float32(b) for a, b in (first, outwards[0], second, outwards[1])
    )
    corner = (ahead >= 0) & (back <= 0)
    beyond = along - np.float32(lengths[0])
    out = np.where(corner, np.hypot(x, y), np.where(beyond < 0, aside, far)).clip(0, None)
    reach = np.float32(FAN * lengths.min())
    arc = np.minimum(bend * out, reach)
    straight = np.sign(beyond) * np.where(
        np.abs(beyond) < reach, arc / 2 + np.abs(beyond) * (1 - arc / (2 * reach)), np.abs(beyond)
    )
    turned = (np.arctan2(ahead, aside) / bend - 0.5).clip(-0.5, 0.5) * arc
    return (np.where(corner, turned, straight) + lengths[0]).astype(np.float32)


def bare_to_the_hand(
    shape: np.ndarray, labels: np.ndarray, before: np.ndarray, points: np.ndarray, long: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """An arm that is bare in the photo stays bare, and in front, from the new cuff to the hand; shape and labels.

    shape: float32 (h, w) in [0, 1]; labels, before: uint8 (h, w), `Region`; points: (18, 2) in pixels, complete; long:
    whether the garment's picture shows long sleeves, so that what is bare above more of them is a rim beside them.
    """
    shape, labels, unit = shape.copy(), labels.copy(), shoulder_width(points)
    middle = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP, Joint.NECK]].mean(0)
    for joints, region in zip(ARMS, (Region.RIGHT_ARM, Region.LEFT_ARM), strict=True):
        bones, arm = points[list(joints)], before == region
        left, top, width, height = cv2.boundingRect(arm.view(np.uint8))
        if width == 0:
            continue
        around, corner = np.s_[top : top + height, left : left + width], np.array([left, top])
        along, _ = along_arm(bones - corner, middle - corner, np.array([width, height]))
        own = arm[around]
        least = SHOULDER * float(np.linalg.norm(bones[1] - bones[0]))
        cuff = _bare_from(along[own], shape[around][own], unit, least, long)
        if cuff is None:
            continue
        front = own & (along > cuff + 0.05 * unit)
        soft = cv2.GaussianBlur(front.astype(np.float32), (0, 0), 0.7)
        shape[around] = np.minimum(shape[around], 1 - soft)
        labels[around][front] = region
    return shape, labels


def _bare_from(along: np.ndarray, covered: np.ndarray, unit: float, least: float, last: bool) -> float | None:
    """How far along an arm its bare part begins; None where it has none.

    along, covered: (n,), of the arm's pixels in the photo: how far along it they are, and how much garment is there.
    least: where a bare part has to reach to be more than a shoulder. last: of several, the one that is meant.
    """
    first = float(along.min())
    lanes = (along - first).astype(int)
    count = np.bincount(lanes)
    share = np.bincount(lanes, covered > 0.5, len(count)) / np.maximum(count, 1)
    # Lanes without any of the arm are as their neighbours.
    known = np.flatnonzero(count)
    bare = np.interp(np.arange(len(count)), known, share[known]) < 0.5
    runs = np.split(np.arange(len(bare)), np.flatnonzero(np.diff(bare)) + 1)
    for run in reversed(runs) if last else runs:
        if bare[run[0]] and len(run) > LEAST_BARE * unit and first + run[-1] > least:
            return first + float(run[0])
    return None


def without_bare_patches(
    shape: np.ndarray, labels: np.ndarray, before: np.ndarray, foreground: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Bits of bare arm above or beside a sleeve become garment, or backdrop outside the person's outline.

    Args:
        shape: float32 (h, w) in [0, 1], where the garment is.
        labels, before: uint8 (h, w), `Region` of what is there otherwise, and of the photo.
        foreground: bool (h, w), where the person is in the photo.
        points: (18, 2) in pixels, complete.

    Returns:
        shape and labels.
    """
    unit, length = shoulder_width(points), torso_length(points)
    bare = among(labels, ARM_REGIONS) & (shape < 0.5)
    lower = np.zeros(labels.shape, np.uint8)
    for shoulder, elbow, wrist in ARMS:
        bones = np.stack([(points[shoulder] + points[elbow]) / 2, points[elbow], points[wrist]])
        cv2.polylines(lower, [bones.clip(-4000, 4000).astype(np.int32)], False, 1, max(1, round(0.12 * unit)))
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(bare.astype(np.uint8), connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < LEAST_HAND * unit**2
    whole = np.isin(pieces, np.unique(pieces[(lower > 0) & bare])) & bare & ~small[pieces]
    # Of an arm that is whole, a strip may still run up along the sleeve.
    thick = cv2.morphologyEx(whole.astype(np.uint8), cv2.MORPH_OPEN, disc(STRIP * unit)) > 0
    arm = thick if thick.any() else whole
    away, to_arm = (cv2.distanceTransform((~part).astype(np.uint8), cv2.DIST_L2, 5) for part in (shape > 0.5, arm))
    newly = ~among(before, ARM_REGIONS)
    strip = whole & newly & (to_arm > STRIP * unit) & (away < to_arm)
    small_bits = ~whole & (newly | small[pieces] | _about_shoulders(shape.shape, points))
    stray = bare & (away < SLEEVE_WIDER * length) & (small_bits | strip) & ~_below_the_cuffs(labels, arm, points)
    covered = np.maximum(shape, cv2.GaussianBlur((stray & foreground).astype(np.float32), (0, 0), 0.7) * (shape < 0.5))
    return np.maximum(covered, stray & foreground), np.where(stray & ~foreground, np.uint8(Region.BACKGROUND), labels)


def _below_the_cuffs(labels: np.ndarray, bare: np.ndarray, points: np.ndarray) -> np.ndarray:
    """bool (h, w): arms further down than where they begin to be bare; beside a wide top little of them may be seen."""
    below = np.zeros(labels.shape, bool)
    middle = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP, Joint.NECK]].mean(0)
    for joints, region in zip(ARMS, (Region.RIGHT_ARM, Region.LEFT_ARM), strict=True):
        left, top, width, height = cv2.boundingRect((labels == region).view(np.uint8))
        around, corner = np.s_[top : top + height, left : left + width], np.array([left, top])
        own = labels[around] == region
        if not (own & bare[around]).any():
            continue
        along, _ = along_arm(points[list(joints)] - corner, middle - corner, np.array([width, height]))
        begin = np.percentile(along[own & bare[around]], 5)
        below[around] = own & (along > begin + STRIP * shoulder_width(points))
    return below


def _about_shoulders(shape: tuple[int, int], points: np.ndarray) -> np.ndarray:
    """bool (h, w): nearer to a shoulder than half an upper arm."""
    about = np.zeros(shape, np.uint8)
    for joint in (Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER):
        place = points[joint].clip(-4000, 4000).astype(int)
        cv2.circle(about, tuple(map(int, place)), max(1, round(0.4 * shoulder_width(points))), 1, -1)
    return about > 0


def over_the_arms(shape: np.ndarray, labels: np.ndarray, before: np.ndarray, length: float) -> np.ndarray:
    """Widen sleeves over what would else stick out of them of an arm or shoulder that is bare in the photo.

    shape: float32 (h, w) in [0, 1]; labels, before: uint8 (h, w), `Region`; length: of the torso in pixels.
    """
    worn, skin = shape > 0.5, among(labels, SKIN) & (shape < 0.5)
    # A parse that is unsure along an edge leaves splinters of skin there.
    bare = cv2.morphologyEx(skin.view(np.uint8), cv2.MORPH_OPEN, disc(SPLINTER * length)) > 0
    out = among(before, SKIN) & ((labels == Region.BACKGROUND) | (skin & ~bare)) & ~worn
    if not out.any() or not worn.any() or not bare.any():
        return shape
    to_worn, to_bare = (cv2.distanceTransform((~part).astype(np.uint8), cv2.DIST_L2, 5) for part in (worn, bare))
    out &= (to_worn < to_bare) & (to_worn < SLEEVE_WIDER * length)
    return np.maximum(shape, cv2.GaussianBlur(out.astype(np.float32), (0, 0), 0.7) * (shape < 0.5))


def torso_length(points: np.ndarray) -> float:
    """Neck to mid-hip, and no less than the shoulders are wide; in pixels."""
    hips = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0)
    return max(float(np.linalg.norm(hips - points[Joint.NECK])), shoulder_width(points), 1.0)


def shoulder_width(points: np.ndarray) -> float:
    """In pixels."""
    return float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))


def disc(radius: float) -> np.ndarray:
    """A structuring element."""
    half = max(1, round(radius))
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * half + 1,) * 2)
