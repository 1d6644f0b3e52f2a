"""DensePose's body parts as the picture in which VITON-HD keeps them."""

import re

import cv2
import numpy as np

from vton.labels import DENSEPOSE_PARTS, Joint

_FRONTS = (re.sub(" back$", " front", name) for name in DENSEPOSE_PARTS)
FRONT_OF_PART = np.array([DENSEPOSE_PARTS.index(name) for name in _FRONTS], np.uint8)
"""Part id → the front part of the same limb."""


def densepose_picture(parts: np.ndarray) -> np.ndarray:
    """Part ids in the colours of VITON-HD's `image-densepose`, black where nobody is.

    DensePose's visualiser spreads the 24 ids over 255 grey values, cuts off the fraction and reads OpenCV's Parula map.

    Args:
        parts: uint8 (H, W), ids 0 to 24.

    Returns:
        uint8 RGB (H, W, 3).
    """
    return part_colours()[parts]


def limb_picture(parts: np.ndarray) -> np.ndarray:
    """`densepose_picture` with front and back in one colour: the compact networks' view, steady when an arm twists."""
    return densepose_picture(FRONT_OF_PART[parts])


def part_colours() -> np.ndarray:
    """uint8 RGB (25, 3): the colour of each part id."""
    last = len(DENSEPOSE_PARTS) - 1
    values = (np.arange(last + 1) * 255 / last).astype(np.uint8)
    colours = cv2.applyColorMap(values[:, None], cv2.COLORMAP_PARULA)[:, 0, ::-1].copy()
    colours[0] = 0
    return colours


def without_torso_above(parts: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Parts without pieces of torso that lie above the neck, such as a hat or a flag behind the person.

    Args:
        parts: uint8 (H, W), ids 0 to 24.
        keypoints: (18, 3), x, y in its pixels and confidence.

    Returns:
        uint8 (H, W).
    """
    torso = np.isin(parts, [DENSEPOSE_PARTS.index(f"torso {face}") for face in ("back", "front")])
    _, pieces, _, centres = cv2.connectedComponentsWithStats(torso.astype(np.uint8))
    above = np.flatnonzero(centres[:, 1] < keypoints[Joint.NECK, 1])
    return np.where(torso & np.isin(pieces, above), np.uint8(0), parts)
