"""Hair before a new garment without the colour of the old one, which shone through its strands.

Where strands are thinner than pixels, a pixel is a mixture of both: c = a·hair + (1 - a)·top (the compositing equation;
Porter and Duff, "Compositing digital images", 1984). How much of the top it has is told by hue alone, since hair has
shadows and highlights of its own, and then that much of the new garment's colour takes its place.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.labels import UPPER_LABELS, Parse
from vton.methods.compact_inputs import complete_keypoints
from vton.methods.remember import remembered
from vton.methods.sleeves import shoulder_width
from vton.methods.worn import worn_parse
from vton.types import Person

REACH, NEAR, WIDE = 0.4, 0.05, 0.15
"""In shoulder widths: how far from the top hair may have its tint, and over how far around a pixel the colours of the
top and of hair that is free of it are averaged."""
FREE = 0.08
"""How far from the top hair is free of it, in shoulder widths."""
APART = 18.0
"""How different in hue hair and top are, and how far from grey the top is, where one tells from the other; in the a and
b of 8-bit CIELAB."""
STRANGE = 30.0
"""How far from the hue of hair no hair is, in the same units: it is a print that shows between strands."""
LEAST, MOST = 0.15, 0.4
"""Share of the top in a pixel from which it is corrected, and from which wholly."""
SCANT = 0.02
"""Share of a pixel's surroundings from which something counts as being there."""


@dataclass(frozen=True, eq=False)
class _Tint:
    """Where hair has the colour of the top that is worn in the photo.

    box: rows and columns of the canvas. photo, of_top: float32 (h, w, 3), 8-bit CIELAB of the photo there, and of the
    top about each pixel. share: float32 (h, w) in [0, 1], how much of it a pixel has.
    """

    box: tuple[slice, slice]
    photo: np.ndarray
    of_top: np.ndarray
    share: np.ndarray


def untinted_hair(
    person: Person, generated: np.ndarray, behind: np.ndarray
) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray] | None:
    """Hair with the new garment's colour where the old one's shone through.

    Args:
        person: whose hair it is.
        generated: uint8 RGB (1024, 768, 3), what is worn now, and everything around it.
        behind: float32 (1024, 768) in [0, 1], what of it is not in front of the garment.

    Returns:
        A box of the canvas, what is there, uint8 RGB (h, w, 3), and how much of each pixel it takes, float32 (h, w) in
        [0, 1]; None where no hair has any tint.
    """
    tint = _tint_of(person)
    if not tint:
        return None
    unit = shoulder_width(complete_keypoints(person.keypoints)[:, :2])
    of_new, some_new = _average(_lab(generated[tint.box]), behind[tint.box] > 0.5, NEAR * unit)
    share = np.where(some_new > SCANT, tint.share, 0)
    changed = (tint.photo + share[..., None] * (of_new - tint.of_top)).clip(0, 255).round().astype(np.uint8)
    weight = ((share - LEAST) / (MOST - LEAST)).clip(0, 1).astype(np.float32)
    return tint.box, cv2.cvtColor(changed, cv2.COLOR_LAB2RGB), cv2.GaussianBlur(weight, (0, 0), 1.0)


@remembered
def _tint_of(person: Person) -> _Tint | bool:
    """False without any. (Not None, which is not remembered.)"""
    unit = shoulder_width(complete_keypoints(person.keypoints)[:, :2])
    hair, top = person.parse == Parse.HAIR, np.isin(worn_parse(person), UPPER_LABELS)
    if unit < 40 or not hair.any() or not top.any():
        return False
    from_top = cv2.distanceTransform((~top).view(np.uint8), cv2.DIST_L2, 5)
    tinted = hair & (from_top < REACH * unit)
    left, up, width, height = cv2.boundingRect(tinted.view(np.uint8))
    if width == 0:
        return False
    room = round(2 * WIDE * unit)
    box = np.s_[max(0, up - room) : up + height + room, max(0, left - room) : left + width + room]
    photo = _lab(person.image[box])
    of_top, some_top = _average(photo, top[box], NEAR * unit)
    free = hair & (from_top > FREE * unit)
    if not free.any():
        return False
    of_hair, some_hair = _average(photo, free[box], WIDE * unit)
    all_free = _lab(person.image[free][None])[0]
    of_all = all_free.mean(0)
    of_hair = np.where(some_hair[..., None] > SCANT, of_hair, of_all)
    away = (of_hair - of_top)[..., 1:]
    squared = (away**2).sum(-1)
    share = 1 - ((photo - of_top)[..., 1:] * away).sum(-1) / np.maximum(squared, 1)
    # A print's colours are no mixture of hair and the cloth about it.
    usual = float(np.percentile(np.linalg.norm((all_free - of_all)[:, 1:], axis=1), 95))
    mixed = (of_hair - of_top)[..., 1:] * (1 - share[..., None].clip(0, 1)) + of_top[..., 1:]
    strange = np.linalg.norm(photo[..., 1:] - mixed, axis=-1) > max(STRANGE, 1.5 * usual)
    # Of grey, white and black cloth nothing can be told: shadows and highlights are so, too.
    coloured = np.linalg.norm(of_top[..., 1:] - 128, axis=-1) > APART
    known = tinted[box] & coloured & (squared > APART**2) & (some_top > SCANT)
    share = np.where(known, share.clip(0, 1), np.float32(0))
    strange &= tinted[box] & (some_top > SCANT)
    share[strange], of_top[strange] = 1, photo[strange]
    left, up, width, height = cv2.boundingRect((share > LEAST).view(np.uint8))
    if width == 0:
        return False
    room = round(3 * NEAR * unit)
    small = np.s_[max(0, up - room) : up + height + room, max(0, left - room) : left + width + room]
    y, x = box[0].start + small[0].start, box[1].start + small[1].start
    photo, of_top, share = (np.ascontiguousarray(plane[small]) for plane in (photo, of_top, share))
    return _Tint(np.s_[y : y + len(share), x : x + share.shape[1]], photo, of_top, share)


def _lab(pixels: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2LAB).astype(np.float32)


def _average(lab: np.ndarray, part: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """The average colour of a part, bool (h, w), around each pixel, float32 (h, w, 3), and how much of it is there."""
    step = max(1, int(sigma / 3))
    size = tuple(max(1, side // step) for side in lab.shape[1::-1])
    weight = part.astype(np.float32)
    sums = cv2.resize(np.dstack([lab * weight[..., None], weight]), size, interpolation=cv2.INTER_AREA)
    sums = cv2.resize(cv2.GaussianBlur(sums, (0, 0), sigma / step), lab.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return sums[..., :3] / np.maximum(sums[..., 3:], 1e-4), sums[..., 3]
