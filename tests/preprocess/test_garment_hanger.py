"""The hook of a hanger leaves the mask; straps stay."""

import cv2
import numpy as np
import pytest

from vton.preprocess.garment_hanger import without_hanger

TEE = [
    (150, 110),
    (210, 125),
    (270, 110),
    (400, 170),
    (350, 270),
    (310, 245),
    (310, 530),
    (110, 530),
    (110, 245),
    (70, 270),
]
TEE += [(20, 170)]
TANK = [(130, 60), (142, 60), (150, 160), (210, 190), (270, 160), (278, 60), (290, 60), (310, 500), (110, 500)]
HALTER = [(204, 40), (216, 40), (285, 200), (310, 500), (110, 500), (135, 200)]


def solid(polygon):
    mask = np.zeros((560, 420), np.uint8)
    cv2.fillPoly(mask, [np.array(polygon)], 1)
    return mask


def with_hook(mask):
    hung = mask.copy()
    cv2.line(hung, (210, 130), (210, 75), 1, 5)
    cv2.ellipse(hung, (210, 55), (20, 20), 0, -180, 90, 1, 5)
    return hung


def test_hook_is_cut_off():
    tee = solid(TEE)
    hung = with_hook(tee)
    picture = np.where(hung[..., None] > 0, (60, 90, 140), (240, 240, 240)).astype(np.uint8)
    found = without_hanger(picture, hung > 0)
    assert not found[:100].any()
    assert (found & (tee > 0)).sum() > 0.99 * tee.sum()


def test_bar_in_the_neckline_is_cut_out():
    tee = solid(TEE)
    hung = with_hook(tee)
    picture = np.where(hung[..., None] > 0, (60, 90, 140), (240, 240, 240)).astype(np.uint8)
    cv2.ellipse(picture, (210, 190), (70, 60), 0, 200, 340, (190, 140, 80), 12)
    cv2.line(picture, (210, 130), (210, 75), (190, 140, 80), 5)
    found = without_hanger(picture, hung > 0)
    assert not found[131, 210] and not found[90, 210]
    assert found[300, 210] and (found & (tee > 0)).sum() > 0.95 * tee.sum()


BAR = [(202, 70), (218, 70), (292, 128), (275, 140), (210, 112), (145, 140), (128, 128)]


def test_a_wooden_bar_above_the_neckline_is_cut_off_with_the_stump_of_its_hook():
    tee, bar = solid(TEE), solid(BAR)
    hung = tee | bar
    hung[54:75, 200:220] = 1
    picture = np.where(tee[..., None] > 0, (235, 230, 220), (250, 250, 250)).astype(np.uint8)
    picture[bar > 0] = (110, 60, 35)
    found = without_hanger(picture, hung > 0)
    assert not found[:100].any() and not (found & (cv2.erode(bar, np.ones((5, 5), np.uint8)) > 0)).any()
    assert (found & (tee > 0) & (bar == 0)).sum() > 0.98 * ((tee > 0) & (bar == 0)).sum()


def test_a_collar_of_another_colour_is_no_bar():
    mask = solid(TEE)
    picture = np.where(mask[..., None] > 0, (60, 90, 140), (240, 240, 240)).astype(np.uint8)
    collar = solid([(150, 110), (210, 125), (270, 110), (290, 135), (210, 165), (130, 135)])
    picture[collar > 0] = (235, 230, 220)
    assert (without_hanger(picture, mask > 0) == (mask > 0)).all()


@pytest.mark.parametrize("polygon", [TEE, TANK, HALTER], ids=["tee", "tank", "halter"])
def test_garments_without_a_hanger_stay(polygon):
    mask = solid(polygon)
    picture = np.where(mask[..., None] > 0, (60, 90, 140), (240, 240, 240)).astype(np.uint8)
    assert (without_hanger(picture, mask > 0) == (mask > 0)).all()
