"""Stripes in the background's colour belong to the garment up to its outline."""

import numpy as np

from vton.preprocess.garment_mask import garment_mask
from vton.preprocess.garment_stripes import with_stripe_ends

SIZE = (900, 700)
TRUNK = np.s_[150:750, 200:500]


def comb(stripes: int, deep: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """The mask of a trunk that lacks the ends of so many stripes on either side, and which pixels those are."""
    mask, ends = np.zeros((2, *SIZE), bool)
    mask[TRUNK] = True
    for number in range(stripes):
        row = 170 + 36 * number
        ends[row : row + 18, 200 : 200 + deep] = ends[row : row + 18, 500 - deep : 500] = True
    return mask & ~ends, ends


def picture(stripes: int, alike: bool) -> np.ndarray:
    """The garment on white, its stripes across it as white as the background, or of its own blue."""
    pixels = np.full((*SIZE, 3), 245, np.uint8)
    pixels[TRUNK] = (30, 40, 90)
    for number in range(stripes):
        row = 170 + 36 * number
        pixels[row : row + 18, 200:500] = 238 if alike else (30, 40, 90)
    pixels[comb(stripes)[1]] = 241
    return pixels


def test_white_stripes_on_white_reach_the_outline():
    mask, ends = comb(15)
    made = with_stripe_ends(picture(15, True), mask)
    assert made[ends].mean() > 0.8 and (made & ~mask & ~ends).sum() == 0


def test_a_striped_garment_is_found_whole():
    assert (garment_mask(picture(15, True)) > 0.5)[comb(15)[1]].mean() > 0.9


def test_teeth_of_lace_and_a_few_notches_stay():
    for stripes, alike in ((15, False), (3, True)):
        mask, _ = comb(stripes)
        assert np.array_equal(with_stripe_ends(picture(stripes, alike), mask), mask)


def test_the_gap_between_sleeve_and_body_stays():
    mask, _ = comb(15)
    mask[200:700, 520:600] = True
    mask[150:220, 480:600] = True
    gap = np.s_[260:680, 501:519]
    assert with_stripe_ends(picture(15, True), mask)[gap].mean() < 0.02


def test_nothing_is_found_in_nothing():
    nothing = np.zeros(SIZE, bool)
    assert not with_stripe_ends(picture(0, True), nothing).any()
