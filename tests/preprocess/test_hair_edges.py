"""A top seen between strands of hair."""

from tests.preprocess.test_parsing import RED, SKIN, drawn_person
from vton.labels import Parse
from vton.preprocess.hair_edges import top_between_hair

BROWN = (70, 45, 30)


def long_hair(colour=BROWN):
    """Hair down to the chest; a piece of the top is taken for it."""
    image, parse, keypoints = drawn_person(SKIN)
    parse[60:240, 150:170], image[60:240, 150:170] = Parse.HAIR, colour
    parse[190:220, 170:185], image[190:220, 170:185] = Parse.HAIR, RED
    return parse, image, keypoints


def test_the_tops_colour_in_the_hair_is_the_top():
    parse, image, keypoints = long_hair()
    found = top_between_hair(parse, image, keypoints)
    assert (found[193:217, 173:185] == Parse.UPPER).all()
    assert (found[60:240, 150:168] == Parse.HAIR).all()
    assert (parse[193:217, 173:185] == Parse.HAIR).all(), "what was given is as it was"


def test_hair_in_the_tops_colour_is_not_taken_apart():
    parse, image, keypoints = long_hair(RED)
    assert top_between_hair(parse, image, keypoints) is parse


def test_hair_that_ends_above_the_top_stays():
    image, parse, keypoints = drawn_person(SKIN)
    parse[40:70, 150:234], image[40:70, 150:234] = Parse.HAIR, BROWN
    assert top_between_hair(parse, image, keypoints) is parse
