"""Standing collars told from shoulders, hoods and straps by a garment's outline."""

import cv2
import numpy as np
import pytest

from vton.preprocess.collar_outline import collar_outline

SIZE = (1024, 768)
BODY = [(170, 300), (90, 420), (160, 460), (200, 400), (200, 900), (568, 900), (568, 400), (608, 460), (678, 420)]
TEE = [*BODY, (598, 300), (480, 240), (384, 255), (288, 240)]
SHIRT = [*BODY, (598, 300), (470, 240), (445, 200), (323, 200), (298, 240)]
STRAPS = [(200, 400), (200, 900), (568, 900), (568, 400), (480, 380), (470, 240), (450, 240), (445, 380)]
STRAPS += [(323, 380), (318, 240), (298, 240), (288, 380)]


def drawn(outline: list[tuple[int, int]]) -> np.ndarray:
    mask = np.zeros(SIZE, np.float32)
    cv2.fillPoly(mask, [np.array(outline)], 1.0)
    return mask


def hooded() -> np.ndarray:
    mask = drawn(TEE)
    cv2.ellipse(mask, (384, 250), (120, 150), 0, 0, 360, 1.0, -1)
    return mask


def test_a_collars_feet_are_where_its_sides_meet_the_shoulders():
    found = collar_outline(drawn(SHIRT))
    assert np.abs(found.feet - [[298, 240], [470, 240]]).max() < 4 and found.top == 200
    left, right = found.shoulders
    assert (left[:, 0] < 298).all() and (right[:, 0] > 470).all()
    assert np.abs(left[:, 1] - np.interp(left[:, 0], (170, 298), (300, 240))).max() < 2


def test_a_collar_is_as_large_as_its_garment_is_shown():
    mask = drawn(SHIRT)
    half = cv2.resize(mask, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    assert np.abs(2 * collar_outline(half).feet - collar_outline(mask).feet).max() < 6


@pytest.mark.parametrize("mask", [drawn(TEE), drawn(STRAPS), hooded(), np.zeros(SIZE, np.float32)])
def test_necklines_straps_and_hoods_are_no_collars(mask):
    assert collar_outline(mask) is None


def test_a_collar_on_one_side_is_none():
    one_sided = [*BODY, (598, 300), (470, 240), (445, 200), (323, 200)]
    assert collar_outline(drawn(one_sided)) is None


@pytest.mark.parametrize("left, right, stands", [(226, 220, True), (221, 217, False)])
def test_a_mock_neck_may_fall_less_steeply_on_one_side(left, right, stands):
    low = [*BODY, (598, 300), (470, right), (445, 200), (323, 200), (298, left)]
    assert (collar_outline(drawn(low)) is not None) == stands
