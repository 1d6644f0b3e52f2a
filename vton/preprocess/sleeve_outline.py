"""Where a garment's outline shows sleeves: long ones that hang beside its body, with the background between both, and
short ones, below which it suddenly becomes narrower.

Lengths in the garment's picture are in sides of the square with the garment's area.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.preprocess.touching_sleeves import are_bent, hanging_sleeves, touching_sleeve

LEAST_GAP, TOUCHING = 0.14, 0.3
"""Along how much of a sleeve the background is seen between it and the body at least, and along how much of it the two
may touch in between."""
THINNEST, WIDEST = 0.03, 0.32
"""How wide a sleeve is in a row."""
HIGHEST_ARMPIT, LONG = 0.1, 0.5
"""How far below the garment's upper edge a sleeve begins to be apart at least where it is no longer than the second
value: above, it is no armpit that is seen."""
BODY, STEP = 0.35, 0.03
"""How wide the body is at least where a sleeve is first seen beside it, and how much nearer to it or further away a
sleeve may be in the next row."""
LEAST_UNIT = 32
"""Side of the square with the area of the smallest garment that is looked at, in pixels of half its picture's size."""
PLACES, THINNED = 16, 3
"""At how many places along a sleeve its middle and width are told; and every so manieth pixel tells them."""
WHOLE = 0.98
"""Which share of a sleeve's area lies above what counts as its end: the corner of a slanted cuff lies below."""
DROP, WITHIN, HIGHEST_HALF = 0.045, 0.1, 0.62
"""How much narrower a garment becomes below a short sleeve on that side, within which height, and in which upper part
of it."""
LEAST_SLEEVE, SHORTEST, LONGEST, WINDING, WIDTHS = 0.008, 0.12, 0.6, 1.4, (0.2, 0.5)
"""Area of a short sleeve in squares with the garment's area at least, how far it reaches from its root at least and at
most, by how much its middle line may be longer than that, and how wide it is at least and at most."""


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
    solid, middle, unit = _halved(mask)
    if unit < LEAST_UNIT:
        return None, None
    left = _sleeve(solid, middle, unit)
    right = _sleeve(solid[:, ::-1], solid.shape[1] - 1 - middle, unit)
    if right is not None:
        right.middles[:, 0] = solid.shape[1] - 1 - right.middles[:, 0]
    return tuple(found and SleeveOutline(2 * found.middles, 2 * found.halves, 2 * unit) for found in (left, right))


def touching_sleeve_outlines(mask: np.ndarray) -> tuple[SleeveOutline | None, SleeveOutline | None]:
    """As `sleeve_outlines`, of sleeves that touch the body all the way down; both are None unless both are seen."""
    solid, middle, unit = _halved(mask)
    if unit < LEAST_UNIT:
        return None, None
    halves, found = (solid[:, middle::-1], solid[:, middle:]), []
    sleeves = [touching_sleeve(half, unit) for half in halves]
    if None in sleeves:
        sleeves = hanging_sleeves(halves, unit) or sleeves
    for sign, sleeve in zip((-1, 1), sleeves, strict=True):
        outline = sleeve and _measured(sleeve[0].astype(np.uint8), sleeve[1], unit)
        if outline is None:
            return None, None
        middles = np.float32(2 * (outline.middles * (sign, 1) + (middle, 0)))
        found.append(SleeveOutline(middles, 2 * outline.halves, 2 * unit))
    return tuple(found)


def bent_sleeves(mask: np.ndarray, below: float = 0.0) -> np.ndarray | None:
    """Where long sleeves lie that go out to the elbows and back to the hem, from the armpits on.

    Args:
        mask: float32 (H, W) in [0, 1], the garment's.
        below: how far below the armpits they begin, in sides of the square with its area.

    Returns:
        bool (H, W); None for any other garment.
    """
    solid, middle, unit = _halved(mask)
    halves = (solid[:, middle::-1], solid[:, middle:])
    if unit < LEAST_UNIT or not are_bent(halves) or sleeve_outlines(mask) != (None, None):
        return None
    cuffs = [touching_sleeve(half, unit) for half in halves]
    sleeves = hanging_sleeves(halves, unit) if None in cuffs else None
    if sleeves is None:
        return None
    whole = np.zeros(solid.shape, np.uint8)
    whole[:, middle::-1], whole[:, middle:] = (sleeve for sleeve, _ in sleeves)
    whole[: sleeves[0][1] + round(below * unit)] = 0
    return cv2.resize(whole, mask.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0


def short_sleeve_outlines(mask: np.ndarray) -> tuple[SleeveOutline | None, SleeveOutline | None]:
    """The left and the right short sleeve in a garment's picture, from above the armpit to the end.

    Args:
        mask: float32 (H, W) in [0, 1].

    Returns:
        Both are None where there is none; where one is seen, the other is its mirror image.
    """
    solid, middle, unit = _halved(mask)
    if unit < LEAST_UNIT:
        return None, None
    left, right = _short_sleeve(solid[:, middle::-1], unit), _short_sleeve(solid[:, middle:], unit)
    sides = (left or right, -1), (right or left, 1)
    return tuple(
        found
        and SleeveOutline(np.float32(2 * (found.middles * (sign, 1) + (middle, 0))), 2 * found.halves, 2 * found.unit)
        for found, sign in sides
    )


def _halved(mask: np.ndarray) -> tuple[np.ndarray, int, float]:
    """A garment, bool (H / 2, W / 2), which is fine enough, the column of its middle, and its unit there."""
    solid = mask[::2, ::2] > 0.5
    per_column = np.cumsum(solid.sum(0))
    return solid, int(np.searchsorted(per_column, per_column[-1] / 2)), float(per_column[-1]) ** 0.5


def _short_sleeve(outwards: np.ndarray, unit: float) -> SleeveOutline | None:
    """The short sleeve in half a garment, bool (H, w), whose first column is the garment's middle."""
    rows = np.flatnonzero(outwards.any(1))
    if len(rows) == 0:
        return None
    # How far the body reaches from the middle; a neckline is no gap.
    width = outwards.shape[1]
    first = np.where(outwards.any(1), outwards.argmax(1), 0)
    filled = outwards | (np.arange(width) < first[:, None])
    body = np.where(filled.all(1), width, filled.argmin(1))
    step = max(1, round(WITHIN * unit))
    last = rows[0] + round(HIGHEST_HALF * len(rows)) - step
    if last <= rows[0]:
        return None
    drops = body[rows[0] : last] - body[rows[0] + step : last + step]
    below = int(np.argmax(drops))
    if drops[below] < DROP * unit:
        return None
    armpit = rows[0] + below + step
    reach = int(body[armpit])
    beyond = outwards.copy()
    beyond[:, :reach] = False
    _, pieces = cv2.connectedComponents(beyond.view(np.uint8))
    touched = np.bincount(pieces[:armpit][beyond[:armpit]], minlength=1)
    if touched.sum() < LEAST_SLEEVE * unit**2:
        return None
    sleeve = pieces == touched.argmax()
    root = np.flatnonzero(sleeve[:, min(reach, width - 1)])
    if len(root) == 0 or sleeve.sum() < LEAST_SLEEVE * unit**2:
        return None
    down, across = np.nonzero(sleeve)
    origin = np.array([reach, (root[0] + root[-1]) / 2])
    towards = np.array([across.mean(), down.mean()]) - origin
    outline = _along(down, across, origin, towards, unit)
    if outline is None or not SHORTEST * unit < _length(outline) < LONGEST * unit:
        return None
    winding = float(np.linalg.norm(np.diff(outline.middles, axis=0), axis=1).sum())
    wide = WIDTHS[0] * unit < 2 * outline.halves.max() < WIDTHS[1] * unit
    return outline if wide and winding < WINDING * _length(outline) else None


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
    high = group[0] < HIGHEST_ARMPIT * unit and group[-1] - group[0] < LONG * unit
    if len(group) < LEAST_GAP * unit or high:
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
    origin = np.array([across[down < first + 0.05 * unit].mean(), first], np.float64)
    outline = _along(down, across, origin, directions[0] * (1 if directions[0, 1] > 0 else -1), unit)
    return outline if outline and _length(outline) > LEAST_GAP * unit else None


def _length(outline: SleeveOutline) -> float:
    return float(np.linalg.norm(outline.middles[-1] - outline.middles[0]))


def _along(
    down: np.ndarray, across: np.ndarray, origin: np.ndarray, towards: np.ndarray, unit: float
) -> SleeveOutline | None:
    """Middle and width, from its beginning on, of a sleeve with pixels in the rows `down` and columns `across`, (n,).

    origin: (2,), x and y of where it begins. towards: (2,), where it goes.
    """
    dx, dy = towards / max(float(np.linalg.norm(towards)), 1e-3)
    along = (across - origin[0]) * dx + (down - origin[1]) * dy
    beside = (across - origin[0]) * dy - (down - origin[1]) * dx
    length = float(np.quantile(along, WHOLE))
    if length <= PLACES:
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
