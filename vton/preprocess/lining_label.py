"""The label in the back of a top with straps, where nothing else of its inside is to be seen.

Between the straps such a top's upper edge is nearly level. What lies right below it in another colour, in the middle,
and is neither a trim from strap to strap nor as small as a bow, is sewn into the back.
"""

import cv2
import numpy as np

STRAPS = 0.06
"""How much higher than the edge between them straps reach at least. All lengths are shares of the frame's side."""
LEVEL, NARROWEST = 0.025, 0.15
"""How unlevel the edge between the straps is at most, and how wide it is at least."""
CLOSE, LEAST_HEIGHT, MOST_HEIGHT = 0.035, 0.015, 0.1
"""How far below the edge a label begins at most, and how high it is."""
LEAST_WIDTH, MOST_WIDTH, OFF_CENTRE = 0.12, 0.7, 0.25
"""How wide a label is and how far its middle is from that between the straps, as shares of their distance."""
APART = 70.0
"""Difference of colours, of 255, between a label and the cloth."""


def labelled_edge(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """What lies between the straps of a framed garment down to where a label in its back ends.

    Args:
        pixels: uint8 RGB (S, S, 3). mask: float32 (S, S) in [0, 1].

    Returns:
        float32 (S, S), 1 in the inside; zeros where there is no such label.
    """
    solid, side = mask > 0.5, len(mask)
    found = np.zeros(mask.shape, np.float32)
    between = _between_the_straps(solid)
    if between is None:
        return found
    left, right = between
    edge = solid[:, left:right].argmax(0)
    usual = np.median(pixels[solid], 0)
    other = (np.abs(pixels[:, left:right].astype(np.float32) - usual).max(2) > APART) & solid[:, left:right]
    # Its letters are of the cloth's colour as often as not.
    joined = cv2.morphologyEx(other.view(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    for x, y, width, height, area in stats[1:]:
        begins = y - int(np.median(edge[x : x + width]))
        if (
            begins <= CLOSE * side
            and LEAST_HEIGHT * side <= height <= MOST_HEIGHT * side
            and LEAST_WIDTH * (right - left) <= width <= MOST_WIDTH * (right - left)
            and abs(x + width / 2 - (right - left) / 2) < OFF_CENTRE * (right - left)
            and area > 0.5 * width * height
        ):
            found[: y + height + 1, left:right] = 1
    return found * solid


def _between_the_straps(solid: np.ndarray) -> tuple[int, int] | None:
    """From which column to which a garment, bool (S, S), has a level upper edge between two straps; or None."""
    side = len(solid)
    columns = np.flatnonzero(solid.any(0))
    if len(columns) == 0:
        return None
    top = np.where(solid.any(0), solid.argmax(0), side)
    middle = int(np.median(columns))
    line = int(np.median(top[max(0, middle - 2) : middle + 3]))
    level = np.abs(top - line) <= max(1, LEVEL * side)
    left, right = middle, middle
    while left > 0 and level[left - 1]:
        left -= 1
    while right < side - 1 and level[right + 1]:
        right += 1
    straps = [top[:left].min(initial=side), top[right + 1 :].min(initial=side)]
    if right - left < NARROWEST * side or max(straps) > line - STRAPS * side:
        return None
    return left, right + 1
