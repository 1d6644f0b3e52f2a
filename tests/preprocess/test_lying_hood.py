"""Hoods that lie about the neckline of a garment's picture."""

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.preprocess.test_garment_hood import BASE, below, dress, strapped
from vton.images import load_photo
from vton.preprocess.garment_mask import prepare_garment
from vton.preprocess.lying_hood import neck_in_hood

HOOD = np.array([(254, BASE + 10), (274, BASE - 70), (320, BASE - 100), (448, BASE - 100), (494, BASE - 70)])
HOOD = np.vstack([HOOD, (514, BASE + 10)])


def shoulders() -> np.ndarray:
    """A body with long sleeves whose shoulders slant from the neck."""
    mask = below()
    cv2.fillPoly(mask, [np.array([(184, BASE + 70), (300, BASE), (468, BASE), (584, BASE + 70)])], 1.0)
    return mask


def hoodie() -> np.ndarray:
    mask = shoulders()
    cv2.fillPoly(mask, [HOOD], 1.0)
    return mask


def within(mask: np.ndarray, wide: int = 90, low: int = BASE + 20) -> np.ndarray:
    """What shows of a garment's inside: as wide as a head."""
    inside = np.zeros_like(mask)
    cv2.ellipse(inside, (384, BASE - 90), (wide, low - BASE + 90), 0, 0, 180, 1.0, -1)
    inside[BASE - 100 : BASE - 90, 384 - wide : 385 + wide] = 1
    return np.minimum(inside, mask)


def test_out_of_a_lying_hood_comes_a_neck_and_no_head():
    mask = hoodie()
    before, after = within(mask) > 0.5, neck_in_hood(within(mask), mask) > 0.5
    assert after.any() and not (after & (mask == 0)).any()
    assert 0.36 * 260 < after.any(0).sum() < 0.44 * 260 and before.any(0).sum() > 0.65 * 260
    columns, rows = (np.flatnonzero(after.any(axis)) for axis in (0, 1))
    assert abs(columns.mean() - 384) < 3
    assert rows[0] <= BASE - 98, "from the hood's upper edge"
    assert abs(rows[-1] - np.flatnonzero(before.any(1))[-1]) < 3, "down to where its front closes"


def test_a_neck_comes_no_deeper_out_of_it_than_hoods_close():
    mask = hoodie()
    deep = neck_in_hood(within(mask, low=BASE + 200), mask) > 0.5
    assert np.flatnonzero(deep.any(1))[-1] < BASE + 80


def collar() -> np.ndarray:
    mask = shoulders()
    mask[BASE - 40 : BASE, 310:458] = 1
    return mask


def turtleneck() -> np.ndarray:
    mask = shoulders()
    mask[BASE - 110 : BASE, 320:448] = 1
    return mask


def wide_neck() -> np.ndarray:
    mask = below()
    cv2.fillPoly(mask, [np.array([(184, BASE + 70), (264, BASE - 20), (504, BASE - 20), (584, BASE + 70)])], 1.0)
    return mask


@pytest.mark.parametrize("draw", [below, shoulders, collar, turtleneck, wide_neck, strapped, dress])
def test_other_necklines_stay_as_they_are(draw):
    inside = within(draw())
    assert (inside > 0.5).any()
    assert neck_in_hood(inside, draw()) is inside


@pytest.mark.parametrize("mask", [hoodie(), np.zeros((1024, 768), np.float32), np.ones((1024, 768), np.float32)])
def test_where_no_inside_shows_none_is_made(mask):
    nothing = np.zeros_like(mask)
    assert neck_in_hood(nothing, mask) is nothing


def test_specks_and_whole_pictures_have_no_hood():
    for mask in (np.ones((1024, 768), np.float32), np.pad(np.ones((2, 2), np.float32), ((5, 1017), (5, 761)))):
        assert neck_in_hood(mask, mask) is mask


def test_it_is_asked_for_every_garment():
    mask = hoodie()
    inside = within(mask) > 0.5
    picture = np.where(mask[..., None] > 0.5, np.uint8([150, 110, 180]), np.uint8(245))
    picture[inside] = (70, 50, 90)
    found = prepare_garment(load_photo(Image.fromarray(picture.astype(np.uint8)))).lining > 0.5
    assert 60 < found.any(0).sum() < 130 < inside.any(0).sum()
