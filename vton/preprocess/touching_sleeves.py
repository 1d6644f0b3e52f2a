"""Long sleeves that touch the body all the way down, so that no background is seen between: their cuffs end beside the
garment's hem, and what lies straight above a cuff along the garment's outer edge is its sleeve.

Lengths are in sides of the square with the garment's area, as in `sleeve_outline`.
"""

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


def touching_sleeve(outwards: np.ndarray, unit: float) -> tuple[np.ndarray, int] | None:
    """The sleeve in half a garment.

    Args:
        outwards: bool (H, w), whose first column is the garment's middle.
        unit: side of the square with the garment's area, in pixels.

    Returns:
        The sleeve from the armpit down, bool (H, w), and its first row; None where there is none.
    """
    rows, columns = np.flatnonzero(outwards.any(1)), np.flatnonzero(outwards.any(0))
    if len(rows) == 0:
        return None
    top, height, reach = int(rows[0]), int(rows[-1] - rows[0] + 1), int(columns[-1])
    outer = np.where(outwards.any(1), outwards.shape[1] - 1 - outwards[:, ::-1].argmax(1), 0)
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
    share = np.clip((end - np.arange(len(outwards))) / max(end - first, 1), 0, 1)
    inner = outer - wide * (1 + (UPPER_ARM - 1) * share)
    sleeve = outwards & (np.arange(outwards.shape[1]) > inner[:, None])
    sleeve[:first] = False
    sleeve[last:, :begin] = False
    sleeve[end + 1 :] = False
    return sleeve, first


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
