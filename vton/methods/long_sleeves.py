"""Sleeves laid along the arms as the picture shows them: from the armpit to the cuff, and from edge to edge.

A warp of a few dozen pixels draws stripes and checks of a sleeve out at its edges and loses the cuff. Where the
garment's picture shows a sleeve apart from its body, and the wearer's arm is seen, both have a middle line and a width,
and one is laid on the other; how far the sleeve reaches and how wide it is, the target parse says.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.labels import Joint, Region
from vton.methods.compact_inputs import complete_keypoints
from vton.methods.remember import remembered
from vton.methods.sleeves import ARM_REGIONS, ARM_WIDTHS, ARMS, along_arm, fanned_out, shoulder_width
from vton.preprocess.sleeve_outline import SleeveOutline, sleeve_outlines
from vton.types import CANVAS_HEIGHT, Garment, Person

LEAST = 12
"""Narrowest shoulders, in pixels of the target parse, on whose arms anything is laid."""
HIGHEST, LOWEST = 0.2, 0.8
"""Between which shares of the upper arm and of the whole arm the sleeve begins that the picture shows apart."""
LANES, BEYOND = (-0.05, 0.0, 0.05), 0.05
"""How far from the bones a sleeve's end is looked for, and how far below it bare arm begins, in shoulder widths."""
NARROWEST, WIDEST, SIDE = 0.7, 1.7, 0.4
"""How wide a sleeve is at least and at most, for each of the arm's width; and how far beside the bones it is looked for
at most, in shoulder widths."""
SMOOTH = 0.12
"""Along how much of the arm its width is evened out, in shoulder widths."""
PASSES, EDGE, OUTER_EDGE = 0.35, 1.1, 1.5
"""Over how much of the arm the warp passes into the sleeve, in shoulder widths; and where beside the sleeve the body's
begins, in the sleeve's half widths, on its inner side and, for an arm that crosses the body, on its outer side."""
BELOW = 0.1
"""How far below a sleeve's end it is still read, in shoulder widths."""
INNER = 0.93
"""Which part of a sleeve's width in the picture is read: its edges there are mixed with the background."""


@remembered
def long_sleeves_of(garment: Garment) -> tuple[SleeveOutline | None, SleeveOutline | None]:
    return sleeve_outlines(garment.mask)


def with_sleeves_laid(target: np.ndarray, flow: np.ndarray, person: Person, garment: Garment) -> np.ndarray:
    """Lay the long sleeves of a garment along the arms that they are on.

    Args:
        target: float32 (13, h, w) in [0, 1], probabilities of `Region` on the canvas.
        flow: float32 (1024, 768, 2), canvas pixels of the garment's picture.
        person: who wears it. garment: what is worn.

    Returns:
        float32 (1024, 768, 2); `flow` itself where neither sleeve and its arm are seen well enough.
    """
    sleeves, step = long_sleeves_of(garment), CANVAS_HEIGHT // target.shape[1]
    if sleeves == (None, None):
        return flow
    # In pixels of the target parse, whose middles lie between those of the canvas.
    points = (complete_keypoints(person.keypoints)[:, :2] - (step - 1) / 2) / step
    unit, middle = shoulder_width(points), points[[Joint.RIGHT_HIP, Joint.LEFT_HIP, Joint.NECK]].mean(0)
    worn, bare = target[Region.UPPER], target[list(ARM_REGIONS)].sum(0)
    result = flow
    # The wearer's right arm is to the left in both pictures.
    for joints, sleeve, sign in zip(ARMS, sleeves, (-1, 1), strict=True):
        bones = points[list(joints)]
        seen = ((bones > 0) & (bones < worn.shape[::-1])).all(1)
        if sleeve is None or unit < LEAST or not seen[:2].all():
            continue
        arm = _Arm.of(bones, unit)
        begin = _begin(sleeve, arm, flow[::step, ::step, 1])
        end = None if begin is None else _end(arm, worn, bare, begin + PASSES * unit)
        if begin is None or end is None:
            continue
        zone, read, share, depth = _laid(sleeve, sign, arm, middle, (begin, end), worn > 0.5)
        read, share, depth = (
            cv2.resize(plane, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR) for plane in (read, share, depth)
        )
        # Places half way to the body's are on neither.
        share = share * (depth > 0)
        whole = tuple(slice(step * side.start, step * side.stop) for side in zone)
        result = result.copy() if result is flow else result
        result[whole] += (read - result[whole]) * share[..., None]
    return result


@dataclass(frozen=True, eq=False)
class _Arm:
    """An arm from the shoulder through elbow and wrist to beyond the hand, in pixels of the target parse.

    bones: float (3, 2), x and y. places: float32 (n, 2), a pixel apart. passed: float (n,), how far along they are.
    directions: float (n, 2), of the arm there. unit: width of the shoulders.
    """

    bones: np.ndarray
    places: np.ndarray
    passed: np.ndarray
    directions: np.ndarray
    unit: float

    @classmethod
    def of(cls, bones: np.ndarray, unit: float) -> "_Arm":
        lengths = np.linalg.norm(np.diff(bones, axis=0), axis=1)
        further = bones[2] + (bones[2] - bones[1]) / max(lengths[1], 1e-6) * unit
        path, ends = np.vstack([bones, further]), np.concatenate([[0], np.cumsum([*lengths, unit])])
        passed = np.arange(0, ends[-1])
        places = np.stack([np.interp(passed, ends, path[:, axis]) for axis in (0, 1)], 1)
        directions = np.gradient(places, axis=0)
        directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-6)
        return cls(bones, places.astype(np.float32), passed, directions, unit)

    @property
    def lengths(self) -> np.ndarray:
        """Where shoulder, elbow and wrist are along it, (3,)."""
        return np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(self.bones, axis=0), axis=1))])


def _laid(
    sleeve: SleeveOutline, sign: int, arm: _Arm, middle: np.ndarray, ends: tuple[float, float], worn: np.ndarray
) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray, np.ndarray]:
    """A sleeve on an arm.

    Args:
        sign: -1 for the sleeve to the left of the garment's body, 1 for the one to the right.
        middle: float (2,), the middle of the wearer's body. ends: where along the arm the sleeve begins and ends.
        worn: bool (h, w), where the garment is.

    Returns:
        A box of the target parse; what each of its pixels reads in the garment's picture, float32 (h, w, 2); how much
        that counts along the arm, float32 (h, w) in [0, 1]; and how deep it is within the sleeve's edges, in its half
        widths, below 0 beyond them.
    """
    (begin, end), unit, size = ends, arm.unit, worn.shape[::-1]
    low = np.floor(arm.bones.min(0) - SIDE * unit).clip(0, size).astype(int)
    high = np.ceil(arm.bones.max(0) + SIDE * unit).clip(low + 1, np.add(size, 1)).astype(int).clip(0, size)
    zone = np.s_[low[1] : high[1], low[0] : high[0]]
    along, across = along_arm(arm.bones - low, middle - low, high - low)
    half = np.interp(along, arm.passed, _half_widths(worn[zone], along, across, arm))
    sideways = across / np.maximum(half, 1)
    share = np.interp(along, (begin, begin + PASSES * unit), (0, 1)) * (along < end + BELOW * unit)
    down = ((fanned_out(along, arm.bones - low) - begin) / (end - begin)).clip(0, 1)
    read = read_sleeve(sleeve, sign, down, sideways.clip(-1, 1))
    depth = np.minimum(sideways + EDGE, OUTER_EDGE - sideways)
    return zone, read, share.astype(np.float32), depth.astype(np.float32)


def read_sleeve(sleeve: SleeveOutline, sign: int, down: np.ndarray, sideways: np.ndarray) -> np.ndarray:
    """Places in the picture of a garment for shares of the way down its sleeve, and of its half width, outwards."""
    at = np.linspace(0, 1, len(sleeve.middles))
    direction = np.gradient(sleeve.middles, axis=0)
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-6)
    outwards = sign * np.stack([direction[:, 1], -direction[:, 0]], 1) * (INNER * sleeve.halves)[:, None]
    places = [
        np.interp(down, at, sleeve.middles[:, axis]) + sideways * np.interp(down, at, outwards[:, axis])
        for axis in (0, 1)
    ]
    return np.dstack(places).astype(np.float32)


def _begin(sleeve: SleeveOutline, arm: _Arm, rows: np.ndarray) -> float | None:
    """How far along the arm the warp itself has the sleeve's armpit; rows (h, w) are those that it reads."""
    read = _sampled(np.ascontiguousarray(rows), arm.places)
    _, upper, whole = arm.lengths
    on_it = (read > sleeve.middles[0, 1]) & (read < sleeve.middles[-1, 1])
    found = np.flatnonzero(on_it & (arm.passed > HIGHEST * upper) & (arm.passed < LOWEST * whole))
    return float(arm.passed[found[0]]) if len(found) else None


def _end(arm: _Arm, worn: np.ndarray, bare: np.ndarray, least: float) -> float | None:
    """How far along the arm, beyond `least`, the parse ends its sleeve; None where no bare arm follows.

    worn, bare: float32 (h, w) in [0, 1]. Beyond a hand on the hip there is the garment again.
    """
    beyond, ends = max(1, round(BEYOND * arm.unit)), []
    for lane in LANES:
        line = (arm.places + lane * arm.unit * arm.directions[:, ::-1] * (-1, 1)).astype(np.float32)
        sleeve, skin = _sampled(worn, line) > 0.5, _sampled(bare, line) > 0.5
        follows = np.flatnonzero(sleeve[:-beyond] & skin[beyond:] & (arm.passed[:-beyond] > least))
        if len(follows):
            ends.append(arm.passed[follows[0] + np.flatnonzero(~sleeve[follows[0] :])[0] - 1])
    return float(np.median(ends)) if len(ends) > 1 else None


def _half_widths(worn: np.ndarray, along: np.ndarray, across: np.ndarray, arm: _Arm) -> np.ndarray:
    """Half a sleeve's width at an arm's places, (n,): as far as the garment, bool (h, w), reaches away from the body.

    Towards the body a sleeve has no edge where it lies on it, and is believed to be as wide as on the other side.
    """
    widths = [ARM_WIDTHS[0][0], ARM_WIDTHS[0][1], ARM_WIDTHS[1][1]]
    bare = np.interp(arm.passed, arm.lengths, widths) * arm.unit / 2
    lane = np.round(along).astype(int)
    inside = worn & (lane >= 0) & (lane < len(bare))
    inside &= np.abs(across) < WIDEST * bare[lane.clip(0, len(bare) - 1)]
    outer = np.zeros(len(bare))
    np.maximum.at(outer, lane[inside], across[inside])
    seen = outer > 0
    if not seen.any():
        return bare
    outer = np.interp(arm.passed, arm.passed[seen], outer[seen]).clip(NARROWEST * bare, WIDEST * bare)
    return cv2.GaussianBlur(outer[:, None], (0, 0), max(1.0, SMOOTH * arm.unit))[:, 0]


def _sampled(plane: np.ndarray, places: np.ndarray) -> np.ndarray:
    return cv2.remap(plane, places[None], None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)[0]
