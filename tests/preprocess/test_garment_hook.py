"""A hanger's hook that stands above a garment and is in no mask, and the bar below it."""

import cv2
import numpy as np
import pytest

from vton.preprocess.garment_hanger import without_hanger
from vton.preprocess.garment_hook import hook_above

TEE = [(150, 110), (210, 125), (270, 110), (400, 170), (350, 270), (310, 245), (310, 530), (110, 530), (110, 245)]
TEE += [(70, 270), (20, 170)]
BAR = [(190, 80), (230, 80), (272, 124), (254, 138), (166, 138), (148, 124)]
CLOTH = (222, 210, 190)


def hung(hook=(120, 120, 120), bar=(205, 165, 110), wall=None):
    """A beige sweater on a wooden hanger with a wire hook: the picture, the mask with the bar, and the bar."""
    tee, wood = np.zeros((560, 420), np.uint8), np.zeros((560, 420), np.uint8)
    cv2.fillPoly(tee, [np.array(TEE)], 1)
    cv2.fillPoly(wood, [np.array(BAR)], 1)
    picture = np.full((560, 420, 3), 250, np.uint8) if wall is None else wall.copy()
    if hook:
        cv2.line(picture, (210, 78), (210, 45), hook, 2)
    picture[tee > 0] = CLOTH
    picture[wood > 0] = bar
    return picture, (tee | wood) > 0, wood > 0


def wallpaper():
    wall = np.full((560, 420, 3), 250, np.uint8)
    wall[:, ::9] = wall[:, 1::9] = 120
    return wall


def test_a_wire_above_the_garment_is_a_hook():
    assert hook_above(*hung()[:2])


@pytest.mark.parametrize("other", [{"hook": None}, {"wall": wallpaper()}], ids=["no hook", "striped wallpaper"])
def test_what_is_no_hook(other):
    assert not hook_above(*hung(**other)[:2])


def test_a_garment_at_the_picture_s_edge_shows_no_hook():
    picture, mask, _ = hung()
    assert not hook_above(picture[78:], mask[78:])


def test_a_bar_below_a_hook_is_cut_out():
    picture, mask, bar = hung()
    cv2.circle(picture, (210, 95), 12, (225, 180, 215), -1)
    found = without_hanger(picture, mask)
    assert not (found & cv2.erode(bar.view(np.uint8), np.ones((5, 5), np.uint8)).view(bool)).any()
    assert (found & mask & ~bar).sum() > 0.97 * (mask & ~bar).sum()


def test_without_a_hook_it_may_be_a_hood():
    picture, mask, _ = hung(hook=None)
    assert (without_hanger(picture, mask) == mask).all()


def test_below_a_hook_a_collar_of_another_colour_stays():
    picture, mask, bar = hung()
    picture[bar] = 250
    mask &= ~bar
    picture[45:112, 209:212] = 120
    collar = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(collar, [np.array([(150, 110), (210, 125), (270, 110), (290, 135), (210, 165), (130, 135)])], 1)
    picture[collar > 0] = (60, 90, 140)
    assert (without_hanger(picture, mask) == mask).all()
