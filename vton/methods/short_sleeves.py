"""Short sleeves that the condition generator lost: drawn on the upper arms where the garment's picture shows them.

Cap sleeves that hang close to the body look much like a sleeveless top at the network's size; the outline at full size
tells one from the other.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.labels import Joint, Region
from vton.methods.compact_inputs import complete_keypoints
from vton.methods.remember import remembered
from vton.methods.sleeves import ARM_REGIONS, ARM_WIDTHS, ARMS, along_arm, shoulder_width
from vton.preprocess.sleeve_outline import SleeveOutline, short_sleeve_outlines
from vton.types import CANVAS_HEIGHT, Garment, Person

LEAST = 12
"""Narrowest shoulders, in pixels of the target parse, on whose arms anything is drawn."""
CHEST = (0.15, 0.7)
"""Which rows between neck and hips tell the garment's scale, as shares of that way."""
CORE, LOST = 0.06, 0.35
"""How far from the bones a sleeve is looked for, in shoulder widths, and which share of it is there where it is not
lost."""
SHORTEST, FURTHEST = 0.2, 0.95
"""How far down the arm a sleeve ends at least, in shoulder widths, and at most, as a share of the upper arm."""
ROOM, WIDEST = 1.12, 1.7
"""How wide a sleeve is at least and at most, for each of the arm's width."""
ABOVE = 0.12
"""How far above the shoulder's joint a sleeve begins, in shoulder widths."""
IN_FRONT = (Region.NOISE, Region.HAIR, Region.FACE)
SIDE = 0.4
"""How far beside the bones anything is drawn at most, in shoulder widths."""


@remembered
def _sleeves_of(garment: Garment) -> tuple[SleeveOutline | None, SleeveOutline | None]:
    return short_sleeve_outlines(garment.mask)


def with_lost_sleeves(
    target: np.ndarray, mask: np.ndarray, flow: np.ndarray, person: Person, garment: Garment
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the short sleeves that a garment's picture has and the target parse has not.

    Args:
        target: float32 (13, h, w) in [0, 1], probabilities of `Region` on the canvas.
        mask: float32 (1024, 768) in [0, 1], the garment's mask read along the flow.
        flow: float32 (1024, 768, 2), canvas pixels of the garment's picture.
        person: who wears it. garment: what is worn.

    Returns:
        The three with the sleeves; as they were, where none is lost.
    """
    sleeves, step = _sleeves_of(garment), CANVAS_HEIGHT // target.shape[1]
    if None in sleeves:
        return target, mask, flow
    # In pixels of the target parse, whose middles lie between those of the canvas.
    points = (complete_keypoints(person.keypoints)[:, :2] - (step - 1) / 2) / step
    unit, scale = shoulder_width(points), _scale(flow[::step, ::step, 0], mask[::step, ::step], points)
    if unit < LEAST or scale is None:
        return target, mask, flow
    middle = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP, Joint.NECK]].mean(0)
    drawn = [
        _drawn(target, points[list(joints)], middle, garment.mask, sleeve, sign, unit, scale)
        for joints, sleeve, sign in zip(ARMS, sleeves, (-1, 1), strict=True)
    ]
    # Where one is lost the other is hardly whole.
    if not any(sleeve is not None and sleeve.lost for sleeve in drawn):
        return target, mask, flow
    target, mask, flow = target.copy(), mask.copy(), flow.copy()
    for sleeve in drawn:
        if sleeve is None:
            continue
        zone, inside = sleeve.zone, sleeve.inside
        for plane in target:
            plane[zone][inside] = 0
        target[Region.UPPER][zone][inside] = 1
        shown, read = (
            cv2.resize(plane, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
            for plane in (inside.astype(np.float32), sleeve.read)
        )
        whole = tuple(slice(step * side.start, step * side.stop) for side in zone)
        flow[whole][shown > 0.5] = read[shown > 0.5]
        mask[whole] = np.maximum(mask[whole], shown)
    return target, mask, flow


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A sleeve on an arm.

    zone: rows and columns of the target parse. inside: bool (h, w), what it adds there. read: float32 (h, w, 2), pixels
    of the garment's picture. lost: whether the parse has next to nothing of it.
    """

    zone: tuple[slice, slice]
    inside: np.ndarray
    read: np.ndarray
    lost: bool


def _drawn(
    target: np.ndarray,
    bones: np.ndarray,
    middle: np.ndarray,
    mask: np.ndarray,
    sleeve: SleeveOutline,
    sign: int,
    unit: float,
    scale: float,
) -> _Drawn | None:
    """A sleeve along the upper one of an arm's bones, (3, 2); None where nothing of it could be seen.

    middle: (2,), of the body. mask: float32 (1024, 768) in [0, 1], the garment's. sign: -1 for its left sleeve, 1 for
    its right one. unit: width of the shoulders. scale: pixels of the garment's picture for each of the parse.
    """
    upper_arm = float(np.linalg.norm(bones[1] - bones[0]))
    length = float(np.linalg.norm(sleeve.middles[-1] - sleeve.middles[0])) / scale
    end = min(max(length, SHORTEST * unit), FURTHEST * upper_arm)
    low = np.floor(bones[:2].min(0) - SIDE * unit).clip(0, target.shape[:0:-1]).astype(int)
    high = np.ceil(bones[:2].max(0) + SIDE * unit).clip(0, target.shape[:0:-1]).astype(int)
    if (high - low).min() < LEAST:
        return None
    zone = np.s_[low[1] : high[1], low[0] : high[0]]
    along, across = along_arm(bones - low, middle - low, high - low)
    worn, bare, front = (target[(list(regions), *zone)].sum(0) for regions in ((Region.UPPER,), ARM_REGIONS, IN_FRONT))
    core = (along > 0) & (along < end) & (np.abs(across) < CORE * unit)
    if not core.any():
        return None
    lost = (worn[core] > 0.5).mean() < LOST and (bare[core] > 0.5).mean() > LOST
    arm = np.interp(along, (0, upper_arm), ARM_WIDTHS[0]) * unit / 2
    places = np.linspace(0, 1, len(sleeve.halves))
    half = np.interp((along / end).clip(0, 1), places, sleeve.halves / scale).clip(ROOM * arm, WIDEST * arm)
    inside = (along < end) & (along > -ABOVE * unit) & (np.abs(across) < half) & (worn < 0.5) & (front < 0.5)
    read = _read(sleeve, sign, along / end, across / half)
    # Beside the arm only what the picture has.
    shown = cv2.remap(mask, read, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0) > 0.5
    return _Drawn(zone, inside & (shown | (np.abs(across) < arm)), read, bool(lost))


def _read(sleeve: SleeveOutline, sign: int, down: np.ndarray, across: np.ndarray) -> np.ndarray:
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
