"""Where a top meets trousers, on drawn label maps."""

import numpy as np
import pytest

from vton.labels import Joint, Region
from vton.methods.waists import (
    AROUND,
    FLARE,
    around_the_hips,
    into_the_waistband,
    no_gap_at_the_waist,
    no_higher_than_worn,
    no_wider_below,
    without_a_trace,
)

SIZE = (512, 384)
SHOULDER_WIDTH = 110


def points() -> np.ndarray:
    """(18, 2): the neck at row 120, the hips at row 275, about column 192."""
    places = np.zeros((18, 2), np.float32)
    for joint, x, y in (
        (Joint.NECK, 192, 120), (Joint.RIGHT_SHOULDER, 137, 125), (Joint.LEFT_SHOULDER, 247, 125),
        (Joint.RIGHT_HIP, 160, 275), (Joint.LEFT_HIP, 224, 275),
    ):  # fmt: skip
        places[joint] = x, y
    return places


def said() -> np.ndarray:
    """A top down to row 300, trousers below it."""
    labels = np.zeros(SIZE, np.uint8)
    labels[290:, 140:245] = Region.BOTTOM
    labels[120:300, 135:250] = Region.UPPER
    return labels


def narrow_top(hem: int = 330) -> np.ndarray:
    shape = np.zeros(SIZE, np.float32)
    shape[120:hem, 150:235] = 1
    return shape


@pytest.mark.parametrize("side", [20, 60])
@pytest.mark.parametrize("parsed", [True, False])
def test_a_top_that_hangs_out_is_as_wide_as_the_trousers_under_it(side, parsed):
    before = np.zeros(SIZE, np.uint8)
    before[260:, 150 - side : 235 + side] = Region.BOTTOM
    worn = around_the_hips(narrow_top(), before if parsed else np.zeros_like(before), before, points())
    most = min(side, round(AROUND * SHOULDER_WIDTH))
    assert (worn[300:330, 150 - most : 235 + most] == 1).all(), "down to the hem"
    assert not worn[:, : 150 - most - 2].any() and not worn[:, 235 + most + 2 :].any() and not worn[330:].any()
    edges = (worn[198:330] > 0.5).argmax(1)
    assert (np.diff(edges) >= -1).all() and np.diff(edges).mean() > -FLARE and edges[0] >= 146, "wider little by little"


def test_the_outline_of_trousers_may_have_teeth_and_the_top_over_it_has_none():
    labels = np.zeros(SIZE, np.uint8)
    for row in range(215, SIZE[0]):
        labels[row, 130 + 4 * (row // 3 % 2) : 200] = Region.BOTTOM
    worn = around_the_hips(narrow_top(), labels, labels, points())
    edges = (worn[280:325] > 0.5).argmax(1)
    assert np.ptp(edges) <= 1 and 127 <= edges.min() <= 131
    soft = worn[280:325, 120:140]
    assert ((soft > 0.05) & (soft < 0.95)).any(), "no steps"


def test_beside_an_arm_a_top_does_not_grow_wider():
    labels = np.zeros(SIZE, np.uint8)
    labels[280:, 120:200] = Region.BOTTOM
    labels[180:260, 100:145] = Region.RIGHT_ARM
    worn = around_the_hips(narrow_top(), labels, labels, points())
    assert (worn[290:330, 128:150] == 1).all() and not worn[:260, :143].any()


def test_between_a_top_and_an_arm_along_it_no_trousers_are_seen():
    """The arm's outline touches the top here and there: both kinds of rows are to look alike."""
    labels = np.zeros(SIZE, np.uint8)
    labels[280:, 110:200] = Region.BOTTOM
    for row in range(200, 320):
        labels[row, 110 : 144 + 5 * (row // 8 % 2)] = Region.RIGHT_ARM
    worn = around_the_hips(narrow_top(), labels, labels, points())
    arm = labels[285:315, 110:150] == Region.RIGHT_ARM
    assert ((worn[285:315, 110:150] > 0.9) | arm).all()


def test_a_line_between_top_and_trousers_is_covered_with_them():
    labels = np.zeros(SIZE, np.uint8)
    labels[215:, 130:148] = Region.BOTTOM
    worn = around_the_hips(narrow_top(), labels, labels, points())
    assert (worn[300:330, 130:150] == 1).all() and (worn[300:330, 235:] == 0).all()


def test_a_sleeve_that_hangs_before_trousers_keeps_its_outline():
    """It reaches almost as far from the body's axis as a top is looked at."""
    top, labels = narrow_top(), np.zeros(SIZE, np.uint8)
    labels[215:, 130:300] = Region.BOTTOM
    top[120:300, 235:299] = 1
    labels[200:320, 250:298] = Region.LEFT_ARM
    worn = around_the_hips(top, labels, labels, points())
    assert np.array_equal(worn[:300, 240:], top[:300, 240:]) and (worn[305:330, 131:150] == 1).all()


def test_below_a_sleeve_that_ends_before_trousers_nothing_reaches_out():
    top, labels = narrow_top(), np.zeros(SIZE, np.uint8)
    labels[215:, 145:240] = Region.BOTTOM
    top[120:290, 90:150] = 1
    worn = around_the_hips(top, labels, labels, points())
    assert not worn[290:, :140].any() and not worn[:, :89].any()
    assert (worn[300:330, 146:150] == 1).all()


def test_where_no_trousers_are_beside_it_a_top_keeps_its_outline():
    labels = np.full(SIZE, Region.LEFT_ARM, np.uint8)
    labels[300:, 150:235] = Region.BOTTOM
    assert np.array_equal(around_the_hips(narrow_top(), labels, labels, points()), narrow_top())
    labels[215:] = Region.BOTTOM
    assert np.array_equal(around_the_hips(narrow_top(200), labels, labels, points()), narrow_top(200)), "tucked in"


@pytest.mark.parametrize("aside", [(400, 0), (-400, 0), (0, 500), (0, -700)])
def test_hips_beyond_the_edge_leave_the_top_as_it_is(aside):
    labels = np.zeros(SIZE, np.uint8)
    assert around_the_hips(narrow_top(), labels, labels, points() + np.float32(aside)).shape == SIZE


def test_between_a_top_and_trousers_no_backdrop_is_seen_before_the_body():
    """The old top hid more of the trousers than the new one does."""
    labels = np.zeros(SIZE, np.uint8)
    labels[310:, 140:245] = Region.BOTTOM
    shape = narrow_top(260)
    closed = no_gap_at_the_waist(shape, labels, shape, points())
    assert (closed[260:310, 150:235] == Region.BOTTOM).all()
    assert not closed[260:310, :150].any() and not closed[:120].any()


def test_between_a_sleeve_and_a_wide_skirt_backdrop_is_seen():
    labels, shape = np.zeros(SIZE, np.uint8), narrow_top(310)
    labels[310:, 100:245] = Region.BOTTOM
    shape[125:250, 100:140] = 1
    closed = no_gap_at_the_waist(shape, labels, shape, points())
    assert not closed[250:310, 100:140].any()


def test_a_head_beyond_the_frame_is_no_gap():
    labels, shape = np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.float32)
    labels[310:, 140:245], shape[20:310, 150:235] = Region.BOTTOM, 1
    assert np.array_equal(no_gap_at_the_waist(shape, labels, shape, points()), labels)


def test_a_crop_top_leaves_a_bare_waist_above_trousers_that_reach_a_little_higher():
    before, labels = said(), said()
    labels[200:300, 140:245] = Region.BOTTOM
    places = points()
    settled = no_higher_than_worn(labels, before, places)
    assert (settled[200:235, 145:240] == Region.NOISE).all()
    assert (settled[250:, 145:240] == Region.BOTTOM).all(), "up to the waist trousers may reach"
    before[before == Region.BOTTOM] = Region.BACKGROUND
    assert np.array_equal(no_higher_than_worn(labels, before, places), labels), (
        "no trousers to be seen: nothing is known"
    )


def test_trousers_are_no_wider_than_the_photo_shows():
    labels, before = np.zeros((2, *SIZE), np.uint8)
    labels[250:400, 100:300] = Region.BOTTOM
    before[300:400, 150:240] = Region.BOTTOM
    kept = no_wider_below(labels, before, 155.0) == Region.BOTTOM
    before[380:390, 290:296] = Region.BOTTOM  # a speck, at the end of an open jacket
    assert np.array_equal(no_wider_below(labels, before, 155.0) == Region.BOTTOM, kept)
    before[300:310, 170:240] = Region.BACKGROUND
    assert np.array_equal(no_wider_below(labels, before, 155.0) == Region.BOTTOM, kept)
    assert kept[260, 150:240].all() and not kept[:, :140].any() and not kept[:, 250:].any()


def test_trousers_under_an_open_jacket_are_as_wide_as_below_it():
    before, labels = np.zeros((2, *SIZE), np.uint8)
    labels[250:420, 120:280] = Region.BOTTOM
    before[250:420, 140:245] = Region.BOTTOM
    before[:400, 110:180] = before[:400, 215:280] = Region.UPPER
    kept = no_wider_below(labels, before, 155.0) == Region.BOTTOM
    assert kept[260:420, 140:245].all() and not kept[:, :135].any() and not kept[:, 250:].any()
    before[400:] = Region.BACKGROUND
    assert (no_wider_below(labels, before, 155.0) == Region.BOTTOM)[300, 180:215].all(), "its outline is nowhere seen"


def test_what_raised_arms_and_the_head_enclose_is_no_waist():
    shape = np.zeros(SIZE, np.float32)
    shape[110:300, 140:245] = shape[30:120, 225:260] = shape[30:50, 190:260] = 1
    labels = np.where(shape > 0.5, np.uint8(0), jeans(300))
    settled = no_gap_at_the_waist(shape, labels, shape, points())
    assert np.array_equal(settled, labels)
    labels[300:306] = 0
    assert (no_gap_at_the_waist(shape, labels, shape, points())[300:306, 150:235] == Region.BOTTOM).all()


def jeans(first: int) -> np.ndarray:
    labels = np.zeros(SIZE, np.uint8)
    labels[first:, 150:235] = Region.BOTTOM
    return labels


@pytest.mark.parametrize("hem", [225, 300])
def test_a_tucked_top_ends_where_the_photos_trousers_begin(hem):
    worn = into_the_waistband(narrow_top(hem), jeans(min(hem, 240)), jeans(240), points()) > 0.5
    assert worn[120:240, 150:235].all() and not worn[240:].any()


def test_a_tucked_top_does_not_go_down_to_an_old_hem_or_over_a_hand():
    assert not (into_the_waistband(narrow_top(225), jeans(225), jeans(320), points()) > 0.5)[225:].any()
    labels = jeans(225)
    labels[220:300, 180:200] = Region.RIGHT_ARM
    worn = into_the_waistband(narrow_top(225), labels, jeans(240), points()) > 0.5
    assert worn[225:240, 150:180].all() and not worn[225:240, 180:200].any()


def test_the_soft_edge_of_trousers_that_are_none_leaves_a_bare_waist():
    guess, labels = np.full((2, 60, 40), Region.NOISE, np.uint8)
    guess[20:], labels[40:] = Region.BOTTOM, Region.BOTTOM
    target = np.zeros((len(Region), 60, 40), np.float32)
    target[Region.BOTTOM] = np.linspace(-2, 2, 60).clip(0, 1)[:, None]
    target[Region.BOTTOM, 17:20], target[Region.BOTTOM, 20:40] = 0.4, 0
    target[Region.NOISE] = 1 - target[Region.BOTTOM]
    cleared = without_a_trace(target, guess, labels)
    assert cleared[Region.BOTTOM, :40].max() == 0 and (cleared[Region.NOISE, :40] == 1).all()
    np.testing.assert_array_equal(cleared[:, 40:], target[:, 40:])
    assert without_a_trace(target, labels, labels) is target
