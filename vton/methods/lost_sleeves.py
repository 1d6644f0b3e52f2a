"""Sleeves that the condition generator lost: drawn on the arms where the garment's picture shows them.

Cap sleeves that hang close to the body look much like a sleeveless top at the network's size, and of long sleeves it
loses parts on arms that are bent or turned away. The outline at full size tells how far they reach.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from vton.labels import Joint, Parse, Region
from vton.methods.compact_inputs import complete_keypoints
from vton.methods.continued import continued_flow
from vton.methods.folded_sleeves import is_folded
from vton.methods.long_sleeves import long_sleeves_of, read_sleeve
from vton.methods.remember import remembered
from vton.methods.sleeves import ARM_REGIONS, ARM_WIDTHS, ARMS, along_arm, disc, fanned_out, shoulder_width
from vton.preprocess.regions import large_pieces
from vton.preprocess.sleeve_outline import (
    SleeveOutline,
    bent_sleeves,
    short_sleeve_outlines,
    touching_sleeve_outlines,
)
from vton.types import CANVAS_HEIGHT, Garment, Person

LEAST = 12
"""Narrowest shoulders, in pixels of the target parse, on whose arms anything is drawn."""
CHEST = (0.15, 0.7)
"""Which rows between neck and hips tell the garment's scale, as shares of that way."""
WHOLE = 0.5
"""Which share of an arm's width is covered where its sleeve is there, if narrower than the arm."""
CORE, LOST, TORN = 0.06, 0.35, 0.92
"""How far from the bones a sleeve is looked for, in shoulder widths, and which share of it is there where a short one
is not lost, and a long one not torn."""
LOST_SHOULDER = 0.8
"""Which share of the arm above the armpit is covered at least where a long sleeve begins there, and not above."""
SHORTEST, FURTHEST = 0.2, 0.95
"""How far down the arm a short sleeve ends at least, in shoulder widths, and at most, as a share of the upper arm."""
LEAST_LONG = 0.72
"""How long a long sleeve is from the shoulder on at least, in sides of the square with the garment's area."""
ARMPIT, WRIST, ALMOST = 0.32, 0.98, 0.8
"""How far down the arm the armpit is, in shoulder widths; and, as shares of the arm, where a long sleeve ends at most,
and from where on it ends there."""
SEEN = 0.3
"""Confidence above which keypoints say where an arm is."""
ROOM, WIDEST = 1.12, 1.7
"""How wide a sleeve is at least and at most, for each of the arm's width."""
NARROW, WIDENS = 0.4, 0.45
"""How much of its width a sleeve has where something is added to it first, and over how much of the arm it widens, in
shoulder widths: no ledge shows there."""
ABOVE = 0.12
"""How far above the shoulder's joint a sleeve begins, in shoulder widths."""
BEYOND = 0.08
"""How far beyond the person's outline in the photo a sleeve reaches, in shoulder widths."""
IN_FRONT = (Region.NOISE, Region.HAIR, Region.FACE)
UPPER_PART = 0.2
"""How far below the armpits the lower part of a bent sleeve begins, in sides of the square with the garment's area."""
SIDE = 0.4
"""How far beside the bones anything is drawn at most, in shoulder widths."""


@remembered
def long_sleeves_from_the_shoulder(garment: Garment) -> tuple[SleeveOutline | None, SleeveOutline | None]:
    """Long sleeves from the shoulder on, apart from the body or touching it; above where they begin they lie straight.

    Where one is seen, the other is its mirror image.
    """
    outlines = long_sleeves_of(garment)
    if outlines == (None, None):
        outlines = touching_sleeve_outlines(garment.mask)
    seen = [found and _from_the_shoulder(found, garment.mask) for found in outlines]
    seen = [found if found is not None and _path_length(found) > LEAST_LONG * found.unit else None for found in seen]
    per_column = np.cumsum(garment.mask.sum(0))
    axis = 2 * float(np.searchsorted(per_column, per_column[-1] / 2))
    mirrored = [
        found and replace(found, middles=np.float32(found.middles * (-1, 1) + (axis, 0))) for found in reversed(seen)
    ]
    return tuple(own or other for own, other in zip(seen, mirrored, strict=True))


def _path_length(sleeve: SleeveOutline) -> float:
    return float(np.linalg.norm(np.diff(sleeve.middles, axis=0), axis=1).sum())


def _from_the_shoulder(sleeve: SleeveOutline, mask: np.ndarray) -> SleeveOutline:
    x, y = sleeve.middles[0]
    column = mask[:, int(np.clip(round(x), 0, mask.shape[1] - 1))] > 0.5
    top = float(column.argmax()) if column.any() else y
    steps = np.linalg.norm(np.diff(sleeve.middles, axis=0), axis=1)
    count = int((y - top) / max(float(steps.mean()), 1))
    above = np.stack([np.full(count, x), np.linspace(top, y, count, endpoint=False)], 1)
    halves = np.concatenate([np.full(count, sleeve.halves[0]), sleeve.halves])
    return SleeveOutline(np.float32(np.vstack([above, sleeve.middles])), np.float32(halves), sleeve.unit)


@remembered
def _short_sleeves_of(garment: Garment) -> tuple[SleeveOutline | None, SleeveOutline | None]:
    return short_sleeve_outlines(garment.mask)


@dataclass(frozen=True, eq=False)
class _Arm:
    """One arm about which a target parse, float32 (13, h, w), was looked at.

    zone: the rows and columns about it. along, across: float32 (h, w), how far along its bones a pixel of these lies,
    and how far outside of them. fanned: as from `fanned_out`. width: float32 (h, w), half that of the arm. lengths: of
    the upper arm and of both. hand: from where along it the photo shows its skin. unit: width of the shoulders. sign:
    -1 for the arm to the left in the picture, 1 for the other. worn, front: float32 (h, w) in [0, 1], where the parse
    has the garment and what is in front of it. Lengths in its pixels.
    """

    zone: tuple[slice, slice]
    along: np.ndarray
    across: np.ndarray
    fanned: np.ndarray
    width: np.ndarray
    lengths: tuple[float, float]
    hand: float
    unit: float
    sign: int
    worn: np.ndarray
    front: np.ndarray


def without_bent_sleeves(garment: Garment) -> tuple[Garment, Garment]:
    """The garment without sleeves that are laid so that they and the body have one outline, and without their lower
    parts alone; twice the garment itself where there are none.

    Such a hoodie looks like a cape, which the condition generator lays down far too small. What it says of the body
    alone may read a little beside it, on the chest; the sleeves `with_lost_sleeves` draws.
    """
    whole = bent_sleeves(garment.mask)
    if whole is None:
        return garment, garment
    cut = (whole, bent_sleeves(garment.mask, UPPER_PART))
    return tuple(replace(garment, mask=np.where(sleeves, np.float32(0), garment.mask)) for sleeves in cut)


def with_lost_sleeves(
    target: np.ndarray, mask: np.ndarray, flow: np.ndarray, person: Person, garment: Garment
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the sleeves that a garment's picture has and the target parse has not, and anew what the warp folds.

    Args:
        target: float32 (13, h, w) in [0, 1], probabilities of `Region` on the canvas.
        mask: float32 (1024, 768) in [0, 1], the garment's mask read along the flow.
        flow: float32 (1024, 768, 2), canvas pixels of the garment's picture.
        person: who wears it. garment: what is worn.

    Returns:
        The three with the sleeves; as they were, where none is lost.
    """
    sleeves, long, step = long_sleeves_from_the_shoulder(garment), True, CANVAS_HEIGHT // target.shape[1]
    if None in sleeves:
        sleeves, long = _short_sleeves_of(garment), False
    if None in sleeves:
        return target, mask, flow
    # In pixels of the target parse, whose middles lie between those of the canvas.
    points = (complete_keypoints(person.keypoints)[:, :2] - (step - 1) / 2) / step
    unit, scale = shoulder_width(points), _scale(flow[::step, ::step, 0], mask[::step, ::step], points)
    if unit < LEAST or scale is None:
        return target, mask, flow
    arms = [points[list(joints)] for joints in ARMS]
    seen = [_is_known(person, list(joints)) for joints in ARMS]
    reaches = _reaches(sleeves, arms, seen, long, scale)
    lost = (
        _is_lost(target, bones, reach, long, unit)
        for bones, reach, known in zip(arms, reaches, seen, strict=True)
        if known
    )
    small = flow[::step, ::step] / step, mask[::step, ::step]
    folded = [long and known and is_folded(*small, bones, unit) for bones, known in zip(arms, seen, strict=True)]
    # Where one is lost the other is hardly whole.
    if not (any(folded) or any(lost)):
        return target, mask, flow
    middle = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP, Joint.NECK]].mean(0)
    # A hand in a pocket is not where its wrist was taken to be.
    body = cv2.dilate((person.parse[::step, ::step] != Parse.BACKGROUND).view(np.uint8), disc(BEYOND * unit)) > 0
    drawn = []
    for bones, sleeve, reach, known, anew, sign in zip(arms, sleeves, reaches, seen, folded, (-1, 1), strict=True):
        shown = person.parse[::step, ::step] == (Parse.RIGHT_ARM if sign < 0 else Parse.LEFT_ARM)
        arm = _look_at(target, shown, bones, middle, unit, sign)
        if arm is not None and known:
            arm = replace(arm, worn=np.where(arm.along < ARMPIT * unit, arm.worn, 0)) if anew else arm
            inside, read = (_long if long else _short)(arm, sleeve, reach, scale, garment.mask)
            drawn.append((arm, inside & body[arm.zone], read))
    return _with(drawn, target, mask, flow, garment)


def _is_known(person: Person, joints: list[int]) -> bool:
    """Whether shoulder and elbow are seen, and the wrist is, or is in a pocket: hidden, on the body."""
    shoulder, elbow, wrist = person.keypoints[joints]
    column, row = wrist[:2].astype(int)
    height, width = person.parse.shape
    hidden = 0 < column < width and 0 < row < height and person.parse[row, column] != Parse.BACKGROUND
    return bool(min(shoulder[2], elbow[2]) > SEEN and (wrist[2] > SEEN or hidden))


def _with(
    drawn: list[tuple[_Arm, np.ndarray, np.ndarray]],
    target: np.ndarray,
    mask: np.ndarray,
    flow: np.ndarray,
    garment: Garment,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parse, mask and flow with sleeves: arms, what is added about each, and the pixels of the picture there.

    Beside what there is of a sleeve, its own cloth goes on.
    """
    step, said, covered, far = CANVAS_HEIGHT // target.shape[1], target.copy(), mask.copy(), np.zeros(mask.shape, bool)
    result, narrow = flow.copy(), False
    for arm, inside, read in drawn:
        for plane in said:
            plane[arm.zone][inside] = 0
        said[Region.UPPER][arm.zone][inside] = 1
        alone = ~_beside_sleeve(arm)
        shown, lone, read = (
            cv2.resize(plane, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
            for plane in (inside.astype(np.float32), (inside & alone).astype(np.float32), read)
        )
        whole = tuple(slice(step * side.start, step * side.stop) for side in arm.zone)
        result[whole][lone > 0.5] = read[lone > 0.5]
        far[whole] |= lone > 0.5
        narrow |= bool((inside & ~alone).any())
        covered[whole] = np.maximum(covered[whole], shown)
    if narrow:
        result = continued_flow(result, np.where(far, np.float32(1), mask), covered, garment)
    return said, covered, result


def _beside_sleeve(arm: _Arm) -> np.ndarray:
    """Where about an arm, bool (h, w), its sleeve is there for the most part."""
    lane = np.round(arm.along).astype(int).clip(0)
    core = np.abs(arm.across) < arm.width
    total, worn = (np.bincount(lane[core], weights[core], lane.max() + 1) for weights in (arm.worn * 0 + 1, arm.worn))
    return (worn > WHOLE * np.maximum(total, 1))[lane]


def _look_at(
    target: np.ndarray, shown: np.ndarray, bones: np.ndarray, middle: np.ndarray, unit: float, sign: int
) -> _Arm | None:
    """An arm with bones (3, 2) of a body about `middle`; None where next to nothing of it is in the picture.

    shown: bool (h, w), what the photo shows of its skin.
    """
    low = np.floor(bones.min(0) - SIDE * unit).clip(0, target.shape[:0:-1]).astype(int)
    high = np.ceil(bones.max(0) + SIDE * unit).clip(0, target.shape[:0:-1]).astype(int)
    if (high - low).min() < LEAST:
        return None
    zone = np.s_[low[1] : high[1], low[0] : high[0]]
    along, across = along_arm(bones - low, middle - low, high - low)
    upper, lower = (float(length) for length in np.linalg.norm(np.diff(bones, axis=0), axis=1))
    widths = [ARM_WIDTHS[0][0], ARM_WIDTHS[0][1], ARM_WIDTHS[1][1]]
    width = np.interp(along, (0, upper, upper + lower), widths) * unit / 2
    planes = (target[(list(regions), *zone)].sum(0) for regions in ((Region.UPPER,), IN_FRONT))
    # Specks of skin on a sleeve are no hand.
    skin = along[large_pieces(shown[zone], 1)]
    hand = float(np.percentile(skin, 10)) if len(skin) else np.inf
    fanned = fanned_out(along, bones - low)
    return _Arm(zone, along, across, fanned, width, (upper, upper + lower), hand, unit, sign, *planes)


def _reaches(
    sleeves: tuple[SleeveOutline, SleeveOutline], arms: list[np.ndarray], seen: list[bool], long: bool, scale: float
) -> list[float]:
    """How far down each arm its sleeve reaches, in pixels of the parse.

    Both long sleeves cover the same part of their arms, that of the arm which is seen longer against it: the other is
    bent towards the camera or away.
    """
    if not long:
        return [float(np.linalg.norm(sleeve.middles[-1] - sleeve.middles[0])) / scale for sleeve in sleeves]
    lengths = [float(np.linalg.norm(np.diff(bones, axis=0), axis=1).sum()) for bones in arms]
    shares = [_path_length(sleeve) / scale / max(length, 1.0) for sleeve, length in zip(sleeves, lengths, strict=True)]
    share = max((share for share, known in zip(shares, seen, strict=True) if known), default=0.0)
    return [share * length for length in lengths]


def _is_lost(target: np.ndarray, bones: np.ndarray, reach: float, long: bool, unit: float) -> bool:
    """Whether along an arm's bones, (3, 2), next to nothing of a short sleeve is there, or not all of a long one."""
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(bones, axis=0), axis=1))])
    begin, end = _extent(reach, long, tuple(lengths[1:]), np.inf, unit)
    along = np.arange(begin, end)
    line = np.stack([np.interp(along, lengths, bones[:, axis]) for axis in (0, 1)], 1)
    aside = np.gradient(line, axis=0)[:, ::-1] * (-1, 1) if len(line) > 1 else np.zeros_like(line)
    places = np.concatenate([line + share * CORE * unit * aside for share in (-1, 0, 1)]).round().astype(int)
    places = places[((places >= 0) & (places < target.shape[:0:-1])).all(1)]
    if len(places) == 0:
        return False
    columns, rows = places.T
    worn = (target[Region.UPPER, rows, columns] > 0.5).mean()
    if long:
        return bool(worn < TORN)
    bare = (target[list(ARM_REGIONS)][:, rows, columns].sum(0) > 0.5).mean()
    return bool(worn < LOST and bare > LOST)


def _extent(reach: float, long: bool, lengths: tuple[float, float], hand: float, unit: float) -> tuple[float, float]:
    """From where to where along an arm a sleeve is drawn.

    reach: as from `_reaches`. lengths: of the upper arm and of both. hand: from where along the arm the photo shows its
    skin. unit: width of the shoulders.
    """
    if not long:
        return 0.0, min(max(reach, SHORTEST * unit), FURTHEST * lengths[0])
    whole = WRIST * lengths[1]
    # Below a long sleeve in the photo the hand tells more than the wrist that was found.
    if hand > ALMOST * lengths[1]:
        whole = min(whole, hand)
    end = whole if reach > ALMOST * lengths[1] else min(reach, whole)
    return ARMPIT * unit, max(end, (ARMPIT + SHORTEST) * unit)


def _short(
    arm: _Arm, sleeve: SleeveOutline, reach: float, scale: float, mask: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A sleeve on the upper arm; all of it that the parse has not is drawn anew.

    reach: as from `_reaches`. scale: pixels of the garment's picture for each of the parse. mask: float32 (1024, 768)
    in [0, 1], the garment's.

    Returns:
        What it adds to the parse, bool (h, w), and the pixels of the garment's picture there, float32 (h, w, 2).
    """
    _, end = _extent(reach, False, arm.lengths, arm.hand, arm.unit)
    down = arm.along / end
    half = _half(arm, sleeve, down, scale)
    inside = (arm.along < end) & (arm.along > -ABOVE * arm.unit) & (np.abs(arm.across) < half)
    read = _straight(sleeve, arm.sign, down, arm.across / half)
    # Beside the arm only what the picture has.
    shown = cv2.remap(mask, read, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0) > 0.5
    inside &= (arm.worn < 0.5) & (arm.front < 0.5) & (shown | (np.abs(arm.across) < arm.width))
    return inside, read


def _long(
    arm: _Arm, sleeve: SleeveOutline, reach: float, scale: float, mask: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What is missing of a sleeve down to the wrist, or to where it ends before; as `_short`."""
    begin, end = _extent(reach, True, arm.lengths, arm.hand, arm.unit)
    shoulder = (arm.along > 0) & (arm.along < begin) & (np.abs(arm.across) < CORE * arm.unit)
    if shoulder.any() and arm.worn[shoulder].mean() < LOST_SHOULDER:
        begin = -ABOVE * arm.unit
    down = (arm.fanned / end).clip(0, 1)
    half = _half(arm, sleeve, down, scale)
    wider = np.interp(arm.along, (begin, begin + WIDENS * arm.unit), (NARROW, 1))
    wider[~_beside_sleeve(arm)] = 1
    inside = (arm.along > begin) & (arm.along < end) & (np.abs(arm.across) < half * wider)
    inside &= (arm.worn < 0.5) & (arm.front < 0.5)
    return inside, read_sleeve(sleeve, arm.sign, down, (arm.across / half).clip(-1, 1))


def _half(arm: _Arm, sleeve: SleeveOutline, down: np.ndarray, scale: float) -> np.ndarray:
    """Half the width of a sleeve on an arm at shares of the way down it, float32 (h, w)."""
    places = np.linspace(0, 1, len(sleeve.halves))
    half = np.interp(down, places, sleeve.halves / scale)
    return half.clip(ROOM * arm.width, WIDEST * arm.width)


def _straight(sleeve: SleeveOutline, sign: int, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Places in the picture for shares of the way down a sleeve, and of its half width outwards, (h, w, 2).

    A straight sleeve, so that stripes stay straight. sign: -1 for the left one in the picture, 1 for the right one.
    """
    begin, way = sleeve.middles[0], sleeve.middles[-1] - sleeve.middles[0]
    outwards = sign * np.array([way[1], -way[0]]) / max(float(np.linalg.norm(way)), 1e-3) * float(sleeve.halves.mean())
    return (begin + down[..., None] * way + across[..., None] * outwards).astype(np.float32)


def _scale(columns: np.ndarray, mask: np.ndarray, points: np.ndarray) -> float | None:
    """Pixels of the garment's picture for each of the parse, from the columns that it reads, (h, w), across the chest.

    mask: float32 (h, w) in [0, 1], the garment's. points: (18, 2), complete, in pixels of the parse.
    """
    neck, hips = points[Joint.NECK], points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0)
    rows = [int(np.clip(neck[1] + share * (hips[1] - neck[1]), 0, len(columns))) for share in CHEST]
    half = shoulder_width(points) / 3
    first, last = (int(np.clip(neck[0] + side * half, 0, columns.shape[1])) for side in (-1, 1))
    if rows[1] - rows[0] < 2 or last - first < 2:
        return None
    steps = np.diff(columns[rows[0] : rows[1], first:last], axis=1)
    known = mask[rows[0] : rows[1], first : last - 1] > 0.5
    if known.mean() < 0.5:
        return None
    scale = float(np.median(steps[known]))
    return scale if scale > 0 else None
