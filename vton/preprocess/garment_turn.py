"""Garments that lie askew in their picture: by how much, as their symmetry tells, and the picture set upright."""

import cv2
import numpy as np

from vton.preprocess.garment_checks import cut_small, mirror_iou

SIDE = 96
"""Longer side of the garment's bounding box, in pixels, at which its turn is looked for."""
MOST, STEP, FINE = 36, 4, 1
"""Degrees: how far askew a garment is looked for, in which steps, and in which around the best of these."""
ALIKE, GAIN = 0.83, 0.08
"""How alike a garment and its mirror image are at least once it is upright, and how much more than before."""


def lean(mask: np.ndarray) -> float:
    """By how many degrees, counter-clockwise, a picture is to be turned for its garment to hang straight.

    Args:
        mask: float32 (H, W) in [0, 1], the garment; not empty.

    Returns:
        0 for a garment that does not become clearly more symmetric.
    """
    small = cut_small(mask, SIDE)
    found = {float(angle): mirror_iou(small, (angle,)) for angle in range(-MOST, MOST + 1, STEP)}
    straight = max(found[angle] for angle in (-STEP, 0, STEP))
    best = max(found, key=found.get)
    found |= {best + fine: mirror_iou(small, (best + fine,)) for fine in (-2 * FINE, -FINE, FINE, 2 * FINE)}
    best = max(found, key=found.get)
    return best if found[best] > max(ALIKE, straight + GAIN) else 0.0


def turned(pixels: np.ndarray, degrees: float, fill: tuple[int, ...] | float) -> np.ndarray:
    """A picture or mask (H, W[, C]) turned counter-clockwise, the whole of it, on a ground of one value."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
    size = np.ceil(np.abs(matrix[:, :2]) @ (width, height)).astype(int)
    matrix[:, 2] += (size - (width, height)) / 2
    return cv2.warpAffine(pixels, matrix, tuple(map(int, size)), flags=cv2.INTER_CUBIC, borderValue=fill)
