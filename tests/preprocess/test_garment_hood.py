"""Hoods that stand up above the shoulders."""

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.preprocess.test_sleeve_outline import CANVAS, shirt
from vton.images import load_photo
from vton.preprocess.garment_clicks import Click
from vton.preprocess.garment_hood import without_hood
from vton.preprocess.garment_mask import prepare_garment

BASE = 330
SLEEVES = [[(220, 380), (90, 860)], [(548, 380), (678, 860)]]


def below(width: int = 400) -> np.ndarray:
    """What is below a hood: a body and long sleeves, or of less width the body alone."""
    mask = shirt(*(SLEEVES if width >= 400 else []), thickness=110)
    mask[:BASE] = 0
    mask[BASE:900, 384 - width // 2 : 384 + width // 2] = 1
    return mask


def hoodie(wide: int = 150) -> np.ndarray:
    mask = below()
    cv2.ellipse(mask, (384, BASE), (wide, 230), 0, 180, 360, 1.0, -1)
    return mask


def test_a_hood_is_cut_off_at_the_shoulders_and_leaves_an_open_neck():
    garment, opening = without_hood(hoodie())
    first = int(np.flatnonzero((garment > 0.5).any(1))[0])
    assert BASE - 60 < first < BASE + 60
    assert np.array_equal(garment[first + 5 :], hoodie()[first + 5 :])
    rows, columns = np.nonzero(opening > 0.5)
    assert 0 <= rows.min() - first < 8 and 30 < np.ptp(rows) < 70
    assert abs(columns.mean() - 384) < 5 and 120 < np.ptp(columns) < 200
    assert (opening <= garment).all()


def strapped() -> np.ndarray:
    mask = below()
    mask[100:BASE, 260:340] = mask[100:BASE, 428:508] = 1
    return mask


def dress() -> np.ndarray:
    mask = below(width=390)
    mask[60:BASE, 300:468] = 1
    return mask


def turtleneck() -> np.ndarray:
    mask = below()
    mask[BASE - 90 : BASE, 300:468] = 1
    return mask


def apart() -> np.ndarray:
    mask = hoodie()
    mask[BASE - 40 : BASE - 20] = 0
    return mask


@pytest.mark.parametrize("draw", [below, strapped, dress, turtleneck, apart, lambda: np.zeros(CANVAS, np.float32)])
def test_what_has_no_hood(draw):
    assert without_hood(draw()) is None


def test_whoever_clicked_on_a_hood_keeps_it():
    picture = np.where(hoodie()[..., None] > 0.5, np.uint8([90, 60, 120]), np.uint8(245))
    photo = load_photo(Image.fromarray(picture.astype(np.uint8)))
    cut, kept = prepare_garment(photo), prepare_garment(photo, [Click(0.5, 0.2, True)])
    assert not (cut.mask[:250] > 0.5).any() and (cut.lining > 0.5).any()
    assert (kept.mask[140:250, 350:420] > 0.5).all()
