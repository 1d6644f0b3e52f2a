"""Where sleeves end: in a straight line across the arm, with a corner at its outer side.

A target parse of few pixels draws the end of a sleeve as round as a petal. The end in the middle of the arm and the
outer edge well above it tell where cloth that is sewn ends.
"""

import cv2
import numpy as np

from vton.labels import Joint, Region, among
from vton.methods.sleeves import ARMS, SKIN, along_arm, shoulder_width

CUFF_CORE, CUFF_INSIDE, CUFF_OUTSIDE = 0.1, 0.14, 0.3
"""In shoulder widths from the bones: where a cuff is measured, and where it is straightened, towards the body and away
from it."""
CUFF_SHIFT, LEAST_CUFF, CUFF_SLOPES = 0.14, 0.06, (-0.25, 0.8)
"""How far a cuff may move, and across how much of the arm it is known at least, in shoulder widths; and how much
further down it ends for each pixel outwards, at least and at most."""
CORNER, LEAST_EDGE, FLARE = (0.12, 0.34), 0.08, (-0.05, 0.3)
"""Between which distances above its end a sleeve's outer edge tells where its corner is, along how much of it at least,
both in shoulder widths; and how much the sleeve becomes wider for each pixel down at least and at most."""
LEAST_SLEEVE = 0.12
"""How far down the arm the shortest sleeve ends, in shoulder widths; what ends above is a strap."""


def even_cuffs(shape: np.ndarray, said: np.ndarray, labels: np.ndarray, points: np.ndarray) -> np.ndarray:
    """End each sleeve in a straight line across the arm, and leave nothing of the arm bare above it.

    Args:
        shape: float32 (h, w) in [0, 1], where the garment is.
        said: float32 (h, w) in [0, 1], where the parse has it, also where its picture, read there, has none.
        labels: uint8 (h, w), `Region` of what is there otherwise.
        points: (18, 2) in its pixels, complete.

    Returns:
        float32 (h, w) in [0, 1].
    """
    unit = shoulder_width(points)
    middle = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP, Joint.NECK]].mean(0)
    beside = ~_torso(shape.shape, points)
    result = shape.copy()
    for joints in ARMS:
        bones = points[list(joints)]
        low = np.floor(bones.min(0) - CUFF_OUTSIDE * unit).clip(0, shape.shape[::-1]).astype(int)
        high = np.ceil(bones.max(0) + CUFF_OUTSIDE * unit).clip(0, shape.shape[::-1]).astype(int)
        if (high - low).min() < 8:
            continue
        around = np.s_[low[1] : high[1], low[0] : high[0]]
        along, across = along_arm(bones - low, middle - low, high - low)
        sleeve = (across > -CUFF_INSIDE * unit) & (across < CUFF_OUTSIDE * unit) & beside[around]
        arm, beside_it = among(labels[around], SKIN), labels[around] == Region.BACKGROUND
        result[around] = _straight_end(shape[around], along, across, sleeve, (arm, beside_it, said[around]), unit)
    return result


def _torso(shape: tuple[int, int], points: np.ndarray) -> np.ndarray:
    """bool (h, w): the torso between shoulders and hips, as wide as a top."""
    torso = np.zeros(shape, np.uint8)
    spread = (points[Joint.LEFT_HIP] - points[Joint.RIGHT_HIP]) * 0.45
    corners = [
        points[Joint.RIGHT_SHOULDER],
        points[Joint.LEFT_SHOULDER],
        points[Joint.LEFT_HIP] + spread,
        points[Joint.RIGHT_HIP] - spread,
    ]
    cv2.fillConvexPoly(torso, np.int32(np.round(corners)).clip(-4000, 4000), 1)
    return torso > 0


def _straight_end(
    shape: np.ndarray,
    along: np.ndarray,
    across: np.ndarray,
    sleeve: np.ndarray,
    around: tuple[np.ndarray, np.ndarray, np.ndarray],
    unit: float,
) -> np.ndarray:
    """The shape with its end along an arm, within the sleeve, moved onto a line; it grows over bare arm. All (h, w).

    around: bool, bare arm and backdrop, over which its outer corner grows too; and in [0, 1], where the parse has it.
    """
    (arm, backdrop, said), solid = around, sleeve & (shape > 0.5)
    if not solid.any():
        return shape
    past = _beyond_the_end(solid, along, across, sleeve, arm & sleeve & ~solid, unit)
    if past is None:
        return shape
    near = sleeve & (np.abs(past) < CUFF_SHIFT * unit) & (solid | arm)
    straight = np.where(near, (0.5 - past).clip(0, 1), shape).astype(np.float32)
    straight = np.where(sleeve & (past < -1), np.maximum(straight, said), straight)
    corner = _outer_corner(solid, along, across, past, unit)
    return np.where(sleeve & (arm | backdrop), np.maximum(straight, corner), straight).astype(np.float32)


def _beyond_the_end(
    solid: np.ndarray, along: np.ndarray, across: np.ndarray, sleeve: np.ndarray, bare: np.ndarray, unit: float
) -> np.ndarray | None:
    """How far beyond the line in which a sleeve ends pixels lie, (h, w); None where it ends in none, or not at all.

    solid, bare: bool, garment and bare arm within the sleeve's part of the picture.
    """
    lanes = np.round(across - across[sleeve].min()).astype(int)
    ends, arm_ends = np.full(lanes[sleeve].max() + 1, -np.inf), np.zeros(lanes[sleeve].max() + 1)
    middle = solid & (np.abs(across) < CUFF_CORE * unit)
    np.maximum.at(ends, lanes[middle], along[middle])
    np.maximum.at(arm_ends, lanes[bare], along[bare])
    used = np.flatnonzero(np.isfinite(ends) & (arm_ends > ends + 0.1 * unit))
    # Nearer to the body a lane may end on the shoulder, or at the body's own hem.
    usual = float(np.median(ends[used[len(used) // 2 :]])) if len(used) else 0.0
    used = used[np.abs(ends[used] - usual) < CUFF_SHIFT * unit]
    if len(used) < LEAST_CUFF * unit or usual < LEAST_SLEEVE * unit:
        return None
    slope, offset = np.polyfit(used, ends[used], 1)
    slope = float(np.clip(slope, *CUFF_SLOPES))
    offset = float(np.median(ends[used] - slope * used))
    if np.median(np.abs(ends[used] - slope * used - offset)) > 0.05 * unit:
        return None
    return along - (slope * lanes + offset)


def _outer_corner(
    solid: np.ndarray, along: np.ndarray, across: np.ndarray, past: np.ndarray, unit: float
) -> np.ndarray:
    """A sleeve's corner where its outer edge, going on straight, meets its end; (h, w) in [0, 1].

    solid: bool, the sleeve. along, across: how far along the arm and out of it. past: how far beyond the sleeve's end.
    """
    told = solid & (past > -CORNER[1] * unit) & (past < -CORNER[0] * unit) & (along > 0)
    if not told.any():
        return np.zeros_like(past)
    rows = np.round(past[told] - past[told].min()).astype(int)
    outer = np.full(rows.max() + 1, -np.inf)
    np.maximum.at(outer, rows, across[told])
    used = np.flatnonzero(np.isfinite(outer))
    if len(used) < LEAST_EDGE * unit:
        return np.zeros_like(past)
    slope, offset = np.polyfit(used + float(past[told].min()), outer[used], 1)
    middle = float(used.mean() + past[told].min())
    edge = offset + slope * middle + float(np.clip(slope, *FLARE)) * (past - middle)
    inside = (0.5 - past).clip(0, 1) * (edge - across + 0.5).clip(0, 1)
    return inside * (past > -CORNER[0] * unit) * (across > 0)
