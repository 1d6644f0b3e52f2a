"""Plain backdrops, which tell exactly where a person ends: a silhouette that runs over them is cut back."""

import cv2
import numpy as np

from vton.labels import Joint

SIZE = (384, 512)
"""Width and height at which colours are compared."""
DEEPEST = 0.14
"""How far into the silhouette a backdrop may reach, in shoulder widths: further in it is a top in its colour."""
AROUND, BESIDE = 0.12, 0.2
"""Over how much of it a backdrop's colour is averaged, and how far from the person its unevenness is measured, in
shoulder widths."""
UNCERTAIN = 4
"""Width of the strip along the silhouette that is looked at neither as backdrop nor as person, in pixels of SIZE."""
PLAIN = 3.0
"""Unevenness, as a difference in CIELAB that one pixel in ten exceeds, above which a backdrop is not plain."""
LEAST, MORE = 1.6, 1.3
"""What differs from the backdrop by more than this, and by more than so many times its unevenness, is the person."""
LEAST_SHOULDERS = 16
"""Narrowest shoulders, in pixels of SIZE."""


def without_backdrop(silhouette: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """The silhouette without what cannot be told from a plain backdrop that it borders on.

    Args:
        silhouette: float32 (H, W) in [0, 1].
        image: uint8 RGB (H, W, 3), a 3:4 canvas.
        keypoints: (18, 3) in its pixels.

    Returns:
        float32 (H, W) in [0, 1]; `silhouette` itself before a backdrop that is not plain.
    """
    scale = SIZE[1] / silhouette.shape[0]
    ends = keypoints[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER], :2]
    unit = float(np.linalg.norm(ends[0] - ends[1])) * scale
    if unit < LEAST_SHOULDERS:
        return silhouette
    small, pixels = (cv2.resize(plane, SIZE, interpolation=cv2.INTER_AREA) for plane in (silhouette, image))
    lab = cv2.cvtColor(cv2.GaussianBlur(pixels, (0, 0), 0.7), cv2.COLOR_RGB2LAB).astype(np.float32)
    person = (small > 0.5).view(np.uint8)
    away = cv2.distanceTransform(1 - person, cv2.DIST_L2, 5)
    sure = (away > UNCERTAIN).astype(np.float32)
    near = (away > UNCERTAIN) & (away < BESIDE * unit)
    if not near.any():
        return silhouette
    # Two box filters are as good as a Gaussian here, and many times as fast.
    size = (2 * round(AROUND * unit) + 1,) * 2
    weight, colour = (cv2.blur(cv2.blur(plane, size), size) for plane in (sure, lab * sure[..., None]))
    difference = np.linalg.norm(lab - colour / np.maximum(weight, 1e-4)[..., None], axis=2)
    uneven = float(np.percentile(difference[near], 90))
    if uneven > PLAIN:
        return silhouette
    inner = cv2.distanceTransform(person, cv2.DIST_L2, 5) > DEEPEST * unit
    alike = (difference < max(LEAST, MORE * uneven)) & ~inner
    _, pieces = cv2.connectedComponents((alike | (person == 0)).view(np.uint8), connectivity=4)
    outside = np.unique(pieces[person == 0])
    beyond = np.isin(pieces, outside[outside > 0]) & (person > 0)
    beyond = cv2.morphologyEx(beyond.view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if not beyond.any():
        return silhouette
    # With the silhouette's soft edge.
    beyond = cv2.dilate(beyond, np.ones((3, 3), np.uint8)) & ~(person & ~beyond)
    soft = cv2.resize(beyond.astype(np.float32), silhouette.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return silhouette * (1 - soft)
