"""From the generator's picture to the result: garment detail and every untouched pixel come from the originals."""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.beside import beside
from vton.images import box_around, resize
from vton.methods.compact_inputs import compact_regions
from vton.methods.compose import COVER_EDGE
from vton.methods.edit import MARGIN, edit_by_target, smoothstep, softened, top_and_skin
from vton.methods.hair_tint import untinted_hair
from vton.methods.layers import painted_layers, square
from vton.methods.worn import bleed, front_mask, in_detail, worn_parse
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Composition, Edit, Garment, Person

BAND_ROWS = 512
SHADE_SIZE = (288, 384)
SHADE_LIMITS = (0.55, 1.35)
BRIGHTEST, WELL_LIT, DIMMEST = 99.9, 200.0, 0.55
"""The percentile of grey values that tells how a photo is lit; from which value on it is lit well (of the reference
photographs it was 225 to 255); and how much darker a garment becomes at most."""
FOLDS = 1.5
"""Finest shade taken over from a generator, in pixels of SHADE_SIZE: finer is noise, coarser loses folds."""
SPILL = 5
"""How far a generator's garment spills over its edge, in pixels."""
REACH = 24
"""How far from the old garment, from skin and from the new garment a generator's change is taken over, in pixels."""

FLOW_STEP, READ, MOST_READ = 8, 1.1, 1.2
"""At every how many pixels of the canvas the warp is measured; how many pixels of the garment's picture are read
for each of the photo in most places; and how many at most."""

LEAP = 10.0
"""How many pixels of the garment's picture lie between three neighbours on the canvas at least where the flow leaps."""

CHANGE_SIZE = (192, 256)
CHANGE_LIMITS = (8.0, 28.0)
"""Difference of colour, of 255, below which a generator's pixel is the photo's, and above which it is another."""


@dataclass(frozen=True)
class Finished:
    """image: uint8 RGB (H, W, 3) at the photo's size; edit_mask: float32 (1024, 768) in [0, 1] on the canvas.

    Where the edit mask is 0, and everywhere outside the canvas, the image is the photo, bit by bit.
    """

    image: np.ndarray
    edit_mask: np.ndarray


@dataclass(frozen=True)
class _Layers:
    """What is laid over the photo, on the canvas.

    weights: float32 (1024, 768, 4): how much of a pixel the garment covers, how much of the rest is painted anew, the
        factor for the garment's colours, and how much of them comes from a picture of half its size.
    flow: float32 (1024, 768, 2), in pixels of the canvas. torn: uint8 (1024, 768), 1 where it leaps.
    generated: uint8 RGB (1024, 768, 3). garment: the same, or larger or smaller by one factor. halved: the garment's
        picture at half its size.
    """

    weights: np.ndarray
    flow: np.ndarray
    torn: np.ndarray
    generated: np.ndarray
    garment: np.ndarray
    halved: np.ndarray


def finish(person: Person, garment: Garment, composition: Composition) -> Finished:
    """Put a composition into the person's photo at the photo's own resolution.

    The garment keeps the detail of its own picture, shaded as the generator shaded it; what comes to light where the
    old garment was is the generator's; all else is the photo.
    """
    change = edit_of(person, composition)
    inner = _border_ramp(person)
    alpha = change.visible * inner
    with beside(_cloth, person, garment, composition, alpha) as cloth:
        painted, repaint = _uncovered(person, composition, change)
        shade = shading(composition.generated, composition.warped_garment, change.visible)
        shade *= exposure(person.photo.pixels)
    repaint = repaint * inner
    edit = np.maximum(alpha, repaint)
    whole, halved, coarse = cloth.result()
    flow = composition.flow
    layers = _Layers(cv2.merge([alpha, repaint, shade, coarse]), flow, _torn(flow, alpha), painted, whole, halved)
    return Finished(_paste(person, layers, edit), edit)


def _cloth(
    person: Person, garment: Garment, composition: Composition, alpha: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`_Layers.garment` and `halved`, and how much of each pixel comes from the second, float32 (1024, 768).

    alpha: float32 (1024, 768) in [0, 1], where the garment shows.
    """
    shrunk = _shrunk(composition.flow)
    whole = in_detail(garment, _useful_detail(person, shrunk, alpha))
    halved = resize(whole, tuple(side // 2 for side in whole.shape[1::-1]))
    return whole, halved, _coarseness(shrunk * (whole.shape[0] / CANVAS_HEIGHT / _photo_scale(person)), alpha)


def _photo_scale(person: Person) -> float:
    """Pixels of the photo for each of the canvas."""
    left, _, right, _ = person.box
    return (right - left) / CANVAS_WIDTH


def _shrunk(flow: np.ndarray) -> np.ndarray:
    """How many pixels of the garment's picture each of the canvas takes, across and down, at every FLOW_STEP-th."""
    every = np.ascontiguousarray(flow[::FLOW_STEP, ::FLOW_STEP])
    across, down = (every[:-1, 1:] - every[:-1, :-1]), (every[1:, :-1] - every[:-1, :-1])
    return np.dstack([np.linalg.norm(steps, axis=2) for steps in (across, down)]) / FLOW_STEP


def _useful_detail(person: Person, shrunk: np.ndarray, alpha: np.ndarray) -> float:
    """Pixels of the garment's picture, for each that it has on the canvas, that the photo can show: on somebody small
    fine stripes and checks would otherwise turn into others that nobody wove."""
    shown = alpha[::FLOW_STEP, ::FLOW_STEP][:-1, :-1] > 0.5
    usual = float(np.median(shrunk[shown])) if shown.any() else 1.0
    return READ * _photo_scale(person) / max(usual, 0.5)


def _coarseness(shrunk: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """How much of each pixel is read from a picture of half the garment's size, float32 (1024, 768) in [0, 1]: where
    cloth is drawn together, as in a sleeve that comes towards the camera, for the same reason.

    shrunk: as from `_shrunk`, for each pixel of the photo.
    """
    worst = cv2.medianBlur(shrunk.max(2).astype(np.float32), 3)
    share = np.log2(np.maximum(worst, 1e-3) / MOST_READ).clip(0, 1).astype(np.float32)
    share *= alpha[::FLOW_STEP, ::FLOW_STEP][:-1, :-1] > 0
    # Values belong to the middles of the steps.
    matrix = np.float32([[FLOW_STEP, 0, FLOW_STEP / 2], [0, FLOW_STEP, FLOW_STEP / 2]])
    return cv2.warpAffine(share, matrix, alpha.shape[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def shading(generated: np.ndarray, warped: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Light and shade that the generator put on the garment, as a factor for the garment's own colours.

    The ratio of both pictures' brightness, smoothed so that prints cancel, and balanced so that the garment's colour
    as a whole stays that of its picture.

    Args:
        generated: uint8 RGB (1024, 768, 3), the generator's picture.
        warped: uint8 RGB (1024, 768, 3), the warped garment.
        alpha: float32 (1024, 768) in [0, 1], where the garment shows.

    Returns:
        float32 (1024, 768) in SHADE_LIMITS.
    """
    made, flat, weight = (
        cv2.resize(picture, SHADE_SIZE, interpolation=cv2.INTER_AREA)
        for picture in (_brightness(generated), _brightness(warped), alpha)
    )
    weight = cv2.erode((weight > 0.8).astype(np.float32), np.ones((3, 3), np.uint8)) + 1e-4
    ratio = cv2.GaussianBlur(made * weight, (0, 0), FOLDS) / cv2.GaussianBlur(flat * weight, (0, 0), FOLDS)
    average = float((ratio * weight).sum() / weight.sum())
    ratio = np.clip(ratio / max(average, 1e-3) ** 0.8, *SHADE_LIMITS)
    return cv2.resize(ratio, (CANVAS_WIDTH, CANVAS_HEIGHT), interpolation=cv2.INTER_LINEAR)


def exposure(photo: np.ndarray) -> float:
    """How much of a garment's brightness a photo, uint8 RGB (H, W, 3), has room for: less than 1 where nothing in it
    is bright, as in bad light, since pictures of garments are taken in good light."""
    step = max(1, min(photo.shape[:2]) // 256)
    brightest = float(
        np.percentile(cv2.cvtColor(np.ascontiguousarray(photo[::step, ::step]), cv2.COLOR_RGB2GRAY), BRIGHTEST)
    )
    return float(np.clip(brightest / WELL_LIT, DIMMEST, 1))


def _brightness(pixels: np.ndarray) -> np.ndarray:
    """Offset from black, so that the ratio of two dark cloths is not noise."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) + 12


def _uncovered(person: Person, composition: Composition, change: Edit) -> tuple[np.ndarray, np.ndarray]:
    """What is painted anew, uint8 RGB (1024, 768, 3), and how much of each pixel it takes, float32 (1024, 768)."""
    if change.surroundings is None:
        return _beside(composition.generated, change.visible), change.repaint
    picture = painted_layers(composition.generated, change.surroundings)
    front = front_mask(person)
    repaint = change.surroundings.repaint * (1 - front)
    hair = untinted_hair(person, composition.generated, 1 - front)
    if hair is not None:
        box, colours, weight = hair
        share = weight / np.maximum(weight + repaint[box], 1e-3)
        picture[box] = cv2.blendLinear(np.ascontiguousarray(picture[box]), colours, 1 - share, share)
        repaint[box] = np.maximum(repaint[box], weight)
    return picture, repaint


def _beside(generated: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The generator's picture with what lies beside the garment continued under its edge, uint8 RGB (1024, 768, 3).

    The generator paints at a lower resolution, so that the garment's colours spill over the edge that `alpha` draws.
    """
    around = box_around(alpha > 0, 4 * SPILL)
    garment = cv2.dilate((alpha[around] > 0.02).astype(np.float32), square(SPILL))
    result = generated.copy()
    result[around] = bleed(generated[around], 1 - garment)
    return result


def edit_of(person: Person, composition: Composition) -> Edit:
    """How much of each pixel the garment covers, and how much of the rest is painted anew."""
    if composition.edit is not None:
        return composition.edit
    if composition.target is not None:
        return edit_by_target(person, composition.target, composition.warped_mask)
    if composition.visible is not None and composition.repaint is not None:
        behind = 1 - front_mask(person)
        return Edit(composition.visible * behind, composition.repaint * behind)
    return _edit_by_difference(person, composition)


def _edit_by_difference(person: Person, composition: Composition) -> Edit:
    """Without a target parse: what the generator changed near the old garment, the arms or the new garment."""
    shown = composition.warped_mask if composition.visible is None else composition.visible
    behind = 1 - front_mask(person)
    top, skin = top_and_skin(compact_regions(worn_parse(person)))
    old = cv2.dilate(top, square(round(MARGIN)))
    alpha = smoothstep(shown, *COVER_EDGE) * behind
    near = cv2.dilate(np.maximum(np.maximum(old, skin), (alpha > 0.5).astype(np.uint8)), square(REACH))
    # Compared at the generators' scale: detail that they cannot paint is no change.
    made, before = (
        cv2.GaussianBlur(cv2.resize(picture, CHANGE_SIZE, interpolation=cv2.INTER_AREA).astype(np.float32), (0, 0), 1)
        for picture in (composition.generated, person.image)
    )
    changed = cv2.dilate(smoothstep(np.abs(made - before).max(-1), *CHANGE_LIMITS), square(1))
    changed = cv2.resize(changed, (CANVAS_WIDTH, CANVAS_HEIGHT), interpolation=cv2.INTER_LINEAR)
    return Edit(alpha, changed * softened(near) * behind)


def _border_ramp(person: Person, margin: int = 10) -> np.ndarray:
    """1 inside the canvas, falling to 0 at those of its sides that lie within the photo, so that no cut shows."""
    left, top, right, bottom = person.box
    width, height = person.photo.size
    rows, columns = np.ones(CANVAS_HEIGHT, np.float32), np.ones(CANVAS_WIDTH, np.float32)
    ramp = np.arange(margin, dtype=np.float32) / margin
    if left > 0:
        columns[:margin] = ramp
    if right < width:
        columns[-margin:] = ramp[::-1]
    if top > 0:
        rows[:margin] = ramp
    if bottom < height:
        rows[-margin:] = ramp[::-1]
    return rows[:, None] * columns


def _paste(person: Person, layers: _Layers, edit: np.ndarray) -> np.ndarray:
    """Work within the edit and in bands of rows, so that a photo of any size needs little time and memory."""
    result = person.photo.pixels.copy()
    width, height = person.photo.size
    left, top, right, bottom = person.box
    scale_x, scale_y = CANVAS_WIDTH / (right - left), CANVAS_HEIGHT / (bottom - top)
    used_x, used_y, used_width, used_height = cv2.boundingRect((edit > 0).astype(np.uint8))
    if used_width == 0:
        return result
    first = max(0, int(top + used_y / scale_y) - 2)
    last = min(height, int(top + (used_y + used_height) / scale_y) + 3)
    x0 = max(0, int(left + used_x / scale_x) - 2)
    x1 = min(width, int(left + (used_x + used_width) / scale_x) + 3)
    for y0 in range(first, last, BAND_ROWS):
        y1 = min(last, y0 + BAND_ROWS)
        to_canvas = np.array(
            [
                [scale_x, 0, (x0 + 0.5 - left) * scale_x - 0.5],
                [0, scale_y, (y0 + 0.5 - top) * scale_y - 0.5],
            ],
            np.float32,
        )
        result[y0:y1, x0:x1] = _blend(result[y0:y1, x0:x1], layers, to_canvas)
    return result


def _torn(flow: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Where a flow (H, W, 2) leaps from one piece of a garment to another within what shows of it, uint8 (H, W).

    alpha: float32 (H, W) in [0, 1], where the garment shows.
    """
    torn, shown = np.zeros(alpha.shape, np.uint8), box_around(alpha > 0, 1)
    if torn[shown].size:
        spans = cv2.morphologyEx(flow[shown], cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        torn[shown] = cv2.inRange(spans, (0, 0), (LEAP, LEAP)) == 0
    return torn


def _read(garment: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """A garment's picture of any size, uint8 (k·1024, k·768, 3), along a flow (h, w, 2) in pixels of the canvas."""
    scale = garment.shape[0] / CANVAS_HEIGHT
    reads = flow * np.float32(scale) + np.float32((scale - 1) / 2)
    return cv2.remap(garment, reads, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _blend(photo: np.ndarray, layers: _Layers, to_canvas: np.ndarray) -> np.ndarray:
    """One band of the photo, uint8 (h, w, 3), with the layers over it; `to_canvas` maps its pixels to the canvas."""
    size = (photo.shape[1], photo.shape[0])

    def fetch(layer: np.ndarray, border: int = cv2.BORDER_REPLICATE) -> np.ndarray:
        return cv2.warpAffine(layer, to_canvas, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=border)

    alpha, repaint, shade, coarse = cv2.split(fetch(layers.weights, cv2.BORDER_CONSTANT))
    flow = fetch(layers.flow)
    leaps = fetch(layers.torn, cv2.BORDER_CONSTANT)
    if leaps.any():
        # Half way between two pieces there is a third, or none.
        nearest = cv2.warpAffine(layers.flow, to_canvas, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
        cv2.copyTo(nearest, leaps, flow)
    worn = _read(layers.garment, flow)
    if leaps.any():
        cv2.copyTo(cv2.GaussianBlur(worn, (3, 3), 0), leaps, worn)
    if coarse.any():
        around = box_around(coarse > 0, 0)
        share = coarse[around]
        worn[around] = cv2.blendLinear(_read(layers.halved, flow[around]), worn[around], share, 1 - share)
    lit = cv2.multiply(worn, cv2.merge([shade] * 3), dtype=cv2.CV_32F)
    base = cv2.blendLinear(fetch(layers.generated).astype(np.float32), photo.astype(np.float32), repaint, 1 - repaint)
    blended = cv2.convertScaleAbs(cv2.blendLinear(lit, base, alpha, 1 - alpha))
    untouched = np.maximum(alpha, repaint) == 0
    return cv2.copyTo(photo, untouched.view(np.uint8), blended)
