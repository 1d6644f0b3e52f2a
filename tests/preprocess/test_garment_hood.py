"""Hoods that stand up above the shoulders."""

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.preprocess.test_sleeve_outline import CANVAS, shirt
from vton.images import load_photo
from vton.preprocess.garment_clicks import Click
from vton.preprocess.garment_hood import laid_down, opening, standing_hood
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


def test_a_hood_that_stands_is_laid_down_about_the_neck():
    hood = standing_hood(hoodie())
    assert abs(hood.top - 100) < 5 and abs(hood.base - BASE) < 60 and abs(hood.left + hood.right - 768) < 10
    lying = laid_down(hoodie(), hood)
    first = int(np.flatnonzero((lying > 0.5).any(1))[0])
    assert abs(first - hood.lying_top) < 5 and hood.base - first < 0.5 * (hood.base - hood.top)
    assert np.array_equal(lying[hood.base :], hoodie()[hood.base :])
    assert abs(int((lying[: hood.base] > 0.5).any(0).sum()) - int((hoodie()[: hood.base] > 0.5).any(0).sum())) < 5


def test_out_of_a_lying_hood_comes_the_neck_between_its_sides():
    hood = standing_hood(hoodie())
    lying = laid_down(hoodie(), hood)
    inside = opening(lying, hood) > 0.5
    rows, columns = np.nonzero(inside)
    assert (inside <= (lying > 0)).all() and abs(columns.mean() - 384) < 3
    assert rows.min() - hood.lying_top < 8 and 0 < rows.max() - hood.base < 40
    beside = (lying[hood.base - 15] > 0.5) & ~inside[hood.base - 15]
    assert beside[:384].sum() > 40 and beside[385:].sum() > 40, "cloth at both sides of the neck"


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


def bodice() -> np.ndarray:
    """A dress whose sleeves are spread below a bodice with wide shoulders."""
    mask = np.zeros(CANVAS, np.float32)
    mask[40:520, 200:568] = mask[520:640, 60:708] = mask[640:1000, 150:618] = 1
    return mask


def apart() -> np.ndarray:
    mask = hoodie()
    mask[BASE - 40 : BASE - 20] = 0
    return mask


@pytest.mark.parametrize(
    "draw", [below, strapped, dress, turtleneck, bodice, apart, lambda: np.zeros(CANVAS, np.float32)]
)
def test_what_has_no_hood(draw):
    assert standing_hood(draw()) is None


def test_whoever_clicked_on_a_hood_keeps_it():
    picture = np.where(hoodie()[..., None] > 0.5, np.uint8([90, 60, 120]), np.uint8(245))
    photo = load_photo(Image.fromarray(picture.astype(np.uint8)))
    laid, kept = prepare_garment(photo), prepare_garment(photo, [Click(0.5, 0.2, True)])
    assert laid.redrawn == standing_hood(hoodie()).base and kept.redrawn == 0
    assert not (laid.mask[:200] > 0.5).any() and (laid.lining > 0.5).any()
    assert np.abs(laid.image[120:180].astype(int) - 245).max() < 20, "no hood is left where it stood"
    assert (kept.mask[140:250, 350:420] > 0.5).all()
