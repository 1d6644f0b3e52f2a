"""Where a top shows between and beside strands of hair that hang before it, told by the colours of both."""

import cv2
import numpy as np

from vton.labels import UPPER_LABELS, Parse
from vton.preprocess.colour_shares import clear_shares
from vton.preprocess.regions import shoulder_width

APART, BESIDE = 0.15, 0.4
"""In shoulder widths: from how far from the top on hair tells its own colours, and up to where what is taken for it may
be the top."""
UNLIKE, CLEAR = 0.35, 0.85
"""Likeness (Bhattacharyya coefficient) of hair and top up to which their colours tell them apart, and how much of a
colour the top has then."""
SMOOTH, LEAST = 1.5, 0.0004
"""How far around a pixel its colour counts, in pixels, and the smallest piece of top, in squared shoulder widths."""


def top_between_hair(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """What is taken for hair, before or beside a top, in colours that the top has and the hair has not is the top.

    Args:
        parse: uint8 (H, W), ids of `Parse`.
        image: uint8 RGB (H, W, 3).
        keypoints: (18, 3) in pixels.

    Returns:
        uint8 (H, W); `parse` itself where nothing is to be changed, or where both have like colours.
    """
    unit = shoulder_width(keypoints)
    hair, tops = parse == Parse.HAIR, np.isin(parse, UPPER_LABELS)
    left, top, width, height = cv2.boundingRect(hair.view(np.uint8))
    reach = round(BESIDE * unit)
    if unit < 40 or width == 0 or not tops.any():
        return parse
    box = np.s_[max(0, top - reach) : top + height + reach, max(0, left - reach) : left + width + reach]
    hair, tops = hair[box], tops[box]
    if not tops.any():
        return parse
    from_top = cv2.distanceTransform((~tops).view(np.uint8), cv2.DIST_L2, 5)
    own = hair & (from_top > APART * unit)
    if own.sum() < LEAST * unit**2 or not (hair & ~own).any():
        return parse
    share = clear_shares(image[box], tops, own, UNLIKE, SMOOTH)
    if share is None:
        return parse
    found = (hair & (from_top < BESIDE * unit) & (share > CLEAR)).view(np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(found)
    large = stats[:, cv2.CC_STAT_AREA] > LEAST * unit**2
    large[0] = False
    found = large[pieces]
    if not found.any():
        return parse
    result = parse.copy()
    result[box][found] = np.bincount(parse[box][tops]).argmax()
    return result
