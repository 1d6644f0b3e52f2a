"""From the generator's picture to the result: garment detail and every untouched pixel come from the originals."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from vton.methods.compact import bleed, front_mask, regions_one_hot, worn_parse
from vton.methods.compose import garment_alpha, repaint_mask
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Composition, Garment, Person

BAND_ROWS = 512
SHADE_SIZE = (288, 384)
SHADE_LIMITS = (0.55, 1.35)


@dataclass(frozen=True)
class Finished:
    """image: uint8 RGB (H, W, 3) at the photo's size; edit_mask: float32 (1024, 768) in [0, 1] on the canvas.

    Where the edit mask is 0, and everywhere outside the canvas, the image is the photo, bit by bit.
    """

    image: np.ndarray
    edit_mask: np.ndarray


@dataclass(frozen=True)
class _Layers:
    """What is laid over the photo, all float32 on the canvas (1024, 768[, channels])."""

    alpha: np.ndarray
    repaint: np.ndarray
    shade: np.ndarray
    flow: np.ndarray
    generated: np.ndarray
    garment: np.ndarray


def finish(person: Person, garment: Garment, composition: Composition) -> Finished:
    """Put a composition into the person's photo at the photo's own resolution.

    The garment keeps the detail of its own picture, shaded as the generator shaded it; what comes to light where the
    old garment was is the generator's; all else is the photo.
    """
    alpha, repaint = _masks(person, composition)
    inner = _border_ramp(person)
    layers = _Layers(
        alpha * inner,
        repaint * inner,
        shading(composition.generated, composition.warped_garment, alpha),
        composition.flow,
        composition.generated.astype(np.float32),
        bleed(garment.image, garment.mask).astype(np.float32),
    )
    edit = np.maximum(layers.alpha, layers.repaint)
    return Finished(_paste(person, layers, edit), edit)


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
    ratio = cv2.GaussianBlur(made * weight, (0, 0), 3) / cv2.GaussianBlur(flat * weight, (0, 0), 3)
    average = float((ratio * weight).sum() / weight.sum())
    ratio = np.clip(ratio / max(average, 1e-3) ** 0.8, *SHADE_LIMITS)
    return cv2.resize(ratio, (CANVAS_WIDTH, CANVAS_HEIGHT), interpolation=cv2.INTER_LINEAR)


def _brightness(pixels: np.ndarray) -> np.ndarray:
    """Offset from black, so that the ratio of two dark cloths is not noise."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) + 12


def _masks(person: Person, composition: Composition) -> tuple[np.ndarray, np.ndarray]:
    size = (CANVAS_HEIGHT, CANVAS_WIDTH)
    target = torch.from_numpy(composition.target)[None]
    keep = torch.from_numpy(front_mask(person))[None, None]
    alpha = garment_alpha(target, torch.from_numpy(composition.warped_mask)[None, None], keep)
    repaint = repaint_mask(regions_one_hot(worn_parse(person), size), target, keep)
    return alpha[0, 0].numpy(), repaint[0, 0].numpy()


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
    """Work in bands of rows, so that a photo of any size needs little memory."""
    result = person.photo.pixels.copy()
    width, height = person.photo.size
    left, top, right, bottom = person.box
    scale_x, scale_y = CANVAS_WIDTH / (right - left), CANVAS_HEIGHT / (bottom - top)
    used_rows = np.flatnonzero(edit.max(1) > 0)
    if used_rows.size == 0:
        return result
    first = max(0, int(top + used_rows[0] / scale_y) - 2)
    last = min(height, int(top + (used_rows[-1] + 1) / scale_y) + 3)
    x0, x1 = max(0, int(np.floor(left))), min(width, int(np.ceil(right)))
    for y0 in range(first, last, BAND_ROWS):
        y1 = min(last, y0 + BAND_ROWS)
        to_canvas = np.array(
            [
                [scale_x, 0, (x0 + 0.5 - left) * scale_x - 0.5],
                [0, scale_y, (y0 + 0.5 - top) * scale_y - 0.5],
            ],
            np.float32,
        )
        band = result[y0:y1, x0:x1]
        band[:] = _blend(band, layers, to_canvas)
    return result


def _blend(photo: np.ndarray, layers: _Layers, to_canvas: np.ndarray) -> np.ndarray:
    """One band of the photo, uint8 (h, w, 3), with the layers over it; `to_canvas` maps its pixels to the canvas."""
    size = (photo.shape[1], photo.shape[0])

    def fetch(layer: np.ndarray, outside: float | None = None) -> np.ndarray:
        mode = cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(layer, to_canvas, size, flags=flags, borderMode=mode, borderValue=outside or 0)

    alpha, repaint = fetch(layers.alpha, 0.0)[..., None], fetch(layers.repaint, 0.0)[..., None]
    untouched = (alpha + repaint)[..., 0] == 0
    flow = fetch(layers.flow)
    worn = cv2.remap(layers.garment, flow, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    worn = worn * fetch(layers.shade)[..., None]
    original = photo.astype(np.float32)
    base = original + (fetch(layers.generated) - original) * repaint
    blended = (base + (worn - base) * alpha).round().clip(0, 255).astype(np.uint8)
    blended[untouched] = photo[untouched]
    return blended
