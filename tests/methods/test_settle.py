"""One outline of the worn garment for parse and warp, on drawn people."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.methods.test_long_sleeves import garment as long_sleeved
from vton.labels import DENSEPOSE_PARTS, Joint, Parse, Region
from vton.methods.settle import (
    even_border,
    even_hem,
    necklines_as_cut,
    settle,
    with_straps,
    without_slits,
)
from vton.methods.sleeve_ends import even_cuffs
from vton.methods.sleeves import bare_to_the_hand, over_the_arms, without_bare_patches
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person, Photo

SIZE = (CANVAS_HEIGHT // 2, CANVAS_WIDTH // 2)
SHOULDER_WIDTH = 110


def points() -> np.ndarray:
    """Keypoints of somebody whose arms hang, in pixels of the target parse."""
    places = np.zeros((18, 3), np.float32)
    for joint, x, y in (
        (Joint.NOSE, 192, 75), (Joint.NECK, 192, 120), (Joint.RIGHT_SHOULDER, 137, 125),
        (Joint.LEFT_SHOULDER, 247, 125), (Joint.RIGHT_ELBOW, 120, 205), (Joint.LEFT_ELBOW, 264, 205),
        (Joint.RIGHT_WRIST, 112, 275), (Joint.LEFT_WRIST, 272, 275), (Joint.RIGHT_HIP, 160, 275),
        (Joint.LEFT_HIP, 224, 275),
    ):  # fmt: skip
        places[joint] = x, y, 1
    return places


def person() -> Person:
    parse = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.uint8)
    parse[240:600, 270:500] = Parse.UPPER
    parse[600:1000, 290:480] = Parse.PANTS
    parse[260:620, 200:270], parse[260:620, 500:560] = Parse.RIGHT_ARM, Parse.LEFT_ARM
    image = np.zeros((*parse.shape, 3), np.uint8)
    keypoints = points()
    keypoints[:, :2] *= 2
    photo = Photo(image, "p")
    box = (0, 0, CANVAS_WIDTH, CANVAS_HEIGHT)
    return Person(photo, box, image, (parse > 0).astype(np.float32), keypoints, parse, parse * 0, image, parse)


def laid(mask: np.ndarray, **fields) -> Garment:
    image = np.zeros((*mask.shape, 3), np.uint8)
    return Garment(Photo(image, "g"), image, mask, **fields)


def one_hot(labels: np.ndarray) -> np.ndarray:
    return np.stack([(labels == region).astype(np.float32) for region in range(len(Region))])


def said(hem: np.ndarray | int = 300) -> np.ndarray:
    """A target parse (512, 384): a top down to the hem, trousers below it."""
    labels = np.zeros(SIZE, np.uint8)
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    labels[(rows >= 290) & (columns >= 140) & (columns < 245)] = Region.BOTTOM
    labels[(rows >= 120) & (rows < np.broadcast_to(hem, SIZE)) & (columns >= 135) & (columns < 250)] = Region.UPPER
    return labels


def identity() -> np.ndarray:
    rows, columns = np.mgrid[:CANVAS_HEIGHT, :CANVAS_WIDTH].astype(np.float32)
    return np.dstack([columns, rows])


def test_teeth_of_a_hem_go_and_its_line_stays():
    columns = np.arange(SIZE[1])
    teeth = 300 + np.where(columns // 10 % 2 == 0, 6, -6)
    target = one_hot(said(teeth))
    mask = np.ones((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    settled, _, _ = settle(target, mask, identity(), person(), laid(mask))
    ends = (settled[Region.UPPER] > 0.5)[:, 150:235].sum(0)
    assert np.abs(np.diff(ends)).max() <= 1 and ends.max() - ends.min() < 9
    assert np.allclose(settled.sum(0), 1, atol=1e-3)


def test_a_slanted_hem_stays_slanted():
    columns = np.arange(SIZE[1])
    labels = said(280 + columns // 8)
    shape = even_hem((labels == Region.UPPER).astype(np.float32), labels * 0, points()[:, :2])
    ends = (shape > 0.5)[:, 150:235].sum(0)
    assert 8 <= ends[-1] - ends[0] <= 12


def test_a_sleeve_that_hangs_beside_the_hem_is_not_drawn_down_to_it():
    labels = said(270)
    labels[120:220, 255:268] = Region.UPPER
    shape = (labels == Region.UPPER).astype(np.float32)
    assert np.array_equal(even_hem(shape, labels * 0, points()[:, :2])[:, 255:268], shape[:, 255:268])


def test_no_old_outline_runs_through_an_arm_that_has_grown():
    labels = said()
    labels[125:320, 258:290] = Region.LEFT_ARM
    target, mask = one_hot(labels), np.ones((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    line = np.s_[180:260, 274:276]
    target[(Region.LEFT_ARM, *line)], target[(Region.BACKGROUND, *line)] = 0.55, 0.45
    settled, _, _ = settle(target, mask, identity(), person(), laid(mask))
    assert settled[(Region.LEFT_ARM, *line)].min() > 0.99


def test_where_the_garments_picture_ends_the_parse_gives_way():
    target, mask = one_hot(said()), np.ones((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    mask[500:] = 0
    settled, shown, _ = settle(target, mask, identity(), person(), laid(mask))
    assert settled[Region.UPPER][270:].max() < 0.1 and shown[550:].max() == 0
    assert (settled[Region.BOTTOM][265:290, 160:230] > 0.9).all()


def test_settled_no_trousers_look_out_beside_a_top_that_hangs_over_them():
    labels, mask = said(340), np.ones((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    labels[:340, :158] = labels[:340, 224:] = Region.BACKGROUND
    labels[300:, 145:240] = np.where(labels[300:, 145:240] == Region.UPPER, Region.UPPER, Region.BOTTOM)
    mask[:, :316] = mask[:, 448:] = 0
    settled, shown, _ = settle(one_hot(labels), mask, identity(), person(), laid(mask))
    assert (settled[Region.UPPER][310:330, 146:238] > 0.9).all() and (shown[624:660, 296:474] > 0.9).all()


def test_a_gap_of_the_mask_within_the_garment_is_closed_with_its_own_cloth():
    mask = np.ones((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    mask[300:500, 380:386] = 0
    settled, shown, flow = settle(one_hot(said()), mask, identity(), person(), laid(mask))
    assert shown[320:480, 380:386].min() > 0.9 and settled[Region.UPPER][160:240, 190:193].min() > 0.9
    read = flow[320:480, 380:386, 0]
    assert ((read < 380) | (read > 385)).all() and np.abs(read - 383).max() < 30
    assert len(np.unique(read[80])) > 3, "its pattern goes on, and is not drawn out"


def test_a_border_is_evened_where_the_neck_is_above_the_photo():
    shape = np.zeros(SIZE, np.float32)
    shape[:200, 100:300] = 1
    shape[60:63, 300:303] = 1
    even = even_border(shape, points()[:, :2] - (0, 400))
    assert (even[20:180, 110:290] > 0.9).all() and even[61, 302] < 0.3


def test_a_hem_hangs_in_no_bow():
    rows, columns = np.indices(SIZE)
    bowed = (rows > 100) & (np.abs(columns - 192) < 60) & (rows < 300 - 25 * ((columns - 192) / 60) ** 2)
    hem = even_hem(bowed.astype(np.float32), np.zeros(SIZE, np.uint8), points()[:, :2])
    ends = (hem[:, 140:245] > 0.5).cumsum(0).argmax(0)
    assert np.ptp(ends) < 0.06 * SHOULDER_WIDTH + 2
    assert abs(ends.mean() - bowed[:, 140:245].cumsum(0).argmax(0).mean()) < 4


def test_the_picture_says_how_deep_a_neckline_is_and_the_parse_how_high_a_collar():
    labels = said()
    labels[60:180, 170:215] = Region.NOISE
    cloth, lining = np.zeros(SIZE, np.float32), slice(122, 150)
    cloth[90:300, 135:250] = 1
    cloth[lining, 185:200] = 0
    cut = necklines_as_cut(one_hot(labels), cloth, points()).argmax(0)
    assert (cut[125:180, 172:183] == Region.UPPER).all(), "the parse's guess gives way to the garment's picture"
    assert (cut[lining, 187:198] == Region.NOISE).all(), "inside the garment's back the skin stays bare"
    assert (cut[60:100, 172:213] == Region.NOISE).all(), "no collar climbs up a neck that the parse leaves bare"
    beside = labels.copy()
    beside[100:125, 150:240] = Region.NOISE
    cut = necklines_as_cut(one_hot(beside), np.ones(SIZE, np.float32), points()).argmax(0)
    assert (cut[100:125, 150:156] == Region.UPPER).all(), "the slope of the shoulders is no neck"


def test_a_slit_beside_the_trunk_closes_over_the_body_and_a_neckline_does_not():
    covered, parts = np.ones(SIZE, np.float32), np.zeros(SIZE, np.uint8)
    parts[100:300, 120:270] = DENSEPOSE_PARTS.index("torso front")
    covered[150:250, 240:252] = covered[150:250, 276:288] = covered[120:150, 186:198] = 0
    closed = without_slits(covered, parts, points()[:, :2])
    assert closed[150:250, 240:252].all()
    # Where the body ends there is backdrop between it and the arm; nearer the middle there is a neck.
    assert not closed[150:250, 276:288].any() and not closed[120:150, 186:198].any()


def test_a_neckline_beside_the_axis_of_somebody_turned_is_no_slit():
    covered, parts = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.uint8)
    parts[118:280, 130:254], covered[118:280, 130:254] = DENSEPOSE_PARTS.index("torso front"), 1
    neckline = np.s_[118:165, 212:240]
    covered[neckline] = 0
    assert not without_slits(covered, parts, points()[:, :2])[neckline].any()


def test_straps_of_the_picture_reach_the_shoulders():
    shape, covered = np.zeros((2, *SIZE), np.float32)
    shape[170:300, 140:245] = 1
    covered[170:300, 140:245] = covered[60:170, 160:165] = covered[60:170, 220:225] = 1
    labels = np.full(SIZE, Region.NOISE, np.uint8)
    foreground = np.zeros(SIZE, bool)
    foreground[118:] = True
    result = with_straps(shape, covered, labels, foreground, points()[:, :2])
    assert (result[120:170, 161:164] > 0.9).all() and (result[120:170, 221:224] > 0.9).all()
    assert result[:116].max() == 0
    assert np.array_equal(result[:, 170:215], shape[:, 170:215])


def test_cuffs_are_straight_across_the_arm():
    shape = np.zeros(SIZE, np.float32)
    shape[120:300, 150:235] = 1
    labels = np.zeros(SIZE, np.uint8)
    labels[120:290, 249:280] = Region.LEFT_ARM
    rows = np.arange(SIZE[0])
    for column in range(249, 280):
        shape[(rows >= 120) & (rows < 175 + 4 * (column % 3)), column] = 1
    cuffs = even_cuffs(shape, shape, labels, points()[:, :2])
    ends = (cuffs > 0.5)[100:, 255:272].sum(0)
    assert np.abs(np.diff(ends, 2)).max() <= 2
    assert np.array_equal(cuffs[:, 150:235], shape[:, 150:235])


def test_a_long_sleeve_covers_the_bare_arm_of_the_photo():
    shape, labels, before = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    shape[120:260, 250:270] = 1
    before[120:300, 250:276] = Region.LEFT_ARM
    labels[262:300, 250:276] = Region.LEFT_ARM
    covered = over_the_arms(shape, labels, before, 155.0)
    assert (covered[130:240, 271:275] > 0.7).all() and (covered[265:] == 0).all()


def test_splinters_of_skin_along_a_shoulder_are_covered_with_it():
    shape, labels, before = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    shape[130:260, 150:270] = 1
    before[122:300, 150:270] = Region.NOISE
    labels[122:130, 200:260:12] = labels[122:130, 201:260:12] = Region.NOISE
    labels[60:130, 150:180] = Region.NOISE
    covered = over_the_arms(shape, labels, before, 155.0)
    assert (covered[124:130, 200:268] > 0.7).all() and (covered[:130, 153:175] < 0.5).all()


def test_a_forearm_before_the_top_stays_in_front_up_to_the_hand():
    shape, labels, before = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    places = points()[:, :2].copy()
    places[Joint.LEFT_WRIST] = 190, 215
    shape[120:300, 140:240] = 1
    before[200:222, 190:275] = Region.LEFT_ARM
    labels[150:222, 240:275] = Region.LEFT_ARM
    shape, labels = bare_to_the_hand(shape, labels, before, places)
    assert (shape[205:215, 195:235] < 0.1).all() and (labels[205:215, 195:235] == Region.LEFT_ARM).all()
    assert (shape[230:, 150:230][:60] == 1).all()


def test_settled_trousers_of_the_photo_are_no_belly():
    labels, mask = said(290), np.ones((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    labels[315:335, 155:230] = Region.NOISE
    mask[580:] = 0
    settled, _, _ = settle(one_hot(labels), mask, identity(), person(), laid(mask))
    assert (settled[Region.BOTTOM][318:332, 160:225] > 0.9).all()


def test_a_long_sleeve_stays_long_whatever_looks_out_beside_it_and_whatever_is_bare_above():
    shape, labels, before = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    before[120:310, 252:284] = Region.LEFT_ARM
    shape[150:275, 240:279] = 1
    labels[120:310, 250:286] = Region.LEFT_ARM
    settled, said = bare_to_the_hand(shape, labels, before, points()[:, :2])
    assert np.array_equal(settled[150:270], shape[150:270]) and (said[285:305, 255:280] == Region.LEFT_ARM).all()


@pytest.mark.parametrize("long", [True, False])
def test_of_a_long_sleeve_no_more_is_bare_than_the_hand_though_it_is_narrow_at_the_elbow(long):
    shape, labels, before = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    before[150:310, 252:284] = Region.LEFT_ARM
    shape[120:275, 240:284] = 1
    shape[185:200, 262:284] = 0
    labels[150:310, 250:286] = Region.LEFT_ARM
    settled, said = bare_to_the_hand(shape, labels, before, points()[:, :2], long)
    assert (settled[205:270, 255:280] > 0.9).all() == long
    assert (settled[285:305, 255:280] == 0).all() and (said[285:305, 255:280] == Region.LEFT_ARM).all()


@pytest.mark.parametrize("long", [True, False])
def test_settled_a_long_sleeve_that_is_narrow_at_the_elbow_stays_long(long):
    labels, mask = said(), np.ones((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    labels[125:300, 248:282] = Region.UPPER
    labels[190:206, 262:282] = labels[285:310, 250:282] = Region.LEFT_ARM
    settled, _, _ = settle(one_hot(labels), mask, identity(), person(), long_sleeved() if long else laid(mask))
    assert (settled[Region.UPPER][215:255, 255:272] > 0.9).all() == long
    assert (settled[Region.LEFT_ARM][298:306, 256:276] > 0.9).all()


def test_below_the_cuff_a_narrow_piece_of_arm_beside_the_top_is_arm():
    shape, labels = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.uint8)
    shape[120:300, 140:250] = shape[150:260, 250:262] = 1
    labels[180:290, 250:280], foreground = Region.LEFT_ARM, np.ones(SIZE, bool)
    shape[225:240, 262:275] = 1
    covered, settled = without_bare_patches(shape, labels, labels * 0, foreground, points()[:, :2])
    assert (covered[228:238, 277:279] < 0.5).all() and (settled[228:238, 277:279] == Region.LEFT_ARM).all()


def folded() -> tuple[Person, np.ndarray]:
    """Somebody whose left forearm lies before the body, and a target parse in which its elbow becomes bare."""
    someone = person()
    parse, keypoints = someone.parse.copy(), someone.keypoints.copy()
    keypoints[Joint.LEFT_ELBOW, :2], keypoints[Joint.LEFT_WRIST, :2] = (540, 400), (400, 460)
    parse[parse == Parse.LEFT_ARM] = Parse.UPPER
    parse[430:490, 350:405] = Parse.LEFT_ARM
    labels = said()
    labels[130:210, 252:285] = labels[215:245, 175:202] = Region.LEFT_ARM
    return replace(someone, parse=parse, keypoints=keypoints), one_hot(labels)


def test_settled_a_forearm_that_becomes_bare_is_before_the_top():
    (someone, target), mask = folded(), np.ones((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    settled, _, _ = settle(target, mask, identity(), someone, laid(mask))
    assert (settled[Region.LEFT_ARM][212:216, 230:240] > 0.9).all()
    assert (settled[Region.UPPER][250:280, 160:235] > 0.9).all()


def test_settled_a_forearm_in_a_long_sleeve_does_not_become_bare_where_its_elbow_sticks_out():
    (someone, target), mask = folded(), np.ones((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    settled, _, _ = settle(target, mask, identity(), someone, long_sleeved())
    assert (settled[Region.UPPER][212:216, 230:240] > 0.9).all()


def test_trousers_of_a_tucked_top_are_as_wide_as_said_where_the_photo_shows_a_strip_of_them():
    """Between the sides of an open shirt, the photo shows the trousers' buckle alone."""
    someone, labels = person(), said(235)
    parse = someone.parse.copy()
    parse[240:660, 270:500] = Parse.UPPER
    parse[570:660, 375:395] = Parse.PANTS
    labels[235:290, 140:245] = Region.BOTTOM
    mask = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    mask[240:700, 270:500] = 1
    target, _, _ = settle(one_hot(labels), mask, identity(), replace(someone, parse=parse), laid(mask, tucked=True))
    assert (target[Region.BOTTOM, 245:320, 150:235] > 0.9).all()
    assert (target[Region.UPPER, 130:225, 150:235] > 0.9).all()


def test_trousers_that_are_guessed_too_high_leave_a_bare_waist_below_a_crop_top():
    labels = np.zeros(SIZE, np.uint8)
    labels[120:190, 135:250], labels[190:220, 135:250] = Region.UPPER, Region.NOISE
    labels[220:, 135:250] = Region.BOTTOM
    target = np.stack([cv2.GaussianBlur(plane, (0, 0), 3) for plane in one_hot(labels)])
    mask = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    mask[240:380, 270:500] = 1
    settled, _, _ = settle(target, mask, identity(), person(), laid(mask))
    assert settled[Region.BOTTOM, 205:238, 160:225].max() < 0.05 and settled[Region.NOISE, 205:238, 160:225].min() > 0.9
