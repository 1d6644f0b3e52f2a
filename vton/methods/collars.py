"""Collars that stand at the neck, put around the wearer's neck as one stiff piece.

Warps that follow the body have nothing to follow up a neck: there a collar would be drawn out or cut off, and a parse
learned from many garments leaves most necks bare. But a collar keeps its form, and the front below it, which the warp
does follow, says where it is, how large, and how it is turned.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.labels import Joint, Region, among
from vton.methods.compact_inputs import compact_regions, complete_keypoints
from vton.methods.neck_base import NeckBase, neck_base
from vton.methods.remember import remembered
from vton.methods.sleeves import TRUNK_PARTS, shoulder_width
from vton.preprocess.collar_outline import CollarOutline, collar_outline
from vton.types import CANVAS_HEIGHT, Garment, Person

OPEN, HIGH_ALONE = 0.4, 0.04
"""How wide the inside that a collar shows is, as a share of its width; and the height from which a collar that shows
less is believed, a turtleneck: the inside of lower ones was overlooked, and would become cloth over a bare throat.
Lengths in the garment's picture are in sides of the square with its area."""
BESIDE, BELOW = (0.015, 0.09), (0.02, 0.28)
"""From where to where the stiff piece passes into the warp, beside a collar's feet and below them and the opening."""
ABOVE = 0.1
"""How far above a collar the warp's own guess of it is taken away."""
ADDED = 4
"""How much further the stiff piece adds cloth than it takes it away: where it passes into the warp both show cloth, but
a neck that the parse calls bare may reach down there."""
MOST_MOVED, TILT = 0.15, 0.08
"""How far a collar is moved at most, in shoulder widths, to lie about the neck and for its feet to stand on the
shoulders; and how much it may slant for that: of somebody turned one shoulder looks higher."""
FRONT, FRONT_HALF, STEP = (0.1, 0.5), 0.35, 4
"""How far below the base of the neck, and to both sides, the warp is looked at, in shoulder widths; and at every how
many pixels."""
FEWEST, WORST = 60, 0.04
"""Places on the front that a stiff piece is fitted to at least, and how far it misses most of them at most, in shoulder
widths: more is a body so turned or bent that no front is seen."""
KEPT = (Region.BACKGROUND, Region.HAIR, Region.FACE)
"""What of the photo comes to light where the old top or the parse's guess of the new one gives way beside a collar."""


@dataclass(frozen=True, eq=False)
class Collar:
    """A garment's collar.

    outline: where the garment's picture has it.
    bottom: y of the lowest point of its feet and of the opening, in pixels of the canvas.
    cloth: float32 (1024, 768) in [0, 1], the garment's picture without the inside of its back.
    """

    outline: CollarOutline
    bottom: float
    cloth: np.ndarray


@dataclass(frozen=True)
class NoCollar:
    """A garment without one. (Not None, which is not remembered.)"""


@remembered
def collar_of(garment: Garment) -> Collar | NoCollar:
    """The collar that a garment's picture shows."""
    outline = collar_outline(garment.mask)
    if outline is None:
        return NoCollar()
    lining = np.zeros_like(garment.mask) if garment.lining is None else garment.lining
    feet, opening = outline.feet, lining > 0.5
    closed = opening.any(0).sum() < OPEN * (feet[1, 0] - feet[0, 0])
    if closed and feet[:, 1].min() - outline.top < HIGH_ALONE * outline.unit:
        return NoCollar()
    bottom = max([*feet[:, 1], *np.flatnonzero(opening.any(1))[-1:]])
    return Collar(outline, float(bottom), garment.outside)


def with_collar(
    target: np.ndarray, mask: np.ndarray, flow: np.ndarray, person: Person, garment: Garment
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put a garment's collar around the neck, if it has one.

    Args:
        target: float32 (13, h, w) in [0, 1], probabilities of `Region` on the canvas, the neck as NOISE.
        mask: float32 (1024, 768) in [0, 1], where the warped garment is shown at most.
        flow: float32 (1024, 768, 2), canvas pixels of the garment's picture.
        person: who wears it. garment: what is worn.

    Returns:
        The three with the collar; as they were, where there is none or the front is not seen well enough.
    """
    collar = collar_of(garment)
    if isinstance(collar, NoCollar):
        return target, mask, flow
    points = complete_keypoints(person.keypoints)[:, :2]
    turn = stiff_piece(mask, flow, points)
    if turn is None:
        return target, mask, flow
    turn = about_the_neck(turn, collar.outline, neck_base(person), points)
    turn = standing_on_the_shoulders(turn, collar.outline, person.parts, target[Region.UPPER], points)
    zone, stiff, sure = _around_the_neck(collar, turn, target.shape[1:])
    if sure.size == 0:
        return target, mask, flow
    flow, mask, target = flow.copy(), mask.copy(), target.copy()
    flow[zone] += (stiff - flow[zone]) * sure[..., None]
    cloth = cv2.remap(collar.cloth, flow[zone], None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    photo = compact_regions(person.parse[zone])
    aside, foot = _beside(collar.outline, stiff[..., 0]), collar.outline.feet[:, 1].min()
    within = aside < BESIDE[0]
    # Beside the collar lies the shoulder, and the parse knows it; only no gap is to stay between them, and no step.
    joined = (~among(photo, KEPT) & (stiff[..., 1] > foot)) | (stiff[..., 1] - foot > aside * collar.outline.unit)
    mask[zone] = _settled(mask[zone], cloth, within, joined, sure)
    step = CANVAS_HEIGHT // target.shape[1]
    part = tuple(slice(side.start // step, side.stop // step) for side in zone)
    upper = _settled(target[Region.UPPER][part], *(_shrunk(plane, step) for plane in (cloth, within, joined, sure)))
    target[(slice(None), *part)] = with_upper(target[(slice(None), *part)], upper, photo[::step, ::step])
    return target, mask, flow


def stiff_piece(
    mask: np.ndarray, flow: np.ndarray, points: np.ndarray, front: tuple[float, float] = FRONT
) -> np.ndarray | None:
    """The turned, scaled and shifted picture that comes closest to the warp on the front below the neck.

    Args:
        mask, flow: as in `with_collar`. points: (18, 2), complete, in pixels of the canvas.
        front: from where to where below the base of the neck, in shoulder widths.

    Returns:
        float32 (2, 3), pixels of the canvas → pixels of the garment's picture; None where the front is not flat.
    """
    unit = shoulder_width(points)
    x, y = points[Joint.NECK]
    rows, columns = (
        slice(*np.clip(ends, 0, size).astype(int), STEP)
        for ends, size in zip(
            ((y + front[0] * unit, y + front[1] * unit), (x - FRONT_HALF * unit, x + FRONT_HALF * unit)),
            mask.shape,
            strict=True,
        )
    )
    seen = mask[rows, columns] > 0.9
    if seen.sum() < FEWEST:
        return None
    down, across = np.mgrid[rows, columns]
    # As complex numbers a turn with a scale is one factor.
    here = (across + 1j * down)[seen]
    there = (flow[rows, columns] @ np.array([1, 1j]))[seen]
    weight = np.ones(len(here))
    for _ in range(3):
        origin, image = (np.average(values, weights=weight) for values in (here, there))
        factor = (weight * (here - origin).conj() * (there - image)).sum() / (weight * np.abs(here - origin) ** 2).sum()
        missed = np.abs(image + factor * (here - origin) - there)
        usual = float(np.median(missed)) + 1e-3
        weight = 1 / (1 + (missed / (2 * usual)) ** 2)
    if usual > WORST * unit * abs(factor):
        return None
    shift = image - factor * origin
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]], np.float32)


def about_the_neck(turn: np.ndarray, outline: CollarOutline, base: NeckBase | None, points: np.ndarray) -> np.ndarray:
    """Move a stiff piece sideways until the neck stands in the middle of the collar: of somebody turned, the middle of
    the chest is not below it. float32 (2, 3) → float32 (2, 3), the same where the base of the neck is unknown.

    points: (18, 2), complete, in pixels of the canvas.
    """
    if base is None:
        return turn
    back, limit = cv2.invertAffineTransform(turn), MOST_MOVED * shoulder_width(points)
    placed = outline.feet @ back[:, :2].T + back[:, 2]
    aside = float(np.clip((base.corners - placed).mean(0)[0], -limit, limit))
    return turn @ np.float32([[1, 0, -aside], [0, 1, 0], [0, 0, 1]])


def standing_on_the_shoulders(
    turn: np.ndarray, outline: CollarOutline, parts: np.ndarray, upper: np.ndarray, points: np.ndarray
) -> np.ndarray:
    """Move a stiff piece up or down, and slant it a little, until the collar's feet stand on the shoulders.

    Args:
        turn: float32 (2, 3), as from `stiff_piece`.
        parts: uint8 (1024, 768), DensePose parts.
        upper: float32 (h, w) in [0, 1], probability of the garment.
        points: (18, 2), complete, in pixels of the canvas.

    Returns:
        float32 (2, 3); the same where neither parts nor garment show a shoulder.
    """
    back = cv2.invertAffineTransform(turn)
    placed = outline.shoulders @ back[:, :2].T + back[:, 2]
    columns = np.round(placed[..., 0]).astype(int).clip(0, parts.shape[1] - 1)
    step = parts.shape[0] // upper.shape[0]
    # The body's parts end below the muscles beside the neck, and the parse's guess of the garment at a wide neckline.
    body = among(parts[::step][:, columns], TRUNK_PARTS) | (upper[:, columns // step] > 0.5)
    if not body.any(0).any(1).all():
        return turn
    off = np.where(body.any(0), step * body.argmax(0) - placed[..., 1], np.nan)
    limit = MOST_MOVED * shoulder_width(points)
    down = np.nanmedian(off, 1).clip(-limit, limit)
    feet = placed[..., 0].mean(1)
    slope = float(np.clip((down[1] - down[0]) / max(feet[1] - feet[0], 1.0), -TILT, TILT))
    return turn @ np.float32([[1, 0, 0], [-slope, 1, slope * feet.mean() - down.mean()], [0, 0, 1]])


def _around_the_neck(
    collar: Collar, turn: np.ndarray, size: tuple[int, int]
) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """Where a collar lies on the canvas.

    Args:
        turn: float32 (2, 3), pixels of the canvas → pixels of the garment's picture. size: (h, w) of the target parse.

    Returns:
        The box that it takes, in whole pixels of the target parse; what the stiff piece reads there, float32 (H, W, 2);
        and how much of it is taken, float32 (H, W) in [0, 1].
    """
    outline = collar.outline
    left, right = outline.feet[:, 0] + np.array([-1, 1]) * BESIDE[1] * outline.unit
    top, bottom = outline.top - ABOVE * outline.unit, collar.bottom + BELOW[1] * outline.unit
    corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]])
    back, step = cv2.invertAffineTransform(turn), CANVAS_HEIGHT // size[0]
    placed = (corners @ back[:, :2].T + back[:, 2]) / step
    low, high = (
        (ends.clip(0, size[::-1]) * step).astype(int) for ends in (np.floor(placed.min(0)), np.ceil(placed.max(0)))
    )
    rows = np.arange(low[1], high[1], dtype=np.float32)[:, None]
    columns = np.arange(low[0], high[0], dtype=np.float32)
    x, y = (row[0] * columns + row[1] * rows + row[2] for row in turn)
    under = (y - collar.bottom) / outline.unit
    sure = np.interp(_beside(outline, x), BESIDE, (1, 0)) * np.interp(under, BELOW, (1, 0))
    return np.s_[low[1] : high[1], low[0] : high[0]], np.dstack([x, y]), sure.astype(np.float32)


def _beside(outline: CollarOutline, x: np.ndarray) -> np.ndarray:
    """How far outside of a collar's feet columns of the garment's picture lie, negative between them; any shape."""
    return np.maximum(outline.feet[0, 0] - x, x - outline.feet[1, 0]) / outline.unit


def _settled(
    before: np.ndarray, cloth: np.ndarray, within: np.ndarray, joined: np.ndarray, sure: np.ndarray
) -> np.ndarray:
    """Where the garment is, once its collar is: as its picture shows it within the collar, and nothing less beside it.

    All (H, W) in [0, 1]: where it was before, the picture's cloth, the columns of the collar, the wearer's shoulders,
    and how much the stiff piece counts.
    """
    wanted = np.where(within > 0.5, cloth, np.maximum(before, cloth * joined))
    return before + (wanted - before) * np.where(wanted > before, np.minimum(ADDED * sure, 1), sure)


def with_upper(target: np.ndarray, upper: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """Probabilities (13, h, w) with new ones (h, w) of the garment.

    What it leaves is what the photo, `Region` uint8 (h, w), has there, or skin under what was worn; what it takes, it
    takes from all others alike.
    """
    before = target[Region.UPPER]
    result = target * ((1 - np.maximum(upper, before)) / np.maximum(1 - before, 1e-3))
    left = np.where(among(photo, KEPT), photo, np.uint8(Region.NOISE))
    rows, columns = np.indices(upper.shape)
    result[left, rows, columns] += np.maximum(before - upper, 0)
    result[Region.UPPER] = upper
    return result


def _shrunk(plane: np.ndarray, step: int) -> np.ndarray:
    size = (plane.shape[1] // step, plane.shape[0] // step)
    return cv2.resize(plane.astype(np.float32), size, interpolation=cv2.INTER_AREA)
