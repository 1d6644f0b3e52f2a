"""How much of what is seen between the fronts of a garment is behind its wearer."""

import cv2
import numpy as np
import pytest

from vton.preprocess.open_front import about_the_neck

WIDTH, TOP, HEIGHT = 400, 100, 500
UNIT = (WIDTH * HEIGHT) ** 0.5


def jacket() -> np.ndarray:
    mask = np.zeros((768, 576), np.float32)
    mask[TOP : TOP + HEIGHT, 88 : 88 + WIDTH] = 1
    return mask


def opening(first: float, last: float, half: int = 60) -> np.ndarray:
    """From one depth below the jacket's top to another, in sides of the square with its area."""
    drawn = np.zeros((768, 576), np.float32)
    rows = [round(TOP + depth * UNIT) for depth in (first, last)]
    cv2.rectangle(drawn, (288 - half, rows[0]), (288 + half, rows[1]), 1.0, -1)
    return drawn


def test_of_an_open_front_the_neck_is_left():
    kept = about_the_neck(opening(0, 0.8), jacket()) > 0.5
    rows = np.flatnonzero(kept.any(1))
    assert rows[0] == TOP and (rows[-1] - TOP) / UNIT == pytest.approx(0.15, abs=0.01)
    assert kept[TOP + 5].sum() > 100 > kept[rows[-1] - 2].sum(), "round below"


def test_a_hood_beside_it_does_not_widen_the_neck():
    kept = about_the_neck(opening(0, 0.8, half=150), jacket()) > 0.5
    assert kept.any(0).sum() / UNIT == pytest.approx(0.34, abs=0.02)


def test_a_neckline_however_deep_stays():
    lining = opening(0, 0.5)
    assert about_the_neck(lining, jacket()) is lining
    assert not about_the_neck(np.zeros_like(lining), jacket()).any()


def test_the_sides_of_a_hood_that_stands_up_are_no_inside():
    hoodie = jacket()
    hoodie[TOP : TOP + 110, :198] = hoodie[TOP : TOP + 110, 379:] = 0
    unit = hoodie.sum() ** 0.5
    lining = opening(0, 0.25, half=90) * hoodie
    kept = about_the_neck(lining, hoodie) > 0.5
    assert kept.any(0).sum() / unit == pytest.approx(0.34, abs=0.02)
    assert np.flatnonzero(kept.any(1))[-1] > np.flatnonzero(lining.any(1))[-1] - 3


def test_a_patch_on_the_chest_is_no_inside():
    assert not about_the_neck(opening(0.2, 0.4), jacket()).any()


def test_nor_are_those_of_one_that_lies_on_the_shoulders():
    """Beside the hood's lower half there are shoulders already."""
    hoodie = jacket()
    hoodie[TOP : TOP + 54, :198] = hoodie[TOP : TOP + 54, 379:] = 0
    lining = opening(0, 0.25, half=90) * hoodie
    kept = about_the_neck(lining, hoodie) > 0.5
    assert kept.any(0).sum() / hoodie.sum() ** 0.5 == pytest.approx(0.34, abs=0.02)


def test_above_what_shows_low_between_lapels_the_neck_is_open():
    lapels = np.zeros_like(jacket())
    first, last = TOP + round(0.35 * UNIT), TOP + round(0.7 * UNIT)
    middle = jacket().shape[1] // 2
    cv2.fillConvexPoly(lapels, np.array([[middle - 45, first], [middle + 45, first], [middle, last]]), 1.0)
    kept = about_the_neck(lapels, jacket()) > 0.5
    rows, columns = np.flatnonzero(kept.any(1)), np.flatnonzero(kept.any(0))
    assert rows[0] == TOP and (rows[-1] - TOP) / UNIT == pytest.approx(0.15, abs=0.01)
    assert abs(columns.mean() - middle) < 2 and len(columns) == pytest.approx(90, abs=4)
    assert not about_the_neck(opening(0.35, 0.7), jacket()).any(), "nor is one above a panel of the front"
