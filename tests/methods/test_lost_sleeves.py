"""Sleeves that the target parse of a drawn person lost."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.methods.test_long_sleeves import CANVAS, CUFF, HALF, JOINTS
from tests.methods.test_long_sleeves import flow as as_it_is
from tests.methods.test_long_sleeves import garment as long_sleeved
from tests.methods.test_long_sleeves import person as anybody
from tests.methods.test_long_sleeves import target as with_long_sleeves
from tests.preprocess.test_sleeve_outline import SHORT, shirt
from tests.preprocess.test_touching_sleeves import ENDS, touching
from vton.labels import Joint, Parse, Region
from vton.methods.folded_sleeves import is_folded
from vton.methods.lost_sleeves import with_lost_sleeves
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person, Photo

ELBOWS = [np.array(JOINTS[joint]) // 2 for joint in (Joint.RIGHT_ELBOW, Joint.LEFT_ELBOW)]
DOWN = np.array([0, 1])
SHOULDERS = [np.array(JOINTS[joint]) // 2 for joint in (Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER)]


def person() -> Person:
    """Somebody with bare arms."""
    parse = np.zeros(CANVAS, np.uint8)
    parse[260:640, 264:504] = Parse.UPPER
    for side, label in (("RIGHT", Parse.RIGHT_ARM), ("LEFT", Parse.LEFT_ARM)):
        line = np.array([JOINTS[Joint[f"{side}_{name}"]] for name in ("SHOULDER", "ELBOW", "WRIST")])
        cv2.polylines(parse, [np.vstack([line, line[-1] + (0, 60)])], False, int(label), 60)
    return replace(anybody(), parse=parse)


def garment(*sleeves) -> Garment:
    mask = shirt(*sleeves, thickness=110)
    image = np.zeros((*CANVAS, 3), np.uint8)
    return Garment(Photo(image, "g"), image, mask)


def sleeveless() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Target parse, mask and flow of a top without sleeves beside bare arms."""
    labels = np.full(HALF, Region.BACKGROUND, np.uint8)
    for shoulder, elbow, arm in zip(SHOULDERS, ELBOWS, (Region.RIGHT_ARM, Region.LEFT_ARM), strict=True):
        for share in np.linspace(-0.1, 1.2, 80):
            x, y = (shoulder + share * (elbow - shoulder)).astype(int)
            labels[y - 4 : y + 4, x - 18 : x + 18] = arm
    labels[130:310, 140:244] = Region.UPPER
    target = np.stack([(labels == region).astype(np.float32) for region in range(len(Region))])
    mask = np.kron(target[Region.UPPER], np.ones((2, 2), np.float32))
    rows, columns = np.mgrid[:CANVAS_HEIGHT, :CANVAS_WIDTH].astype(np.float32)
    return target, mask, np.dstack([columns, rows])


@pytest.mark.parametrize("sleeves", [SHORT, SHORT[:1]], ids=["both seen", "one seen"])
def test_lost_sleeves_are_drawn_down_the_upper_arms(sleeves):
    given = sleeveless()
    target, mask, flow = with_lost_sleeves(*given, person(), garment(*sleeves))
    for shoulder, elbow, sign in zip(SHOULDERS, ELBOWS, (-1, 1), strict=True):
        x, y = (shoulder + 0.4 * (elbow - shoulder)).astype(int)
        assert target[Region.UPPER, y, x] == 1 and mask[2 * y, 2 * x] == 1
        assert sign * (flow[2 * y, 2 * x, 0] - 384) > 140, "of its own side of the picture"
        assert target[Region.UPPER, elbow[1] + 4, elbow[0]] == 0, "and no further"
    assert np.array_equal(target[:, 200:, 170:214], given[0][:, 200:, 170:214])


def test_a_top_without_sleeves_and_sleeves_that_are_there_stay():
    given = sleeveless()
    assert all(a is b for a, b in zip(with_lost_sleeves(*given, person(), garment()), given, strict=True))
    arms = [Region.RIGHT_ARM, Region.LEFT_ARM]
    given[0][Region.UPPER] += given[0][arms].sum(0)
    given[0][arms] = 0
    assert all(a is b for a, b in zip(with_lost_sleeves(*given, person(), garment(*SHORT)), given, strict=True))


def torn() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Target parse, mask and flow of a top whose right sleeve has a hole at the elbow and ends well above the wrist."""
    target = with_long_sleeves()
    for rows in (np.s_[205:225], np.s_[270:320]):
        target[:, rows, 70:130] = 0
        target[Region.RIGHT_ARM, rows, 70:130] = 1
    return target, np.kron(target[Region.UPPER], np.ones((2, 2), np.float32)), as_it_is()


def test_a_long_sleeve_reaches_the_wrist_without_a_hole():
    given = torn()
    target, mask, flow = with_lost_sleeves(*given, person(), long_sleeved())
    elbow, wrist = (np.array(JOINTS[joint]) // 2 for joint in (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST))
    for x, y in (elbow, (elbow + 2 * wrist) // 3, wrist - (0, 6)):
        assert target[Region.UPPER, y, x] == 1 and mask[2 * y, 2 * x] == 1
    assert target[Region.RIGHT_ARM, wrist[1] + 8, wrist[0]] == 1, "the hand"
    assert flow[2 * wrist[1] - 10, 2 * wrist[0], 1] == pytest.approx(CUFF, abs=45)


def test_beside_a_sleeve_narrower_than_the_arm_its_own_cloth_goes_on():
    """Another piece of the picture there would break every stripe."""
    target, _, flow = torn()
    rows, columns = np.indices(HALF)
    strip = (target[Region.UPPER] > 0) & (rows > 140) & (rows < 200) & (columns < 127 - (rows - 135) * 0.4)
    target[:, strip], target[Region.RIGHT_ARM, strip] = 0, 1
    mask = np.kron(target[Region.UPPER], np.ones((2, 2), np.float32))
    said, _, made = with_lost_sleeves(target, mask, flow, person(), long_sleeved())
    added = strip & (said[Region.UPPER] == 1)
    added &= rows < 190
    assert added.sum() > 50
    outline = said[Region.UPPER, 142:190].argmax(1)
    assert np.abs(np.diff(outline)).max() < 8, "without a ledge where the strip begins"
    assert np.abs(made[::2, ::2, 1] - flow[::2, ::2, 1])[added].max() < 15


def test_a_sleeve_that_the_warp_folds_is_drawn_anew():
    target = with_long_sleeves()
    mask = np.kron(target[Region.UPPER], np.ones((2, 2), np.float32))
    whole = target, mask, as_it_is()
    assert all(a is b for a, b in zip(with_lost_sleeves(*whole, person(), long_sleeved()), whole, strict=True))
    folded = as_it_is()
    arm = np.s_[320:520, 100:290]
    folded[arm][..., 1] = folded[arm][::-1, :, 1]
    right = np.array([JOINTS[joint] for joint in (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST)])
    assert is_folded(folded[::2, ::2] / 2, mask[::2, ::2], right / 2, 110)
    _, _, made = with_lost_sleeves(target, mask, folded, person(), long_sleeved())
    assert not is_folded(made[::2, ::2] / 2, mask[::2, ::2], right / 2, 110)
    down = np.linspace(right[0], right[1], 9)[4:].astype(int)
    assert (np.diff(made[down[:, 1], down[:, 0], 1]) > 0).all(), "from the armpit down"
    left = np.s_[:, 460:]
    assert np.abs(made[left] - folded[left])[mask[left] > 0.5].max() == 0, "the other arm's stays"


def test_where_there_is_next_to_no_sleeve_nothing_is_folded():
    flow, arm = as_it_is()[::2, ::2] / 2, np.array([(100, 130), (90, 210), (80, 290)])
    upside_down = flow[::-1]
    assert is_folded(upside_down, np.ones(HALF, np.float32), arm, 110)
    assert not is_folded(flow, np.ones(HALF, np.float32), arm, 110)
    assert not is_folded(upside_down, np.zeros(HALF, np.float32), arm, 110)
    assert not is_folded(upside_down, np.ones(HALF, np.float32), arm - 5000, 110)
    below, beside = [(10, 525), (200, 525), (370, 525)], [(-14, 9), (-14, 250), (-14, 499)]
    for edge in ([(0, 0), (0, 250), (383, 511)], below, beside):
        assert is_folded(upside_down, np.ones(HALF, np.float32), np.array(edge), 110), "at the picture's edge"


def test_a_forearm_below_a_sleeve_to_the_elbow_is_no_hand():
    someone = person()
    elbow, wrist = (np.array(JOINTS[joint]) for joint in (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST))
    above = (someone.parse == Parse.RIGHT_ARM) & (np.arange(CANVAS_HEIGHT)[:, None] < elbow[1] + 40)
    parse = np.where(above, np.uint8(Parse.UPPER), someone.parse)
    target, _, _ = with_lost_sleeves(*torn(), replace(someone, parse=parse), long_sleeved())
    x, y = (elbow + 4 * wrist) // 10
    assert target[Region.UPPER, y, x] == 1


def test_a_speck_of_skin_on_the_old_sleeve_is_no_hand():
    someone = person()
    elbow, wrist = (np.array(JOINTS[joint]) for joint in (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST))
    parse = np.where(someone.parse == Parse.RIGHT_ARM, np.uint8(Parse.UPPER), someone.parse)
    (left, top), (x, y) = (2 * elbow + wrist) // 3 - 15, wrist
    parse[top : top + 30, left : left + 30] = parse[y : y + 60, x - 30 : x + 30] = Parse.RIGHT_ARM
    target, _, _ = with_lost_sleeves(*torn(), replace(someone, parse=parse), long_sleeved())
    x, y = (elbow + 4 * wrist) // 10
    assert target[Region.UPPER, y, x] == 1


def test_a_sleeve_of_which_little_is_missing_and_an_arm_that_is_not_seen_stay():
    whole = with_long_sleeves()
    given = whole, np.kron(whole[Region.UPPER], np.ones((2, 2), np.float32)), as_it_is()
    assert all(a is b for a, b in zip(with_lost_sleeves(*given, person(), long_sleeved()), given, strict=True))
    someone, given = person(), torn()
    someone.keypoints[[Joint.RIGHT_ELBOW, Joint.LEFT_ELBOW], 2] = 0.1
    assert all(a is b for a, b in zip(with_lost_sleeves(*given, someone, long_sleeved()), given, strict=True))


def test_a_hand_in_a_pocket_is_hidden_and_its_sleeve_drawn_all_the_same():
    someone = person()
    wrists = [Joint.RIGHT_WRIST, Joint.LEFT_WRIST]
    someone.keypoints[wrists, 2] = 0.1
    elbow, wrist = (np.array(JOINTS[joint]) // 2 for joint in (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST))
    target, _, _ = with_lost_sleeves(*torn(), someone, long_sleeved())
    x, y = (elbow + wrist) // 2
    assert target[Region.UPPER, y, x] == 1
    beside, given = replace(someone, parse=np.zeros(CANVAS, np.uint8)), torn()
    assert all(a is b for a, b in zip(with_lost_sleeves(*given, beside, long_sleeved()), given, strict=True))


def test_long_sleeves_that_touch_the_body_are_drawn_on_bare_arms_from_the_shoulders_on():
    image = np.zeros((*CANVAS, 3), np.uint8)
    target, _, flow = with_lost_sleeves(*sleeveless(), person(), Garment(Photo(image, "t"), image, touching()))
    for side, shoulder, end in zip(("RIGHT", "LEFT"), SHOULDERS, ENDS, strict=True):
        elbow, wrist = (np.array(JOINTS[Joint[f"{side}_{name}"]]) // 2 for name in ("ELBOW", "WRIST"))
        for x, y in (shoulder + 6 * DOWN, elbow, (elbow + 4 * wrist) // 5):
            assert target[Region.UPPER, y, x] == 1
        assert np.linalg.norm(flow[2 * wrist[1] - 16, 2 * wrist[0]] - end) < 90


def test_both_long_sleeves_cover_the_same_part_of_their_arms():
    """Of two arms one is bent towards the camera, and looks shorter."""
    someone, joints = person(), [Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST]
    shoulder, elbow, wrist = someone.keypoints[joints, :2]
    someone.keypoints[joints[1:], :2] = [shoulder + 0.7 * (place - shoulder) for place in (elbow, wrist)]
    target, mask, flow = sleeveless()
    picture = np.zeros((*CANVAS, 3), np.uint8)
    target, _, _ = with_lost_sleeves(
        target, mask, 2.3 * flow, someone, Garment(Photo(picture, "t"), picture, touching())
    )
    elbow, wrist = (np.array(JOINTS[joint]) // 2 for joint in (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST))
    x, y = (elbow + 4 * wrist) // 5
    assert target[Region.UPPER, y, x] == 1


def test_beside_the_person_there_is_no_sleeve():
    someone = person()
    parse = np.where(someone.parse == Parse.RIGHT_ARM, np.uint8(Parse.BACKGROUND), someone.parse)
    target, _, _ = with_lost_sleeves(*torn(), replace(someone, parse=parse), long_sleeved())
    assert (target[Region.RIGHT_ARM, 272:290, 85:105] == 1).all()


def test_of_one_long_sleeve_the_other_is_the_mirror_image():
    one_sided = long_sleeved()
    one_sided.mask[270:, 180:260] = 1
    target, _, flow = with_lost_sleeves(*torn(), person(), one_sided)
    x, y = np.array(JOINTS[Joint.RIGHT_WRIST]) // 2 - (0, 6)
    assert target[Region.UPPER, y, x] == 1 and flow[2 * y, 2 * x, 0] < 300
