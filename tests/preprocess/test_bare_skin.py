"""Skin that was taken for a top, on drawn people."""

import numpy as np

from tests.preprocess.test_clothes import SKIN, drawn, keypoints
from vton.labels import ARM_LABELS, Joint, Parse
from vton.preprocess.bare_skin import bare_belly, bare_skin_not_top, belly_not_arm, hem_not_belly
from vton.preprocess.parse_rules import clean_parse

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


def short_top(belly: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A parse that knows of no belly, and the picture of one 25 high between top and trousers."""
    parse, image = drawn(top=ORANGE)
    image[225:250, 90:210] = belly
    return parse, image


def test_a_bare_belly_is_skin():
    parse, image = short_top(SKIN)
    settled = bare_belly(parse, image, keypoints())
    assert (settled[228:247, 95:205] == Parse.NECK).all()
    assert np.array_equal(settled[:220], parse[:220]) and np.array_equal(settled[255:], parse[255:])


def test_a_belt_of_another_colour_and_a_top_of_skins_colour_are_no_belly():
    parse, image = short_top((90, 40, 20))
    assert np.array_equal(bare_belly(parse, image, keypoints()), parse)
    parse, image = drawn(top=SKIN)
    assert np.array_equal(bare_belly(parse, image, keypoints()), parse)


def test_a_hem_in_the_tops_colour_is_no_belly_and_a_belly_stays():
    beige = (215, 190, 160)
    for colour, label in ((beige, Parse.UPPER), ((120, 75, 55), Parse.NECK)):
        parse, image = drawn(top=beige)
        image[np.isin(parse, (Parse.FACE, Parse.NECK, *ARM_LABELS))] = 120, 75, 55
        parse[235:258, 110:190], image[235:258, 110:190] = Parse.NECK, colour
        settled = hem_not_belly(parse, image, keypoints())
        assert (settled[235:258, 110:190] == label).all() and (settled[:230] == parse[:230]).all()


def test_a_picture_may_end_above_the_belly():
    parse, image = drawn(top=ORANGE)
    for last in (110, 140, 200):
        assert np.array_equal(hem_not_belly(parse[:last], image[:last], keypoints()), parse[:last])


def test_an_arm_before_the_belly_is_the_belly_but_not_a_hand():
    parse, _ = drawn(top=ORANGE)
    parse[236:250, 130:180] = Parse.LEFT_ARM
    assert (belly_not_arm(parse, keypoints())[236:250, 130:180] == Parse.NECK).all()
    points = keypoints()
    points[Joint.LEFT_WRIST, :2] = 185, 235
    assert np.array_equal(belly_not_arm(parse, points), parse)
    points = keypoints()
    points[Joint.LEFT_WRIST, 2] = 0
    assert np.array_equal(belly_not_arm(parse, points), parse)


def test_the_parser_asks_skin_hair_and_hems():
    parse, wrong, image = taken_for_a_top(ORANGE)
    wrong[170:200, 120:126], wrong[235:258, 110:190] = Parse.HAIR, Parse.NECK
    silhouette = (parse > 0).astype(np.float32)
    cleaned = clean_parse(wrong, image, silhouette, keypoints())
    assert (cleaned[120:250, 62:88] == Parse.RIGHT_ARM).all() and (cleaned[120:140, 120:180] == Parse.NECK).all()
    assert (cleaned[160:255, 95:205] == Parse.UPPER).all()
    parse, image = short_top(SKIN)
    cleaned = clean_parse(parse, image, silhouette, keypoints())
    assert (cleaned[230:245, 125:175] == Parse.NECK).all()
    # Part of it taken for an arm.
    parse[228:247, 120:150] = Parse.LEFT_ARM
    cleaned = clean_parse(parse, image, silhouette, keypoints())
    assert not np.isin(cleaned[228:247, 120:150], ARM_LABELS).any()
