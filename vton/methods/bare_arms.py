"""Arms that sleeves hid: as wide as what the photo shows of them, and where it shows them.

Shapes as in `sleeves`.
"""

from itertools import pairwise

import cv2
import numpy as np

from vton.images import box_around
from vton.labels import Joint, Region, among
from vton.methods.compose import LOWER
from vton.methods.sleeves import ARM_WIDTHS, ARMS, SKIN, STRIP, along_arm, disc, shoulder_width

OUTLINE = 0.03
"""Unevenness of a sleeve that the arm in it has not, in shoulder widths."""
MEASURED = (0.04, 0.22)
"""How far beyond the sleeve's end an arm's width is measured, in shoulder widths."""
STEEPEST = 0.25
"""How much wider on one side an arm becomes along its length, at most."""
GAP = 0.08
"""Along how much of an arm something else may lie before it, in shoulder widths."""
SEAM = 0.03
"""How deep a slit or how long a spike may be where seen and unseen parts of an arm meet, in shoulder widths."""
SLEEVE = 0.25
"""How far outside of the bones a sleeve is looked for, in shoulder widths."""
HAND = 0.85
"""From which part of the forearm on what is bare is a hand, which tells where the arm ends and not how wide it is."""
GIRTH = (0.75, 1.25)
"""How much narrower and wider than usual an arm may be; what is measured beyond is more or less than one arm."""
BETWEEN, BELOW = 0.18, 0.35
"""In shoulder widths: how far beside other skin a shoulder is bare, and how far below the joints."""
WRIST, UNCOVERED = 0.15, 0.35
"""How near to wrist and elbow what is seen of an arm reaches where the hand is seen, and where the forearm is too, in
shoulder widths; and how much of an elbow is bare at least whose forearm is."""
NOTCH = 0.06
"""Radius of the widest notch between sleeve and arm that is filled, in shoulder widths."""
ARM_REGIONS = (Region.RIGHT_ARM, Region.LEFT_ARM)
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
    for joints, region in zip(ARMS, ARM_REGIONS, strict=True):
        path, widths, room = _hidden_arm(before == region, sleeve, points[list(joints)], middle, unit)
        path, widths = _to_the_hand(path, widths, sleeve | (before == region), unit)
        arm, widest = (_tapered(labels.shape, path, widths * factor) for factor in (1.0, room))
        bare = (settled == region) & ~(sleeve & ~widest)
        bare |= arm & within & sleeve & (labels == Region.BACKGROUND)
        bare = _joined(bare, before == region, SEAM * unit)
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
    # A thin rim beside a sleeve is better gone; a notch between its end and the arm is not.
    lost = cv2.morphologyEx((free & among(before, SKIN)).view(np.uint8), cv2.MORPH_OPEN, disc(STRIP * unit))
    solid = cv2.morphologyEx((~free).view(np.uint8), cv2.MORPH_CLOSE, disc(NOTCH * unit))
    settled = np.where((lost | (solid * free * among(before, ARM_REGIONS))) > 0, before, settled)
    last = round(points[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER], 1].max() + BELOW * unit)
    if last < 1:
        return settled
    skin = (among(settled[:last], SKIN) & bare[:last]).view(np.uint8)
    joined = cv2.morphologyEx(skin | person[:last], cv2.MORPH_OPEN, disc(STRIP * unit))
    joined &= cv2.dilate(skin, disc(BETWEEN * unit))
    settled[:last][(joined > 0) & free[:last] & person[:last]] = Region.NOISE
    return settled


def forearms_in_front(
    shape: np.ndarray, labels: np.ndarray, before: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Forearms that a shorter sleeve uncovers are in front of the garment where their hands are; shape and labels.

    shape: float32 (h, w) in [0, 1], where the garment is. labels, before: uint8 (h, w), `Region` beside the garment and
    of the photo. points: (18, 2) in pixels, complete.
    """
    unit = shoulder_width(points)
    middle = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP, Joint.NECK]].mean(0)
    for joints, region in zip(ARMS, ARM_REGIONS, strict=True):
        hand, bones = before == region, points[list(joints)]
        if not _at(hand, bones[2], WRIST * unit) or _at(hand, bones[1], WRIST * unit):
            continue
        path, widths, _ = _hidden_arm(hand, before == Region.UPPER, bones, middle, unit)
        elbow = int(np.argmin(np.linalg.norm(path - bones[1], axis=1)))
        about = _tapered(shape.shape, path[elbow : elbow + 1].repeat(2, 0), widths[elbow : elbow + 1].repeat(2))
        if not about.any() or (shape[about] > 0.5).mean() > 1 - UNCOVERED:
            continue
        forearm = _tapered(shape.shape, path[elbow:], widths[elbow:]) & ((before == Region.UPPER) | hand)
        covered = forearm & (shape > 0.5)
        if not covered.any():
            continue
        shape = np.minimum(shape, 1 - cv2.GaussianBlur(forearm.astype(np.float32), (0, 0), 0.7))
        labels = np.where(forearm, np.uint8(region), labels)
    return shape, labels


def _at(region: np.ndarray, place: np.ndarray, radius: float) -> bool:
    """Whether a region, bool (h, w), reaches to a place (2,)."""
    low = np.floor(place - radius).clip(0, region.shape[::-1]).astype(int)
    high = np.ceil(place + radius).clip(0, region.shape[::-1]).astype(int)
    return bool(region[low[1] : high[1], low[0] : high[0]].any())


def _hidden_arm(
    shown: np.ndarray, sleeve: np.ndarray, bones: np.ndarray, middle: np.ndarray, unit: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """The part of an arm that a sleeve hides.

    Args:
        shown: bool (h, w), what the photo shows of the arm. sleeve: bool (h, w), where the top is.
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
    around = np.s_[top : top + height, left : left + width]
    here, beside = shown[around], sleeve[around] & (across > 0) & (across < SLEEVE * unit)
    covered = along[beside]
    along, across = along[here], across[here]
    begin = _beyond(covered, along[across > 0], _last_run(along, GAP * unit), GAP * unit)
    near = (along > begin + MEASURED[0] * unit) & (along < begin + MEASURED[1] * unit)
    if not near.any() or begin <= 0:
        return bones, usual, UNSEEN
    low, high = _edges(along[near], across[near], begin)
    at = begin
    if at > passed[1] + HAND * lengths[1]:
        girth, aside, room = 1.0, (low + high) / 2, UNSEEN
    else:
        expected = float(np.interp(at, passed, usual))
        girth, room = float(np.clip((high - low) / expected, *GIRTH)), AS_SEEN
        # Of an arm that is partly behind the body the outer edge is seen, of one before it perhaps both.
        aside = high - girth * expected / 2
    # Beside its bones an arm lies as it does where it is seen, and less so towards the shoulder, where all are alike.
    places = np.unique([*passed, min(at, passed[-1])])
    line, sideways = (
        np.stack([np.interp(places, passed, values) for values in vectors.T], 1)
        for vectors in (bones, _outwards(bones, middle))
    )
    nearer = np.minimum(places / at, 1)
    widths = np.interp(places, passed, usual) * (1 + (girth - 1) * (1 + nearer) / 2)
    return line + sideways * (aside * nearer)[:, None], widths, room


def _last_run(along: np.ndarray, gap: float) -> float:
    """Where the last stretch of an arm begins that is shown without a gap; what is shown above may be no arm."""
    lanes = np.sort(along)[len(along) // 100 :]
    breaks = np.flatnonzero(np.diff(lanes) > gap)
    return float(lanes[breaks[-1] + 1] if len(breaks) else lanes[0])


def _joined(bare: np.ndarray, shown: np.ndarray, radius: float) -> np.ndarray:
    """An arm, bool (h, w), without slit or spike where its new part meets what the photo shows of it, bool (h, w)."""
    new = bare & ~shown
    if not new.any() or not (bare & shown).any():
        return bare
    # Only about where both are is there a seam.
    left, top, width, height = cv2.boundingRect(new.view(np.uint8))
    room = round(6 * radius) + 2
    around = np.s_[max(0, top - room) : top + height + room, max(0, left - room) : left + width + room]
    part, seen = new[around].view(np.uint8), (bare & shown)[around].view(np.uint8)
    seam = cv2.dilate(part, disc(2 * radius)) & cv2.dilate(seen, disc(2 * radius))
    rows, columns = box_around(seam, round(3 * radius) + 2)
    arm = (part | seen)[rows, columns]
    if arm.size == 0:
        return bare
    even = cv2.morphologyEx(cv2.morphologyEx(arm, cv2.MORPH_CLOSE, disc(radius)), cv2.MORPH_OPEN, disc(radius))
    joined = bare.copy()
    joined[around][rows, columns] = np.where(seam[rows, columns] > 0, even, arm) > 0
    return joined


def _beyond(covered: np.ndarray, bare: np.ndarray, begin: float, gap: float) -> float:
    """Where a sleeve ends of which the arm looks out on one side.

    covered, bare: how far along the arm the sleeve's and the arm's pixels are, on the side away from the body.
    begin: where the arm begins to be seen. gap: longest stretch without a sleeve within it.
    """
    lanes = int(max(covered.max(initial=0), bare.max(initial=0), begin)) + 2
    hidden, seen = (np.bincount(side[side >= 0].astype(int), minlength=lanes) for side in (covered, bare))
    inside = np.flatnonzero(hidden > seen)
    for lane in inside[inside >= begin]:
        if lane - begin > gap:
            break
        begin = float(lane)
    return begin


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


def _edges(along: np.ndarray, across: np.ndarray, begin: float) -> tuple[float, float]:
    """Where an arm's edges would meet the sleeve's end, `begin`, if they went on as they do below it."""
    first = along.min()
    lanes = np.round(along - first).astype(int)
    low, high = np.full(lanes.max() + 1, np.inf), np.full(lanes.max() + 1, -np.inf)
    np.minimum.at(low, lanes, across)
    np.maximum.at(high, lanes, across)
    known = np.flatnonzero(np.isfinite(low))
    if len(known) < 3:
        return float(np.median(low[known])), float(np.median(high[known]))
    ends = []
    for edge in (low[known], high[known]):
        slope = float(np.clip(np.polyfit(known, edge, 1)[0], -STEEPEST, STEEPEST))
        ends.append(float(np.median(edge - slope * known)) + slope * (begin - first))
    return ends[0], ends[1]


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
