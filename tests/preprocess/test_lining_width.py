"""A neckline reaches from one neck point to the other."""

import cv2
import numpy as np

from vton.preprocess.lining_width import no_wider_than_the_neck

SIZE = (700, 600)
LEFT, RIGHT, TOP = 240, 360, 150
"""The columns of the neck points, and their row."""


def shirt(sag: float = 25) -> np.ndarray:
    """A garment whose shoulders slope from the neck points and whose back hangs between them."""
    columns = np.arange(SIZE[1])
    back = sag * (1 - ((columns - 300) / 60.0) ** 2)
    top = np.where(np.abs(columns - 300) <= 60, TOP + back, TOP + (np.abs(columns - 300) - 60) * 0.4)
    mask = (np.arange(SIZE[0])[:, None] > top) & (np.abs(columns - 300) < 180) & (np.arange(SIZE[0])[:, None] < 600)
    return mask.astype(np.float32)


def opening(mask: np.ndarray, half: int, middle: int = 300) -> np.ndarray:
    """An inside of the back that is so many columns wide on either side, 80 deep."""
    inside = np.zeros(SIZE, np.uint8)
    cv2.ellipse(inside, (middle, TOP), (half, 80), 0, 0, 180, 1, -1)
    return inside * mask


def ends(inside: np.ndarray) -> tuple[int, int]:
    found = np.flatnonzero((inside > 0.5).any(0))
    return int(found[0]), int(found[-1])


def test_an_inside_that_reaches_over_the_shoulders_ends_near_the_neck():
    mask = shirt()
    given = opening(mask, 100)
    made = no_wider_than_the_neck(given, mask)
    left, right = ends(made)
    assert LEFT - 16 < left < LEFT + 4 and RIGHT - 4 < right < RIGHT + 16
    assert abs(np.flatnonzero(made[:, 300] > 0.5)[-1] - np.flatnonzero(given[:, 300] > 0.5)[-1]) <= 2, (
        "as deep as it was"
    )
    assert (made <= mask + 1e-6).all()


def test_only_the_side_that_is_too_wide_is_narrowed():
    mask = shirt()
    given = opening(mask, 80, 320)
    made = no_wider_than_the_neck(given, mask)
    assert abs(ends(made)[0] - ends(given)[0]) <= 2 and ends(made)[1] < RIGHT + 16 < ends(given)[1]


def test_what_ends_at_the_neck_and_necklines_without_a_hanging_back_stay():
    mask = shirt()
    given = opening(mask, 65)
    assert no_wider_than_the_neck(given, mask) is given
    straight = shirt(sag=3)
    wide = opening(straight, 120)
    assert no_wider_than_the_neck(wide, straight) is wide, "a boat neck"
    nothing = np.zeros(SIZE, np.float32)
    assert no_wider_than_the_neck(nothing, mask) is nothing
