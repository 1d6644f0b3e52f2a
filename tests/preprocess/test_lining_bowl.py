"""A neckline's inside that is darker than the front."""

import cv2
import numpy as np
import pytest

from vton.preprocess.garment_lining import lining_mask
from vton.preprocess.lining_bowl import shaded_bowl
from vton.preprocess.lining_frame import FRAME


def scoop(inside=(120, 118, 112), front=(240, 238, 235), label=True):
    """A sleeveless top with a deep scoop, of which the inside of the back shows; pixels and mask, and that inside."""
    mask = np.zeros((FRAME, FRAME), np.float32)
    cv2.fillPoly(mask, [np.array([(5, 10), (122, 10), (118, 127), (9, 127)])], 1.0)
    cv2.ellipse(mask, (64, 5), (34, 22), 0, 0, 180, 0.0, -1)
    opening = np.zeros((FRAME, FRAME), np.uint8)
    cv2.ellipse(opening, (64, 5), (38, 55), 0, 0, 180, 1, -1)
    back = (opening > 0) & (mask > 0)
    pixels = np.full((FRAME, FRAME, 3), 245, np.uint8)
    pixels[mask > 0] = front
    pixels[back] = inside
    if label:
        pixels[34:44, 58:71] = 235
    return pixels, mask, back


def test_a_scoop_whose_inside_is_plainly_darker_needs_no_network():
    pixels, mask, back = scoop()
    found = shaded_bowl(pixels, mask) > 0
    assert (found & back).sum() > 0.9 * (found | back).sum()


@pytest.mark.parametrize(
    "pixels, mask",
    [
        scoop(inside=(240, 238, 235), label=False)[:2],
        scoop(inside=(250, 250, 250), front=(60, 70, 90))[:2],
        (np.full((FRAME, FRAME, 3), 200, np.uint8), np.zeros((FRAME, FRAME), np.float32)),
    ],
    ids=["no inside", "a lighter yoke", "nothing"],
)
def test_what_is_no_bowl_in_the_shade(pixels, mask):
    assert not shaded_bowl(pixels, mask).any()


def test_a_yoke_from_side_to_side_is_no_inside():
    pixels, mask, _ = scoop(label=False)
    pixels[(mask > 0) & (np.arange(FRAME)[:, None] < 60)] = (120, 118, 112)
    assert not shaded_bowl(pixels, mask).any()


def test_where_the_network_sees_no_inside_the_bowl_is_it(monkeypatch):
    pixels, mask, back = scoop()
    monkeypatch.setattr("vton.preprocess.garment_lining.look_for_inside", lambda *_: np.zeros((FRAME, FRAME)))
    canvas = [
        cv2.copyMakeBorder(cv2.resize(plane, (512, 512)), 200, 200, 100, 100, 0) for plane in (pixels, mask, back * 1.0)
    ]
    found = lining_mask(canvas[0], canvas[1], object()) > 0.5
    assert (found & (canvas[2] > 0.5)).sum() > 0.8 * (found | (canvas[2] > 0.5)).sum()
