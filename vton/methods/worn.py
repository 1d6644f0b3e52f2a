"""What every method and the finish ask of a Person and a Garment: what a top replaces, what stays in front of it."""

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from vton.labels import UPPER_LABELS, Joint, Parse, Region
from vton.methods.compact_inputs import compact_regions, complete_keypoints, hands
from vton.methods.remember import remembered
from vton.preprocess.agnostic import widened_upper
from vton.types import CANVAS_HEIGHT, Garment, Person

FRONT_LABELS = (Parse.HAT, Parse.HAIR, Parse.GLOVE, Parse.SUNGLASSES, Parse.FACE)


@remembered
def worn_parse(person: Person) -> np.ndarray:
    """The person's parse as a top sees it.

    A dress is split above the hips, into what a top replaces and a skirt that stays; and UPPER takes in all that may
    belong to the worn top, so that no edge or sleeve of it is left behind.

    Returns:
        uint8 (1024, 768), ids of `Parse`.
    """
    points = complete_keypoints(person.keypoints)
    neck, hips = points[Joint.NECK], (points[Joint.RIGHT_HIP] + points[Joint.LEFT_HIP]) / 2
    rows = np.arange(CANVAS_HEIGHT, dtype=np.float32)[:, None]
    below = rows > hips[1] - 0.25 * (hips[1] - neck[1])
    parse = np.where((person.parse == Parse.DRESS) & below, np.uint8(Parse.SKIRT), person.parse)
    more = widened_upper(parse, person.silhouette, person.keypoints) & ~np.isin(parse, UPPER_LABELS)
    more &= _nearer_top(parse) | (parse != Parse.BACKGROUND)
    return np.where(more, np.uint8(Parse.UPPER), parse)


def _nearer_top(parse: np.ndarray) -> np.ndarray:
    """bool (H, W): nearer to the worn top than to any other part of the person, whose outline is to stay sharp."""
    top, empty = np.isin(parse, UPPER_LABELS), parse == Parse.BACKGROUND
    to_top, to_rest = (cv2.distanceTransform((~part).astype(np.uint8), cv2.DIST_L2, 5) for part in (top, ~top & ~empty))
    return to_top < to_rest


@remembered
def front_mask(person: Person) -> np.ndarray:
    """What stays in front of any garment: hair, hat, face and the hands; float32 (1024, 768) in [0, 1]."""
    front = np.isin(person.parse, FRONT_LABELS)
    front |= hands(person.parse, person.keypoints)
    return cv2.GaussianBlur(front.astype(np.float32), (0, 0), 1.2)


def regions_one_hot(parse: np.ndarray, size: tuple[int, int]) -> torch.Tensor:
    """(1024, 768) `Parse` ids → (1, 13, *size) float one-hot of `Region`, the neck as NOISE."""
    small = cv2.resize(parse, size[::-1], interpolation=cv2.INTER_NEAREST)
    regions = torch.from_numpy(compact_regions(small)).long()
    return F.one_hot(regions, len(Region)).permute(2, 0, 1)[None].float()


@remembered
def bled(garment: Garment) -> np.ndarray:
    """The garment's picture with its colours pushed past its edge, uint8 RGB (1024, 768, 3)."""
    return bleed(garment.image, garment.mask)


def bleed(image: np.ndarray, mask: np.ndarray, radius: int = 12) -> np.ndarray:
    """Push the garment's colours past its edge, so that a warped edge never picks up the backdrop.

    Args:
        image: uint8 (H, W, 3).
        mask: float32 (H, W) in [0, 1].
        radius: how far, in pixels.

    Returns:
        uint8 (H, W, 3).
    """
    inside = cv2.erode((mask > 0.9).astype(np.uint8), np.ones((5, 5), np.uint8))
    left, top, width, height = cv2.boundingRect(inside)
    margin = 3 * radius
    around = np.s_[max(0, top - margin) : top + height + margin, max(0, left - margin) : left + width + margin]
    known, filled = inside[around].astype(np.float32), image[around].astype(np.float32)
    # What is far from the edge may be coarse.
    for sigma, step in ((2.0, 1), (radius / 2, 2), (radius, 4)):
        weight, summed = (_blurred(values, sigma, step) for values in (known, filled * known[..., None]))
        fresh = (known < 0.5) & (weight > 0.02)
        filled[fresh] = summed[fresh] / weight[fresh][:, None]
        known[fresh] = 1
    result = image.copy()
    result[around] = filled.clip(0, 255).astype(np.uint8)
    return result


def _blurred(values: np.ndarray, sigma: float, step: int) -> np.ndarray:
    """A Gaussian blur, computed at a `step`-th of the size."""
    height, width = values.shape[:2]
    if step > 1:
        size = (-(-width // step), -(-height // step))
        values = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    values = cv2.GaussianBlur(values, (0, 0), sigma / step)
    return values if step == 1 else cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR)
