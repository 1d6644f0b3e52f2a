"""Sets: a top with trousers or a skirt in one picture, of which only the top is tried on."""

import cv2
import numpy as np

from vton.preprocess.garment_background import border_colour
from vton.preprocess.outline_frame import Seen
from vton.preprocess.regions import tidy

OTHER, SURE, GARMENT = 0.35, 0.2, 0.8
"""How probably something is the top at most to be another garment, and to be surely one; and at least to be the top."""
LEAST, LEAST_TOP = 0.1, 0.25
"""Areas of another garment and of the top at least, as shares of the outline's."""
BELOW = 0.15
"""How much lower the middle of what is worn on the legs lies at least, as a share of the outline's height."""
APART = 60.0
"""Grey levels between another garment and the background at least: pale cloth on pale paper is not seen as cloth."""
WIDE = 6.0
"""Width of the narrowest part of another garment, in pixels of the network's frame: its edges are narrower."""


def without_trousers(mask: np.ndarray, seen: Seen, pixels: np.ndarray) -> tuple[np.ndarray, bool]:
    """A garment's mask by rules without the trousers that lie below it, and whether there are any.

    Rules take whatever stands out for one garment; the network has learnt what a top is. Where it is sure of both, the
    border between them is where colours change most (flooding; Meyer, "Color image segmentation", 1992).

    Args:
        mask: bool (H, W). seen: of `outline_frame.look_for_garment`. pixels: uint8 RGB (H, W, 3).
    """
    area = np.count_nonzero(mask)
    if not area:
        return mask, False
    other, top = mask & (seen.probability < OTHER), mask & (seen.probability > GARMENT)
    if np.count_nonzero(other) < LEAST * area or np.count_nonzero(top) < LEAST_TOP * area:
        return mask, False
    stands_out = np.abs(pixels.astype(np.int16) - np.int16(border_colour(pixels))).max(2) > APART
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, round(WIDE * seen.step)),) * 2)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(
        cv2.morphologyEx((other & stands_out).view(np.uint8), cv2.MORPH_OPEN, kernel)
    )
    large = 1 + np.flatnonzero(stats[1:count, cv2.CC_STAT_AREA] > LEAST * area)
    other = np.isin(pieces, [piece for piece in large if np.median(seen.probability[pieces == piece]) < SURE])
    if not other.any():
        return mask, False
    rows = np.flatnonzero(mask.any(1))
    lower = np.nonzero(other)[0].mean() - np.nonzero(top)[0].mean()
    if lower < BELOW * (rows[-1] - rows[0]):
        return mask, False
    markers = np.zeros(mask.shape, np.int32)
    markers[top], markers[other & (seen.probability < SURE)], markers[~mask] = 1, 2, 3
    flooded = cv2.watershed(cv2.GaussianBlur(pixels, (0, 0), 1.0), markers)
    kept = cv2.dilate((flooded == 1).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return tidy(kept & mask & (flooded != 2)), True
