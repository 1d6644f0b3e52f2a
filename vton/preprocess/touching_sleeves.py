"""Long sleeves that touch the body all the way down, so that no background is seen between: their cuffs end beside the
garment's hem, and what lies straight above a cuff along the garment's outer edge is its sleeve. Where cuffs and hem end
at one height, the slope of the shoulders tells.

Lengths are in sides of the square with the garment's area, as in `sleeve_outline`.
"""

from collections.abc import Sequence

import cv2
import numpy as np

NEAREST, CUFF = 0.2, (0.07, 0.34)
"""How far from the garment's middle a cuff begins at least; and how wide it is."""
STEP, WITHIN = 0.03, 0.03
"""How much higher or lower than the hem a cuff ends, or how deep the notch between both is, at least; and within which
width."""
LOWEST, HEM, REACH = 0.62, 0.7, 0.42
"""Below which part of the garment's height a long sleeve ends, and the body; what hangs further down are ties. And how
far from its middle the garment reaches at least: what is narrower is a dress."""
TALL = 0.9
"""How tall the garment is at least: what is lower is a bandeau or a frill."""
SHOULDER, SLANT = 0.3, 0.6
"""At which part of the height, and how far, as a share of the cuffs' reach, the garment reaches to the side at least:
what widens more below is a skirt."""
ARMPIT, UPPER_ARM = 0.25, 1.3
"""From which part of its height on a sleeve is told from the body; and how much wider it is there than its cuff."""
PLACES = (0.06, 0.12, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
MOST, LEAST = (0.6, 0.72, 1, 1, 1, 1, 1, 1), (0, 0, 0, 0.66, 0, 0.76, 0.83, 0.82)
"""How far to the side a garment reaches at these parts of its height, as shares of its furthest, where sleeves hang
down over its sides: from the neck it slopes to below the elbows."""
DIP, ROUND = 0.04, 0.6
"""How much less far it may reach at the next of them, from the second to the last but one; and which share of what it
widens in the next fifth of its height it widens above that: straps widen later, at the armpits."""
BENT, ELBOW, BACK, LEAST_BACK = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9), (2, 4), (0.03, 0.13), 0.6
"""Parts of the height that tell sleeves bent so that their cuffs lie at the hem; which of these are at the elbows,
where the garment reaches furthest; how much less far it does at each one below; and how far at the last one at least,
or it has short sleeves.
"""
ENDS, USUAL = 0.8, 0.16
"""How far a sleeve reaches to the side down to its end, as a share of the furthest; and how wide cuffs usually are."""


def touching_sleeve(outwards: np.ndarray, unit: float) -> tuple[np.ndarray, int] | None:
    """The sleeve in half a garment.

    Args:
        outwards: bool (H, w), whose first column is the garment's middle.
        unit: side of the square with the garment's area, in pixels.

    Returns:
        The sleeve from the armpit down, bool (H, w), and its first row; None where there is none.
    """
    if not outwards.any():
        return None
    top, bottom, reach = _sizes(outwards)
    height, outer = bottom - top + 1, _outer(outwards)
    if height < TALL * unit or reach < REACH * unit or outer[top + int(SHOULDER * height)] < SLANT * reach:
        return None
    low = np.where(outwards.any(0), len(outwards) - 1 - outwards[::-1].argmax(0), 0)[: reach + 1]
    begin, hem = _beside_the_hem(low, unit), int(low[: round(NEAREST * unit)].max())
    if begin is None or hem < top + HEM * height:
        return None
    end = int(np.percentile(low[begin + 1 :], 90))
    if end < top + LOWEST * height:
        return None
    first = top + int(ARMPIT * height)
    # The cuff's width is that across its end, where it is not cut at a slant.
    last = end - max(1, round(STEP * unit))
    wide = outer[last] - begin
    if not CUFF[0] * unit < wide < CUFF[1] * unit or last <= first:
        return None
    sleeve = _above_a_cuff(outwards, outer, (first, end), wide)
    sleeve[last:, :begin] = False
    return sleeve, first


def hanging_sleeves(halves: Sequence[np.ndarray], unit: float) -> list[tuple[np.ndarray, int]] | None:
    """The sleeves of a garment whose cuffs and hem end at one height, as its shoulders tell.

    Args:
        halves: of a garment, each as for `touching_sleeve`.
        unit: side of the square with the garment's area, in pixels.

    Returns:
        As `touching_sleeve`, of each; None where the shoulders do not slope as over sleeves.
    """
    if not all(half.any() for half in halves):
        return None
    tops, ends, reaches = zip(*(_sizes(half) for half in halves), strict=True)
    heights = [end - top + 1 for top, end in zip(tops, ends, strict=True)]
    if min(heights) < TALL * unit or min(reaches) < REACH * unit:
        return None
    outers, bent = [_outer(half) for half in halves], are_bent(halves)
    if not (bent or _slopes(_shares(halves, PLACES))):
        return None
    sleeves = []
    for half, outer, top, height, reach in zip(halves, outers, tops, heights, reaches, strict=True):
        first = top + int(ARMPIT * height)
        end = top + height - 1 if bent else int(np.flatnonzero(outer >= ENDS * reach)[-1])
        if end <= first:
            return None
        sleeves.append((_above_a_cuff(half, outer, (first, end), USUAL * unit), first))
    return sleeves


def _slopes(shares: np.ndarray) -> bool:
    """Whether a garment that reaches so far to the sides at PLACES has sleeves that hang down over its body."""
    within = (shares <= MOST).all() and (shares >= LEAST).all()
    widens = (np.diff(shares[1:-1]) >= -DIP).all()
    return bool(within and widens and shares[2] - shares[0] >= ROUND * (shares[4] - shares[2]))


def _shares(halves: Sequence[np.ndarray], places: Sequence[float]) -> np.ndarray:
    """How far halves of a garment reach to the side at parts of its height, as shares of their furthest, on average."""
    shares = []
    for half in halves:
        top, bottom, reach = _sizes(half)
        rows = [top + int(place * (bottom - top + 1)) for place in places]
        shares.append(_outer(half)[rows] / max(reach, 1))
    return np.mean(shares, 0)


def are_bent(halves: Sequence[np.ndarray]) -> bool:
    """Whether a garment, in halves as for `touching_sleeve`, has sleeves that go out to the elbows and back to the hem,
    where their cuffs lie beside it."""
    if not all(half.any() for half in halves):
        return False
    at_places, sides = _shares(halves, PLACES), _shares(halves, BENT)
    elbow = int(sides.argmax())
    back = -np.diff(sides[elbow + 1 :])
    out = ELBOW[0] <= elbow <= ELBOW[1] and (np.diff(sides[: elbow + 1]) > 0).all()
    out &= (at_places[:2] <= MOST[:2]).all() and not _slopes(at_places)
    return bool(out and ((back > BACK[0]) & (back < BACK[1])).all() and sides[-1] > LEAST_BACK)


def _sizes(outwards: np.ndarray) -> tuple[int, int, int]:
    """First and last row of half a garment, and its furthest column."""
    rows, columns = np.flatnonzero(outwards.any(1)), np.flatnonzero(outwards.any(0))
    return int(rows[0]), int(rows[-1]), int(columns[-1])


def _outer(outwards: np.ndarray) -> np.ndarray:
    """The furthest column of each row of half a garment, int (H,); 0 where there is none."""
    return np.where(outwards.any(1), outwards.shape[1] - 1 - outwards[:, ::-1].argmax(1), 0)


def _above_a_cuff(outwards: np.ndarray, outer: np.ndarray, rows: tuple[int, int], wide: float) -> np.ndarray:
    """What lies along the outer edge from the first of the rows to the last, and is so wide there, in pixels."""
    first, end = rows
    share = np.clip((end - np.arange(len(outwards))) / max(end - first, 1), 0, 1)
    inner = outer - wide * (1 + (UPPER_ARM - 1) * share)
    sleeve = outwards & (np.arange(outwards.shape[1]) > inner[:, None])
    sleeve[:first] = False
    sleeve[end + 1 :] = False
    return sleeve


def _beside_the_hem(low: np.ndarray, unit: float) -> int | None:
    """The column between hem and cuff, of the lowest rows (w,) of a garment's columns from its middle on."""
    near = max(2, round(WITHIN * unit))
    first, last = round(NEAREST * unit), len(low) - 1 - round(CUFF[0] * unit)
    if last <= first + near:
        return None
    low = cv2.medianBlur(low.astype(np.float32)[None], 3)[0]
    places = np.arange(first, last)
    steps = np.abs(low[places + near] - low[places])
    notches = np.array(
        [min(low[at + 1 :].max(), low[max(0, at - 4 * near) : at].max()) - low[at] for at in places], np.float32
    )
    clear = np.maximum(steps, notches)
    best = int(clear.argmax())
    if clear[best] < STEP * unit:
        return None
    at = int(places[best])
    # Of a step the steepest place.
    return at if notches[best] >= steps[best] else at + int(np.abs(np.diff(low[at : at + near + 1])).argmax())
