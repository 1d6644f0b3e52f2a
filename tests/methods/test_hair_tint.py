"""Hair through which the old top shone."""

from dataclasses import replace

import numpy as np

from tests.methods.test_straps import CANVAS, person
from vton.labels import Parse
from vton.methods.hair_tint import untinted_hair
from vton.types import Person

BLOND, RED, GREEN, WALL = (
    np.array(colour) for colour in ((200, 165, 110), (190, 20, 30), (20, 120, 60), (230, 230, 230))
)
STRANDS, TIPS = np.s_[120:400, 300:330], np.s_[330:400, 300:330]


def blond(top: np.ndarray) -> tuple[Person, np.ndarray, np.ndarray]:
    """Somebody with hair down to the chest, whose tips are half the top; a picture with a new top, and where it is."""
    someone = person()
    image, parse = np.full((*CANVAS, 3), WALL, np.uint8), someone.parse.copy()
    image[parse == Parse.UPPER] = top
    image[STRANDS], parse[STRANDS] = BLOND, Parse.HAIR
    image[TIPS] = (BLOND + top) // 2
    new = image.copy()
    new[someone.parse == Parse.UPPER] = GREEN
    return replace(someone, image=image, parse=parse), new, (parse != Parse.HAIR).astype(np.float32)


def test_tips_take_the_new_colour_for_the_old():
    given = blond(RED)
    box, colours, share = untinted_hair(*given)
    picture, weight = given[1].copy(), np.zeros(CANVAS, np.float32)
    picture[box], weight[box] = colours, share
    tips, wanted = picture[345:390, 306:324].astype(int), (BLOND + GREEN) // 2
    assert np.abs(tips - wanted).mean() < 20 and np.abs((BLOND + RED) // 2 - wanted).mean() > 35
    assert (weight[345:390, 306:324] > 0.9).all()
    assert not weight[130:200, 300:330].any() and not weight[:, 340:].any(), "clean hair and all else"


def test_a_grey_top_leaves_no_hue():
    assert untinted_hair(*blond(np.array((60, 60, 60)))) is None


def test_a_print_between_strands_goes_with_the_top_around_it():
    someone, new, behind = blond(np.array((60, 60, 60)))
    someone.image[350:356, 308:316] = (20, 60, 230)
    box, colours, share = untinted_hair(someone, new, behind)
    picture, weight = new.copy(), np.zeros(CANVAS, np.float32)
    picture[box], weight[box] = colours, share
    assert np.abs(picture[351:355, 309:315].astype(int) - GREEN).mean() < 30 and (weight[352:354, 310:314] > 0.9).all()
    assert not weight[130:330, 300:330].any()
