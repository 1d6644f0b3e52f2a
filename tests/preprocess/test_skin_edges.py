"""A hand before a top ends where its colours do, between its fingers too, and so does a neck."""

import cv2
import numpy as np
import pytest

from vton.labels import Joint, Parse
from vton.preprocess.skin_edges import no_hands_of_cloth, top_about_the_neck, top_between_fingers

SKIN, TOP = (190, 130, 100), (235, 238, 240)


def somebody(top=TOP):
    """Picture, parse and joints of somebody 200 pixels wide at the shoulders, an arm's hand before the chest.

    Two fingers of it lie at rows 190 to 204 and 212 to 226, columns 180 to 236.
    """
    noise = np.random.default_rng(0).normal(0, 3, (400, 300, 1))
    image, parse = np.zeros((400, 300, 3), np.uint8), np.zeros((400, 300), np.uint8)
    image[:], parse[50:350, 40:280] = top, Parse.UPPER
    hand = np.zeros(parse.shape, np.uint8)
    cv2.rectangle(hand, (120, 180), (180, 236), 1, -1)
    cv2.rectangle(hand, (180, 190), (236, 204), 1, -1)
    cv2.rectangle(hand, (180, 212), (236, 226), 1, -1)
    image[hand > 0], parse[hand > 0] = SKIN, Parse.RIGHT_ARM
    keypoints = np.zeros((18, 3), np.float32)
    for joint, x, y in (
        (Joint.RIGHT_SHOULDER, 50, 70), (Joint.LEFT_SHOULDER, 250, 70), (Joint.RIGHT_ELBOW, 40, 208),
        (Joint.RIGHT_WRIST, 120, 208),
    ):  # fmt: skip
        keypoints[joint] = x, y, 1
    return (image + noise).clip(0, 255).astype(np.uint8), parse, keypoints, hand > 0


def wrong(parse: np.ndarray, hand: np.ndarray) -> int:
    """How many pixels are wrong that lie more than two pixels from a hand's edge, where colours are mixed."""
    edge = cv2.morphologyEx(hand.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)) > 0
    return int((((parse == Parse.RIGHT_ARM) != hand) & ~edge).sum())


def test_what_shows_between_fingers_is_the_top():
    image, parse, keypoints, hand = somebody()
    coarse = parse.copy()
    coarse[187:229, 180:239] = Parse.RIGHT_ARM
    cleaned = top_between_fingers(coarse, image, keypoints)
    assert wrong(cleaned, hand) == 0 < wrong(coarse, hand)
    assert (cleaned[206:211, 185:236] == Parse.UPPER).all()


def test_a_finger_that_was_taken_for_the_top_is_the_hand():
    image, parse, keypoints, hand = somebody()
    coarse = parse.copy()
    coarse[190:196, 180:237] = coarse[185:230, 130:138] = Parse.UPPER
    assert wrong(top_between_fingers(coarse, image, keypoints), hand) == 0 < wrong(coarse, hand)


@pytest.mark.parametrize("top", [SKIN, (200, 140, 110)], ids=["the same", "nearly the same"])
def test_a_top_in_the_colours_of_skin_tells_nothing(top):
    image, parse, keypoints, _ = somebody(top)
    parse[187:229, 180:239] = Parse.RIGHT_ARM
    assert top_between_fingers(parse, image, keypoints) is parse


def test_a_red_knuckle_and_a_tattoo_stay_on_the_hand():
    image, parse, keypoints, _ = somebody()
    image[200:212, 145:157], image[220:228, 150:170] = (200, 100, 90), (60, 60, 70)
    np.testing.assert_array_equal(top_between_fingers(parse, image, keypoints)[185:230, 125:178], Parse.RIGHT_ARM)


def test_a_shaded_part_of_a_hand_is_no_top_because_another_was_taken_for_it():
    image, parse, keypoints, _ = somebody()
    image[180:237, 120:150] = image[200:212, 162:174] = (150, 85, 60)
    parse[180:237, 120:150] = Parse.UPPER
    cleaned = top_between_fingers(parse, image, keypoints)
    np.testing.assert_array_equal(cleaned[198:214, 160:176], Parse.RIGHT_ARM)


def test_an_arm_that_was_not_found_is_left_alone():
    image, parse, keypoints, _ = somebody()
    keypoints[Joint.RIGHT_WRIST, 2] = 0
    parse[187:229, 180:239] = Parse.RIGHT_ARM
    assert top_between_fingers(parse, image, keypoints) is parse


@pytest.mark.parametrize("colour, is_hand", [(TOP, False), (SKIN, True), ((90, 60, 50), True)])
def test_a_hand_in_the_colours_of_the_top_is_the_top(colour, is_hand):
    image, parse, keypoints, hand = somebody()
    image[5:40, 130:170], parse[5:40, 130:170] = SKIN, Parse.FACE
    image[hand] = colour
    cleaned = no_hands_of_cloth(parse, image, keypoints)
    assert (cleaned[hand] == (Parse.RIGHT_ARM if is_hand else Parse.UPPER)).all()
    np.testing.assert_array_equal(cleaned[~hand], parse[~hand])


def test_trousers_beside_a_pocket_are_no_hand_and_what_is_seen_of_the_hand_is():
    image, parse, keypoints, _ = somebody()
    image[:], parse[parse == Parse.RIGHT_ARM] = TOP, Parse.UPPER
    image[20:60, 120:180], parse[20:60, 120:180] = SKIN, Parse.FACE
    image[200:350, 40:280], parse[200:350, 40:280] = (215, 195, 130), Parse.PANTS
    pocket, hand = np.zeros(parse.shape, bool), np.zeros(parse.shape, bool)
    pocket[220:270, 110:170], hand[200:220, 100:130] = True, True
    image[hand], parse[pocket | hand] = SKIN, Parse.RIGHT_ARM
    cleaned = no_hands_of_cloth(parse, image, keypoints)
    assert (cleaned[pocket] == Parse.PANTS).mean() > 0.95 and (cleaned[hand] == Parse.RIGHT_ARM).mean() > 0.7
    np.testing.assert_array_equal(cleaned[~pocket & ~hand], parse[~pocket & ~hand])


def neck_and_collar(beard: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Picture, parse, joints and collar of somebody whose collar, and part of whose beard, is taken for neck."""
    image, parse, keypoints, _ = somebody()
    image[:, :], parse[:] = (120, 120, 120), Parse.BACKGROUND
    image[20:60, 120:180], parse[20:60, 120:180] = SKIN, Parse.FACE
    image[60:110, 130:170], parse[60:110, 130:170] = SKIN, Parse.NECK
    image[110:350, 40:280], parse[110:350, 40:280] = TOP, Parse.UPPER
    collar = np.zeros(parse.shape, bool)
    collar[100:110, 130:170] = True
    image[collar] = TOP
    if beard:
        image[60:100, 146:152] = image[60:74, 130:170] = TOP
    return image, parse, keypoints, collar


@pytest.mark.parametrize("beard", [False, True])
def test_a_collar_that_was_taken_for_neck_is_the_top_and_a_beard_is_not(beard):
    image, parse, keypoints, collar = neck_and_collar(beard)
    settled = top_about_the_neck(parse, image, keypoints)
    assert (settled[collar] == Parse.UPPER).mean() > 0.9
    assert (settled[60:82, 134:166] == Parse.NECK).all() and (settled[84:97, 156:166] == Parse.NECK).all()


def test_a_pendant_and_a_neck_without_a_top_stay():
    image, parse, keypoints, _ = neck_and_collar()
    image[100:110, 130:170], image[90:98, 146:156] = SKIN, TOP
    np.testing.assert_array_equal(top_about_the_neck(parse, image, keypoints)[62:105, 134:166], Parse.NECK)
    parse[parse == Parse.UPPER] = Parse.BACKGROUND
    assert top_about_the_neck(parse, image, keypoints) is parse
