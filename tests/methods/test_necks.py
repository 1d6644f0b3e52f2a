"""A garment's opening about the wearer's neck, on drawn people in drawn tops."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from vton.labels import Joint, Parse, Region
from vton.methods.compact_inputs import FRAME_HEIGHT, FRAME_WIDTH, garment_crop, torso_crop
from vton.methods.neck_base import neck_base
from vton.methods.necks import centred, cut_as_sewn, opening
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person, Photo

SHOULDERS = 240
"""Their width in pixels of the canvas."""
MIDDLE = 400
"""The column of the neck."""


def person(hair: str = "", shoulders: int = SHOULDERS) -> Person:
    """Somebody from the front, the neck 100 pixels wide and 20 degrees of slope on the shoulders.

    hair: on which sides of the picture it hides them, "left", "right" or both; shoulders: how wide the joints say.
    """
    parse = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.uint8)
    body = [(-50, 240), (50, 240), (60, 300), (140, 340), (150, 700), (-150, 700), (-140, 340), (-60, 300)]
    cv2.fillPoly(parse, [np.int32(body) + np.int32([MIDDLE, 0])], int(Parse.UPPER))
    parse[200:300][parse[200:300] > 0] = Parse.NECK
    cv2.ellipse(parse, (MIDDLE, 190), (55, 80), 0, 0, 360, int(Parse.FACE), -1)
    for side, sign in (("left", -1), ("right", 1)):
        if side in hair:
            low, high = sorted((MIDDLE + sign * 40, MIDDLE + sign * 110))
            parse[150:330, low:high] = Parse.HAIR
    keypoints = np.zeros((18, 3), np.float32)
    for joint, x, y in (
        (Joint.NOSE, 0, 200), (Joint.NECK, 0, 350), (Joint.RIGHT_SHOULDER, -shoulders / 2, 350),
        (Joint.LEFT_SHOULDER, shoulders / 2, 350),
        (Joint.RIGHT_HIP, -80, 700), (Joint.LEFT_HIP, 80, 700),
    ):  # fmt: skip
        keypoints[joint] = MIDDLE + x, y, 1
    image = np.zeros((*parse.shape, 3), np.uint8)
    box = (0, 0, CANVAS_WIDTH, CANVAS_HEIGHT)
    silhouette = (parse > 0).astype(np.float32)
    return Person(Photo(image, "p"), box, image, silhouette, keypoints, parse, parse * 0, image, parse)


def top(lining: str = "seen", straps: int = 0) -> Garment:
    """A shirt with a round opening 160 pixels wide between x = 270 and x = 430, under straps of some length.

    lining: whether its inside was "seen", there is "none", or it was looked for "nowhere".
    """
    mask = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    body = [(270, 200), (430, 200), (520, 240), (520, 700), (180, 700), (180, 240)]
    cv2.fillPoly(mask, [np.int32(body)], 1)
    inside = np.zeros_like(mask)
    if lining == "seen":
        cv2.ellipse(inside, (350, 200), (80, 70), 0, 0, 180, 1, -1)
    mask[200 - straps : 200, 230:260] = mask[200 - straps : 200, 440:470] = 1
    image = np.zeros((*mask.shape, 3), np.uint8)
    return Garment(Photo(image, "g"), image, mask, (), None if lining == "nowhere" else inside)


def reads_of(worn_by: Person, worn: Garment, shift: tuple[float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A flow that puts the garment on the body unbent, but as far beside the neck, in pixels of the canvas."""
    to_torso, to_garment = torso_crop(worn_by.keypoints), garment_crop(worn.mask)
    frame = np.stack(np.meshgrid(np.arange(FRAME_WIDTH), np.arange(FRAME_HEIGHT)), -1)
    back = cv2.invertAffineTransform(to_torso)
    canvas = frame @ back[:, :2].T + back[:, 2]
    picture = canvas - np.array([MIDDLE - 350, 308 - 200]) - shift
    return (picture @ to_garment[:, :2].T + to_garment[:, 2]).astype(np.float32), to_torso, to_garment


def ends_on_the_canvas(reads: np.ndarray, worn: Garment, to_torso: np.ndarray, to_garment: np.ndarray) -> np.ndarray:
    """Where on the canvas the ends of the opening are read, (2, 2)."""
    ends = opening(worn) @ to_garment[:, :2].T + to_garment[:, 2]
    at = [np.unravel_index(np.linalg.norm(reads - end, axis=-1).argmin(), reads.shape[:2]) for end in ends]
    back = cv2.invertAffineTransform(to_torso)
    return np.array(at)[:, ::-1] @ back[:, :2].T + back[:, 2]


@pytest.mark.parametrize("shift", [(24, 0), (-24, 0), (0, 24)])
def test_an_opening_beside_the_neck_is_brought_to_it(shift):
    somebody, shirt = person(), top()
    reads, *frames = reads_of(somebody, shirt, shift)
    before = ends_on_the_canvas(reads, shirt, *frames)
    bent, ends = centred(reads, somebody, shirt, *frames)
    after = ends_on_the_canvas(bent, shirt, *frames)
    assert np.abs(after.mean(0)[0] - MIDDLE) < 5
    assert np.abs(before.mean(0) - after.mean(0)).max() > 15
    assert np.abs(after - ends).max() < 6
    # On the outline of the shoulders, 20 pixels beside the neck's corners; as wide as it was.
    assert np.abs(after[:, 1] - 310).max() < 8
    assert np.abs(np.ptp(after[:, 0]) - 160) < 8


def test_a_print_on_the_chest_stays():
    somebody, shirt = person(), top()
    reads, *frames = reads_of(somebody, shirt, (24, 0))
    bent, _ = centred(reads, somebody, shirt, *frames)
    chest = int((310 + 0.45 * SHOULDERS) * frames[0][1, 1] + frames[0][1, 2])
    np.testing.assert_array_equal(bent[chest:], reads[chest:])


@pytest.mark.parametrize(
    ("somebody", "shirt"),
    [(person(shoulders=100), top()), (person(), top("none")), (person(), top("nowhere")), (person(), top(straps=120))],
    ids=["turned to a side", "no opening", "no opening known", "straps"],
)
def test_what_is_unsure_is_left_alone(somebody, shirt):
    reads, *frames = reads_of(somebody, shirt, (24, 0))
    bent, ends = centred(reads, somebody, shirt, *frames)
    assert bent is reads
    assert ends is None


@pytest.mark.parametrize(("depth", "straight"), [(110, True), (40, False)])
def test_sides_of_a_deep_v_are_straight_on_the_wearer(depth, straight):
    somebody, shirt = person(), top()
    inside = np.zeros_like(shirt.mask)
    cv2.fillConvexPoly(inside, np.int32([[270, 200], [430, 200], [350, 200 + depth]]), 1.0)
    shirt = replace(shirt, lining=inside)
    reads, to_torso, to_garment = reads_of(somebody, shirt, (0, 0))
    y, x = (reads[..., axis] - to_garment[axis, 2] for axis in (1, 0))
    middle, half = 350 * to_garment[0, 0], 80 * to_garment[0, 0]
    down = ((y / to_garment[1, 1] - 200) / depth).clip(0, 1)
    # Between its ends and its point the opening is wider on the wearer than in the picture.
    bowed = reads.copy()
    bowed[..., 0] -= 1.2 * np.sin(np.pi * down) * np.clip((x - middle) / half, -1, 1)
    bent, _ = centred(bowed, somebody, shirt, to_torso, to_garment)
    ends = opening(shirt) @ to_garment[:, :2].T + to_garment[:, 2]
    point = np.array([350, 200 + depth]) @ to_garment[:, :2].T + to_garment[:, 2]
    off = []
    for flow in (bowed, bent):
        left, middle, tip = (
            np.array(np.unravel_index(np.linalg.norm(flow - place, axis=-1).argmin(), flow.shape[:2]))
            for place in (ends[0], (ends[0] + point) / 2, point)
        )
        off.append(abs((left[1] + tip[1]) / 2 - middle[1]))
    assert (off[1] < off[0]) == straight, off


def test_necks_end_where_the_shoulders_begin():
    base = neck_base(person())
    np.testing.assert_allclose(base.corners, [[MIDDLE - 60, 300], [MIDDLE + 60, 300]], atol=6)


@pytest.mark.parametrize("hair", ["left", "right", "left and right"])
def test_shoulders_below_hair_begin_where_they_mostly_do(hair):
    base = neck_base(person(hair))
    np.testing.assert_allclose(base.corners, [[MIDDLE - 53, 290], [MIDDLE + 53, 290]], atol=12)
    for corner, outline, joint in zip(base.corners, base.outlines, base.joints, strict=True):
        np.testing.assert_array_equal(corner, outline[np.abs(outline - corner).sum(1).argmin()])
        assert abs(outline[-1, 0] - joint[0]) < 0.1 * SHOULDERS


def test_a_side_below_hair_is_as_far_away_as_the_other_is_near():
    somebody = person("right")
    turned = somebody.keypoints.copy()
    turned[[Joint.NECK, Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER], 0] -= 15
    base = neck_base(replace(somebody, keypoints=turned))
    assert base.corners[0, 0] == pytest.approx(MIDDLE - 60, abs=6)
    assert base.corners[1, 0] - base.corners[0, 0] == pytest.approx(0.44 * SHOULDERS, abs=6)


def test_a_bare_neck_becomes_cloth_only_below_the_opening():
    size = CANVAS_HEIGHT // 2, CANVAS_WIDTH // 2
    target = np.zeros((len(Region), *size), np.float32)
    target[Region.NOISE] = 1
    ends = np.float32([[MIDDLE - 80, 308], [MIDDLE + 80, 308]])
    cut = cut_as_sewn(target, np.ones((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32), ends, person())
    middle = MIDDLE // 2
    assert cut[Region.UPPER, 190, middle] == 1
    assert cut[Region.UPPER, 140, middle] == 0
    np.testing.assert_allclose(cut.sum(0), 1)
    bare = cut_as_sewn(target, np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32), ends, person())
    np.testing.assert_array_equal(bare, target)
