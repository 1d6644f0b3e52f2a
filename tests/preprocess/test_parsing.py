"""What colour and skeleton correct in a parse, on drawn people."""

import cv2
import numpy as np
import pytest
import torch

from vton.labels import Joint, Parse
from vton.networks.body import BodyNet
from vton.preprocess.parse_rules import (
    absorb_specks,
    clean_parse,
    close_tops,
    hand_down_stray_tops,
    hands_not_legs,
    hands_not_neck,
    limit_to_silhouette,
    name_collars,
    name_hats,
    one_bottom,
    settle_sides,
)
from vton.preprocess.parsing import BodyParser, label_by_edges, sharpen_by_colour
from vton.preprocess.sleeve_colours import restore_sleeves

SKIN, RED, BLUE, WALL = (205, 160, 135), (180, 40, 45), (50, 60, 110), (225, 225, 225)


def drawn_person(sleeves):
    """A 512×384 picture, its true parse and keypoints; `sleeves` colours the arms."""
    parse = np.zeros((512, 384), np.uint8)
    cv2.rectangle(parse, (140, 170), (244, 340), int(Parse.UPPER), -1)
    cv2.rectangle(parse, (140, 340), (244, 511), int(Parse.PANTS), -1)
    cv2.rectangle(parse, (100, 170), (139, 360), int(Parse.RIGHT_ARM), -1)
    cv2.rectangle(parse, (245, 170), (284, 360), int(Parse.LEFT_ARM), -1)
    cv2.rectangle(parse, (177, 130), (207, 170), int(Parse.NECK), -1)
    cv2.circle(parse, (192, 90), 45, int(Parse.FACE), -1)
    colours = np.zeros((20, 3), np.uint8)
    colours[[Parse.BACKGROUND, Parse.UPPER, Parse.PANTS]] = WALL, RED, BLUE
    colours[[Parse.FACE, Parse.NECK]] = SKIN
    colours[[Parse.LEFT_ARM, Parse.RIGHT_ARM]] = sleeves
    keypoints = np.zeros((18, 3), np.float32)
    keypoints[:, 2] = 0.9
    for joint, place in {
        Joint.NECK: (192, 175), Joint.RIGHT_SHOULDER: (130, 180), Joint.RIGHT_ELBOW: (118, 270),
        Joint.RIGHT_WRIST: (118, 350), Joint.LEFT_SHOULDER: (254, 180), Joint.LEFT_ELBOW: (266, 270),
        Joint.LEFT_WRIST: (266, 350), Joint.RIGHT_HIP: (165, 345), Joint.LEFT_HIP: (220, 345),
    }.items():  # fmt: skip
        keypoints[joint, :2] = place
    image = cv2.GaussianBlur(colours[parse], (0, 0), 1)
    return image, parse, keypoints


def iou(found, truth, label):
    return ((found == label) & (truth == label)).sum() / ((found == label) | (truth == label)).sum()


def test_swapped_arms_are_settled_by_the_skeleton():
    _, parse, keypoints = drawn_person(SKIN)
    swapped = parse.copy()
    swapped[parse == Parse.LEFT_ARM], swapped[parse == Parse.RIGHT_ARM] = Parse.RIGHT_ARM, Parse.LEFT_ARM
    assert np.array_equal(settle_sides(swapped, keypoints), parse)
    assert np.array_equal(settle_sides(parse, keypoints), parse)


def test_a_hand_before_the_other_arm_belongs_to_the_forearm_that_ends_there():
    _, parse, keypoints = drawn_person(RED)
    parse[np.isin(parse, (Parse.LEFT_ARM, Parse.RIGHT_ARM))] = Parse.UPPER
    keypoints[Joint.LEFT_WRIST, :2], keypoints[Joint.RIGHT_WRIST, :2] = (155, 290), (118, 320)
    parse[283:303, 108:138] = Parse.LEFT_ARM
    assert np.array_equal(settle_sides(parse, keypoints), parse)


def test_sleeves_taken_for_arms_return_to_the_top():
    image, parse, keypoints = drawn_person(RED)
    restored = restore_sleeves(parse, image, keypoints)
    assert (restored[parse == Parse.LEFT_ARM] == Parse.UPPER).mean() > 0.9
    assert np.array_equal(restored == Parse.FACE, parse == Parse.FACE)


def test_bare_arms_stay_arms():
    image, parse, keypoints = drawn_person(SKIN)
    assert np.array_equal(restore_sleeves(parse, image, keypoints), parse)


def test_pieces_of_top_below_the_hips_become_trousers():
    image, parse, keypoints = drawn_person(SKIN)
    broken = parse.copy()
    broken[420:460, 160:200] = Parse.UPPER
    assert np.array_equal(hand_down_stray_tops(broken, image, keypoints), parse)


def test_a_top_seen_beyond_an_arm_stays_top():
    image, parse, keypoints = drawn_person(SKIN)
    parse[330:348, 82:100], image[330:348, 82:100] = Parse.UPPER, RED
    assert np.array_equal(hand_down_stray_tops(parse, image, keypoints), parse)
    assert np.array_equal(absorb_specks(parse), parse), "though it is small"


def test_the_parser_knows_stripes_and_tops_between_hair():
    image, parse, keypoints = drawn_person(SKIN)
    image[170:330, 245:284] = 240
    parse[120:240, 206:216], image[120:240, 206:216] = Parse.HAIR, (60, 40, 30)
    image[200:230, 206:216] = RED
    found = clean_parse(parse, image, (parse > 0).astype(np.float32), keypoints)
    assert (found[200:300, 250:280] == Parse.UPPER).all() and (found[340:355, 250:280] == Parse.LEFT_ARM).all()
    assert (found[180:190, 206:216] == Parse.HAIR).all() and (found[205:225, 208:214] == Parse.UPPER).all()


def test_specks_become_their_surroundings():
    _, parse, _ = drawn_person(SKIN)
    specked = parse.copy()
    specked[250:254, 180:184] = Parse.HAIR
    specked[30:33, 20:23] = Parse.PANTS
    assert np.array_equal(absorb_specks(specked), parse)


def test_nothing_is_left_far_from_the_silhouette():
    _, parse, _ = drawn_person(SKIN)
    stray = parse.copy()
    stray[20:60, 330:370] = Parse.UPPER
    limited = limit_to_silhouette(stray, (parse > 0).astype(np.float32))
    assert np.array_equal(limited, parse)


def test_colour_and_edges_sharpen_a_vague_parse():
    image, parse, _ = drawn_person(SKIN)
    random = np.random.default_rng(0)
    coarse = cv2.resize(image, (192, 256), interpolation=cv2.INTER_AREA)
    moved = np.roll(parse, (3, -3), (0, 1))
    layers = [
        cv2.resize((moved == label).astype(np.float32), (192, 256), interpolation=cv2.INTER_AREA) for label in range(20)
    ]
    vague = np.stack([cv2.GaussianBlur(layer, (0, 0), 2) for layer in layers]) + random.uniform(0, 0.02, (20, 256, 192))
    vague = (vague / vague.sum(0)).astype(np.float32)
    before = cv2.resize(vague.argmax(0).astype(np.uint8), (384, 512), interpolation=cv2.INTER_NEAREST)
    after = label_by_edges(sharpen_by_colour(vague, coarse), image)
    for label in (Parse.UPPER, Parse.PANTS, Parse.FACE):
        assert iou(after, parse, label) > max(0.94, iou(before, parse, label))


@pytest.mark.parametrize("size", [(1024, 768), (512, 384)])
def test_parser_labels_every_pixel(size):
    image, parse, keypoints = drawn_person(SKIN)
    factor = size[0] / 512
    torch.manual_seed(0)
    network = BodyNet(widths=(8, 8, 8, 8, 8)).eval()
    silhouette = cv2.resize((parse > 0).astype(np.float32), size[::-1])
    found, parts = BodyParser(network)(
        cv2.resize(image, size[::-1]), silhouette, keypoints * np.array([factor, factor, 1], np.float32)
    )
    assert found.shape == parts.shape == size
    assert found.dtype == parts.dtype == np.uint8
    assert found.max() < 20 and parts.max() < 25
    assert not found[silhouette.shape[0] // 50, :10].any()


def test_cloth_on_the_head_is_a_hat_unless_an_arm_is_raised():
    _, parse, keypoints = drawn_person(SKIN)
    for joint, place in {
        Joint.NOSE: (192, 95), Joint.RIGHT_EYE: (180, 85), Joint.LEFT_EYE: (204, 85),
        Joint.RIGHT_EAR: (160, 90), Joint.LEFT_EAR: (224, 90),
    }.items():  # fmt: skip
        keypoints[joint, :2] = place
    capped = parse.copy()
    cv2.rectangle(capped, (150, 30), (234, 60), int(Parse.UPPER), -1)
    named = name_hats(capped, keypoints)
    assert (named[30:60, 150:234] == Parse.HAT).all()
    assert np.array_equal(named[100:], parse[100:])
    keypoints[Joint.LEFT_WRIST, :2] = (230, 40)
    assert np.array_equal(name_hats(capped, keypoints), capped)


def test_a_dark_collar_is_no_hair_but_long_hair_is():
    _, parse, keypoints = drawn_person(SKIN)
    keypoints[Joint.NOSE, :2] = 192, 95
    collar, braid = parse.copy(), parse.copy()
    cv2.rectangle(collar, (150, 160), (170, 185), int(Parse.HAIR), -1)
    cv2.rectangle(braid, (150, 160), (170, 300), int(Parse.HAIR), -1)
    assert (name_collars(collar, keypoints)[160:186, 150:171] == Parse.UPPER).all()
    assert np.array_equal(name_collars(braid, keypoints), braid)


def test_a_small_scarf_is_a_collar_and_a_long_one_none():
    _, parse, keypoints = drawn_person(SKIN)
    keypoints[Joint.NOSE, :2] = 192, 95
    lace, scarf = parse.copy(), parse.copy()
    lace[160:200, 172:212] = scarf[150:320, 165:220] = Parse.SCARF
    assert (name_collars(lace, keypoints)[160:200, 172:212] == Parse.UPPER).all()
    assert np.array_equal(name_collars(scarf, keypoints), scarf)


def test_a_leg_at_the_wrist_is_a_hand():
    _, parse, keypoints = drawn_person(SKIN)
    for joint, place in {
        Joint.RIGHT_KNEE: (165, 450), Joint.LEFT_KNEE: (220, 450),
        Joint.RIGHT_ANKLE: (165, 560), Joint.LEFT_ANKLE: (220, 560),
    }.items():  # fmt: skip
        keypoints[joint, :2] = place
    wrong = parse.copy()
    cv2.rectangle(wrong, (250, 335), (282, 372), int(Parse.LEFT_LEG), -1)
    assert (hands_not_legs(wrong, keypoints)[335:373, 250:283] == Parse.LEFT_ARM).all()
    shorts = parse.copy()
    cv2.rectangle(shorts, (200, 420), (240, 511), int(Parse.LEFT_LEG), -1)
    assert np.array_equal(hands_not_legs(shorts, keypoints), shorts)


def test_skin_at_a_wrist_before_the_chest_is_a_hand_and_the_neck_is_none():
    _, parse, keypoints = drawn_person(SKIN)
    keypoints[Joint.NOSE, :2] = 192, 95
    keypoints[Joint.RIGHT_WRIST, :2] = 172, 225
    wrong = parse.copy()
    cv2.circle(wrong, (185, 212), 15, int(Parse.NECK), -1)
    # Along the collar it hangs together with the neck.
    cv2.line(wrong, (185, 212), (192, 168), int(Parse.NECK), 3)
    corrected = hands_not_neck(wrong, keypoints)
    assert (corrected[203:222, 176:195] == Parse.RIGHT_ARM).all()
    assert (corrected[140:165, 180:205] == Parse.NECK).all()
    colours = np.zeros((20, 3), np.uint8)
    colours[[Parse.UPPER, Parse.PANTS]], colours[Parse.BACKGROUND] = RED, WALL
    colours[[Parse.FACE, Parse.NECK, Parse.LEFT_ARM, Parse.RIGHT_ARM]] = SKIN
    found = clean_parse(wrong, colours[wrong], (wrong > 0).astype(np.float32), keypoints)
    assert found[212, 185] == Parse.RIGHT_ARM, "it is asked"

    keypoints[Joint.RIGHT_WRIST, :2] = 192, 160
    assert np.array_equal(hands_not_neck(parse, keypoints), parse), "a wrist that was seen on the neck"
    keypoints[Joint.RIGHT_WRIST, :2], belly = (172, 325), parse.copy()
    cv2.circle(belly, (185, 318), 15, int(Parse.NECK), -1)
    assert np.array_equal(hands_not_neck(belly, keypoints), belly)


def test_lace_is_the_top_and_a_neckline_is_not():
    _, parse, _ = drawn_person(SKIN)
    lace, neckline = parse.copy(), parse.copy()
    cv2.circle(lace, (192, 230), 9, int(Parse.NECK), -1)
    cv2.rectangle(neckline, (177, 165), (207, 210), int(Parse.NECK), -1)
    assert np.array_equal(close_tops(lace), parse)
    assert np.array_equal(close_tops(neckline), neckline)


def test_nobody_wears_half_a_skirt():
    _, parse, _ = drawn_person(SKIN)
    mixed = parse.copy()
    cv2.rectangle(mixed, (140, 340), (180, 420), int(Parse.SKIRT), -1)
    assert np.array_equal(one_bottom(mixed), parse)


def test_black_trousers_are_not_told_from_a_black_top_by_colour():
    """Both clothes share a colour, and where each begins stays what the network said."""
    _, parse, _ = drawn_person(SKIN)
    small = cv2.resize(parse, (192, 256), interpolation=cv2.INTER_NEAREST)
    colours = np.full((20, 3), 225, np.uint8)
    colours[[Parse.UPPER, Parse.PANTS]] = 30
    colours[[Parse.FACE, Parse.NECK, Parse.LEFT_ARM, Parse.RIGHT_ARM]] = SKIN
    shade = np.random.default_rng(0).normal(0, 12, (256, 192, 1))
    # A gradient from light to dark down the cloth, as from a lamp above.
    lamp = np.linspace(25, -25, 256)[:, None, None]
    picture = (colours[small] + (shade + lamp) * (small > 0)[..., None]).clip(0, 255).astype(np.uint8)
    vague = np.stack([cv2.GaussianBlur((small == label).astype(np.float32), (0, 0), 4) for label in range(20)])
    vague = (vague + 0.01) / (vague + 0.01).sum(0)
    sharpened = sharpen_by_colour(vague.astype(np.float32), picture).argmax(0)
    inside = np.s_[140:200, 75:117]
    assert (sharpened[inside] == small[inside]).mean() > 0.97
