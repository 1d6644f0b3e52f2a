"""How wide a neckline is: no wider than the two points at which the shoulders meet the neck are apart."""

import cv2
import numpy as np

SAG, LEVEL = 0.09, 0.08
"""How far the back hangs at least between the neck points, for them to be believed, and how unequally high these are at
most, as shares of the distance between them."""
BEYOND, MUCH = 0.1, 0.2
"""How far beyond a neck point an inside may reach, in the same measure; and from how far on it is narrowed to that."""
EVEN = 0.006
"""Unevenness of the garment's upper edge, in sides of the square with its area."""
LEAST = 0.15
"""Least distance between neck points, in the same measure: a hanger's hook has two, too."""


def no_wider_than_the_neck(inside: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The inside of a garment's back, narrowed on each side on which it reaches far beyond the neck point.

    In dark cloth rules and network find the front edge of the neckline too far out: on the shoulders there is none.

    Args:
        inside, mask: float32 (H, W) in [0, 1]; the first is returned itself where it is not too wide.

    Returns:
        float32 (H, W) in [0, 1], at most the mask.
    """
    seen, solid = inside > 0.5, mask > 0.5
    columns = np.flatnonzero(seen.any(0))
    if len(columns) < 3:
        return inside
    ends = _neck_points(solid, int(columns[0] + columns[-1]) // 2)
    if ends is None:
        return inside
    wide, middle = ends[1] - ends[0], (ends[0] + ends[1]) / 2
    x = np.arange(mask.shape[1], dtype=np.float32)
    source = x.copy()
    for end, reached, side in zip(ends, (columns[0], columns[-1]), (-1, 1), strict=True):
        if side * (reached - end) > MUCH * wide:
            there, limit = side * (x - middle) > 0, end + side * BEYOND * wide
            source[there] = middle + (x[there] - middle) * (reached - middle) / (limit - middle)
    if np.array_equal(source, x):
        return inside
    height = len(mask)
    bottom = np.where(seen.any(0), height - seen[::-1].argmax(0), 0).astype(np.float32)
    bottom = np.interp(source, x, bottom, left=0, right=0)
    rows = np.arange(height, dtype=np.float32)[:, None]
    drawn = ((bottom - rows) * (bottom > 0)).clip(0, 1).astype(np.float32)
    return np.minimum(cv2.GaussianBlur(drawn, (0, 0), 1.0), mask)


def _neck_points(solid: np.ndarray, middle: int) -> tuple[int, int] | None:
    """The columns of a garment's highest points on either side of a column, bool (H, W); None where its upper edge has
    no two such points with the back hanging between them."""
    unit = float(solid.sum()) ** 0.5
    top = np.where(solid.any(0), solid.argmax(0), len(solid)).astype(np.float32)
    top = cv2.GaussianBlur(top[None], (0, 0), max(1.0, EVEN * unit))[0]
    middle = int(np.clip(middle, 1, len(top) - 2))
    left, right = int(top[:middle].argmin()), middle + int(top[middle:].argmin())
    wide = right - left
    hangs = top[left : right + 1].max() - (top[left] + top[right]) / 2
    sound = wide > LEAST * unit and hangs > SAG * wide and abs(top[left] - top[right]) < LEVEL * wide
    return (left, right) if sound else None
