import numpy as np
import pytest

from vton.labels import DENSEPOSE_PARTS, Joint, Region
from vton.methods.shoulders import BIT, THICK, on_the_shoulders, without_bits

TORSO = DENSEPOSE_PARTS.index("torso front")
UNIT = 100


@pytest.fixture
def person():
    """Parts of a trunk with sloping shoulders and a neck, no skin shown, and joints 100 pixels apart; (256, 192)."""
    points = np.full((18, 2), 150.0)
    points[Joint.NECK] = 96, 100
    points[Joint.RIGHT_SHOULDER], points[Joint.LEFT_SHOULDER] = (46, 104), (146, 104)
    points[Joint.RIGHT_HIP], points[Joint.LEFT_HIP] = (66, 230), (126, 230)
    rows, columns = np.mgrid[:256, :192]
    away = np.abs(columns - 96)
    body = (away < 60) & (rows > 80 + 0.25 * away)
    parts = np.where(body | ((away < 16) & (rows > 40)), TORSO, 0).astype(np.uint8)
    return np.full((256, 192), Region.BACKGROUND, np.uint8), parts, points


def test_cloth_lies_on_sloping_shoulders(person):
    before, parts, points = person
    boxy = np.zeros((256, 192), np.float32)
    boxy[82:220, 40:152] = 1
    lain = on_the_shoulders(boxy, before, before, parts, points)
    top = (lain > 0.5).argmax(0)
    for column in (50, 60, 132, 142):
        assert abs(top[column] - (80 + 0.25 * abs(column - 96) - THICK * UNIT)) < 3
    # Below the shoulders sleeves stand off as they did.
    assert np.array_equal(lain[125:], boxy[125:])


def test_no_rim_of_skin_is_left_along_a_covered_shoulder(person):
    before, parts, points = person
    bare = np.where(parts > 0, np.uint8(Region.NOISE), before)
    rows, columns = np.mgrid[:256, :192]
    low = ((parts > 0) & (rows > 84 + 0.25 * np.abs(columns - 96)) & (rows > 90)).astype(np.float32)
    lain = on_the_shoulders(low, bare, bare, parts, points)
    rim = (parts > 0) & (np.abs(columns - 96) > 0.4 * UNIT) & (rows < 104)
    assert lain[rim].mean() > 0.9 > low[rim].mean()
    neck = (np.abs(columns - 96) < 0.25 * UNIT) & (rows < 86)
    assert np.array_equal(lain[neck], low[neck])


def test_a_rim_ends_with_a_wide_neckline(person):
    before, parts, points = person
    bare = np.where(parts > 0, np.uint8(Region.NOISE), before)
    rows, columns = np.mgrid[:256, :192]
    low = ((parts > 0) & (rows > 84 + 0.25 * np.abs(columns - 96)) & (rows > 90)).astype(np.float32)
    lain = on_the_shoulders(low, bare, bare, parts, points, np.array([[51, 92], [141, 92]]))
    inside = np.abs(columns - 96) < 40
    assert np.array_equal(lain[inside], low[inside])
    assert lain[(parts > 0) & (np.abs(columns - 96) > 47) & (rows < 104)].mean() > 0.9


def test_up_to_a_narrow_necklines_ends_the_shoulders_are_covered(person):
    """Where the neckline ends is known; what is left of the shoulders is wider than their edge."""
    before, parts, points = person
    bare = np.where(parts > 0, np.uint8(Region.NOISE), before)
    rows, columns = np.mgrid[:256, :192]
    away = np.abs(columns - 96)
    low = ((parts > 0) & (rows > 86.5 + 0.25 * away) & (away > 18)).astype(np.float32)
    lain = on_the_shoulders(low, bare, bare, parts, points, np.array([[76, 88], [116, 88]]))
    near = (away > 22) & (away < 30) & (rows > 82 + 0.25 * away) & (rows < 96)
    assert lain[near].mean() > 0.9 > low[near].mean()
    assert np.array_equal(lain[away < 18], low[away < 18])


def test_a_strap_top_leaves_shoulders_bare(person):
    before, parts, points = person
    bare = np.where(parts > 0, np.uint8(Region.NOISE), before)
    top = np.zeros((256, 192), np.float32)
    top[125:220, 50:142] = 1
    assert np.array_equal(on_the_shoulders(top, bare, bare, parts, points), top)


def test_a_sleeve_stands_off_a_raised_arm(person):
    before, parts, points = person
    boxy = np.zeros((256, 192), np.float32)
    boxy[70:220, 30:162] = 1
    assert not np.array_equal(on_the_shoulders(boxy, before, before, parts, points), boxy)
    points[Joint.LEFT_ELBOW] = 170, 60
    assert np.array_equal(on_the_shoulders(boxy, before, before, parts, points), boxy)


def test_without_parts_nothing_changes(person):
    before, parts, points = person
    boxy = np.ones((256, 192), np.float32)
    assert np.array_equal(on_the_shoulders(boxy, before, before, np.zeros_like(parts), points), boxy)


def test_bits_and_notches_along_a_shoulder_go_and_straps_stay(person):
    _, parts, points = person
    top = (parts > 0).astype(np.float32)
    rows, columns = np.mgrid[:256, :192]
    edge = 80 + 0.25 * np.abs(columns - 96)
    rough = top.copy()
    rough[(np.abs(columns - 140) < BIT * UNIT / 2) & (rows > edge - 8) & (rows < edge + 5)] = 1
    rough[(np.abs(columns - 54) < BIT * UNIT / 2) & (rows < edge + 8)] = 0
    even = without_bits(rough, points)
    off = [np.abs((shape > 0.5).argmax(0) - (top > 0.5).argmax(0))[40:150].max() for shape in (rough, even)]
    assert off[0] >= 7 and off[1] <= 3
    assert np.array_equal(even[:, 70:122], rough[:, 70:122]), "the neck is as it was"
    rough[60:100, 140:143] = 1
    assert (without_bits(rough, points)[65:95, 140:143] > 0.5).all()


def test_below_the_shoulders_a_slanting_neckline_has_no_step(person):
    _, _, points = person
    rows, columns = np.mgrid[:256, :192]
    slanting = (columns < np.where(rows < 100, 20, 20 + 2.5 * (rows - 100))).astype(np.float32)
    even = without_bits(slanting, points)
    widths = (even > 0.5).sum(1)
    assert np.abs(np.diff(widths[108:124])).max() <= 4


def test_a_sleeve_lies_on_an_arm_that_the_parts_leave_out(person):
    before, parts, points = person
    boxy = np.zeros((256, 192), np.float32)
    boxy[82:220, 20:172] = 1
    labels = before.copy()
    labels[100:200, 140:168] = Region.LEFT_ARM
    lain = on_the_shoulders(boxy, labels, before, parts, points)
    assert (lain[104:115, 142:164] > 0.9).all() and (lain[88:102, 24:32] < 0.1).all()
