"""Skin that was taken for a top, on drawn people."""

import numpy as np

from tests.preprocess.test_clothes import SKIN, drawn, keypoints
from vton.labels import ARM_LABELS, Parse
from vton.preprocess.bare_skin import bare_skin_not_top

ORANGE, GLARE = (250, 150, 10), (252, 238, 228)


def taken_for_a_top(top: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True parse, a parse that has arms and neckline as the top, and the picture."""
    parse, image = drawn(top=top)
    wrong = parse.copy()
    wrong[115:255][np.isin(parse[115:255], (Parse.NECK, *ARM_LABELS))] = Parse.UPPER
    return parse, wrong, image


def test_arms_and_neckline_in_the_faces_colour_are_no_top():
    parse, wrong, image = taken_for_a_top(ORANGE)
    image[180:200, 65:85] = GLARE
    settled = bare_skin_not_top(wrong, image, keypoints())
    assert (settled == parse).mean() > 0.99 and (wrong == parse).mean() < 0.9
    assert (settled[185:195, 68:82] == Parse.RIGHT_ARM).all()


def test_sleeves_in_another_colour_stay():
    _, wrong, image = taken_for_a_top(ORANGE)
    image[115:255, 60:90] = image[115:255, 210:240] = ORANGE
    settled = bare_skin_not_top(wrong, image, keypoints())
    assert (settled[120:250, 62:88] == Parse.UPPER).all() and (settled[125:145, 110:190] == Parse.NECK).all()


def test_a_top_of_skins_own_colour_stays():
    _, wrong, image = taken_for_a_top(SKIN)
    assert np.array_equal(bare_skin_not_top(wrong, image, keypoints()), wrong)
