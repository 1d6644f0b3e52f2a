"""Regions of a picture."""

import cv2
import numpy as np

MIDDLE = 0.4
"""From which share of its greatest depth on the middle of a region begins."""


def near(region: np.ndarray, radius: float) -> np.ndarray:
    """What is at most `radius` pixels away from a region: bool (H, W); a dilation, fast for any radius."""
    if not region.any():
        return region
    # Discs of pixels reach a little farther than their radius.
    return cv2.distanceTransform((~region).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= radius + 0.3


def connected_to_border(region: np.ndarray) -> np.ndarray:
    """The part of a region, bool (H, W), that reaches the picture's border."""
    # A frame around the picture joins all that reaches its border.
    framed = cv2.copyMakeBorder(region.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), 2, flags=4)
    return framed[1:-1, 1:-1] == 2


def middle_of(region: np.ndarray) -> np.ndarray:
    """What lies deep within a region; bool (H, W) both."""
    depth = cv2.distanceTransform(region.view(np.uint8), cv2.DIST_L2, 5)
    return depth > MIDDLE * depth.max()
