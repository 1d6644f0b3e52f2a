"""Cloth beyond the edge of what the warp brings: the pattern goes on as it runs there."""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.methods.remember import remembered
from vton.methods.sleeves import disc
from vton.types import Garment

EDGE = 8
"""Width of a garment's edge whose colours are not those of its cloth, in pixels of the canvas."""
STRIP = 24
"""Width of the strip along a garment's edge that goes on beyond it, in pixels of the canvas."""
HALF, ROW = 2, 1024
"""By how much smaller than the canvas a garment's outline is looked at; and how many places make a row."""
SMOOTH = 8.0
"""Unevenness of a garment's edge that mirrors nothing, in pixels of the canvas."""
WIDER, BEND = 1.3, 8
"""How many times as wide as it is farther down a trunk is at most, without its sleeves; and how much farther than the
nearest edge its side may be, in pixels of the canvas."""
COARSE, EVENED = 4, 4.0
"""At every how many pixels it is measured how the flow runs, and over how many of these it is evened out."""


def continued_flow(flow: np.ndarray, mask: np.ndarray, shown: np.ndarray, garment: Garment) -> np.ndarray:
    """The flow, where something is shown beyond the mask, continued from the nearest pixel well inside the mask.

    It goes on straight, as it runs there, so that stripes stay stripes; what would be read beyond the garment's edge is
    read mirrored at that edge.

    Args:
        flow: float32 (H, W, 2), canvas pixels of the garment's picture.
        mask, shown: float32 (H, W) in [0, 1].
        garment: whose picture it is.
    """
    beyond = (shown > 0.02) & (mask < 0.7)
    # Edges in pictures of garments are often lighter or darker than the cloth.
    inside = cv2.erode((mask > 0.9).astype(np.uint8), disc(EDGE)) > 0
    if not beyond.any() or not inside.any():
        return flow
    left, top, width, height = cv2.boundingRect((beyond | (inside & (shown > 0.02))).astype(np.uint8))
    around = np.s_[top : top + height, left : left + width]
    wanted = np.flatnonzero(beyond[around])
    edge = _nearest(inside[around]).ravel()[wanted]
    (rows, columns), (edge_rows, edge_columns) = np.divmod(wanted, width), np.divmod(edge, width)
    near = flow[around].reshape(-1, 2)[edge]
    slopes = _slopes(flow[around], inside[around])[edge_rows // COARSE, edge_columns // COARSE]
    steps = np.stack([columns - edge_columns, rows - edge_rows], 1).astype(np.float32)
    reads = near + slopes[..., 0] * steps[:, :1] + slopes[..., 1] * steps[:, 1:]
    result = flow.copy()
    result[rows + top, columns + left] = _within(reads, near, _outline_of(garment))
    return result


def _slopes(flow: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """How a flow (h, w, 2) runs near the places inside, bool (h, w): d flow / d (x, y), evened out, at every COARSE-th
    pixel, float32 (h', w', 2, 2)."""
    few, known = flow[::COARSE, ::COARSE], inside[::COARSE, ::COARSE]
    slopes = np.zeros((*known.shape, 2, 2), np.float32)
    for axis, (later, earlier) in enumerate(((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1]))):
        weight, steps = np.zeros(known.shape, np.float32), np.zeros((*known.shape, 2), np.float32)
        weight[earlier] = known[later] & known[earlier]
        steps[earlier] = (few[later] - few[earlier]) / COARSE
        usual = np.median(steps[weight > 0], axis=0) if weight.any() else np.eye(2, dtype=np.float32)[axis]
        total = cv2.GaussianBlur(weight, (0, 0), EVENED) + np.float32(1e-4)
        mean = cv2.GaussianBlur(steps * weight[..., None], (0, 0), EVENED) + usual * np.float32(1e-4)
        slopes[..., axis] = mean / total[..., None]
    return slopes


@dataclass(frozen=True, eq=False)
class _Outline:
    """Where a garment's picture shows cloth, without its edge, at HALF its size and with a margin.

    solid: bool (h, w). corner: float32 (2,), the place of its first pixel's middle in the picture. field: float32
    (h, w, 3), how far each pixel is outside, in pixels of the picture and below 0 inside, and how that changes to the
    right and down. ends: float32 (h, 2), as from `_trunk_ends`.
    """

    solid: np.ndarray
    corner: np.ndarray
    field: np.ndarray
    ends: np.ndarray


@remembered
def _outline_of(garment: Garment) -> _Outline:
    cloth = cv2.resize(garment.outside, None, fx=1 / HALF, fy=1 / HALF, interpolation=cv2.INTER_AREA)
    left, top, width, height = cv2.boundingRect((cloth > 0.9).astype(np.uint8))
    margin = STRIP // HALF
    whole = cv2.copyMakeBorder(cloth[top : top + height, left : left + width], *(margin,) * 4, cv2.BORDER_CONSTANT)
    solid = cv2.erode((whole > 0.9).astype(np.uint8), disc(EDGE // HALF)) > 0
    # DIST_MASK_PRECISE gives other last bits with another number of threads.
    outside, inside = (cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, 5) for side in (~solid, solid))
    away = cv2.GaussianBlur(HALF * (outside - inside), (0, 0), SMOOTH / HALF)
    field = np.dstack([away, cv2.Scharr(away, cv2.CV_32F, 1, 0), cv2.Scharr(away, cv2.CV_32F, 0, 1)])
    corner = np.float32([left - margin, top - margin]) * HALF + (HALF - 1) / 2
    return _Outline(solid, corner, field, _trunk_ends(solid))


def _within(reads: np.ndarray, near: np.ndarray, outline: _Outline) -> np.ndarray:
    """Reads (N, 2) that leave the cloth, mirrored at its edge, so that a pattern goes on instead of being drawn out
    into streaks; and to and fro within a strip along it, since a print lies further in, and is not to come twice.

    near: (N, 2), where the cloth that is continued is read; what comes to lie on no cloth at all is read there.
    """
    if not outline.solid.any():
        return near
    last = np.float32(outline.solid.shape[::-1]) - 1
    at = ((reads - outline.corner) / HALF).clip(0, last)
    found = _sampled(outline.field, at)
    away, slope = found[:, 0], found[:, 1:]
    outwards = slope / np.maximum(np.hypot(slope[:, :1], slope[:, 1:]), 1e-6)
    # A trunk's sides slant and its stripes do not: there the row is kept.
    ends = outline.ends[np.round(at[:, 1]).astype(np.intp)]
    nearer = (np.abs(ends[:, 1] - at[:, 0]) < np.abs(ends[:, 0] - at[:, 0])).astype(np.intp)
    aside = HALF * (at[:, 0] - ends[np.arange(len(ends)), nearer]) * (2 * nearer - 1)
    level = (ends[:, 0] >= 0) & (aside > 0) & (aside < away + BEND)
    away = np.where(level, aside, away)
    outwards[level] = np.stack([2 * nearer - 1, 0 * nearer], 1)[level]
    folded = STRIP - np.abs(away % (2 * STRIP) - STRIP)
    at = np.where((away > 0)[:, None], at - ((away + folded) / HALF)[:, None] * outwards, at)
    columns, rows = np.round(at.clip(0, last)).astype(np.intp).T
    return np.where(outline.solid[rows, columns][:, None], at * HALF + outline.corner, near).astype(np.float32)


def _sampled(field: np.ndarray, places: np.ndarray) -> np.ndarray:
    """A field (h, w, C) at places (N, 2), bilinear; (N, C)."""
    # In rows: pictures may not be longer than 32767 pixels.
    rows = np.zeros((-(-len(places) // ROW), ROW, 2), np.float32)
    rows.reshape(-1, 2)[: len(places)] = places
    found = cv2.remap(field, rows, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return found.reshape(-1, field.shape[2])[: len(places)]


def _trunk_ends(solid: np.ndarray) -> np.ndarray:
    """The leftmost and rightmost column of the trunk in each row of a garment, bool (h, w); (h, 2), -1 where there
    is none, or sleeves are one with it."""
    axis = int(np.searchsorted(np.cumsum(solid.sum(0)), solid.sum() / 2))
    right = np.where(solid[:, axis:].all(1), solid.shape[1] - axis, np.argmin(solid[:, axis:], 1)) + axis - 1
    mirrored = solid[:, axis::-1]
    left = axis + 1 - np.where(mirrored.all(1), axis + 1, np.argmin(mirrored, 1))
    widths = np.where(solid[:, axis], right - left, 0)
    lower = widths[len(widths) // 2 :]
    known = (widths > 0) & (widths < WIDER * np.median(lower[lower > 0])) if lower.any() else widths < 0
    return np.where(known[:, None], np.stack([left, right], 1), -1)


def _nearest(inside: np.ndarray) -> np.ndarray:
    """Of each pixel the nearest that is inside, bool (h, w), as a flat index; (h, w)."""
    _, labels = cv2.distanceTransformWithLabels(
        (~inside).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    sources = np.flatnonzero(inside)
    source_of = np.zeros(int(labels.max()) + 1, np.intp)
    source_of[labels.ravel()[sources]] = sources
    return source_of[labels]
