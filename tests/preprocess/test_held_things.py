"""Things held before a top, on drawn people."""

import cv2
import numpy as np
import pytest

from tests.preprocess.test_skin_edges import SKIN, somebody
from vton.labels import Joint, Parse
from vton.preprocess.held_things import with_held_things
from vton.preprocess.parse_rules import clean_parse

DARK, WHITE = (70, 20, 30), (245, 245, 240)
CUP = np.s_[120:270, 140:180]


def holding(thing=CUP, colour=WHITE):
    """Picture, parse and joints of somebody who holds a thing, which is taken for the top, and where it shows."""
    image, parse, keypoints, hand = somebody(DARK)
    shown = np.zeros(parse.shape, bool)
    shown[thing] = True
    shown &= ~hand
    image[shown] = colour
    return image, parse, keypoints, shown


def told(parse: np.ndarray, shown: np.ndarray) -> float:
    """How much of a thing is the arm's."""
    return float((parse[shown] == Parse.RIGHT_ARM).mean())


def test_a_cup_in_a_hand_is_its_arms_above_and_below_the_hand():
    image, parse, keypoints, cup = holding()
    found = with_held_things(parse, image, keypoints)
    assert told(found, cup) > 0.95
    around = cv2.dilate(cup.view(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert np.array_equal(found[~around], parse[~around])


def test_what_of_it_was_taken_for_skin_is_so_too_with_what_lies_beyond():
    image, parse, keypoints, cup = holding()
    sleeve = np.s_[155:180, 140:180]
    image[sleeve], parse[sleeve] = SKIN, Parse.NECK
    assert told(with_held_things(parse, image, keypoints), cup) > 0.95


def elsewhere():
    image, parse, keypoints, cup = holding()
    image[70:110, 200:260] = WHITE
    return image, parse, keypoints, cup


def printed():
    return holding(np.s_[120:176, 140:230])


def small():
    return holding(np.s_[165:180, 150:165])


def far():
    return holding(np.s_[80:120, 140:180])


def without_a_wrist():
    image, parse, keypoints, cup = holding()
    keypoints[Joint.RIGHT_WRIST, 2] = 0
    return image, parse, keypoints, cup


def without_a_hand():
    image, parse, keypoints, cup = holding()
    return image, np.where(parse == Parse.RIGHT_ARM, np.uint8(Parse.UPPER), parse), keypoints, cup


@pytest.mark.parametrize("draw", [elsewhere, printed, small, far, without_a_wrist, without_a_hand])
def test_what_is_not_held_is_the_tops(draw):
    image, parse, keypoints, _ = draw()
    assert with_held_things(parse, image, keypoints) is parse


def test_a_parse_is_cleaned_so():
    image, parse, keypoints, cup = holding()
    assert told(clean_parse(parse, image, np.ones(parse.shape, np.float32), keypoints), cup) > 0.9
