"""A top reaches as far as its colours do, and is nowhere where they are not."""

import numpy as np
import pytest

from vton.labels import Joint, Parse
from vton.preprocess.top_edges import no_stray_tops, top_up_to_the_arms

SKIN, TOP, WALL = (200, 150, 120), (60, 90, 160), (225, 225, 220)
GAP = np.s_[200:300, 240:256]


def somebody(top=TOP, wall=WALL):
    """Picture, parse and joints of somebody 200 pixels wide at the shoulders in a sleeveless top beside an arm."""
    noise = np.random.default_rng(0).normal(0, 3, (500, 400, 1))
    image, parse = np.zeros((500, 400, 3), np.uint8), np.zeros((500, 400), np.uint8)
    image[:] = wall
    image[100:400, 100:256], parse[100:400, 100:256] = top, Parse.UPPER
    image[110:350, 256:300], parse[110:350, 256:300] = SKIN, Parse.LEFT_ARM
    keypoints = np.zeros((18, 3), np.float32)
    keypoints[Joint.RIGHT_SHOULDER], keypoints[Joint.LEFT_SHOULDER] = (80, 120, 1), (280, 120, 1)
    return (image + noise).clip(0, 255).astype(np.uint8), parse, keypoints


def test_a_gap_in_the_colours_of_the_top_is_the_top():
    image, parse, keypoints = somebody()
    torn = parse.copy()
    torn[GAP] = Parse.BACKGROUND
    mended = top_up_to_the_arms(torn, image, keypoints)
    # An edge's colours are mixed.
    assert (mended[202:298, 240:254] == Parse.UPPER).mean() > 0.95
    np.testing.assert_array_equal(mended[torn > 0], torn[torn > 0])


@pytest.mark.parametrize("colour", [WALL, SKIN, (120, 40, 40)], ids=["the wall", "an arm", "something else"])
def test_a_gap_in_other_colours_stays(colour):
    image, parse, keypoints = somebody()
    image[GAP], parse[GAP] = colour, Parse.BACKGROUND
    assert top_up_to_the_arms(parse, image, keypoints) is parse


@pytest.mark.parametrize(
    "top, wall", [(WALL, WALL), ((236, 240, 245), (240, 232, 224))], ids=["alike", "white and cream"]
)
def test_a_wall_in_the_colours_of_the_top_tells_nothing(top, wall):
    image, parse, keypoints = somebody(top, wall)
    parse[GAP] = Parse.BACKGROUND
    assert top_up_to_the_arms(parse, image, keypoints) is parse


def test_what_has_the_colour_of_the_top_away_from_it_stays():
    image, parse, keypoints = somebody()
    piece = image[200:300, 247:256].copy()
    parse[190:310, 236:256], image[190:310, 236:256] = Parse.BACKGROUND, WALL
    image[200:300, 247:256] = piece
    assert top_up_to_the_arms(parse, image, keypoints) is parse


@pytest.mark.parametrize(
    ("colour", "expected"), [((200, 40, 60), Parse.BACKGROUND), (TOP, Parse.UPPER), (SKIN, Parse.LEFT_ARM)]
)
def test_pieces_of_top_in_other_colours_are_what_they_border_on(colour, expected):
    image, parse, keypoints = somebody()
    # On the wall hangs something of which a part was taken for top.
    image[200:260, 300:360] = (200, 40, 60)
    stray = np.s_[210:230, 300:324]
    image[stray], parse[stray] = colour, Parse.UPPER
    cleaned = no_stray_tops(parse, image, keypoints)
    np.testing.assert_array_equal(cleaned[stray], expected)
    assert (cleaned[100:400, 100:256] == Parse.UPPER).all()
