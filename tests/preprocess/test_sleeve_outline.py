"""Long sleeves in a garment's picture: their middle lines and widths."""

import cv2
import numpy as np
import pytest

from vton.preprocess.sleeve_outline import short_sleeve_outlines, sleeve_outlines

CANVAS = (1024, 768)
BODY = [(250, 150), (518, 150), (540, 800), (228, 800)]
LEFT, RIGHT = [(255, 170), (110, 760)], [(513, 170), (658, 760)]


def shirt(*sleeves: list[tuple[int, int]], thickness: int = 90) -> np.ndarray:
    mask = np.zeros(CANVAS, np.float32)
    cv2.fillPoly(mask, [np.array(BODY)], 1.0)
    for start, end in sleeves:
        across = np.array([end[1] - start[1], start[0] - end[0]]) / np.hypot(end[0] - start[0], end[1] - start[1])
        offset = thickness / 2 * across
        cv2.fillPoly(mask, [np.int32([start + offset, end + offset, end - offset, start - offset])], 1.0)
    return mask


def test_a_sleeve_is_told_from_the_armpit_to_its_end():
    left, right = sleeve_outlines(shirt(LEFT, RIGHT))
    for found, (start, end) in ((left, LEFT), (right, RIGHT)):
        line = np.array(end, float) - start
        offset = found.middles - start
        along = offset @ line / np.linalg.norm(line)
        beside = (offset[:, 0] * line[1] - offset[:, 1] * line[0]) / np.linalg.norm(line)
        # Around the armpit it is cut off aslant.
        assert np.abs(beside[6:]).max() < 4 and np.abs(found.halves[6:-1] - 45).max() < 5
        assert (np.diff(along) > 0).all()
        assert np.linalg.norm(found.middles[-1] - end) < 16 and found.middles[0, 1] < 440


def test_where_a_sleeve_touches_the_body_for_a_while_it_is_one_sleeve():
    mask = shirt(LEFT, RIGHT)
    whole, _ = sleeve_outlines(mask)
    mask[560:640, 180:260] = 1
    joined, _ = sleeve_outlines(mask)
    assert np.abs(joined.middles - whole.middles).max() < 8


def test_sleeves_may_reach_below_the_hem():
    left, _ = sleeve_outlines(shirt([(255, 170), (130, 960)], RIGHT))
    assert left.middles[-1, 1] > 920


@pytest.mark.parametrize(
    "mask",
    [
        shirt(),
        shirt([(255, 190), (160, 250)], [(513, 190), (608, 250)], thickness=110),
        shirt([(250, 170), (235, 760)], [(518, 170), (533, 760)], thickness=60),
        np.zeros(CANVAS, np.float32),
    ],
    ids=["no sleeves", "short ones", "no gap", "nothing"],
)
def test_what_shows_no_long_sleeve(mask):
    assert sleeve_outlines(mask) == (None, None)


def test_one_sleeve_alone_is_found():
    left, right = sleeve_outlines(shirt(LEFT))
    assert left is not None and right is None


SHORT = [(255, 200), (130, 330)], [(513, 200), (638, 330)]


def test_short_sleeves_are_told_from_above_the_armpit_to_their_ends():
    left, right = short_sleeve_outlines(shirt(*SHORT, thickness=110))
    for found, (_, end), sign in ((left, SHORT[0], -1), (right, SHORT[1], 1)):
        assert np.linalg.norm(found.middles[-1] - end) < 40
        assert np.sign(np.diff(found.middles[[0, -1], 0])) == sign and found.middles[-1, 1] > found.middles[0, 1] + 20
        assert 40 < found.halves[5:-3].mean() < 70


def test_of_one_short_sleeve_the_other_is_the_mirror_image():
    both, one = (
        short_sleeve_outlines(shirt(*SHORT, thickness=110)),
        short_sleeve_outlines(shirt(SHORT[0], thickness=110)),
    )
    assert all(np.abs(a.middles - b.middles).max() < 40 for a, b in zip(both, one, strict=True))


@pytest.mark.parametrize(
    "mask",
    [shirt(), shirt([(275, 200), (255, 90)], [(493, 200), (513, 90)], thickness=50), np.zeros(CANVAS, np.float32)],
    ids=["no sleeves", "straps", "nothing"],
)
def test_what_shows_no_short_sleeve(mask):
    assert short_sleeve_outlines(mask) == (None, None)
