"""What lies beside a garment in its picture is told from the garment."""

import cv2
import numpy as np
import pytest

from vton.preprocess.garment_beside import without_neighbours
from vton.preprocess.garment_mask import garment_mask

BLACK, RED, GREEN = (25, 25, 28), (190, 40, 40), (40, 160, 60)


def sweater(sleeves: tuple[int, int, int] = BLACK) -> tuple[np.ndarray, np.ndarray]:
    """A sweater on a grey ground, uint8 RGB (400, 400, 3), and where it is, bool (400, 400)."""
    picture, mask = np.full((400, 400, 3), 190, np.uint8), np.zeros((400, 400), np.uint8)
    for points, colour in (
        ([(140, 90), (90, 120), (50, 290), (85, 300), (140, 160)], sleeves),
        ([(260, 90), (310, 120), (350, 290), (315, 300), (260, 160)], sleeves),
        ([(135, 90), (265, 90), (265, 330), (135, 330)], BLACK),
    ):
        cv2.fillPoly(picture, [np.int32(points)], colour)
        cv2.fillPoly(mask, [np.int32(points)], 1)
    return picture, mask > 0


def beside(picture: np.ndarray, mask: np.ndarray, box: tuple[slice, slice]) -> tuple[np.ndarray, np.ndarray]:
    """The same with a red thing in a box that the mask runs into."""
    thing = np.zeros_like(mask)
    thing[box] = True
    thing &= ~mask
    picture = np.where(thing[..., None], np.uint8(RED), picture)
    return picture, thing


def test_what_lies_beside_a_garment_and_looks_unlike_it_is_none_of_it():
    picture, mask = sweater()
    picture, thing = beside(picture, mask, np.s_[40:180, 30:110])
    found = without_neighbours(picture, mask | thing)
    assert found[thing].mean() < 0.05
    assert found[mask].mean() > 0.97


def test_backdrop_between_a_garment_and_a_thing_goes_with_it():
    picture, mask = sweater()
    picture, thing = beside(picture, mask, np.s_[60:150, 340:395])
    gap = np.zeros_like(mask)
    gap[80:120, 280:340] = True
    gap &= ~mask
    found = without_neighbours(picture, mask | thing | gap)
    assert found[thing | gap].mean() < 0.1


@pytest.mark.parametrize("sleeves", [BLACK, GREEN])
def test_a_whole_garment_stays_as_it_is(sleeves: tuple[int, int, int]):
    picture, mask = sweater(sleeves)
    picture[150:220, 215:255] = RED
    assert without_neighbours(picture, mask) is mask


def test_a_thing_that_takes_half_of_the_mask_is_not_taken_away():
    picture, mask = sweater()
    picture, thing = beside(picture, mask, np.s_[5:395, 0:130])
    assert without_neighbours(picture, mask | thing)[thing].all()


def test_the_garment_of_a_picture_is_found_without_its_neighbour():
    picture, mask = sweater()
    picture, thing = beside(picture, mask, np.s_[40:180, 30:110])
    assert garment_mask(picture)[thing].mean() < 0.1
