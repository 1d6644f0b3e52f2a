"""Where a top shows between and beside strands of hair that hang before it, told by the colours of both."""

import cv2
import numpy as np

from vton.labels import UPPER_LABELS, Joint, Parse

APART, BESIDE = 0.15, 0.4
"""In shoulder widths: from how far from the top on hair tells its own colours, and up to where what is taken for it may
be the top."""
BINS = (24, 12, 12)
"""Widths of a histogram's bins in 8-bit CIELAB: lightness and both hues."""
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
    unit = float(np.linalg.norm(keypoints[Joint.RIGHT_SHOULDER, :2] - keypoints[Joint.LEFT_SHOULDER, :2]))
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
    share = share_of_first(image[box], tops, own, UNLIKE, SMOOTH)
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


def share_of_first(
    image: np.ndarray, one: np.ndarray, other: np.ndarray, unlike: float, smooth: float
) -> np.ndarray | None:
    """How far the colour of each pixel is that of one part and not of the other.

    Args:
        image: uint8 RGB (h, w, 3).
        one, other: bool (h, w), neither empty.
        unlike: likeness (Bhattacharyya coefficient) of both parts' colours up to which they are told apart.
        smooth: how far around a pixel its colour counts, in pixels.

    Returns:
        float32 (h, w) in [0, 1], 0.5 for colours that neither has; None where both have like colours.
    """
    lab = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2LAB).astype(int) // BINS
    bins = (lab[..., 0] * 22 + lab[..., 1]) * 22 + lab[..., 2]
    first, second = (np.bincount(bins[part], minlength=11 * 22 * 22) / int(part.sum()) for part in (one, other))
    if np.sqrt(first * second).sum() > unlike:
        return None
    share = ((first + 1e-4) / (first + second + 2e-4))[bins].astype(np.float32)
    return cv2.GaussianBlur(share, (0, 0), smooth)
