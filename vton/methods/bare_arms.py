"""Arms that sleeves hid: as wide as what the photo shows of them, and where it shows them.

Shapes as in `sleeves`.
"""

from itertools import pairwise

import cv2
import numpy as np

from vton.labels import Joint, Region, among
from vton.methods.compose import LOWER
from vton.methods.sleeves import ARM_WIDTHS, ARMS, SKIN, STRIP, along_arm, disc, shoulder_width

OUTLINE = 0.03
"""Unevenness of a sleeve that the arm in it has not, in shoulder widths."""
MEASURED = (0.04, 0.22)
"""How far beyond the sleeve's end an arm's width is measured, in shoulder widths."""
GAP = 0.08
"""Along how much of an arm something else may lie before it, in shoulder widths."""
HAND = 0.85
"""From which part of the forearm on what is bare is a hand, which tells where the arm ends and not how wide it is."""
GIRTH = (0.75, 1.25)
"""How much narrower and wider than usual an arm may be; what is measured beyond is more or less than one arm."""
BETWEEN, BELOW = 0.18, 0.35
"""In shoulder widths: how far beside other skin a shoulder is bare, and how far below the joints."""
LATER = 0.5
"""How far beyond the wrist that was found an arm may go on, in shoulder widths."""
AS_SEEN, UNSEEN = 1.04, 1.12
"""How much room is left about an arm whose width is measured, and about one whose width is not."""


def arms_of_the_photo(labels: np.ndarray, before: np.ndarray, foreground: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Bare arms and neck as the person's outline has them; where sleeves were, as wide as arms are.

    Args:
        labels, before: uint8 (h, w), `Region` beside the garment and of the photo.
        foreground: bool (h, w), where the person is in the photo.
        points: (18, 2) in pixels, complete.

    Returns:
        uint8 (h, w).
    """
    unit = shoulder_width(points)
    within = cv2.GaussianBlur(foreground.astype(np.float32), (0, 0), max(1.0, OUTLINE * unit)) > 0.5
    settled = np.where(among(labels, SKIN) & ~within, np.uint8(Region.BACKGROUND), labels)
    sleeve = before == Region.UPPER
    middle = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP, Joint.NECK]].mean(0)
    for joints, region in zip(ARMS, (Region.RIGHT_ARM, Region.LEFT_ARM), strict=True):
        path, widths, room = _hidden_arm(before == region, points[list(joints)], middle, unit)
        path, widths = _to_the_hand(path, widths, sleeve | (before == region), unit)
        arm, widest = (_tapered(labels.shape, path, widths * factor) for factor in (1.0, room))
        bare = (settled == region) & ~(sleeve & ~widest)
        bare |= arm & within & sleeve & (labels == Region.BACKGROUND)
        settled = np.where(settled == region, np.uint8(Region.BACKGROUND), settled)
        settled = np.where(bare, np.uint8(region), settled)
    return settled


def what_stays(
    shape: np.ndarray, labels: np.ndarray, before: np.ndarray, person: np.ndarray, points: np.ndarray
) -> np.ndarray:
    """Skin and lower body of the photo that the garment does not cover stay, and shoulders that it uncovers are skin.

    Args:
        shape: float32 (h, w) in [0, 1], where the garment is.
        labels, before: uint8 (h, w), `Region` beside the garment and of the photo.
        person: bool (h, w), where the body is, or was to be clothed; about the shoulders nothing else can be there.
        points: (18, 2) in pixels, complete.

    Returns:
        uint8 (h, w).
    """
    unit, bare = shoulder_width(points), shape < 0.5
    settled = np.where(bare & among(labels, SKIN) & among(before, LOWER), before, labels)
    free = bare & (settled == Region.BACKGROUND)
    # A thin rim beside a sleeve is better gone.
    lost = cv2.morphologyEx((free & among(before, SKIN)).view(np.uint8), cv2.MORPH_OPEN, disc(STRIP * unit)) > 0
    settled = np.where(lost, before, settled)
    last = round(points[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER], 1].max() + BELOW * unit)
    if last < 1:
        return settled
    skin = (among(settled[:last], SKIN) & bare[:last]).view(np.uint8)
    joined = cv2.morphologyEx(skin | person[:last], cv2.MORPH_OPEN, disc(STRIP * unit))
    joined &= cv2.dilate(skin, disc(BETWEEN * unit))
    settled[:last][(joined > 0) & free[:last] & person[:last]] = Region.NOISE
    return settled


def _hidden_arm(
    shown: np.ndarray, bones: np.ndarray, middle: np.ndarray, unit: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """The part of an arm that a sleeve hides.

    Args:
        shown: bool (h, w), what the photo shows of the arm.
        bones: (3, 2), shoulder, elbow and wrist. middle: (2,), of the body. unit: width of the shoulders.

    Returns:
        Its middle line, (n, 2), its whole width there, (n,), in pixels, and how much room to leave about it.
    """
    lengths = np.linalg.norm(np.diff(bones, axis=0), axis=1)
    passed = np.array([0, lengths[0], lengths.sum()])
    usual = np.array([ARM_WIDTHS[0][0], (ARM_WIDTHS[0][1] + ARM_WIDTHS[1][0]) / 2, ARM_WIDTHS[1][1]]) * unit
    left, top, width, height = cv2.boundingRect(shown.view(np.uint8))
    if width == 0 or unit < 1:
        return bones, usual, UNSEEN
    corner = np.array([left, top])
    along, across = along_arm(bones - corner, middle - corner, np.array([width, height]))
    here = shown[top : top + height, left : left + width]
    along, across = along[here], across[here]
    begin = _last_run(along, GAP * unit)
    near = (along > begin + MEASURED[0] * unit) & (along < begin + MEASURED[1] * unit)
    if not near.any() or begin <= 0:
        return bones, usual, UNSEEN
    low, high = _edges(along[near], across[near])
    at = begin + sum(MEASURED) / 2 * unit
    if at > passed[1] + HAND * lengths[1]:
        girth, aside, room = 1.0, (low + high) / 2, UNSEEN
    else:
        expected = float(np.interp(at, passed, usual))
        girth, room = float(np.clip((high - low) / expected, *GIRTH)), AS_SEEN
        # Of an arm that is partly behind the body the outer edge is seen, of one before it perhaps both.
        aside = high - girth * expected / 2
    # Beside its bones an arm lies as it does where it is seen, and less so towards the shoulder, where all are alike.
    nearer = np.minimum(passed / at, 1)
    outwards = _outwards(bones, middle) * (aside * nearer)[:, None]
    return bones + outwards, usual * (1 + (girth - 1) * (1 + nearer) / 2), room


def _last_run(along: np.ndarray, gap: float) -> float:
    """Where the last stretch of an arm begins that is shown without a gap; what is shown above may be no arm."""
    lanes = np.sort(along)[len(along) // 100 :]
    breaks = np.flatnonzero(np.diff(lanes) > gap)
    return float(lanes[breaks[-1] + 1] if len(breaks) else lanes[0])


def _to_the_hand(path: np.ndarray, widths: np.ndarray, arm: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """An arm's line and widths, continued beyond the wrist that was found as far as the photo has sleeve or arm there.

    arm: bool (h, w). unit: width of the shoulders.
    """
    axis = path[-1] - path[-2]
    axis = axis / max(float(np.linalg.norm(axis)), 1e-3)
    steps = np.arange(1, max(2, round(LATER * unit)))
    columns, rows = (path[-1] + steps[:, None] * axis).round().astype(int).T
    inside = (columns >= 0) & (columns < arm.shape[1]) & (rows >= 0) & (rows < arm.shape[0])
    there = np.zeros(len(steps), bool)
    there[inside] = arm[rows[inside], columns[inside]]
    more = int(np.argmin(there)) if not there.all() else len(there)
    if more == 0:
        return path, widths
    return np.vstack([path, path[-1] + more * axis]), np.append(widths, widths[-1])


def _edges(along: np.ndarray, across: np.ndarray) -> tuple[float, float]:
    """Median places of an arm's edges, over what lies at the same distance along it."""
    lanes = np.round(along - along.min()).astype(int)
    low, high = np.full(lanes.max() + 1, np.inf), np.full(lanes.max() + 1, -np.inf)
    np.minimum.at(low, lanes, across)
    np.maximum.at(high, lanes, across)
    known = np.isfinite(low)
    return float(np.median(low[known])), float(np.median(high[known]))


def _outwards(bones: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """At each joint, across the arm and away from the body, (3, 2) of length 1."""
    directions = np.diff(bones, axis=0)
    directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-3)
    across = np.stack([directions[:, 1], -directions[:, 0]], 1)
    across *= np.sign((((bones[:-1] + bones[1:]) / 2 - middle) * across).sum(1, keepdims=True))
    joints = np.stack([across[0], across.mean(0), across[1]])
    return joints / np.maximum(np.linalg.norm(joints, axis=1, keepdims=True), 1e-3)


def _tapered(shape: tuple[int, int], path: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """bool (h, w): an arm along its middle line (n, 2), as wide as told at each of its places (n,)."""
    arm = np.zeros(shape, np.uint8)
    for (start, end), (first, last) in zip(pairwise(path.clip(-4000, 4000)), pairwise(widths), strict=True):
        axis = (end - start) / max(float(np.linalg.norm(end - start)), 1e-3)
        out = np.array([axis[1], -axis[0]]) / 2
        corners = np.stack([start + first * out, end + last * out, end - last * out, start - first * out])
        cv2.fillConvexPoly(arm, corners.round().astype(np.int32), 1)
        for place, width in ((start, first), (end, last)):
            cv2.circle(arm, tuple(map(int, place.round())), max(1, round(width / 2)), 1, -1)
    return arm > 0
