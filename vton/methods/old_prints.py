"""Prints of the top that is taken off: not to be read as light and shade on the new one."""

import cv2
import numpy as np

from vton.methods.worn import bleed

WINDOW = 31
"""Width of the surroundings, in pixels of half the picture, with which a pixel's lightness is compared."""
LIGHTNESS, HUE = 22, 11
"""From which difference of 8-bit CIELAB on something is printed and no fold."""
EDGE = 9
"""How wide what lies along a top's edge is, in pixels: shade, hems, and what the parse's edge leaves of the wall."""
ROOM = 5
"""How wide a print's blurred edge is, in pixels."""
PATTERNED = 0.15
"""From which share of a top on the generator, which has seen prints, reads all of it better than what is left."""
DARK = 32
"""Up to which median lightness, in 8-bit CIELAB, what differs in a top is noise and no shade."""
REACH = 30
"""How far the cloth about a print is continued, in pixels."""


def without_prints(picture: np.ndarray, top: np.ndarray) -> np.ndarray:
    """A photo whose worn top keeps its folds and loses what is printed on it.

    A top with a large print or a pattern stays as it is; one so dark that its folds cannot be told gets one colour.

    Args:
        picture: uint8 RGB (384, 288, 3).
        top: bool (384, 288), where it is worn.

    Returns:
        uint8 RGB (384, 288, 3).
    """
    inner = cv2.erode(top.view(np.uint8), np.ones((EDGE, EDGE), np.uint8)).view(bool)
    if not inner.any():
        return picture
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    usual = np.median(lab[inner], 0)
    if usual[0] < DARK:
        return np.where(top[..., None], np.median(picture[inner], 0).astype(np.uint8), picture)
    printed = _other(np.where(inner[..., None], lab, usual.astype(np.uint8)), usual)
    if not 0 < np.count_nonzero(printed) < PATTERNED * np.count_nonzero(inner):
        return picture
    printed = (cv2.dilate(printed.view(np.uint8), np.ones((ROOM, ROOM), np.uint8)) > 0) & top
    around = bleed(picture, (top & ~printed).astype(np.float32), REACH)
    return np.where(printed[..., None], around, picture)


def _other(lab: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """bool (h, w): what is of another lightness than the cloth about it, or of another hue than most of the cloth.

    lab: uint8 8-bit CIELAB (h, w, 3), beyond the cloth what is usual in it, (3,).
    """
    lightness = np.ascontiguousarray(lab[..., 0])
    local = cv2.medianBlur(cv2.resize(lightness, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), WINDOW)
    local = cv2.resize(local, lightness.shape[::-1], interpolation=cv2.INTER_LINEAR)
    # In the shade a cloth may have less of its hue.
    hues, of_most = lab[..., 1:].astype(np.float32) - 128, usual[1:].astype(np.float32) - 128
    shaded = of_most * (lightness / max(usual[0], 1))[..., None]
    apart = np.minimum(np.abs(hues - of_most), np.abs(hues - shaded)).max(2)
    return (cv2.absdiff(lightness, local) > LIGHTNESS) | (apart > HUE)
