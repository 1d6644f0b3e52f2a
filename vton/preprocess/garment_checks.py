"""What the outline of a garment tells about its picture: whether it can be worn as a top, and is shown as one."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

SIDE = 160
"""Longer side of the garment's bounding box, in pixels, at which outlines are judged."""
MOST_TURNED = 6
"""Degrees up to which a turned garment stays within its box, or loses next to nothing beyond."""


@dataclass(frozen=True)
class Outline:
    """Figures of a garment's outline.

    pieces: parts of at least a quarter of the largest one's area.
    mirrored: how well the outline agrees with its mirror image, left for right: IoU at the best axis.
    filled: share of the smallest rectangle around it, at any angle, that it fills.
    hull: share of its convex hull that it fills.
    legs: share of the height, from the bottom up, over which it is two strips side by side with little between.
    flared: how far the width grows from top to bottom, by the bottom's width, where it does so evenly and from a flat
        upper edge; 0 elsewhere.
    valley: height of the lowest column in its middle, by the tallest column.
    aspect: width by height.
    """

    pieces: int
    mirrored: float
    filled: float
    hull: float
    legs: float
    flared: float
    valley: float
    aspect: float


def garment_findings(mask: np.ndarray) -> list[str]:
    """What is doubtful about a garment's picture, from its outline alone.

    Args:
        mask: float32 (H, W) in [0, 1], the garment in its own picture, not padded.

    Returns:
        Codes of `findings.FINDINGS`.
    """
    findings = []
    if share_of_border(mask) > 0.04:
        findings.append("garment_cut_off")
    outline = measure_outline(mask)
    side_by_side = outline.valley < 0.25 and outline.aspect > 1.25
    if outline.pieces > 1 or side_by_side:
        return [*findings, "several_garments"]
    if outline.legs > 0.25 or outline.flared > 0.25:
        return [*findings, "garment_not_top"]
    if outline.filled > 0.93 and outline.hull > 0.97 and outline.aspect > 0.5:
        return [*findings, "garment_folded"]
    # A garment that the frame cuts need not be symmetric in what is left of it.
    lopsided = outline.mirrored < 0.79
    if lopsided and not findings:
        findings.append("garment_not_frontal")
    return findings


def share_of_border(mask: np.ndarray) -> float:
    """How much of the picture's border the garment takes."""
    return float(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean())


def measure_outline(mask: np.ndarray) -> Outline:
    """Measure a mask (H, W) that is not empty."""
    small = cut_small(mask, SIDE)
    size = small.shape[::-1]
    _, _, stats, _ = cv2.connectedComponentsWithStats(small)
    areas = stats[1:, cv2.CC_STAT_AREA]
    points = cv2.findNonZero(small)
    hull, (_, (width, height), _) = cv2.convexHull(points), cv2.minAreaRect(points)
    tall = small.sum(axis=0)
    middle = tall[round(0.35 * size[0]) : round(0.65 * size[0]) + 1]
    return Outline(
        pieces=int((areas >= areas.max() / 4).sum()),
        mirrored=mirror_iou(small),
        filled=float(small.sum() / max(1.0, (width + 1) * (height + 1))),
        hull=float(small.sum() / (cv2.contourArea(hull) + cv2.arcLength(hull, True) / 2 + 1)),
        legs=_legs(small),
        flared=_flare(small),
        valley=float(middle.min() / tall.max()),
        aspect=size[0] / size[1],
    )


def cut_small(mask: np.ndarray, side: int) -> np.ndarray:
    """The bounding box of a mask (H, W) that is not empty, with a longer side of so many pixels; uint8 in {0, 1}."""
    solid = (mask > 0.5).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(solid)
    scale = side / max(width, height)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    cut = solid[top : top + height, left : left + width]
    return (cv2.resize(cut, size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)


def mirror_iou(small: np.ndarray, angles: Sequence[float] = (-6, -3, 0, 3, 6)) -> float:
    """The best agreement, IoU, with the mirror image, left for right, over axes near the middle and some turns.

    small: uint8 (H, W) in {0, 1}, some 100 pixels a side. angles: degrees counter-clockwise.
    """
    width = small.shape[1]
    # Turned further, a garment would reach beyond its picture.
    above = small.shape[0] // 3 if max(map(abs, angles)) > MOST_TURNED else 0
    padded = cv2.copyMakeBorder(small, above, above, width // 3, width // 3, cv2.BORDER_CONSTANT)
    best = 0.0
    for angle in angles:
        centre = (padded.shape[1] / 2, padded.shape[0] / 2)
        turned = cv2.warpAffine(padded, cv2.getRotationMatrix2D(centre, angle, 1), padded.shape[::-1])
        columns, area = turned.astype(np.float32), int(turned.sum())
        # For every two columns, in how many rows both are covered; the second is mirrored and moved to the first.
        shared = columns.T @ np.ascontiguousarray(columns[:, ::-1])
        at = np.arange(len(shared))
        for shift in range(-width // 5, width // 5 + 1, max(1, width // 40)):
            both = float(shared[at, (at - shift) % len(shared)].sum())
            best = max(best, both / max(1.0, 2 * area - both))
    return best


def _legs(small: np.ndarray) -> float:
    """See `Outline.legs`. Sleeves beside a short top are farther apart; a long top lies between its sleeves."""
    height, width = small.shape
    count = 0
    for row in small[::-1][round(0.02 * height) :]:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row, [0]]).astype(np.int8)))
        starts, ends = edges[::2], edges[1::2]
        runs = ends - starts
        if len(runs) != 2 or runs.min() < 0.15 * width or starts[1] - ends[0] > 0.45 * width:
            break
        if runs.min() < 0.6 * runs.max():
            break
        count += 1
    return count / height


def _flare(small: np.ndarray) -> float:
    """See `Outline.flared`: the shape of a skirt, whose waist is a straight edge."""
    height, width = small.shape
    if (np.abs(np.diff(small.astype(np.int8), axis=1)).sum(axis=1)[: round(0.9 * height)] > 2).any():
        return 0.0
    widths = small.sum(axis=1)[round(0.03 * height) : round(0.92 * height)].astype(float)
    waist = widths[: max(3, len(widths) // 20)].mean()
    if waist < 0.3 * width:
        return 0.0
    steady = (np.diff(cv2.GaussianBlur(widths[:, None], (1, 0), 0.1, sigmaY=3)[:, 0]) > -0.15).mean()
    along = np.arange(len(widths))
    residual = np.abs(widths - np.polyval(np.polyfit(along, widths, 2), along)).max()
    if steady < 0.95 or residual > 0.06 * width:
        return 0.0
    return float(1 - waist / widths[-len(widths) // 20 :].mean())
