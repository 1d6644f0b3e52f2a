"""Stripes along the sleeves of drawn people."""

import numpy as np
import pytest

from tests.preprocess.test_parsing import RED, SKIN, drawn_person
from vton.labels import Parse
from vton.preprocess.sleeve_colours import stripes_not_arms

WHITE = (240, 240, 240)
ARM, HAND = np.s_[180:310, 250:280], np.s_[340:358, 250:280]


def test_where_the_hand_is_of_another_colour_the_arm_is_a_sleeve():
    image, parse, keypoints = drawn_person(SKIN)
    image[170:320, 245:285] = WHITE
    found = stripes_not_arms(parse, image, keypoints)
    assert (found[ARM] == Parse.UPPER).all() and (found[HAND] == Parse.LEFT_ARM).all()
    assert (found[:, :140] == parse[:, :140]).all(), "the other arm is bare"


def test_a_stripe_along_a_sleeve_is_sleeve_even_without_a_hand():
    image, parse, keypoints = drawn_person(RED)
    parse[parse == Parse.LEFT_ARM] = Parse.UPPER
    parse[170:320, 274:282], image[170:320, 274:282] = Parse.LEFT_ARM, WHITE
    assert (stripes_not_arms(parse, image, keypoints)[ARM] == Parse.UPPER).all()


@pytest.mark.parametrize("colour", [SKIN, (215, 165, 130), WHITE])
def test_bare_arms_and_gloved_ones_without_a_sleeve_stay(colour):
    image, parse, keypoints = drawn_person(colour)
    if colour == WHITE:
        image[170:320, 245:285] = image[170:320, 100:140] = SKIN
    assert stripes_not_arms(parse, image, keypoints) is parse


def test_without_a_face_nothing_is_known():
    image, parse, keypoints = drawn_person(SKIN)
    image[170:320, 245:285] = WHITE
    parse[parse == Parse.FACE] = Parse.BACKGROUND
    assert stripes_not_arms(parse, image, keypoints) is parse
