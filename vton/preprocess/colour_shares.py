"""How far colours are those of one part of a picture and not of another, by histograms of both."""

from itertools import product

import cv2
import numpy as np

FINE, COARSE = (24, 12, 12), (32, 13, 13)
"""Widths of a histogram's bins in 8-bit CIELAB: lightness and both hues."""
NEVER_SEEN = 1e-4
"""How much of a colour a part has at least, so that what neither has tells nothing."""


def colour_bins(image: np.ndarray, widths: tuple[int, int, int] = FINE) -> np.ndarray:
    """The bin of each pixel's colour: uint8 RGB (h, w, 3) → int32 (h, w)."""
    lab = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2LAB)
    table = np.arange(256)[:, None] // widths
    lightness, green, yellow = cv2.split(cv2.LUT(lab, table[None].astype(np.uint8)))
    _, greens, yellows = table[-1] + 1
    bins = lightness.astype(np.int32)
    for plane, count in ((green, greens), (yellow, yellows)):
        bins *= count
        bins += plane
    return bins


def likeness(bins: np.ndarray, one: np.ndarray, other: np.ndarray) -> float:
    """The Bhattacharyya coefficient of two parts' colours; bins as of `colour_bins`, parts bool (h, w)."""
    return float(np.sqrt(np.multiply(*_histograms(bins, one, other))).sum())


def shares(bins: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How far each pixel's colour is the first part's and not the other's: float32 (h, w) in [0, 1], 0.5 for colours
    that neither has."""
    first, second = _histograms(bins, one, other)
    return ((first + NEVER_SEEN) / (first + second + 2 * NEVER_SEEN)).astype(np.float32)[bins]


def clear_shares(
    image: np.ndarray, one: np.ndarray, other: np.ndarray, unlike: float, smooth: float
) -> np.ndarray | None:
    """What `shares` says where the colours of two parts tell them apart.

    Args:
        image: uint8 RGB (h, w, 3).
        one, other: bool (h, w), neither empty.
        unlike: likeness of both parts up to which they are told apart.
        smooth: how far around a pixel its colour counts, in pixels.

    Returns:
        float32 (h, w) in [0, 1]; None where both have like colours.
    """
    bins = colour_bins(image)
    if likeness(bins, one, other) > unlike:
        return None
    return cv2.GaussianBlur(shares(bins, one, other), (0, 0), smooth)


def frequencies(bins: np.ndarray, widths: tuple[int, int, int] = FINE) -> np.ndarray:
    """Which share of some pixels has the colour of each bin, or of one next to it: float32 (bins,).

    bins: int32 (n,), of those pixels, as of `colour_bins` with these widths; n > 0.
    """
    sizes = [255 // width + 1 for width in widths]
    counted = np.pad(np.bincount(bins, minlength=int(np.prod(sizes))).reshape(sizes), 1)
    corners = product(range(3), repeat=3)
    near = sum(counted[tuple(slice(i, i + n) for i, n in zip(corner, sizes, strict=True))] for corner in corners)
    return (near.ravel() / len(bins)).astype(np.float32)


def _histograms(bins: np.ndarray, *parts: np.ndarray) -> list[np.ndarray]:
    """The share of each bin in each part."""
    length = int(bins.max(initial=0)) + 1
    return [np.bincount(bins[part], minlength=length) / max(np.count_nonzero(part), 1) for part in parts]
