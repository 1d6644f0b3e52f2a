"""The inside of the back is found where the neckline shows it, and nowhere else."""

import cv2
import numpy as np
import pytest

from vton.preprocess.garment_lining import is_shaded, lining_mask

TALL, WIDE = 512, 384
BODY = [
    (140, 60),
    (244, 60),
    (350, 110),
    (320, 210),
    (282, 190),
    (282, 470),
    (102, 470),
    (102, 190),
    (64, 210),
    (34, 110),
]


def garment(cloth, opening=None, inside=None, ribbing=None, seam=None):
    """A tee whose neckline is a polygon or an ellipse below its upper edge, seen on white: picture, mask, opening."""
    solid, hole = np.zeros((TALL, WIDE), np.uint8), np.zeros((TALL, WIDE), np.uint8)
    cv2.fillPoly(solid, [np.array(BODY)], 1)
    picture = np.full((TALL, WIDE, 3), 250, np.float32)
    picture[solid > 0] = cloth
    if opening is not None:
        cv2.fillPoly(hole, [np.array(opening)], 1)
        if ribbing is not None:
            picture[(cv2.dilate(hole, np.ones((17, 17), np.uint8)) & solid) > 0] = ribbing
        hole &= solid
        picture[hole > 0] = np.asarray(cloth) * 0.6 if inside is None else inside
        cv2.rectangle(picture, (178, 64), (206, 78), (20, 20, 20), -1)
    if seam is not None:
        cv2.polylines(picture, [np.array(seam)], False, seam_colour(cloth), 2)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.8) + np.random.default_rng(0).normal(0, 1.5, picture.shape)
    return picture.clip(0, 255).astype(np.uint8), solid.astype(np.float32), hole > 0


def seam_colour(cloth):
    return tuple(float(value) * 0.8 for value in cloth)


def ellipse(half, depth):
    angle = np.linspace(0, np.pi, 40)
    return np.stack([192 + half * np.cos(angle), 58 + depth * np.sin(angle)], axis=1).round().astype(int)


V_NECK = [(142, 58), (192, 170), (242, 58)]


def iou(found, truth):
    return ((found > 0.5) & truth).sum() / ((found > 0.5) | truth).sum()


@pytest.mark.parametrize("cloth", [(190, 40, 50), (236, 236, 238), (70, 100, 60)])
@pytest.mark.parametrize("opening", [ellipse(50, 36), ellipse(50, 70), V_NECK], ids=["crew", "scoop", "v"])
def test_inside_in_shadow_is_found(cloth, opening):
    picture, mask, truth = garment(cloth, opening)
    found = lining_mask(picture, mask)
    assert iou(found, truth) > 0.85
    assert found.dtype == np.float32 and (found <= mask).all()


def test_ribbing_of_another_colour_stays_on_the_front():
    picture, mask, truth = garment((235, 235, 235), ellipse(46, 34), ribbing=(40, 70, 180))
    found = lining_mask(picture, mask)
    assert iou(found, truth) > 0.75
    assert found[97:101, 185:200].max() < 0.5


@pytest.mark.parametrize("cloth", [(190, 40, 50), (30, 30, 34)])
def test_high_neck_with_a_seam_has_no_inside(cloth):
    picture, mask, _ = garment(cloth, seam=ellipse(50, 40))
    assert lining_mask(picture, mask).max() == 0


def test_collar_of_another_colour_is_no_inside():
    picture, mask, _ = garment((235, 235, 235), ellipse(50, 40), inside=(30, 90, 40))
    assert lining_mask(picture, mask).max() == 0


def test_print_below_the_neck_is_no_inside():
    picture, mask, _ = garment((40, 40, 44))
    cv2.ellipse(picture, (192, 230), (55, 45), 0, 0, 360, (230, 220, 60), -1)
    assert lining_mask(picture, mask).max() == 0


def test_strapless_top_has_no_inside():
    picture, mask, _ = garment((150, 60, 90))
    mask[:190] = 0
    assert lining_mask(picture, mask).max() == 0


def test_shade_divides_colour_and_lightness_alike():
    red, white = np.array([50.0, 74, 56]), np.array([97.0, 0, 0])
    assert is_shaded(np.array([20.0, 40, 30]), red)
    assert is_shaded(np.array([67.0, -1, 3]), white)
    assert not is_shaded(np.array([50.0, 3, -48]), white)
    assert not is_shaded(np.array([20.0, 0, 0]), white)
    assert not is_shaded(np.array([70.0, 74, 56]), red)
