"""Thin straps in a garment's picture: how thick they are, and where the body hangs on them."""

import cv2
import numpy as np
import pytest

from vton.preprocess.strap_outline import strap_outline

CANVAS = (1024, 768)
PAPER, CLOTH = (245, 245, 245), (60, 90, 160)
BODY = [(150, 420), (230, 330), (384, 430), (538, 330), (618, 420), (600, 900), (168, 900)]


def picture(straps: list[list[tuple[int, int]]], thickness: int) -> tuple[np.ndarray, np.ndarray]:
    image, mask = np.full((*CANVAS, 3), PAPER, np.uint8), np.zeros(CANVAS, np.float32)
    for plane, value in ((image, CLOTH), (mask, 1.0)):
        cv2.fillPoly(plane, [np.array(BODY)], value)
        for strap in straps:
            cv2.polylines(plane, [np.array(strap)], False, value, thickness)
    return image, mask


def test_straps_are_found_with_their_thickness():
    found = strap_outline(*picture([[(230, 120), (230, 340)], [(538, 120), (538, 340)]], 14))
    assert found.widths == pytest.approx([15, 15], abs=1)
    assert np.abs(found.middles[..., 0] - np.array([[230], [538]])).max() < 5
    assert found.middles[0, 0, 1] < 160 and np.abs(found.feet - [[230, 350], [538, 350]]).max() < 25


def test_beside_the_band_of_the_back_a_strap_is_as_thick_as_that_of_the_front():
    """Both ends of each strap are in the picture, and the mask closes over the gap between them."""
    image, mask = picture(
        [[(214, 120), (214, 360)], [(246, 120), (246, 345)], [(522, 120), (522, 345)], [(554, 120), (554, 360)]], 12
    )
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, 35), np.uint8))
    found = strap_outline(image, mask)
    assert found.widths == pytest.approx([13, 13], abs=2)
    assert found.middles[:, 4, 0] == pytest.approx([214, 554], abs=2)


@pytest.mark.parametrize(
    "straps, thickness",
    [
        ([], 1),
        ([[(230, 120), (230, 340)]], 14),
        ([[(230, 120), (230, 340)], [(538, 120), (538, 340)]], 130),
        ([[(230, 290), (230, 340)], [(538, 290), (538, 340)]], 14),
        ([[(384, 120), (230, 340)], [(384, 120), (538, 340)]], 14),
    ],
    ids=["none", "one shoulder", "broad", "short", "around the neck"],
)
def test_what_is_no_pair_of_thin_straps(straps, thickness):
    assert strap_outline(*picture(straps, thickness)) is None
