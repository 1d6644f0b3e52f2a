"""Prints of the old top are not handed to the image generator as shade."""

import cv2
import numpy as np
import pytest

from vton.methods.old_prints import without_prints

TOP = np.zeros((384, 288), bool)
TOP[120:300, 80:210] = True


def worn(colour: tuple[int, int, int]) -> np.ndarray:
    """A top of one colour before a grey wall, with a broad fold down its middle."""
    picture = np.full((384, 288, 3), 128, np.uint8)
    fold = 1 - 0.07 * np.exp(-(((np.arange(288) - 150) / 12) ** 2))
    picture[TOP] = (np.array(colour) * np.broadcast_to(fold[:, None], (384, 288, 1)))[TOP]
    return picture


def printed(picture: np.ndarray, size: float = 1.2) -> np.ndarray:
    return cv2.putText(picture.copy(), "AX", (100, 190), cv2.FONT_HERSHEY_SIMPLEX, size, (40, 40, 40), 4)


@pytest.mark.parametrize("colour", [(245, 245, 245), (200, 40, 60), (120, 160, 90)])
def test_a_print_vanishes_and_the_fold_stays(colour):
    plain = worn(colour)
    cleaned = without_prints(printed(plain), TOP)
    assert np.abs(cleaned[TOP].astype(int) - plain[TOP]).max() < 30
    below = np.s_[220:280, 90:200]
    np.testing.assert_array_equal(cleaned[below], plain[below])


def test_a_plain_top_and_a_patterned_one_stay_as_they_are():
    plain = worn((245, 245, 245))
    striped = plain.copy()
    striped[np.arange(384) % 16 < 8] = 60
    for picture in (plain, striped):
        np.testing.assert_array_equal(without_prints(picture, TOP), picture)


def test_noise_of_a_black_top_tells_no_shade():
    black = worn((12, 12, 12))
    black[150:200, 100:150] = 30
    cleaned = without_prints(black, TOP)
    assert len(np.unique(cleaned[TOP])) == 1
    np.testing.assert_array_equal(cleaned[~TOP], black[~TOP])


def test_without_a_top_nothing_changes():
    picture = worn((245, 245, 245))
    np.testing.assert_array_equal(without_prints(picture, np.zeros_like(TOP)), picture)
