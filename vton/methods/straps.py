"""Thin straps, hung from the wearer's shoulders as bands of their own.

A warp that follows the body knows no place for them: on a hanger or a mannequin they go up where a body has shoulders,
and a coarse parse draws them as broad as a tank top's. But a strap has a simple form: a band from where the garment's
upper edge hangs on it straight up to the shoulder. The body's upper edge, between the straps and the armpits, keeps the
form that it has in the picture, as it lies on the chest below.
"""

import cv2
import numpy as np

from vton.labels import Joint, Region, among
from vton.methods.collars import stiff_piece, with_upper
from vton.methods.compact_inputs import compact_regions, complete_keypoints
from vton.methods.remember import remembered
from vton.methods.sleeves import TRUNK_PARTS, disc, shoulder_width
from vton.preprocess.strap_outline import BAND, StrapOutline, strap_outline
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person

ON_THE_SHOULDER = (0.45, 0.82)
"""Between which shares of the way from the neck's middle to a shoulder's joint straps cross it."""
SEARCH, ABOVE_THE_LINE = 0.3, 0.08
"""In shoulder widths: how far above and below the line between neck and joint a shoulder's outline is looked for, and
how far above it that is where the body's parts tell nothing."""
ASIDE, ABOVE = 0.35, 0.15
"""How far beside the joints and above the shoulders all other guesses of the garment are taken away."""
BELOW = (0.04, 0.35)
"""From where to where below the straps' feet the picture's own form passes into the warp, in shoulder widths."""
FRONT = (0.15, 0.8)
"""Which rows below the base of the neck tell how the garment's body lies, in shoulder widths."""
INNER = 0.6
"""Which part of a strap's thickness in the picture is read: its edges there are mixed with the background."""
STUB = 0.08
"""Down to how far below its foot bits of a strap may be left, in sides of the square with the garment's area."""
CHEST, OFF_AXIS = (0.2, 0.36), 0.05
"""Half the distance of the straps' feet, at least and at most, and how far their middle may lie beside the body's axis,
in shoulder widths."""
WIDER = 0.03
"""How far the body may reach over the arms, in shoulder widths, beside what the parse gives it."""
LEAST_DROP = 0.05
"""How far below the shoulders the feet lie at least, in shoulder widths."""


@remembered
def _straps_of(garment: Garment) -> StrapOutline | bool:
    """The garment's thin straps; False without any. (Not None, which is not remembered.)"""
    return strap_outline(garment.image, garment.mask) or False


def with_straps_hung(
    target: np.ndarray, mask: np.ndarray, flow: np.ndarray, person: Person, garment: Garment
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hang a garment from the wearer's shoulders by its thin straps, if it has any.

    Args:
        target: float32 (13, h, w) in [0, 1], probabilities of `Region` on the canvas, the neck as NOISE.
        mask: float32 (1024, 768) in [0, 1], where the warped garment is shown at most.
        flow: float32 (1024, 768, 2), canvas pixels of the garment's picture.
        person: who wears it. garment: what is worn.

    Returns:
        The three with the straps; as they were, where there are none or the front is not seen well enough.
    """
    straps = _straps_of(garment)
    points = complete_keypoints(person.keypoints)[:, :2]
    turn = stiff_piece(mask, flow, points, FRONT) if straps else None
    if turn is None:
        return target, mask, flow
    unit, step = shoulder_width(points), CANVAS_HEIGHT // target.shape[1]
    turn, feet = _on_the_chest(turn, straps.feet, points)
    joints = points[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]]
    joints = joints[np.argsort(joints[:, 0])]
    tops = np.array(
        [on_the_shoulder(*pair, points[Joint.NECK], person.parts) for pair in zip(feet, joints, strict=True)]
    )
    if (feet[:, 1] - tops[:, 1]).min() < LEAST_DROP * unit:
        return target, mask, flow
    highest, lowest = tops[:, 1].min() - ABOVE * unit, feet[:, 1].max() + BELOW[1] * unit
    zone = _zone(joints[0, 0] - ASIDE * unit, joints[1, 0] + ASIDE * unit, highest, lowest, step)
    if mask[zone].size == 0:
        return target, mask, flow
    rows, columns = (np.arange(side.start, side.stop, dtype=np.float32) for side in zone)
    rows = rows[:, None]
    under = (rows - np.interp(columns, feet[:, 0], feet[:, 1])) / unit
    sure = np.interp(under, BELOW, (1, 0)).astype(np.float32)
    flow, mask, target = flow.copy(), mask.copy(), target.copy()
    stiff = np.dstack([row[0] * columns + row[1] * rows + row[2] for row in turn])
    flow[zone] += (stiff - flow[zone]) * sure[..., None]
    cloth = cv2.remap(_body(garment, straps), flow[zone], None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    part = tuple(slice(side.start // step, side.stop // step) for side in zone)
    cloth *= _chest(target[(slice(None), *part)], WIDER * unit / step, cloth.shape)
    scale = float(np.hypot(*turn[1, :2]))
    for middles, width, foot, end in zip(straps.middles, straps.widths, feet, tops, strict=True):
        band, read = _band(
            rows, columns, np.stack([end, foot]), width / scale, STUB * straps.unit / scale, middles, width
        )
        flow[zone] = np.where((band > cloth)[..., None], read, flow[zone])
        cloth = np.maximum(cloth, band)
    mask[zone] += (cloth - mask[zone]) * sure
    mask[: zone[0].start] = 0
    cloth, sure = (
        cv2.resize(plane, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA) for plane in (cloth, sure)
    )
    upper = target[Region.UPPER][part]
    photo = compact_regions(person.parse[zone])[::step, ::step]
    target[(slice(None), *part)] = with_upper(target[(slice(None), *part)], upper + (cloth - upper) * sure, photo)
    return target, mask, flow


def on_the_shoulder(foot: np.ndarray, joint: np.ndarray, neck: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Where the strap above a foot crosses the shoulder; all float (2,), x and y on the canvas.

    joint, neck: the shoulder's joint and the middle of the shoulders. parts: uint8 (1024, 768), DensePose parts.
    """
    half = joint[0] - neck[0]
    share = float(np.clip((foot[0] - neck[0]) / half, *ON_THE_SHOULDER)) if abs(half) > 1 else ON_THE_SHOULDER[0]
    x, line = neck[0] + share * half, neck[1] + share * (joint[1] - neck[1])
    unit = 2 * float(np.linalg.norm(joint - neck))
    column = int(np.clip(round(x), 0, parts.shape[1] - 1))
    first = int(np.clip(line - SEARCH * unit, 0, len(parts)))
    body = np.flatnonzero(among(parts[first : max(first, round(line + SEARCH * unit)), column], TRUNK_PARTS))
    return np.array([x, first + body[0] if len(body) else line - ABOVE_THE_LINE * unit])


def _on_the_chest(turn: np.ndarray, feet: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A stiff piece with the feet of its straps as far to one side of the body's axis as to the other, on the chest.

    Args:
        turn: float32 (2, 3), as from `stiff_piece`. feet: float32 (2, 2), in the garment's picture.
        points: (18, 2), complete, in pixels of the canvas.

    Returns:
        float32 (2, 3), and the feet on the canvas, float (2, 2).
    """
    back = cv2.invertAffineTransform(turn)
    placed = (feet @ back[:, :2].T + back[:, 2]).astype(np.float64)
    neck, hips = points[Joint.NECK], points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0)
    share = (placed[:, 1].mean() - neck[1]) / max(hips[1] - neck[1], 1e-3)
    axis, unit = neck[0] + share * (hips[0] - neck[0]), shoulder_width(points)
    half = float(np.clip((placed[1, 0] - placed[0, 0]) / 2, CHEST[0] * unit, CHEST[1] * unit))
    aside = float(np.clip(placed[:, 0].mean() - axis, -OFF_AXIS * unit, OFF_AXIS * unit))
    placed[:, 0] = axis + aside + np.array([-half, half])
    fitted = turn.astype(np.float64)
    fitted[0, 0] = ((feet[1, 0] - feet[0, 0]) - fitted[0, 1] * (placed[1, 1] - placed[0, 1])) / (2 * half)
    fitted[0, 2] = feet[0, 0] - fitted[0, :2] @ placed[0]
    return fitted.astype(np.float32), placed


def _zone(left: float, right: float, top: float, bottom: float, step: int) -> tuple[slice, slice]:
    """A box of the canvas in whole pixels of a parse that is smaller by `step`."""
    size = np.array([CANVAS_WIDTH, CANVAS_HEIGHT]) // step
    low = np.floor(np.array([left, top]) / step).clip(0, size).astype(int) * step
    high = np.ceil(np.array([right, bottom]) / step).clip(0, size).astype(int) * step
    return np.s_[low[1] : high[1], low[0] : high[0]]


def _chest(target: np.ndarray, wider: float, size: tuple[int, int]) -> np.ndarray:
    """Where the body of a garment may lie: on what a target parse (13, h, w) gives it or leaves bare, but for the arms.

    Returns float32 (H, W) in [0, 1], of another size.
    """
    open_to = ((target[Region.UPPER] + target[Region.NOISE]) > 0.5).astype(np.float32)
    open_to = cv2.dilate(open_to, disc(wider))
    return cv2.resize(cv2.GaussianBlur(open_to, (0, 0), 1.0), size[::-1], interpolation=cv2.INTER_LINEAR)


def _body(garment: Garment, straps: StrapOutline) -> np.ndarray:
    """The garment's mask without its straps and the inside of its back, float32 (1024, 768) in [0, 1]."""
    body = garment.outside.copy()
    middle = int(straps.feet[:, 0].mean())
    across = np.ones((1, 1 + 2 * round(BAND / 2 * straps.unit)), np.uint8)
    for half, foot in zip((np.s_[:middle], np.s_[middle:]), straps.feet, strict=True):
        row = int(foot[1])
        body[:row, half] = 0
        # Where a strap's two ends run beside each other, bits of both are left.
        stubs = np.s_[row : row + round(STUB * straps.unit), half]
        body[stubs] = cv2.morphologyEx(body[stubs], cv2.MORPH_OPEN, across)
    return body


def _band(
    rows: np.ndarray,
    columns: np.ndarray,
    ends: np.ndarray,
    width: float,
    further: float,
    middles: np.ndarray,
    thickness: float,
) -> tuple[np.ndarray, np.ndarray]:
    """A strap between two places.

    Args:
        rows, columns: float32 (h, 1) and (w,), the pixels of the canvas.
        ends: float (2, 2), x and y of its upper and its lower end there. width: its thickness there.
        further: how far it goes on below its lower end.
        middles, thickness: float32 (n, 2), x and y along its middle in the garment's picture, and its thickness there.

    Returns:
        Its coverage, float32 (h, w) in [0, 1], and what each pixel reads in the picture, float32 (h, w, 2).
    """
    (x, y), along = ends[0], ends[1] - ends[0]
    length = float(np.linalg.norm(along))
    share = ((columns - x) * along[0] + (rows - y) * along[1]) / length**2
    across = ((columns - x) * along[1] - (rows - y) * along[0]) / length
    # Below its foot it goes on a little, so that no notch stays above or beside the body's edge.
    inside = (width / 2 + 0.5 - np.abs(across)).clip(0, 1) * ((share > 0) & (share < 1 + (width + further) / length))
    places = np.linspace(0, 1, len(middles))
    read = np.dstack([np.interp(share, places, middles[:, axis]) for axis in (0, 1)])
    read[..., 0] += across * (INNER * thickness / max(width, 1e-3))
    return inside.astype(np.float32), read.astype(np.float32)
