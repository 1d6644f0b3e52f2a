"""Background between sleeve and body is no garment, whatever closed the gap."""

import numpy as np

from vton.preprocess.garment_gaps import with_open_gaps

SIZE = (900, 800)
LEFT, RIGHT = np.s_[330:620, 200:230], np.s_[330:620, 570:600]


def shirt(colour: tuple[int, int, int], stripes: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """A long-sleeved shirt on light grey, and where it is."""
    mask = np.zeros(SIZE, bool)
    mask[200:800, 230:570] = mask[200:330, 120:680] = mask[200:620, 120:200] = mask[200:620, 600:680] = True
    pixels = np.full((*SIZE, 3), 240, np.uint8)
    pixels[mask] = colour
    if stripes:
        pixels[(np.arange(SIZE[0])[:, None] % 40 < 18) & mask] = 255
    return pixels, mask


def test_a_gap_that_the_other_side_has_is_opened():
    for stripes in (False, True):
        pixels, mask = shirt((30, 50, 110), stripes)
        closed = mask.copy()
        closed[RIGHT] = True
        made = with_open_gaps(pixels, closed)
        assert made[RIGHT].mean() < 0.12 and (mask & ~made).sum() < 0.002 * mask.sum()
        assert np.array_equal(with_open_gaps(pixels, mask), mask)


def test_what_both_sides_have_and_what_has_another_colour_stays():
    pixels, mask = shirt((30, 50, 110))
    closed = mask.copy()
    closed[LEFT] = closed[RIGHT] = True
    assert np.array_equal(with_open_gaps(pixels, closed), closed), "a cape"
    pixels[RIGHT] = (200, 60, 60)
    closed[LEFT] = False
    assert np.array_equal(with_open_gaps(pixels, closed), closed), "a gusset"


def test_of_a_garment_in_the_colour_of_its_background_nothing_is_cut_out():
    pixels, mask = shirt((238, 240, 239))
    mask[RIGHT] = True
    assert np.array_equal(with_open_gaps(pixels, mask), mask)
    nothing = np.zeros(SIZE, bool)
    assert not with_open_gaps(pixels, nothing).any()
