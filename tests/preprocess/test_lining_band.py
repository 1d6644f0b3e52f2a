from pathlib import Path

import cv2
import numpy as np
import pytest

from vton.images import load_photo
from vton.preprocess.garment_lining import arc_mask, lining_mask
from vton.preprocess.garment_mask import garment_mask
from vton.preprocess.lining_band import band_widths, without_band
from vton.weights import load_network

PROJECT = Path(__file__).parents[2]
GARMENT = np.zeros((128, 128), bool)
GARMENT[12:] = True


def bowl(half: int, depth: int) -> np.ndarray:
    drawn = np.zeros(GARMENT.shape, np.uint8)
    cv2.ellipse(drawn, (64, 12), (half, depth), 0, 0, 180, 1, -1)
    return drawn > 0


def test_ribbing_is_a_band_of_one_width():
    narrow, wide = band_widths(bowl(24, 22), bowl(30, 28), GARMENT)
    assert 4.5 < narrow <= wide < 7.5


@pytest.mark.parametrize("inside", [bowl(10, 22), bowl(30, 12), bowl(29, 27), np.zeros_like(GARMENT)])
def test_what_is_seen_of_an_inside_by_half_has_no_band_around_it(inside):
    assert band_widths(inside, bowl(30, 28), GARMENT) is None


def test_without_its_band_a_neckline_keeps_its_upper_edge():
    left = without_band(bowl(30, 28).astype(np.float32), 6.0) > 0.5
    assert np.array_equal(left[12, 45:84], np.ones(39, bool))
    assert abs(np.flatnonzero(left[:, 64])[-1] - 34) <= 1 and not (left & ~bowl(25, 23)).any()


@pytest.mark.parametrize("name", ["sunset-tee-navy", "v-neck-burgundy"])
def test_the_ribbing_of_an_example_stays_on_its_front(name):
    pixels = load_photo(PROJECT / "examples" / "garments" / f"{name}.jpg").pixels
    mask = garment_mask(pixels)
    network = load_network(PROJECT / "checkpoints" / "lining.safetensors").eval()
    inside, arc = lining_mask(pixels, mask, network) > 0.5, arc_mask(pixels, mask) > 0.5
    assert not (inside & ~arc).any() and 0.4 < inside.sum() / arc.sum() < 0.8
