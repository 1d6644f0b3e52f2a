"""Where rules and the outline network disagree about a garment's outline: shadows, pale cloth, openings in a print.

Rules follow an edge to the pixel, and take a soft shadow for grey cloth or white cloth for the wall. The network sees
shapes, a few pixels coarse. So its word counts where it is sure and means more than the place of an edge, and the edge
itself is found anew there, at the strongest step of colours.
"""

import cv2
import numpy as np

from vton.images import box_around
from vton.preprocess.outline_frame import Seen
from vton.preprocess.regions import tidy

SURE, LIKELY = 0.85, 0.7
"""How probable garment or background is at least where the network is asked, and where it confirms the rules."""
COARSE = 1.5
"""Width of the network's own edges, in pixels of its frame: what is narrower stays with the rules."""
LEAST = 0.002
"""Area of a piece at least, as a share of the garment's."""
AROUND = 3.0
"""How far about such a piece the outline is drawn anew, in such widths."""
INNER, OUTER = 1, 2


def agreed_outline(mask: np.ndarray, seen: Seen, pixels: np.ndarray) -> np.ndarray:
    """A garment's mask by rules, put right where the network is sure of something else.

    Args:
        mask: bool (H, W). seen: of `outline_frame.look_for_garment`. pixels: uint8 RGB (H, W, 3).

    Returns:
        bool (H, W); `mask` itself where there is nothing to put right.
    """
    probability, width = seen.probability, max(2, round(COARSE * seen.step))
    least = LEAST * max(np.count_nonzero(probability > 0.5), 1)
    wrong = _pieces(mask & (probability < 1 - SURE), width, least) | _pieces(~mask & (probability > SURE), width, least)
    if not wrong.any():
        return mask
    box = box_around(wrong, round((AROUND + 2) * width))
    near = ~_away(wrong[box], AROUND * width)
    drawn = _at_edges(mask[box], probability[box], np.ascontiguousarray(pixels[box]), width)
    result = mask.copy()
    result[box] = np.where(near, drawn, mask[box])
    return tidy(result)


def _pieces(differs: np.ndarray, width: int, least: float) -> np.ndarray:
    """Of what differs, bool (H, W), the pieces that are wider than the network's edges and of an area at least."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1,) * 2)
    opened = cv2.morphologyEx(differs.view(np.uint8), cv2.MORPH_OPEN, kernel)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(opened)
    large = stats[:, cv2.CC_STAT_AREA] > least
    large[0] = False
    return large[pieces]


def _away(region: np.ndarray, radius: float) -> np.ndarray:
    """What lies further than so many pixels from a region, bool (H, W)."""
    return cv2.distanceTransform((~region).view(np.uint8), cv2.DIST_L2, 5) > radius


def _at_edges(mask: np.ndarray, probability: np.ndarray, pixels: np.ndarray, width: int) -> np.ndarray:
    """The garment, bool (H, W), whose outline lies at the picture's strongest edges where nothing else tells it.

    By flooding from what is garment and from what is background (Meyer, "Color image segmentation", 1992): a shadow
    rises softly, cloth in a step. What both say counts to the pixel, what the network says alone a few pixels in.
    """
    markers = np.zeros(mask.shape, np.int32)
    for value, own, likely in ((OUTER, ~mask, 1 - probability), (INNER, mask, probability)):
        markers[_away(~(own & (likely > LIKELY)), 2) | _away(likely < SURE, width)] = value
    if not ((markers == INNER).any() and (markers == OUTER).any()):
        return probability > 0.5
    flooded = cv2.watershed(cv2.GaussianBlur(pixels, (0, 0), 1.0), markers)
    # Of the line between both, a pixel wide, and the picture's rim nothing is said.
    inner = cv2.dilate((flooded == INNER).view(np.uint8), np.ones((3, 3), np.uint8)) & (flooded != OUTER)
    return cv2.medianBlur(inner, 5) > 0
