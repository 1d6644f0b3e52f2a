"""Pictures without a garment, however odd, are found to be such, or end in a mask; none ends in an error."""

import cv2
import numpy as np
import pytest

from vton.images import PictureError
from vton.preprocess.garment_mask import find_garment

SIZES = [(67, 89), (230, 61), (240, 320), (411, 300)]


def one_colour(height, width, random):
    return np.full((height, width, 3), random.integers(0, 255, 3), np.uint8)


def noise(height, width, random):
    return random.integers(0, 255, (height, width, 3), np.uint8)


def clouds(height, width, random):
    return cv2.resize(random.integers(0, 255, (4, 4, 3), np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)


def blotches(height, width, random):
    return cv2.GaussianBlur(noise(height, width, random), (0, 0), 6)


def a_gradient(height, width, random):
    levels = np.linspace(0, 255, height)[:, None, None] + random.normal(size=(height, width, 3)) * 3
    return levels.clip(0, 255).astype(np.uint8)


def a_wire_on_a_ball(height, width, random):
    picture = np.full((height, width, 3), 255, np.uint8)
    picture[:, width // 2] = 0
    cv2.circle(picture, (width // 2, height * 2 // 3), min(height, width) // 5, (120, 30, 40), -1)
    return picture


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("drawn", [one_colour, noise, clouds, blotches, a_gradient, a_wire_on_a_ball])
def test_no_picture_ends_in_an_error(drawn, size):
    picture = drawn(*size, np.random.default_rng(size[0]))
    try:
        mask, _ = find_garment(picture)
    except PictureError as error:
        assert str(error)
    else:
        assert mask.shape == size and mask.min() >= 0 and mask.max() <= 1
