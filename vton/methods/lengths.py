"""How far down a top reaches: cloth that is wider on the wearer than in its picture is not longer in the same measure.

A knitted top that is laid flat is narrower than its wearer. The predicted flow, learnt from garments as wide as their
wearers, enlarges it until it fits, and its hem comes down with that to the thighs. Tops that people wear end about the
hips.
"""

import cv2
import numpy as np

from vton.labels import Joint
from vton.methods.sleeves import shoulder_width
from vton.types import Garment

TRUSTED, HALF = (0.3, 0.9), 0.25
"""The part of the torso (0 neck, 1 mid-hip), and in shoulder widths to each side of its axis, on which the flow's scale
is taken."""
MIDDLE = 0.25
"""Half the width, as a share of the garment's, of its middle part whose lowest point is its hem."""
LONG, KEPT, DRESS = 1.3, 0.3, 1.85
"""In torso lengths below the neck: where hems of tops end at last, how much of what is longer is kept, and from where
on it is no top."""
MOST = 1.2
"""By how much a garment is shortened at most."""
BESIDE = (0.5, 0.8)
"""In shoulder widths from the axis: up to where the trunk is surely, and from where on there is none of it."""


def as_long_as_worn(reads: np.ndarray, points: np.ndarray, garment: Garment, to_garment: np.ndarray) -> np.ndarray:
    """Shorten a top that a flow lays down to the thighs, evenly from the neck to its hem; sleeves stay as they are.

    Args:
        reads: float32 (h, w, 2), x and y in the garment's frame that each pixel of the torso's frame reads.
        points: (18, 2), complete keypoints in the torso's frame.
        to_garment: (2, 3), pixels of the canvas → pixels of the garment's frame.

    Returns:
        float32 (h, w, 2); `reads` itself where the hem is no lower than hems are, or nothing can be told.
    """
    neck, hips = points[Joint.NECK], points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0)
    unit, length, axis = shoulder_width(points), float(hips[1] - neck[1]), float(neck[0] + hips[0]) / 2
    first, last = (int(np.clip(neck[1] + share * length, 0, len(reads))) for share in TRUSTED)
    left, right = (int(np.clip(axis + side * HALF * unit, 0, reads.shape[1])) for side in (-1, 1))
    if last - first < 8 or right - left < 4:
        return reads
    down = reads[first:last, left:right, 1].mean(1)
    rows = np.arange(last - first) - (last - first - 1) / 2
    scale = float(rows @ down / (rows @ rows))
    if scale < 0.1:
        return reads
    hem = ((first + last - 1) / 2 + (_hem(garment.mask, to_garment) - float(down.mean())) / scale - neck[1]) / length
    if not LONG < hem < DRESS:
        return reads
    shorter = min(hem / (LONG + KEPT * (hem - LONG)), MOST)
    rows, columns = np.arange(len(reads), dtype=np.float32), np.arange(reads.shape[1], dtype=np.float32)
    trunk = 1 - np.interp(np.abs(columns - axis) / unit, BESIDE, (0, 1)).astype(np.float32)
    moved = reads.copy()
    moved[..., 1] += np.float32((shorter - 1) * scale) * np.maximum(rows - neck[1], 0)[:, None] * trunk
    return moved


def _hem(mask: np.ndarray, to_garment: np.ndarray) -> float:
    """y of the lowest point of a garment's middle, in its frame; mask: (H, W) in [0, 1] on the canvas."""
    solid = (mask > 0.5).view(np.uint8)
    left, top, width, height = cv2.boundingRect(solid)
    middle = solid[:, round(left + (0.5 - MIDDLE) * width) : round(left + (0.5 + MIDDLE) * width) + 1].any(1)
    lowest = int(np.flatnonzero(middle)[-1]) if middle.any() else top + height
    return float(to_garment[1, 1] * lowest + to_garment[1, 2])
