"""A hanger's hook that is seen in the picture though no outline holds it: a thin line down to the garment's top."""

import cv2
import numpy as np

LINE, SHORTEST, BESIDE, HOOK = 0.03, 0.015, 0.02, 8.0
"""How far up a hook is followed, how much of it is in the picture at least, and how far aside of it the background is,
as shares of the side of a square with the garment's area; by how much it is lighter or darker than that on both sides
(CIELAB)."""
REACH, OFF = 0.06, 0.13
"""How far from the top's middle the hook may be, and how far from there no other such line is; shares as above."""
LEAST_UNIT = 40
"""Side of that square, in pixels, below which a hook is too small to be seen."""
SEEN, CLEARER = 0.8, 2.0
"""Which share of its rows show it at least, and how many times as clear it is there as any such line elsewhere."""


def hook_above(pixels: np.ndarray, mask: np.ndarray) -> bool:
    """Whether a line as thin as wire stands on the highest place in the garment's middle.

    Args:
        pixels: uint8 RGB (H, W, 3). mask: bool (H, W), the garment; not empty.
    """
    unit = float(mask.sum()) ** 0.5
    columns = np.flatnonzero(mask.any(0))
    middle, reach = (columns[0] + columns[-1]) // 2, (columns[-1] - columns[0]) // 8
    near = np.s_[max(0, middle - reach) : middle + reach + 1]
    rows = np.flatnonzero(mask[:, near].any(1))
    if unit < LEAST_UNIT or len(rows) == 0:
        return False
    top = int(rows[0])
    tip = near.start + int(np.median(np.flatnonzero(mask[top, near])))
    # The outline's soft edge is left out.
    last = top - max(2, round(0.01 * unit))
    first, wide = max(0, last - round(LINE * unit)), round(OFF * unit) + round(REACH * unit)
    if last - first < SHORTEST * unit or tip < wide or tip + wide >= mask.shape[1]:
        return False
    strip = pixels[first:last, tip - wide : tip + wide + 1]
    lightness = cv2.cvtColor(strip.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 0]
    away = max(2, round(BESIDE * unit))
    left, right = (lightness - np.roll(lightness, shift, 1) for shift in (away, -away))
    apart = np.where(left * right > 0, np.minimum(np.abs(left), np.abs(right)), 0)
    reach = round(REACH * unit)
    here, there = apart[:, wide - reach : wide + reach + 1], np.delete(apart, np.s_[wide - reach : wide + reach + 1], 1)
    line, other = here.max(1), there[:, away:-away].max(1)
    return bool((line > HOOK).mean() >= SEEN and np.median(line) > CLEARER * np.median(other))
