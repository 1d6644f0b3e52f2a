"""Arms that sleeves hid, on drawn people."""

import numpy as np

from tests.methods.test_settle import SHOULDER_WIDTH, SIZE, points
from vton.labels import Region
from vton.methods.bare_arms import arms_of_the_photo, forearms_in_front, what_stays


def test_new_arms_keep_to_the_persons_outline():
    labels, before = np.zeros(SIZE, np.uint8), np.full(SIZE, Region.UPPER, np.uint8)
    labels[180:290, 240:300] = Region.LEFT_ARM
    foreground = np.zeros(SIZE, bool)
    foreground[:, :274] = True
    arms = arms_of_the_photo(labels, before, foreground, points()[:, :2]) == Region.LEFT_ARM
    assert not arms[:, 277:].any() and arms[200:260, 262:268].all()


def arm_below_a_sleeve(edges: tuple[int, int], sleeve: tuple[int, int] = (236, 300)) -> np.ndarray:
    """The left arm, bool (512, 384), after a top with wide sleeves to the elbow gave way to one without any."""
    labels, before = np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    before[115:205, slice(*sleeve)] = Region.UPPER
    before[205:290, slice(*edges)] = Region.LEFT_ARM
    labels[115:290, slice(*sleeve)] = Region.LEFT_ARM
    return arms_of_the_photo(labels, before, before > 0, points()[:, :2]) == Region.LEFT_ARM


def test_above_a_sleeves_end_an_arm_is_as_wide_as_below():
    for edges in ((256, 280), (248, 282)):
        arm = arm_below_a_sleeve(edges)
        width = edges[1] - edges[0]
        assert abs(arm[190:200].sum(1).mean() - width) < 0.25 * width
        assert abs(np.flatnonzero(arm[195])[-1] - edges[1]) < 0.05 * SHOULDER_WIDTH


def test_an_arm_partly_behind_the_body_keeps_its_outer_edge():
    arm = arm_below_a_sleeve((268, 280))
    assert abs(np.flatnonzero(arm[195])[-1] - 280) < 0.05 * SHOULDER_WIDTH


def test_arms_that_are_not_seen_are_as_wide_as_arms_usually_are():
    arm = arm_below_a_sleeve((0, 0))
    assert 0.2 * SHOULDER_WIDTH < arm[190].sum() < 0.35 * SHOULDER_WIDTH


def test_skin_and_trousers_of_the_photo_stay_where_nothing_covers_them():
    shape, labels, before = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    before[130:290, 255:280], before[290:400, 150:240] = Region.LEFT_ARM, Region.BOTTOM
    before[130:290, 120:123] = Region.RIGHT_ARM
    labels[280:320, 150:240] = Region.NOISE
    shape[130:200, 140:280] = 1
    settled = what_stays(shape, labels, before, np.zeros(SIZE, bool), points()[:, :2])
    assert (settled[210:280, 260:275] == Region.LEFT_ARM).all() and (settled[290:320, 150:240] == Region.BOTTOM).all()
    assert (settled[:, 120:123] == Region.BACKGROUND).all(), "a thin rim of skin is none"
    assert (settled[280:290, 150:240] == Region.NOISE).all() and (settled[140:190, 260:275] == Region.BACKGROUND).all()


def test_a_notch_between_a_sleeve_and_the_arm_is_filled_with_the_arm():
    shape, labels, before = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    shape[120:200, 250:285] = 1
    labels[200:300, 250:280] = before[150:300, 250:280] = Region.LEFT_ARM
    labels[200:204, 273:280] = Region.BACKGROUND
    settled = what_stays(shape, labels, before, np.zeros(SIZE, bool), points()[:, :2])
    assert (settled[201:300, 251:279] == Region.LEFT_ARM).all()
    before[:] = Region.BACKGROUND
    np.testing.assert_array_equal(what_stays(shape, labels, before, np.zeros(SIZE, bool), points()[:, :2]), labels)


def test_a_shoulder_between_chest_and_arm_is_bare_with_them():
    shape, labels = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.uint8)
    body = np.zeros(SIZE, bool)
    body[110:160, 130:260] = body[160:300, 150:240] = True
    labels[110:150, 150:230] = Region.NOISE
    shape[150:300, 130:260] = 1
    settled = what_stays(shape, labels, labels * 0, body, points()[:, :2])
    assert (settled[115:145, 235:245] == Region.NOISE).all()
    assert (settled[100:105] == Region.BACKGROUND).all() and (settled[:, 270:] == Region.BACKGROUND).all()


def test_a_piece_of_sleeve_taken_for_arm_does_not_tell_its_width():
    labels, before = np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    before[115:275, 240:290] = Region.UPPER
    before[275:310, 262:284] = Region.LEFT_ARM
    without = arms_of_the_photo(labels, before, before > 0, points()[:, :2])[180:] == Region.LEFT_ARM
    before[150:170, 240:248] = Region.LEFT_ARM
    arms = arms_of_the_photo(labels, before, before > 0, points()[:, :2])[180:] == Region.LEFT_ARM
    assert (arms != without).sum(1).max() < 3
    assert without[:90].any(1).all()


def sleeved(first: int) -> np.ndarray:
    """The photo's regions: a top with a sleeve along the left arm down to a row, then the arm, as it hangs."""
    before = np.zeros(SIZE, np.uint8)
    for row in range(115, 300):
        column = 247 + (row - 125) * 17 // 80
        before[row, column - 15 : column + 15] = Region.UPPER if row < first else Region.LEFT_ARM
    return before


def test_an_arm_has_no_slit_or_spike_at_the_sleeves_end():
    before = sleeved(200)
    labels = np.where(before > 0, np.uint8(Region.LEFT_ARM), before)
    labels[199:201], before[201, 220:300] = Region.BACKGROUND, Region.LEFT_ARM
    arm = arms_of_the_photo(labels, before, before > 0, points()[:, :2])[185:215] == Region.LEFT_ARM
    assert arm.any(1).all() and arm.sum(1).max() < 36


def test_where_the_arm_looks_out_of_a_sleeve_its_width_is_not_measured():
    before = sleeved(220)
    labels = np.where(before > 0, np.uint8(Region.LEFT_ARM), before)
    whole = (arms_of_the_photo(labels, before, before > 0, points()[:, :2]) == Region.LEFT_ARM)[150:200].sum()
    beside = before.copy()
    for row in range(160, 220):
        column = 247 + (row - 125) * 17 // 80
        beside[row, column - 15 : column - 9] = Region.LEFT_ARM
    seen = (arms_of_the_photo(labels, beside, before > 0, points()[:, :2]) == Region.LEFT_ARM)[150:200].sum()
    assert abs(int(seen) - int(whole)) < 0.15 * whole


def test_a_forearm_that_a_shorter_sleeve_uncovers_is_before_the_garment():
    before = sleeved(265)
    labels = np.where(before > 0, np.uint8(Region.LEFT_ARM), before)
    shape = np.zeros(SIZE, np.float32)
    shape[120:290, 140:250] = shape[225:290, 140:290] = 1
    bare, arm = forearms_in_front(shape, labels, before, points()[:, :2])
    assert bare[235:260, 266:274].max() < 0.1 and (arm[235:260, 266:274] == Region.LEFT_ARM).all()
    assert bare[120:290, 150:230].min() == 1

    long = shape.copy()
    long[120:260, 230:300] = 1
    assert np.array_equal(forearms_in_front(long, labels, before, points()[:, :2])[0], long), "a long sleeve stays"
    hidden = np.where(before == Region.LEFT_ARM, np.uint8(Region.BACKGROUND), before)
    assert np.array_equal(forearms_in_front(shape, labels, hidden, points()[:, :2])[0], shape), "a hand in a pocket"
