"""Drawn dress forms in drawn tops: their necks go, and collars stay."""

import cv2
import numpy as np
import pytest

from tests.preprocess.test_garment_mask import photographed
from vton.preprocess.garment_mannequin import without_mannequin
from vton.preprocess.garment_mask import garment_mask

CREW = [(160, 92), (180, 112), (210, 120), (240, 112), (260, 92)]
TOP = [*CREW, (345, 130), (390, 420), (345, 430), (312, 220), (305, 520), (115, 520), (108, 220), (75, 430), (30, 420)]
NECK = [(176, 40), (244, 40), (248, 72), (262, 92), (250, 130), (170, 130), (158, 92), (172, 72)]
LEAVES = [(160, 92), (174, 40), (246, 40), (260, 92), (225, 165), (210, 172), (195, 165)]


def drawn(*pieces: tuple[list, tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Polygons in their colours on white, and where any of them is."""
    picture, mask = np.full((560, 420, 3), 245, np.float32), np.zeros((560, 420), np.uint8)
    for points, colour in pieces:
        cv2.fillPoly(picture, [np.array(points)], colour)
        cv2.fillPoly(mask, [np.array(points)], 1)
    return picture, mask > 0


@pytest.mark.parametrize("skin", [(205, 200, 190), (120, 160, 215), (25, 25, 25)], ids=["white", "skin", "black"])
def test_a_dress_forms_neck_is_not_worn(skin):
    picture, whole = drawn((NECK, skin), ([*TOP, (85, 130)], (90, 60, 120)))
    _, top = drawn(([*TOP, (85, 130)], (90, 60, 120)))
    found = without_mannequin(picture.astype(np.uint8), whole)
    assert not found[45:100, 185:235].any() and (found & top).sum() > 0.985 * top.sum()
    assert (found & ~top).sum() < 0.01 * top.sum()
    assert not (garment_mask(photographed(whole, picture, (245, 245, 245), noise=0.3)) > 0.5)[45:100, 185:235].any()


@pytest.mark.parametrize(
    "pieces",
    [
        [(NECK, (90, 60, 120))],
        [(LEAVES, (240, 235, 230)), ([(180, 62), (240, 62), (210, 172)], (60, 40, 80))],
        [],
    ],
    ids=["turtleneck", "collar of another colour", "nothing"],
)
def test_collars_stay(pieces):
    picture, whole = drawn(([*TOP, (85, 130)], (90, 60, 120)), *pieces)
    assert np.array_equal(without_mannequin(picture.astype(np.uint8), whole), whole)
