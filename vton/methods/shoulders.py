"""Cloth lies on the shoulders: beside the neck and over the joints a garment ends its thickness above the body.

The target parse is drawn coarsely. Left to itself a shoulder is rounder than the wearer's, or stands off it beside the
neck, or leaves a rim of old skin along it. The body's parts tell where the body ends, whatever was worn over it.
"""

import cv2
import numpy as np

from vton.labels import Joint, among
from vton.methods.sleeves import ARM_REGIONS, SKIN, disc, shoulder_width

THICK = 0.025
"""How far above the body cloth may lie on a shoulder, in shoulder widths."""
RIM, GAP = 0.05, 0.075
"""Width of a shoulder's edge, and how much skin up to there is left at most where it is covered too, in shoulder
widths."""
ABOVE, BELOW = 0.6, 0.12
"""In shoulder widths: how far above the higher shoulder, and how far below each, cloth lies on the shoulders."""
BESIDE = 0.32
"""How far from the neck's middle, in shoulder widths, there are shoulders only, if the neckline's ends are unknown."""
BIT, LEAST_STRAP = 0.045, 0.1
"""Radius of the bits and notches along a shoulder that are no form of a garment, and the least height of a strap, in
shoulder widths."""
LEAST_BODY = 0.5
"""Share of the line between the shoulders that the body's parts must hold to be believed."""


def on_the_shoulders(
    shape: np.ndarray,
    labels: np.ndarray,
    before: np.ndarray,
    parts: np.ndarray,
    points: np.ndarray,
    opening: np.ndarray | None = None,
) -> np.ndarray:
    """The garment's outline as the shoulders carry it.

    Args:
        shape: float32 (h, w) in [0, 1], where the garment is.
        labels, before: uint8 (h, w), `Region` of what is there otherwise, and of the photo.
        parts: uint8 (h, w), DensePose parts, 0 where there is no body or it is unknown.
        points: (18, 2) in pixels, complete.
        opening: (2, 2), x and y of the neckline's ends, left and right; None where they are unknown.

    Returns:
        float32 (h, w) in [0, 1]; the same where parts are unknown or an arm is raised.
    """
    unit = shoulder_width(points)
    shoulders = points[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]]
    first = int(np.clip(shoulders[:, 1].min() - ABOVE * unit, 0, len(shape)))
    last = int(np.clip(shoulders[:, 1].max() + BELOW * unit, 0, len(shape)))
    zone = np.s_[first:last]
    # Along a raised arm there is sleeve, and sleeves stand off.
    raised = (points[[Joint.RIGHT_ELBOW, Joint.LEFT_ELBOW], 1] < shoulders[:, 1]).any()
    if last - first < 8 or raised or not _seen(parts, shoulders):
        return shape
    body = (parts[zone] > 0).astype(np.uint8)
    # Bare shoulders show where they end.
    bare = among(before[zone], SKIN) & (cv2.dilate(body, disc(RIM * unit)) > 0)
    # Where a sleeve lies an arm is in it, be the parts ever so narrow.
    body = np.maximum(np.maximum(body, bare), among(labels[zone], ARM_REGIONS))
    body = _even(body.astype(np.float32), unit)
    reach = cv2.dilate(body, disc(THICK * unit))
    rows, columns = np.arange(first, last, dtype=np.float32)[:, None], np.arange(shape.shape[1], dtype=np.float32)
    # Each side ends below its own shoulder; what is lower there is sleeve, and sleeves stand off.
    ends = np.interp(columns, *zip(*sorted(map(tuple, shoulders)), strict=True)) + BELOW * unit
    upper = ((ends - rows) / (BELOW * unit)).clip(0, 1)
    kept = shape[zone] * (1 - upper) + np.minimum(shape[zone], reach) * upper
    if opening is None:
        beside = np.abs(columns - points[Joint.NECK, 0]) > BESIDE * unit
    else:
        beside = (columns < opening[0, 0]) | (columns > opening[1, 0])
    rim = _rim(kept, body, upper > 0.5, unit) * beside * among(labels[zone], SKIN)
    result = shape.copy()
    result[zone] = np.maximum(kept, rim)
    return result


def _rim(cloth: np.ndarray, body: np.ndarray, near: np.ndarray, unit: float) -> np.ndarray:
    """What is left of the body above cloth, in columns where cloth reaches its edge; beside it a strap would grow.

    All (h, w): cloth and body float32 in [0, 1], near bool, where it is looked for. Returns float32 in [0, 1].
    """
    over = cv2.dilate(cloth, np.ones((2 * round(GAP * unit) + 1, 1), np.uint8)) * near
    edge = body - cv2.erode(body, disc(RIM * unit))
    return body * over * ((edge * over).max(0) > 0.5)


def without_bits(upper: np.ndarray, points: np.ndarray) -> np.ndarray:
    """A garment's outline over the shoulders without bits that stick out of it and notches in it; straps stay.

    Args:
        upper: float32 (h, w) in [0, 1], where the garment is.
        points: (18, 2) in pixels, complete.

    Returns:
        float32 (h, w) in [0, 1].
    """
    unit, neck = shoulder_width(points), points[Joint.NECK, 0]
    shoulders = points[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER], 1]
    first, last = (
        int(np.clip(y, 0, len(upper))) for y in (shoulders.min() - ABOVE * unit, shoulders.max() + BELOW * unit)
    )
    if last - first < 8:
        return upper
    # Looked at a little beyond the zone, at whose end an outline would seem to end too.
    zone = np.s_[first : last + round(2 * BIT * unit) + 1]
    worn = (upper[zone] > 0.5).view(np.uint8)
    closed = cv2.morphologyEx(worn, cv2.MORPH_CLOSE, disc(BIT * unit))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, disc(BIT * unit))
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(closed & ~opened)
    long = stats[:, cv2.CC_STAT_HEIGHT] > LEAST_STRAP * unit
    long[0] = False
    even = opened | long[pieces]
    beside = np.abs(np.arange(upper.shape[1]) - neck) > BESIDE * unit
    even[last - first :] = worn[last - first :]
    near = cv2.dilate((even != worn).astype(np.uint8) & beside, disc(2)) > 0
    result = upper.copy()
    soft = cv2.GaussianBlur(np.where(beside, even, worn).astype(np.float32), (0, 0), 0.7)
    result[zone] = np.where(near, soft, upper[zone])
    return result


def _seen(parts: np.ndarray, shoulders: np.ndarray) -> bool:
    """Whether the parts hold the line between the shoulders (2, 2)."""
    places = np.linspace(*shoulders, 21).round().astype(int)
    inside = ((places >= 0) & (places < parts.shape[::-1])).all(1)
    columns, rows = places[inside].T
    return bool((parts[rows, columns] > 0).sum() > LEAST_BODY * len(places))


def _even(mask: np.ndarray, unit: float) -> np.ndarray:
    """A mask without the steps of the network that drew it, float32 in [0, 1]."""
    soft = cv2.GaussianBlur(mask, (0, 0), max(1.0, 0.02 * unit))
    return ((soft - 0.5) * 4 + 0.5).clip(0, 1)
