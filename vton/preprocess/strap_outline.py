"""Whether a garment's outline shows thin straps: two narrow bands above a body whose upper edge they carry.

Lengths in the garment's picture are in sides of the square with the garment's area.
"""

from dataclasses import dataclass

import cv2
import numpy as np

THICKEST, APART = 0.12, 0.2
"""How thick a thin strap is at most, and how far apart two of them are at least."""
LEAST_LENGTH = 0.12
"""How far down to their feet straps reach at least."""
ASIDE, LEAN = 0.12, 0.5
"""How much nearer to the garment's middle one foot may lie than the other, and how far a strap may lean, across by
down."""
THINNEST, BAND = 0.01, 0.045
"""How thick a band is at least, and at most where the strap's other end runs down the back beside it, with
the picture's background between them."""
SEEN_THROUGH, UNLIKE = 0.12, 24.0
"""Share of a strap's mask that may have the background's colour, and how far, in 8-bit Lab, a strap's own colour has to
be from that for this to tell anything."""


@dataclass(frozen=True, eq=False)
class StrapOutline:
    """Where a garment's picture has thin straps.

    middles: float32 (2, n, 2), x and y of points along the middle of the left and the right one, from its end down to
        its foot.
    widths: float32 (2,), their thickness.
    feet: float32 (2, 2), x and y of the points at which the body's upper edge hangs on them.
    unit: side of the square with the garment's area, in pixels.
    """

    middles: np.ndarray
    widths: np.ndarray
    feet: np.ndarray
    unit: float


def strap_outline(image: np.ndarray, mask: np.ndarray) -> StrapOutline | None:
    """The two thin straps of a garment, in pixels of its picture; None where it has none, or not two alike.

    Args:
        image: uint8 RGB (H, W, 3).
        mask: float32 (H, W) in [0, 1].
    """
    solid = mask > 0.5
    unit = float(solid.sum()) ** 0.5
    if unit < 32:
        return None
    left, _, wide, _ = cv2.boundingRect(solid.view(np.uint8))
    middle = left + wide // 2
    found = [_strap(solid, *side, unit) for side in ((left, middle), (middle, left + wide))]
    if found[0] is None or found[1] is None:
        return None
    (rows_left, edges_left), (rows_right, edges_right) = found
    apart = edges_right[-1, 0] - edges_left[-1, 1]
    uneven = abs((middle - edges_left[-1].mean()) - (edges_right[-1].mean() - middle))
    if apart < APART * unit or uneven > ASIDE * unit:
        return None
    lab, background = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float32), _background(image, mask)
    straps = []
    for outer, (rows, edges) in ((0, (rows_left, edges_left)), (1, (rows_right, edges_right))):
        thick, middles = float(np.median(edges[:, 1] - edges[:, 0] + 1)), edges.mean(1)
        band = _band_at_the_edge(lab, background, rows, edges, outer, unit)
        if band is not None:
            thick, middles = band, edges[:, outer] + (0.5 - outer) * band
        # Every so often along the strap is enough, and free of the outline's unevenness.
        places = np.linspace(0, len(rows) - 1, 9)
        smooth = cv2.GaussianBlur(middles[None].astype(np.float32), (0, 0), max(1.0, 0.03 * unit))[0]
        straps.append((np.stack([np.interp(places, np.arange(len(rows)), v) for v in (smooth, rows)], 1), thick))
    return StrapOutline(
        middles=np.float32([middles for middles, _ in straps]),
        widths=np.float32([thick for _, thick in straps]),
        feet=np.float32([middles[-1] for middles, _ in straps]),
        unit=unit,
    )


def _strap(solid: np.ndarray, left: int, right: int, unit: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows (n,) and edges (n, 2), first and last column, of the strap in a half of the mask; None without one."""
    half = solid[:, left:right]
    rows = np.flatnonzero(half.any(1))
    if len(rows) == 0:
        return None
    rows = np.arange(rows[0], rows[-1] + 1)
    first, last = half[rows].argmax(1), half.shape[1] - 1 - half[rows, ::-1].argmax(1)
    thick = np.where(half[rows].any(1), last - first + 1, 0)
    foot = int((thick > THICKEST * unit).argmax())
    # Its very end is rounded, or shows what holds it up.
    end = int(0.04 * unit)
    if foot - end < LEAST_LENGTH * unit or (thick[end:foot] == 0).any():
        return None
    edges = left + np.stack([first, last], 1)[end:foot]
    lean = abs(edges[-1].mean() - edges[0].mean()) / (foot - end)
    return (rows[end:foot], edges) if lean < LEAN else None


def _background(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The colour around a garment's top, Lab, float32 (3,)."""
    solid = (mask > 0.5).view(np.uint8)
    left, top, wide, high = cv2.boundingRect(solid)
    part = np.s_[top : top + high // 4, left : left + wide]
    around = cv2.dilate(solid[part], np.ones((9, 9), np.uint8)) == 0
    lab = cv2.cvtColor(image[part], cv2.COLOR_RGB2LAB)
    return np.median(lab[around], axis=0).astype(np.float32) if around.any() else np.full(3, -255, np.float32)


def _band_at_the_edge(
    lab: np.ndarray, background: np.ndarray, rows: np.ndarray, edges: np.ndarray, outer: int, unit: float
) -> float | None:
    """Thickness of the band along a strap's outer edge, where the background shows beside it; None where it does not.

    lab: float32 (H, W, 3). outer: which of the edges (n, 2) is the outer one.
    """
    lanes = [lab[row, first : last + 1][:: 1 - 2 * outer] for row, (first, last) in zip(rows, edges, strict=True)]
    near = max(2, round(BAND / 2 * unit))
    colour = np.median(np.concatenate([lane[1:near] for lane in lanes]), axis=0)
    if np.linalg.norm(colour - background) < UNLIKE:
        return None
    through = [np.linalg.norm(lane - background, axis=1) < np.linalg.norm(lane - colour, axis=1) for lane in lanes]
    if np.concatenate(through).mean() < SEEN_THROUGH:
        return None
    # The outline itself is mixed with the background.
    bands = [2 + int(np.argmax(lane[2:])) for lane in through if lane[2:].any()]
    return float(np.clip(np.median(bands), THINNEST * unit, BAND * unit))
