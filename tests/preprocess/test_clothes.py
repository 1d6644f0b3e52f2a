"""Rules about clothes on drawn people: each would leave its mark on a try-on if it failed."""

import numpy as np
import pytest

from vton.labels import Joint, Parse
from vton.preprocess.clothes import (
    absorb_islands,
    hair_not_top,
    no_hair_in_tops,
    no_strands_on_tops,
    restore_straps,
    scarf_by_colour,
    settle_dresses,
    top_to_the_end,
    waist_by_colour,
)
from vton.preprocess.parse_rules import clean_parse

SKIN, BLACK, WHITE, BLUE = (205, 160, 135), (25, 25, 28), (240, 240, 240), (50, 70, 150)
COLOURS = {Parse.NECK: SKIN, Parse.FACE: SKIN, Parse.LEFT_ARM: SKIN, Parse.RIGHT_ARM: SKIN}


def keypoints() -> np.ndarray:
    points = np.zeros((18, 3), np.float32)
    for joint, x, y in (
        (Joint.NOSE, 150, 60), (Joint.NECK, 150, 110), (Joint.RIGHT_SHOULDER, 90, 115), (Joint.LEFT_SHOULDER, 210, 115),
        (Joint.RIGHT_ELBOW, 75, 190), (Joint.LEFT_ELBOW, 225, 190), (Joint.RIGHT_WRIST, 70, 260),
        (Joint.LEFT_WRIST, 230, 260), (Joint.RIGHT_HIP, 115, 260), (Joint.LEFT_HIP, 185, 260),
    ):  # fmt: skip
        points[joint] = x, y, 1
    return points


def drawn(top: tuple[int, ...] = WHITE, bottom: tuple[int, ...] = BLUE) -> tuple[np.ndarray, np.ndarray]:
    """Parse and picture of somebody in a sleeveless top and trousers, (400, 300)."""
    parse = np.zeros((400, 300), np.uint8)
    parse[30:90, 125:175] = Parse.FACE
    parse[90:115, 135:165] = Parse.NECK
    parse[115:150, 80:220] = Parse.NECK
    parse[115:300, 60:90], parse[115:300, 210:240] = Parse.RIGHT_ARM, Parse.LEFT_ARM
    parse[150:260, 90:210] = Parse.UPPER
    parse[260:400, 100:200] = Parse.PANTS
    image = np.full((400, 300, 3), 225, np.uint8)
    for label, colour in (COLOURS | {Parse.UPPER: top, Parse.PANTS: bottom}).items():
        image[parse == label] = colour
    return parse, image


def test_straps_over_bare_shoulders_belong_to_the_top():
    parse, image = drawn(top=BLACK)
    image[122:150, 118:122] = image[122:150, 178:182] = BLACK
    restored = restore_straps(parse, image, keypoints())
    assert (restored[126:148, 119:121] == Parse.UPPER).all() and (restored[126:148, 179:181] == Parse.UPPER).all()
    assert (restored == parse).mean() > 0.995


def test_a_necklace_and_bare_shoulders_stay_as_they_are():
    parse, image = drawn(top=BLACK)
    image[118:149, 149:152] = (150, 120, 30)
    assert np.array_equal(restore_straps(parse, image, keypoints()), parse)


def test_a_dress_of_two_cloths_is_a_top_and_a_skirt():
    parse, image = drawn(top=BLACK, bottom=(190, 150, 70))
    parse[np.isin(parse, (Parse.UPPER, Parse.PANTS))] = Parse.DRESS
    settled = settle_dresses(parse, image, keypoints())
    assert (settled[155:245, 100:200] == Parse.UPPER).all() and (settled[275:, 105:195] == Parse.SKIRT).all()


def test_a_dress_of_one_cloth_is_one_piece():
    parse, image = drawn(top=BLUE, bottom=BLUE)
    parse[parse == Parse.PANTS] = Parse.DRESS
    settled = settle_dresses(parse, image, keypoints())
    assert (settled[155:390, 105:195] == Parse.DRESS).all()


def test_the_waist_follows_the_colours():
    parse, image = drawn()
    parse[250:275, 130:170] = Parse.UPPER
    settled = waist_by_colour(parse, image, keypoints())
    assert (settled[266:275, 135:165] == Parse.PANTS).all() and (settled[200:255, 135:165] == Parse.UPPER).all()
    alike, one_colour = drawn(top=BLUE)
    alike[250:275, 130:170] = Parse.UPPER
    assert np.array_equal(waist_by_colour(alike, one_colour, keypoints()), alike)


def test_a_long_top_half_taken_for_trousers_ends_where_its_colours_do():
    parse, image = drawn()
    trousers = parse == Parse.PANTS
    image[:325][trousers[:325]] = WHITE
    settled = waist_by_colour(parse, image, keypoints())
    assert (settled[:315][trousers[:315]] == Parse.UPPER).mean() > 0.95
    assert (settled[335:][trousers[335:]] == Parse.PANTS).all()


@pytest.mark.parametrize(("top", "end", "is_top"), [(BLUE, 266, True), (WHITE, 266, False), (BLUE, 330, False)])
def test_trousers_like_the_top_at_a_photos_end_are_the_top(top, end, is_top):
    parse, image = drawn(top=top)
    parse[240:260, 100:200], parse[end:] = Parse.PANTS, Parse.BACKGROUND
    image[240:260, 100:200] = BLUE
    settled = top_to_the_end(parse, image, keypoints())
    assert (settled[240:266, 100:200] == (Parse.UPPER if is_top else Parse.PANTS)).all()


@pytest.mark.parametrize(("begin", "end", "is_top"), [(0.6, 1.02, False), (0.85, 1.02, True), (0.6, 0.8, True)])
def test_trousers_like_the_top_that_begin_at_the_waist_stay_where_hips_are_seen(begin, end, is_top):
    parse, image = drawn(top=BLUE)
    neck, hips = keypoints()[Joint.NECK, 1], keypoints()[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean()
    begin, end = (int(neck + share * (hips - neck)) for share in (begin, end))
    parse[begin:end, 100:200], parse[end:] = Parse.PANTS, Parse.BACKGROUND
    image[begin:end, 100:200] = BLUE
    settled = top_to_the_end(parse, image, keypoints())
    assert (settled[begin:end, 100:200] == (Parse.UPPER if is_top else Parse.PANTS)).all()


def test_a_line_on_a_top_is_its_placket_and_a_lock_is_hair():
    parse, image = drawn()
    parse[60:145, 115:135] = parse[60:200, 165:185] = Parse.HAIR
    # It hangs from hair that lies about the neck.
    parse[130:155, 135:165] = parse[155:245, 148:153] = Parse.HAIR
    image[parse == Parse.HAIR] = BLACK
    settled = no_strands_on_tops(parse, keypoints())
    line = np.s_[160:245, 148:153]
    assert (settled[line] == Parse.UPPER).all()
    assert (settled != parse).sum() <= 90 * 5
    cleaned = clean_parse(parse, image, (parse > 0).astype(np.float32), keypoints())
    assert (cleaned[line] == Parse.UPPER).all()


@pytest.mark.parametrize("label", [Parse.COAT, Parse.PANTS, Parse.SCARF])
def test_islands_in_the_top_are_the_top(label):
    parse, _ = drawn()
    parse[180:200, 130:150] = label
    assert (absorb_islands(parse)[180:200, 130:150] == Parse.UPPER).all()


@pytest.mark.parametrize(("colour", "label"), [(WHITE, Parse.UPPER), (BLUE, Parse.SCARF)])
def test_a_scarf_in_the_colours_of_the_top_is_its_collar(colour, label):
    parse, image = drawn()
    high = np.s_[95:190, 125:175]
    parse[high], image[high] = Parse.SCARF, colour
    settled = scarf_by_colour(parse, image)
    assert (settled[high] == label).all()
    assert (np.delete(settled, np.s_[95:190], 0) == np.delete(parse, np.s_[95:190], 0)).all()
    cleaned = clean_parse(parse, image, (parse > 0).astype(np.float32), keypoints())
    assert (cleaned[100:150, 130:170] == label).all()


def test_trousers_that_just_show_are_no_island():
    parse, _ = drawn()
    parse[260:390] = np.where(parse[260:390] == Parse.PANTS, Parse.UPPER, parse[260:390])
    assert (absorb_islands(parse)[390:, 100:200] == Parse.PANTS).all()


def test_a_ponytail_is_hair():
    parse, image = drawn()
    parse[50:105, 180:195] = Parse.UPPER
    assert (hair_not_top(parse, image, keypoints())[50:105, 180:195] == Parse.HAIR).all()


def test_what_joins_the_top_beside_the_face_is_hair_and_on_the_shoulders_it_is_top():
    parse, image = drawn()
    parse[30:130, 180:195] = Parse.COAT
    settled = hair_not_top(parse, image, keypoints())
    assert (settled[30:60, 180:195] == Parse.HAIR).all() and np.array_equal(settled[75:], parse[75:])
    bowed = keypoints()
    bowed[Joint.NOSE, 1] = 100
    assert np.array_equal(hair_not_top(parse, image, bowed)[70:], parse[70:])


def test_a_strap_on_the_shoulder_is_no_hair():
    parse, image = drawn()
    parse[106:116, 92:104] = Parse.UPPER
    parse[100:150, 60:92] = Parse.RIGHT_ARM
    assert np.array_equal(hair_not_top(parse, image, keypoints()), parse)


@pytest.mark.parametrize(("colour", "label"), [((1, 1, 1), Parse.NECK), ((-90, -90, -60), Parse.HAIR)])
def test_what_is_no_top_in_the_middle_of_the_neck_is_neck_in_its_colour_and_else_a_jewel(colour, label):
    parse, image = drawn()
    parse[75:110, 120:180], image[75:110, 120:180] = Parse.NECK, (190, 140, 120)
    parse[85:95, 140:158], image[85:95, 140:158] = Parse.UPPER, np.add((190, 140, 120), colour)
    assert (hair_not_top(parse, image, keypoints())[85:95, 140:158] == label).all()


@pytest.mark.parametrize(("rows", "label"), [((180, 220), Parse.UPPER), ((130, 170), Parse.HAIR)])
def test_a_bags_strap_at_the_edge_of_a_top_is_no_hair_and_a_lock_on_the_shoulder_is(rows, label):
    parse, _ = drawn()
    parse[150:260, 90:210] = Parse.UPPER
    parse[150:300, 210:240] = Parse.BACKGROUND
    strap = np.s_[rows[0] : rows[1], 190:214]
    parse[strap] = Parse.HAIR
    assert (no_hair_in_tops(parse)[strap] == label).all()


def test_hair_within_a_top_is_the_top_and_hair_from_the_head_stays():
    parse, _ = drawn()
    parse[20:60, 115:185] = np.where(parse[20:60, 115:185] == Parse.FACE, Parse.FACE, Parse.HAIR)
    stripe, beside, braid = np.s_[180:220, 120:126], np.s_[185:215, 128:131], np.s_[60:200, 178:185]
    parse[stripe] = parse[beside] = parse[braid] = Parse.HAIR
    beneath = np.s_[int(np.flatnonzero(parse[:, 150] == Parse.UPPER)[0]) : 170, 146:154]
    parse[beneath] = Parse.HAIR
    chest, shadow = np.s_[225:260, 130:170], np.s_[235:245, 140:150]
    parse[chest], parse[shadow] = Parse.NECK, Parse.HAIR
    cleared = no_hair_in_tops(parse)
    assert (cleared[chest] == Parse.NECK).all()
    assert (cleared[beneath] == Parse.UPPER).all()
    assert (cleared[180:220, 120:131] == Parse.UPPER).all() and (cleared[braid] == Parse.HAIR).all()
