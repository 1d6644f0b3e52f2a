"""What is shown to a network of a garment whose back's inside is to be seen."""

import cv2
import numpy as np
import pytest
from tiny_methods import made_up_garment

from vton.methods.compact import _garment_input
from vton.methods.compact_inputs import garment_crop
from vton.methods.worn import IN_SHADE, inside_in_shade
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment


def garment_with(front: int, inside: int | None) -> Garment:
    made_up = made_up_garment()
    image = np.full((CANVAS_HEIGHT, CANVAS_WIDTH, 3), 255, np.uint8)
    image[made_up.mask > 0.5] = front
    lining = None
    if inside is not None:
        rows, columns = np.nonzero(made_up.mask > 0.5)
        lining = np.zeros(made_up.mask.shape, np.float32)
        place = int(np.median(columns)), int(rows.min()) + 100
        cv2.ellipse(lining, place, (90, 80), 0, 0, 360, 1.0, -1)
        image[lining > 0.5] = inside
    return Garment(made_up.photo, image, made_up.mask, [], lining)


@pytest.mark.parametrize("inside", [250, 235, 190])
def test_white_cloth_s_inside_is_shown_in_the_shade(inside):
    garment = garment_with(240, inside)
    shown = inside_in_shade(garment)
    assert np.abs(shown[garment.lining == 1].astype(float) - IN_SHADE * 240).max() <= 2
    assert (shown[garment.lining == 0] == garment.image[garment.lining == 0]).all()


@pytest.mark.parametrize("inside", [120, 0, None])
def test_an_inside_in_the_shade_and_none_stay(inside):
    garment = garment_with(240, inside)
    assert inside_in_shade(garment) is garment.image


def test_the_condition_generator_sees_it():
    shaded, plain = (
        _garment_input(garment, garment_crop(garment.mask))[0, :3]
        for garment in (garment_with(240, 240), garment_with(240, None))
    )
    assert ((plain - shaded) > 0.3).any() and (shaded <= plain + 1e-3).all()
