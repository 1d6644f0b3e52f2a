"""What every method and the finish ask of a Person and a Garment: what a top replaces, what stays in front of it."""

import cv2
import numpy as np
import torch

from vton.images import box_around, coarsely_blurred, resize
from vton.labels import DENSEPOSE_PARTS, UPPER_LABELS, Joint, Parse, Region
from vton.methods.compact_inputs import compact_regions, complete_keypoints, hands
from vton.methods.remember import remembered
from vton.preprocess.agnostic import widened_upper
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person

FRONT_LABELS = (Parse.HAT, Parse.HAIR, Parse.GLOVE, Parse.SUNGLASSES, Parse.FACE)

ARM_PARTS = tuple(number for number, name in enumerate(DENSEPOSE_PARTS) if " arm " in name)
LEAST_DETAIL, MOST_DETAIL = 1.15, 2.0
"""From how many pixels for each of the canvas on a garment's whole picture is looked at, and up to how many."""
COARSEST, FINE_ENOUGH = 0.2, 0.85
"""Fewest pixels for each of the canvas to which a garment's picture is brought, and from how many on it is left so."""
LENS = 0.5
"""Standard deviation of the softness of a picture that was brought to less, in its pixels."""
SAME_PICTURE = 8
"""Mean difference of colours, of 255, up to which two pictures show the same."""
IN_SHADE = 0.7
"""How light the inside of a garment's back is beside its front, at most, for networks that learnt of insides in the
shade."""
SLEEVE_ROOM = 17
"""How much wider than an arm a dress's sleeve is, in pixels."""


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
    skirt = (person.parse == Parse.DRESS) & below & ~_on_the_arms(person)
    parse = np.where(skirt, np.uint8(Parse.SKIRT), person.parse)
    more = widened_upper(parse, person.silhouette, person.keypoints) & ~np.isin(parse, UPPER_LABELS)
    more &= _nearer_top(parse) | (parse != Parse.BACKGROUND)
    return np.where(more, np.uint8(Parse.UPPER), parse)


def parse_beside(person: Person, target: np.ndarray) -> np.ndarray:
    """The person's parse as a top sees it once it is known where the new one ends: below, a dress stays as it is.

    Args:
        target: float32 (13, h, w) in [0, 1], probabilities of `Region` on the whole canvas once the garment is worn.

    Returns:
        uint8 (1024, 768), ids of `Parse`.
    """
    parse = worn_parse(person)
    dress = (person.parse == Parse.DRESS) & ~_on_the_arms(person)
    if not dress.any():
        return parse
    below = cv2.resize(target[Region.BOTTOM], parse.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    return np.where(dress & below, np.uint8(Parse.SKIRT), parse)


@remembered
def _on_the_arms(person: Person) -> np.ndarray:
    """bool (1024, 768): where arms are, with room for their sleeves."""
    arms = np.isin(person.parts, ARM_PARTS).astype(np.uint8)
    return cv2.dilate(arms, np.ones((SLEEVE_ROOM,) * 2, np.uint8)) > 0


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
    regions = compact_regions(small)
    planes = np.empty((1, len(Region), *size), np.float32)
    for region in Region:
        planes[0, region] = regions == region
    return torch.from_numpy(planes)


@remembered
def bled(garment: Garment) -> np.ndarray:
    """The garment's picture with its colours pushed past its edge, uint8 RGB (1024, 768, 3)."""
    return bleed(garment.image, garment.mask)


@remembered
def inside_in_shade(garment: Garment) -> np.ndarray:
    """The garment's picture, uint8 RGB (1024, 768, 3), with the inside of its back darker than its front.

    Of white cloth a shop's picture hardly shows where the one ends and the other begins, and a network that does not
    see it takes the front's upper part for the inside.
    """
    if garment.lining is None:
        return garment.image
    few = np.s_[::4, ::4]
    inside, front = (garment.image[few][part[few] > 0.5].mean(1) for part in (garment.lining, garment.outside))
    if not (len(inside) and len(front)):
        return garment.image
    shade = IN_SHADE * float(np.median(front)) / max(float(np.median(inside)), 1.0)
    if shade >= 1:
        return garment.image
    left, top, width, height = cv2.boundingRect((garment.lining > 0).view(np.uint8))
    box = np.s_[top : top + height, left : left + width]
    image = garment.image.copy()
    image[box] = image[box] * (1 - (1 - shade) * garment.lining[box][..., None])
    return image


def in_detail(garment: Garment, scale: float) -> np.ndarray:
    """As `bled`, with no more detail than is of use, and with what the garment's whole picture has beyond the canvas.

    Args:
        garment: one whose `image` shows the whole picture; of another `bled` is all there is.
        scale: the most pixels that are of use for each of the canvas.

    Returns:
        uint8 RGB (k·1024, k·768, 3) for a k from `COARSEST` to `MOST_DETAIL`.
    """
    if scale < FINE_ENOUGH:
        scale = max(scale, COARSEST)
        small = resize(bled(garment), (round(CANVAS_WIDTH * scale), round(CANVAS_HEIGHT * scale)))
        # What a pixel of the small picture averages is a square; a lens is softer, and leaves less to alias.
        return cv2.GaussianBlur(small, (0, 0), LENS)
    height, width = garment.photo.pixels.shape[:2]
    scale = min(scale, max(height / CANVAS_HEIGHT, width / CANVAS_WIDTH), MOST_DETAIL)
    if scale < LEAST_DETAIL:
        return bled(garment)
    size = (round(CANVAS_WIDTH * scale), round(CANVAS_HEIGHT * scale))
    fit = min(size[0] / width, size[1] / height)
    inner = (min(size[0], round(width * fit)), min(size[1], round(height * fit)))
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    whole = np.full((size[1], size[0], 3), 255, np.uint8)
    whole[top : top + inner[1], left : left + inner[0]] = resize(garment.photo.pixels, inner)
    inside = cv2.erode((garment.mask > 0.9).astype(np.uint8), np.ones((7, 7), np.uint8))
    known = inside > 0
    again = cv2.resize(whole, (CANVAS_WIDTH, CANVAS_HEIGHT), interpolation=cv2.INTER_AREA)
    if not known.any() or np.abs(again[known].astype(int) - garment.image[known]).mean() > SAME_PICTURE:
        return bled(garment)
    inside[: garment.redrawn] = 0
    weight = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    around = cv2.resize(bled(garment), size, interpolation=cv2.INTER_CUBIC)
    return cv2.blendLinear(whole, around, weight, 1 - weight)


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
    around = box_around(inside, 3 * radius)
    known, colours = inside[around].astype(np.float32), [plane.astype(np.float32) for plane in cv2.split(image[around])]
    # What is far from the edge may be coarse.
    for sigma, step in ((2.0, 1), (radius / 2, 2), (radius, 4)):
        weight = coarsely_blurred(known, sigma, step)
        fresh = ((known < 0.5) & (weight > 0.02)).view(np.uint8)
        for plane in colours:
            cv2.copyTo(cv2.divide(coarsely_blurred(plane * known, sigma, step), weight), fresh, plane)
        known += fresh
    result = image.copy()
    result[around] = cv2.merge([plane.astype(np.uint8) for plane in colours])
    return result
