"""Garments that stand in a light, or over their shadow on a floor."""

import cv2
import numpy as np
import pytest

from vton.preprocess.garment_mask import garment_mask
from vton.preprocess.garment_shadows import above_a_shadow

TEE = [(150, 60), (210, 80), (270, 60), (400, 130), (350, 230), (310, 205), (310, 500), (110, 500), (110, 205)]
TEE += [(70, 230), (20, 130)]
HOODIE = [(150, 60), (270, 60), (330, 100), (350, 500), (310, 500), (300, 400), (120, 400), (110, 500), (70, 500)]
HOODIE += [(90, 100)]


def solid(points) -> np.ndarray:
    mask = np.zeros((560, 420), np.uint8)
    cv2.fillPoly(mask, [np.array(points)], 1)
    return mask > 0


def iou(found, truth):
    return ((found > 0.5) & truth).sum() / ((found > 0.5) | truth).sum()


def test_a_light_in_the_middle_of_the_background_is_no_garment():
    truth = solid(TEE)
    down, across = np.mgrid[-1:1:560j, -1:1:420j]
    light = 110 + 100 * np.exp(-1.5 * (down**2 + across**2))
    picture = np.where(truth[..., None], (38, 42, 48), light[..., None]).astype(np.uint8)
    assert iou(garment_mask(cv2.GaussianBlur(picture, (0, 0), 0.8)), truth) > 0.95


@pytest.mark.parametrize("cloth", [(228, 226, 220), (40, 42, 48)])
def test_a_glow_of_shadow_drawn_around_a_garment_is_none_of_it(cloth):
    truth = solid(TEE)
    glow = cv2.GaussianBlur(truth.astype(np.float32), (0, 0), 14)[..., None]
    picture = np.where(truth[..., None], cloth, 255 - 90 * glow).astype(np.uint8)
    picture[250:300, 150:270] = (150, 40, 50)
    assert iou(garment_mask(cv2.GaussianBlur(picture, (0, 0), 0.8)), truth) > 0.93


def over_a_shadow():
    """A hoodie whose cuffs reach the floor, on which its shadow joins them; and the garment alone."""
    truth = solid(HOODIE)
    picture = np.full((560, 420, 3), 250, np.uint8)
    picture[truth] = (200, 190, 170)
    picture[500:508, 66:354] = 205
    return picture, truth


def test_between_sleeves_hem_and_the_shadow_on_the_floor_there_is_background():
    picture, truth = over_a_shadow()
    found = garment_mask(cv2.GaussianBlur(picture, (0, 0), 0.8)) > 0.5
    assert not found[410:505, 130:290].any() and (found & truth).sum() > 0.95 * truth.sum()


@pytest.mark.parametrize(
    "place",
    [np.s_[420:460, 90:330], np.s_[200:440, 90:330], np.s_[440:490, 180:260]],
    ids=["a stripe above the hem", "high", "narrow"],
)
def test_what_is_no_gap_over_a_shadow(place):
    outside = ~solid([(60, 60), (360, 60), (360, 500), (60, 500)])
    alike = outside.copy()
    alike[place] = True
    assert not above_a_shadow(alike, outside).any()
