"""Garments that lie askew are set upright."""

import hashlib

import cv2
import numpy as np
import pytest

from tests.preprocess.test_garment_mask import LONG_SLEEVES, TEE, iou, outline, photographed
from vton.preprocess.garment_clicks import Click
from vton.preprocess.garment_mask import prepare_garment
from vton.preprocess.garment_turn import lean, turned
from vton.types import Photo


@pytest.mark.parametrize("degrees", [-24, 17, 31])
@pytest.mark.parametrize("points", [TEE, LONG_SLEEVES], ids=["a T-shirt", "long sleeves"])
def test_how_far_a_garment_lies_askew(points, degrees):
    askew = turned(outline(points).astype(np.float32), degrees, 0.0)
    assert lean(askew) == pytest.approx(-degrees, abs=3)


def test_what_is_straight_or_lopsided_stays():
    lopsided = outline([*LONG_SLEEVES[:3], (310, 205), (310, 500), *LONG_SLEEVES[8:]])
    for mask in (outline(TEE), outline(LONG_SLEEVES), lopsided):
        assert lean(mask.astype(np.float32)) == 0


def test_a_turned_picture_is_whole_and_has_no_corner_of_another_colour():
    picture = np.full((60, 90, 3), (10, 200, 90), np.uint8)
    picture[20:40, 30:60] = (250, 20, 20)
    upright = turned(picture, 30, (10, 200, 90))
    red = (upright[..., 0] > 130).sum()
    assert upright.shape[0] > 90 and upright.shape[1] > 105 and red == pytest.approx(600, rel=0.05)
    assert (upright[[0, 0, -1, -1], [0, -1, 0, -1]] == (10, 200, 90)).all()


def photo_of(points, degrees):
    askew = turned(outline(points).astype(np.float32), degrees, 0.0) > 0.5
    pixels = photographed(askew, np.array((60, 60, 190), np.float32), (225, 230, 232), noise=0.5)
    return Photo(pixels, hashlib.sha256(pixels.tobytes()).hexdigest())


def box_of(mask):
    return cv2.boundingRect((mask > 0.5).astype(np.uint8))


def test_a_garment_that_lies_askew_is_worn_upright_and_needs_no_warning():
    photo = photo_of(TEE, 22)
    garment, straight = prepare_garment(photo), prepare_garment(photo_of(TEE, 0))
    assert garment.warnings == () and garment.photo.digest == photo.digest
    sizes = [box_of(each.mask)[2:] for each in (garment, straight)]
    scale = sizes[0][0] / sizes[1][0]
    assert sizes[0][1] / sizes[1][1] == pytest.approx(scale, rel=0.03)
    cut = [each.mask[y : y + h, x : x + w] for each in (garment, straight) for x, y, w, h in [box_of(each.mask)]]
    assert iou(cv2.resize(cut[0], cut[1].shape[::-1]), cut[1] > 0.5) > 0.95


def test_clicks_on_the_upright_picture_count_there():
    garment = prepare_garment(photo_of(TEE, 22))
    clicked = prepare_garment(photo_of(TEE, 22), [Click(0.5, 0.5, True)])
    assert clicked.photo.size == garment.photo.size and iou(clicked.mask, garment.mask > 0.5) > 0.9
