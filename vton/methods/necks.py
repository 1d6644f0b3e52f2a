"""A garment's opening brought to the wearer's neck, where the predicted flow puts it a little beside it.

The condition generator knows a neck only as the middle between two shoulders, and draws it a few of its own pixels off,
most of all on somebody who stands turned. Photo and garment tell better: the inside of the garment's back ends, to both
sides, where neckline and shoulder seam meet; a person's outline has a corner where neck and shoulder meet; and on the
chest the flow is to be trusted, so that it tells how wide the opening is once it is worn.
"""

import cv2
import numpy as np

from vton.labels import Joint, Region
from vton.methods.compact_inputs import complete_keypoints, move_keypoints
from vton.methods.neck_base import NeckBase, neck_base
from vton.methods.neckline_shape import as_cut
from vton.methods.remember import remembered
from vton.methods.sleeves import shoulder_width
from vton.preprocess.collar_outline import collar_outline
from vton.preprocess.regions import large_pieces
from vton.types import CANVAS_HEIGHT, Garment, Person

LEAST_OPENING, LEAST_AREA = 0.18, 0.08
"""Narrowest opening as a share of the root of the garment's area, and least area of it as a share of its squared width:
what is less is a label, or no opening that tells anything."""
TILT, BELOW_THE_TOP = 0.15, 0.06
"""How much higher one end of an opening may be, as a share of its width; and how far below the garment's highest point
they may be, as a share of the root of its area. Straps, hoods and one bare shoulder are beyond that."""
CHEST, CHEST_HALF = (0.25, 0.7), 0.3
"""The part of the torso (0 neck, 1 mid-hip) and, in shoulder widths, to each side of its axis, where the flow is to be
trusted."""
WIDEST, OUTERMOST = 1.15, 0.85
"""Openings wider than this, in shoulder widths, are off the shoulders; and how far out on a shoulder one ends."""
UP_THE_NECK = 0.12
"""How far above a neck's base the ends of an opening may lie, in shoulder widths."""
UNEVEN = 0.06
"""How much farther one end may lie above the line between the shoulders than the other, in shoulder widths."""
LIMIT = 0.25
"""How far an end may be moved, in shoulder widths."""
REACH, REACH_UP = 0.3, 0.1
"""How far from the ends of an opening the cloth moves with them, beside and below them, and above them, in shoulder
widths; and as much farther as they move."""

ABOUT, DEEPEST, SOFT = 0.2, 0.6, 0.08
"""In shoulder widths: how far beside the ends of an opening and how far below them its edge is the picture's; and how
far below them that is so wholly, since right at the ends a picture often shows a little of the inside."""

CLOTH = (0.7, 1.0)
"""Warped mask from which a bare neck becomes garment, and from which it does so wholly."""


def centred(
    reads: np.ndarray, person: Person, garment: Garment, to_torso: np.ndarray, to_garment: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """Bend a flow so that the garment's opening lies about the person's neck, its ends on the shoulders.

    Args:
        reads: float32 (h, w, 2), x and y in the garment's frame that each pixel of the torso's frame reads.
        to_torso, to_garment: (2, 3), pixels of the canvas → pixels of those frames.

    Returns:
        float32 (h, w, 2), and left and right end of the opening on the canvas, float32 (2, 2), x and y; `reads` itself
        and None where `opening` or `neck_base` know nothing, or the opening is wider than shoulders.
    """
    ends, base = opening(garment), neck_base(person)
    if ends is None or base is None:
        return reads, None
    ends = ends @ to_garment[:, :2].T + to_garment[:, 2]
    points = move_keypoints(person.keypoints, to_torso)[:, :2]
    unit = shoulder_width(points)
    scale = _scale_on_the_chest(reads, points)
    if scale is None or ends[1, 0] - ends[0, 0] > WIDEST * unit * scale:
        return reads, None
    places = _on_the_shoulders(base, (ends[1, 0] - ends[0, 0]) / scale / to_torso[0, 0])
    framed = places @ to_torso[:, :2].T + to_torso[:, 2]
    there = cv2.remap(reads, np.float32(framed)[None], None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
    moves = ends - there
    moves = moves / np.maximum(np.linalg.norm(moves, axis=1, keepdims=True) / (LIMIT * unit * scale), 1)
    bent = reads + _bending(reads.shape[:2], framed, moves, unit, scale)
    return as_cut(bent, garment, to_garment, ends, framed, unit), places


def cut_as_sewn(target: np.ndarray, mask: np.ndarray, ends: np.ndarray, person: Person) -> np.ndarray:
    """Give bare neck below an opening's ends to the garment where its picture, read along a centred flow, has cloth.

    Args:
        target: float32 (13, h, w), probabilities of `Region`, the neck as NOISE.
        mask: float32 (1024, 768) in [0, 1], the garment's mask read along the flow, without the inside of the back.
        ends: as `centred` returns them.
        person: whose photo it is.

    Returns:
        float32 (13, h, w).
    """
    size = target.shape[2], target.shape[1]
    step = CANVAS_HEIGHT // size[1]
    ends, unit = ends / step, shoulder_width(complete_keypoints(person.keypoints)[:, :2]) / step
    low = np.floor(ends.min(0) - ABOUT * unit).clip(0, size).astype(int)
    high = np.ceil(ends.max(0) + np.array([ABOUT, DEEPEST]) * unit).clip(0, size).astype(int)
    box = np.s_[low[1] : high[1], low[0] : high[0]]
    seen = mask[low[1] * step : high[1] * step, low[0] * step : high[0] * step]
    covered = np.interp(cv2.resize(seen, tuple(high - low), interpolation=cv2.INTER_AREA), CLOTH, (0, 1))
    columns, rows = np.arange(low[0], high[0], dtype=np.float32), np.arange(low[1], high[1], dtype=np.float32)[:, None]
    aside = np.maximum(ends[0, 0] - columns, columns - ends[1, 0]) / (ABOUT * unit)
    below = (rows - np.interp(columns, ends[:, 0], ends[:, 1])) / (SOFT * unit)
    share = (1 - _smooth(aside)) * below.clip(0, 1)
    moved = (target[Region.NOISE][box] * covered * share).astype(np.float32)
    cut = target.copy()
    cut[Region.UPPER][box] += moved
    cut[Region.NOISE][box] -= moved
    return cut


def _scale_on_the_chest(reads: np.ndarray, points: np.ndarray) -> float | None:
    """Pixels of the garment for each of the person across the chest; None where the flow says nothing plausible."""
    neck, hips = points[Joint.NECK], points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0)
    first, last = (int(np.clip(neck[1] + share * (hips[1] - neck[1]), 0, len(reads))) for share in CHEST)
    half = CHEST_HALF * shoulder_width(points)
    middle = (neck + hips)[0] / 2
    left, right = (int(np.clip(middle + side * half, 0, reads.shape[1])) for side in (-1, 1))
    if last - first < 4 or right - left < 4:
        return None
    columns = np.arange(left, right) - (left + right - 1) / 2
    slope = float((reads[first:last, left:right, 0] @ columns).mean() / (columns @ columns))
    return slope if slope > 0.1 else None


def _on_the_shoulders(base: NeckBase, width: float) -> np.ndarray:
    """Where the ends of an opening of some width lie on the outline, (2, 2), left and right, x and y."""
    room = np.maximum(np.abs(base.joints[:, 0] - base.corners[:, 0]), 1.0)
    unit = float(base.joints[1, 0] - base.joints[0, 0])
    # As far out on the shoulder that is turned away as on the other, by what each of them shows.
    share = min((width - float(base.corners[1, 0] - base.corners[0, 0])) / float(room.sum()), OUTERMOST)
    places = []
    for sign, corner, far, outline in zip((-1, 1), base.corners, room, base.outlines, strict=True):
        outline = outline[outline[:, 1] >= corner[1] - UP_THE_NECK * unit]
        outward = np.maximum.accumulate(sign * outline[:, 0])
        x = np.clip(sign * corner[0] + share * far, outward[0], outward[-1])
        places.append((sign * x, np.interp(x, outward, outline[:, 1])))
    places = np.array(places)
    # A collar that is worn, or hair, may raise the outline on one side.
    height = np.interp(places[:, 0], base.joints[:, 0], base.joints[:, 1]) - places[:, 1]
    places[:, 1] += np.maximum(height - height.min() - UNEVEN * unit, 0)
    return places


def _bending(size: tuple[int, int], places: np.ndarray, moves: np.ndarray, unit: float, scale: float) -> np.ndarray:
    """Moves of two places for all pixels around them, float32 (h, w, 2); 0 away from them."""
    columns, rows = np.arange(size[1], dtype=np.float32), np.arange(size[0], dtype=np.float32)[:, None]
    (left, right), (top, bottom) = places[:, 0], places[:, 1]
    far = np.linalg.norm(moves, axis=1) / scale
    across = _smooth((columns - left) / max(right - left, 1e-3))
    beside = np.maximum((left - columns) / (REACH * unit + far[0]), (columns - right) / (REACH * unit + far[1]))
    between = far[0] + (far[1] - far[0]) * across
    depth = rows - (top + (bottom - top) * across)
    below = np.maximum(depth / (REACH * unit + between), -depth / (REACH_UP * unit + between))
    share = (1 - _smooth(beside)) * (1 - _smooth(below))
    return np.stack([share * (a + (b - a) * across) for a, b in zip(*moves, strict=True)], -1).astype(np.float32)


def _smooth(values: np.ndarray) -> np.ndarray:
    """0 below 0, 1 above 1, a cubic between."""
    ramp = values.clip(0, 1)
    return ramp * ramp * (3 - 2 * ramp)


@remembered
def opening(garment: Garment) -> np.ndarray | None:
    """Left and right end of the opening in the garment's picture, float32 (2, 2), x and y.

    None where that is unsure, and with a standing collar, which does not lie on the shoulders.
    """
    if garment.lining is None or collar_outline(garment.mask) is not None:
        return None
    seen, solid = ((plane > 0.5).view(np.uint8) for plane in (garment.lining, garment.mask))
    first, top, wide, high = cv2.boundingRect(seen)
    if wide == 0:
        return None
    rows, columns = np.nonzero(large_pieces(seen[top : top + high, first : first + wide], 1))
    corners = (int(np.argmin(rows + columns)), int(np.argmin(rows - columns)))
    ends = np.float32([[first + columns[place], top + rows[place]] for place in corners])
    unit, width = cv2.countNonZero(solid) ** 0.5, float(ends[1, 0] - ends[0, 0])
    below = ends[:, 1].min() - cv2.boundingRect(solid)[1]
    sure = width > LEAST_OPENING * unit and len(rows) > LEAST_AREA * width**2
    sure = sure and abs(ends[1, 1] - ends[0, 1]) < TILT * width and below < BELOW_THE_TOP * unit
    return ends if sure else None
