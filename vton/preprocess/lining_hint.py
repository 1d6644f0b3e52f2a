"""A neckline's inside of which the lining network saw too little to be sure, where the garment's outline bears it out.

A round neck that is open shows in the outline: between the two points at which the shoulders meet it, the back hangs.
Such a garment has an inside; of a plain one in the front's own colour a network sees the label's edge, or a shadow.
"""

import cv2
import numpy as np

from vton.preprocess.lining_frame import Sureness, at_the_neck, up_to_the_neck_points

HINT = Sureness(edge=0.3, sure=0.45, least=0.001)
"""From which probabilities on something may be an inside; see `at_the_neck`."""
APART = 60.0
"""Difference of colours, of 255, between a label and the cloth."""
CLOSE, HIGH, WIDE, OFF_CENTRE = 0.05, 0.11, 0.5, 0.15
"""How far below what was found a label begins at most, and how high it is, as shares of the frame's side; how wide it
is and how far from the middle, as shares of the inside's width."""


def hinted_inside(probability: np.ndarray, pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The inside of a round neck that probabilities hint at, with the label that is sewn into it.

    Args:
        probability: float32 (S, S). pixels: uint8 RGB (S, S, 3). mask: float32 (S, S) in [0, 1]. All framed.

    Returns:
        float32 (S, S), 1 in the inside; zeros where there is no hint, or no such neck.
    """
    none = np.zeros_like(probability)
    seed = (at_the_neck(probability, HINT) > HINT.edge).astype(np.float32)
    whole = up_to_the_neck_points(seed, mask)
    if not seed.any() or whole is seed:
        return none
    label = _label_below(whole > 0, pixels, mask > 0.5)
    return up_to_the_neck_points(np.maximum(seed, label), mask) if label.any() else whole


def _label_below(inside: np.ndarray, pixels: np.ndarray, solid: np.ndarray) -> np.ndarray:
    """Labels, float32 (S, S) in {0, 1}, that begin within an inside, bool (S, S), or right below it."""
    side = len(inside)
    rows, columns = np.nonzero(inside)
    middle, width, end = (columns.min() + columns.max()) / 2, np.ptp(columns) + 1, rows.max()
    usual = np.median(pixels[solid], 0)
    other = (np.abs(pixels.astype(np.float32) - usual).max(2) > APART) & solid
    # Letters of one label.
    joined = cv2.morphologyEx(other.view(np.uint8), cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(joined)
    found = np.zeros(inside.shape, np.float32)
    for piece, (x, y, wide, high, _) in enumerate(stats[1:], 1):
        central = abs(x + wide / 2 - middle) < OFF_CENTRE * width
        if central and wide < WIDE * width and high < HIGH * side and end < y + high and y < end + CLOSE * side:
            found[pieces == piece] = 1
    return found
