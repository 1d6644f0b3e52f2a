"""Where a garment's outline shows long sleeves that hang beside its body, with the background between both.

Lengths in the garment's picture are in sides of the square with the garment's area.
"""

from dataclasses import dataclass

import cv2
import numpy as np

LEAST_GAP, TOUCHING = 0.14, 0.3
"""Along how much of a sleeve the background is seen between it and the body at least, and along how much of it the two
may touch in between."""
THINNEST, WIDEST = 0.03, 0.32
"""How wide a sleeve is in a row."""
BODY, STEP = 0.35, 0.03
"""How wide the body is at least where a sleeve is first seen beside it, and how much nearer to it or further away a
sleeve may be in the next row."""
PLACES, THINNED = 16, 3
"""At how many places along a sleeve its middle and width are told; and every so manieth pixel tells them."""
WHOLE = 0.98
"""Which share of a sleeve's area lies above what counts as its end: the corner of a slanted cuff lies below."""


@dataclass(frozen=True, eq=False)
class SleeveOutline:
    """One sleeve, from the armpit down to its end.

    middles: float32 (n, 2), x and y along its middle, at even distances.
    halves: float32 (n,), half its thickness across that.
    unit: side of the square with the garment's area, in pixels.
    """

    middles: np.ndarray
    halves: np.ndarray
    unit: float


def sleeve_outlines(mask: np.ndarray) -> tuple[SleeveOutline | None, SleeveOutline | None]:
    """The left and the right long sleeve in a garment's picture.

    Args:
        mask: float32 (H, W) in [0, 1].

    Returns:
        Either is None where no long sleeve is seen apart from the body.
    """
    # Half as fine is fine enough.
    solid = mask[::2, ::2] > 0.5
    unit = float(solid.sum()) ** 0.5
    if unit < 32:
        return None, None
    per_column = np.cumsum(solid.sum(0))
    middle = int(np.searchsorted(per_column, per_column[-1] / 2))
    left = _sleeve(solid, middle, unit)
    right = _sleeve(solid[:, ::-1], solid.shape[1] - 1 - middle, unit)
    if right is not None:
        right.middles[:, 0] = solid.shape[1] - 1 - right.middles[:, 0]
    return tuple(found and SleeveOutline(2 * found.middles, 2 * found.halves, 2 * unit) for found in (left, right))


def _sleeve(solid: np.ndarray, middle: int, unit: float) -> SleeveOutline | None:
    """The sleeve to the left of a garment's body, which is about the column `middle`."""
    half = solid[:, : middle + 1]
    rows = np.flatnonzero(half.any(1))
    # From the middle outwards: the body, then a gap, then the sleeve.
    outwards = half[rows, ::-1]
    body = np.where(outwards.all(1), middle + 1, outwards.argmin(1))
    beyond = outwards & (np.arange(middle + 1) >= body[:, None])
    inner, outer = np.where(beyond.any(1), beyond.argmax(1), 0), middle + 1 - half[rows].argmax(1)
    thick = outer - inner
    beside = beyond.any(1) & (thick > THINNEST * unit) & (thick < WIDEST * unit)
    found = np.flatnonzero(beside & (body > BODY / 2 * unit))
    if len(found) < LEAST_GAP * unit:
        return None
    # Here and there a sleeve touches the body; a collar or a tooth of the outline far above is none of it.
    groups = np.split(found, np.flatnonzero(np.diff(found) > TOUCHING * unit) + 1)
    group = max(groups, key=len)
    if len(group) < LEAST_GAP * unit:
        return None
    # Further down, as of a bodysuit, the body may be as narrow as it likes.
    steady = beside & (body > 0) & (np.abs(np.diff(inner, prepend=inner[0])) < STEP * unit)
    more = np.flatnonzero(~steady[group[-1] + 1 :])
    group = np.append(group, np.arange(group[-1] + 1, group[-1] + 1 + (more[0] if len(more) else 0)))
    first, last = group[0], group[-1]
    inner = np.interp(np.arange(len(rows)), group, inner[group]).astype(int)
    # Below the body's hem there is nothing to be apart from.
    hangs = (body == 0) & (np.arange(len(rows)) > last) & (outer - outwards.argmax(1) < WIDEST * unit)
    sleeve = np.zeros(solid.shape, np.uint8)
    for at in [*range(first, last + 1), *np.flatnonzero(hangs)]:
        end = middle + 1 - (inner[at] if at <= last else 0)
        sleeve[rows[at], :end] = half[rows[at], :end]
    return _measured(sleeve, int(rows[first]), unit)


def _measured(sleeve: np.ndarray, first: int, unit: float) -> SleeveOutline | None:
    """Middle and width of a sleeve, uint8 (H, W), that begins at the row `first`."""
    down, across = (places[::THINNED] for places in np.nonzero(sleeve))
    _, _, directions = np.linalg.svd(np.cov(np.stack([across, down]).astype(np.float64)))
    dx, dy = directions[0] * (1 if directions[0, 1] > 0 else -1)
    origin = np.array([across[down < first + 0.05 * unit].mean(), first], np.float64)
    along = (across - origin[0]) * dx + (down - origin[1]) * dy
    beside = (across - origin[0]) * dy - (down - origin[1]) * dx
    length = float(np.quantile(along, WHOLE))
    if length < LEAST_GAP * unit:
        return None
    edges = np.linspace(0, length, PLACES + 1)
    which = np.digitize(along, edges) - 1
    middles, halves = [], []
    for place in range(PLACES):
        here = beside[which == place]
        if len(here) < 4:
            return None
        low, high = np.quantile(here, (0.02, 0.98))
        at = (edges[place] + edges[place + 1]) / 2
        offset = (low + high) / 2
        middles.append(origin + at * np.array([dx, dy]) + offset * np.array([dy, -dx]))
        halves.append((high - low) / 2)
    # The ends themselves, half a place further.
    middles = np.array(middles)
    middles = np.vstack([1.5 * middles[0] - 0.5 * middles[1], middles, 1.5 * middles[-1] - 0.5 * middles[-2]])
    halves = cv2.GaussianBlur(np.float32([halves[0], *halves, halves[-1]])[:, None], (0, 0), 1.0)[:, 0]
    return SleeveOutline(middles.astype(np.float32), halves, unit)
