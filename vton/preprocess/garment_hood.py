"""Hoods that stand up in a garment's picture: no warp finds the shoulders below them, and nobody wears them so.

Such a hood is laid down: its rows are pressed together, so that what lies beside the opening lies about the neck, as in
pictures whose hoods hang down behind. Lengths are in sides of the square with the garment's area.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.preprocess.regions import extents

LEAST_HEIGHT, HIGHEST = 0.25, 0.45
"""How high a hood stands at least and at most: turtlenecks and stand-up collars are lower, a bodice is higher."""
NARROWEST, WIDEST, SHOULDERS, WITHIN = 0.2, 0.62, 1.35, 0.16
"""How wide a hood is at least and at most; how many times as wide the garment is below, and within which height."""
WHOLE, SLEEVES = 1.05, 0.95
"""By how much a hood's rows may reach further than they are covered; and how wide it is with its sleeves at least."""
LYING = 0.45
"""Height of a hood that lies, as a share of its height when it stands."""
OPEN, LEVEL, BELOW = 0.42, 0.3, 0.05
"""Width of the opening, as a share of the hood's; how far down a lying hood it is widest, as a share of its height; and
how far below the hood it reaches, as a share of the hood's width: its front closes at the throat."""


@dataclass(frozen=True)
class Hood:
    """A hood that stands up.

    top, base: rows, its upper edge and where the shoulders begin. left, right: columns between which it lies.
    """

    top: int
    base: int
    left: int
    right: int

    @property
    def lying_top(self) -> int:
        """Its upper edge once it is laid down."""
        return self.base - round(LYING * (self.base - self.top))


def standing_hood(mask: np.ndarray) -> Hood | None:
    """The hood that stands up above a garment, float32 (H, W) in [0, 1]; None where none does."""
    solid = mask > 0.5
    widths, unit = solid.sum(1), float(solid.sum()) ** 0.5
    rows = np.flatnonzero(widths)
    if len(rows) == 0:
        return None
    top, step = int(rows[0]), max(1, round(WITHIN * unit))
    begin = top + round(LEAST_HEIGHT * unit)
    last = min(top + round(HIGHEST * unit), len(mask) - step)
    if begin >= last:
        return None
    grows = widths[begin + step : last + step] / np.maximum(widths[begin:last], 1)
    base = begin + int(grows.argmax())
    hood = widths[top : base + 1].max()
    middle = widths[top + round(LEAST_HEIGHT / 2 * unit)]
    if grows.max() < SHOULDERS or hood > WIDEST * unit or middle < NARROWEST * unit:
        return None
    if not widths[top:base].all():
        # What lies apart, above the rest, is no hood: letters of a white top before a white wall.
        return None
    # Between straps and halters is a gap, and dresses are narrow where their skirts begin.
    if (
        extents(solid[top:base]).sum() > WHOLE * widths[top:base].sum()
        or np.ptp(np.flatnonzero(solid.any(0))) < SLEEVES * unit
    ):
        return None
    sides = np.flatnonzero(solid[top:base].any(0))
    return Hood(top, base, int(sides[0]), int(sides[-1]))


def laid_down(picture: np.ndarray, hood: Hood) -> np.ndarray:
    """A garment's picture or mask, (H, W) or (H, W, C), with its hood laid down; below the hood it stays as it is."""
    rows = np.arange(hood.base, dtype=np.float32)
    pressed = hood.top + (rows - hood.lying_top) * ((hood.base - hood.top) / (hood.base - hood.lying_top))
    reads = np.where(rows < hood.lying_top, rows - hood.lying_top + hood.top, pressed).clip(0)
    result = picture.copy()
    # Merged first, since reading along a map takes single rows.
    soft = cv2.GaussianBlur(picture[: hood.base], (0, 0), sigmaX=1e-3, sigmaY=0.4 / LYING)
    columns = np.arange(picture.shape[1], dtype=np.float32)
    result[: hood.base] = cv2.remap(soft, *np.meshgrid(columns, reads), cv2.INTER_LINEAR)
    return result


def opening(mask: np.ndarray, hood: Hood) -> np.ndarray:
    """Where the neck comes out of a hood that was laid down, as part of the garment: both float32 (H, W) in [0, 1]."""
    width, height = hood.right - hood.left + 1, hood.base - hood.lying_top
    centre = (round((hood.left + hood.right) / 2), round(hood.lying_top + LEVEL * height))
    axes = (max(1, round(OPEN / 2 * width)), max(1, round(hood.base + BELOW * width - centre[1])))
    drawn = np.zeros(mask.shape, np.uint8)
    cv2.ellipse(drawn, centre, axes, 0, 0, 180, 255, -1, cv2.LINE_AA)
    drawn[: centre[1], centre[0] - axes[0] : centre[0] + axes[0] + 1] = 255
    return np.minimum(cv2.GaussianBlur(drawn.astype(np.float32) / 255, (0, 0), 1.0), mask)
