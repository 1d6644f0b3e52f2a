"""What is drawn of a warped garment."""

import numpy as np

from vton.labels import Region
from vton.visualise import worn

SIZE = (256, 192)


def at(cover: np.ndarray, row: int, column: int) -> float:
    """The coverage at a place of the target parse."""
    return float(cover[4 * row + 2, 4 * column + 2])


def test_a_warped_garment_is_drawn_where_it_is_worn_and_behind_an_arm_before_it():
    labels = np.zeros(SIZE, np.uint8)
    labels[80:180, 60:130] = Region.UPPER
    labels[120:132, 60:150] = Region.LEFT_ARM
    labels[60:80, 85:105] = Region.NOISE
    labels[180:250, 60:130] = Region.BOTTOM
    cover = worn(labels)
    assert at(cover, 100, 90) == 1
    assert at(cover, 126, 90) > 0.95, "behind the arm"
    for row, column in ((126, 146), (70, 95), (200, 90), (100, 30), (20, 180)):
        assert at(cover, row, column) == 0, (row, column)
