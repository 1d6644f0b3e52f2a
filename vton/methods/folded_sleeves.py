"""Sleeves over which the warp folds the garment's picture, as it does on raised arms: rings instead of cloth."""

import cv2
import numpy as np

ABOUT = 0.25
"""How wide a band about an arm's bones is looked at, in shoulder widths."""
LEAST, FLAT, FOLDED = 200, 0.05, 0.15
"""How many pixels of the target parse it has at least, to tell anything; from which area on, for each pixel's, the
picture is not folded there; and which share of the band is, at least, where a sleeve is. (Of 86 arms in photographs
four have more than .2, all raised or turned away, and the others less than .1.)"""


def is_folded(flow: np.ndarray, mask: np.ndarray, bones: np.ndarray, unit: float) -> bool:
    """Whether a warp folds the garment's picture over much of an arm.

    Args:
        flow: float32 (h, w, 2), what each pixel reads in the garment's picture, in pixels of the same size.
        mask: float32 (h, w) in [0, 1], where the garment is.
        bones: (3, 2), shoulder, elbow and wrist, x and y in its pixels. unit: width of the shoulders.
    """
    band = np.zeros(mask.shape, np.uint8)
    line = bones.clip(-4000, 4000).round().astype(np.int32)
    cv2.polylines(band, [line], False, 1, max(3, round(ABOUT * unit)))
    rows, columns = np.nonzero(band & (mask > 0.5))
    if len(rows) < LEAST:
        return False
    top, left = max(0, rows.min() - 1), max(0, columns.min() - 1)
    down, across = np.gradient(flow[top : rows.max() + 2, left : columns.max() + 2], axis=(0, 1))
    area = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
    return bool((area[rows - top, columns - left] < FLAT).mean() > FOLDED)
