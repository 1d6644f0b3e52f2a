"""Two edges of one neckline, a band apart: ribbing or a collar, of which the outer edge is often the clearer one."""

import cv2
import numpy as np

LEAST, EVEN = 2.0, 1.75
"""How wide a band is at least nearly everywhere, in pixels of the frame; and how many times as wide its wider parts are
as its narrower ones."""


def band_widths(inside: np.ndarray, outer: np.ndarray, garment: np.ndarray) -> tuple[float, float] | None:
    """How wide the band is, at its narrow and at its wide parts, that lies between an inside and another one around it.

    Args:
        inside, outer: bool (S, S), the two insides of a neckline.
        garment: bool (S, S), where the garment is; above its upper edge a band has no width.

    Returns:
        Pixels; None where there is no band, or one that is not of about the same width everywhere.
    """
    inner, width = _up_to_the_top(inside & garment), _from_the_edge(outer & garment)
    edge = (inner > cv2.erode(inner, np.ones((3, 3), np.uint8), borderValue=1)) & garment
    if not edge.any():
        return None
    least, narrow, wide = np.percentile(width[edge], (10, 25, 75))
    return (float(least), float(wide)) if least >= LEAST and wide <= EVEN * narrow else None


def without_band(outer: np.ndarray, width: float) -> np.ndarray:
    """A neckline's inside, float32 (H, W) in [0, 1], less a band of so many pixels along its lower edge."""
    return outer * (_from_the_edge(outer > 0.5) - np.float32(width)).clip(0, 1)


def _from_the_edge(region: np.ndarray) -> np.ndarray:
    """How far pixels lie from the lower edge of a region, bool (S, S); float32, 0 beyond it."""
    whole = cv2.copyMakeBorder(_up_to_the_top(region), 0, 1, 1, 1, cv2.BORDER_CONSTANT)
    return cv2.distanceTransform(whole, cv2.DIST_L2, 5)[:-1, 1:-1]


def _up_to_the_top(region: np.ndarray) -> np.ndarray:
    """A region, bool (S, S), with all that is above it in its columns; uint8 in {0, 1}."""
    return np.maximum.accumulate(region[::-1].view(np.uint8))[::-1]
