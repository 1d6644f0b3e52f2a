"""Ends of sleeves on drawn arms."""

import cv2
import numpy as np

from vton.labels import Joint, Region
from vton.methods.sleeve_ends import even_cuffs

SIZE = (512, 384)


def points() -> np.ndarray:
    """Keypoints (18, 2) of somebody from the front whose arms hang aslant."""
    places = np.zeros((18, 2), np.float32)
    for joint, x, y in (
        (Joint.NECK, 192, 120), (Joint.RIGHT_SHOULDER, 137, 125), (Joint.LEFT_SHOULDER, 247, 125),
        (Joint.RIGHT_ELBOW, 110, 205), (Joint.LEFT_ELBOW, 274, 205), (Joint.RIGHT_WRIST, 90, 275),
        (Joint.LEFT_WRIST, 294, 275), (Joint.RIGHT_HIP, 160, 275), (Joint.LEFT_HIP, 224, 275),
    ):  # fmt: skip
        places[joint] = x, y
    return places


def on_arms(top: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """A top with these corners, and an arm, to the person's right; what is there beside it."""
    labels = np.zeros(SIZE, np.uint8)
    cv2.line(labels, (137, 125), (110, 205), int(Region.RIGHT_ARM), 30)
    cv2.line(labels, (110, 205), (90, 275), int(Region.RIGHT_ARM), 26)
    labels[110:280, 145:240] = Region.NOISE
    shape = np.zeros(SIZE, np.float32)
    cv2.fillPoly(shape, [np.int32(top)], 1)
    return shape, labels


def test_a_ragged_cuff_is_straightened():
    ragged = [(140, 105), (240, 120), (240, 270), (150, 270), (150, 160), (128, 192), (118, 168), (98, 176), (115, 120)]
    shape, labels = on_arms(ragged)
    assert (even_cuffs(shape, shape, labels, points()) != shape).any()


def test_a_strap_is_no_sleeve():
    strap = [(128, 108), (150, 108), (160, 160), (225, 160), (225, 270), (160, 270), (150, 160), (128, 128)]
    shape, labels = on_arms(strap)
    np.testing.assert_array_equal(even_cuffs(shape, shape, labels, points()), shape)


CHAMFERED = [(140, 105), (240, 120), (240, 270), (150, 270), (150, 170), (133, 182), (116, 176), (109, 153), (118, 124)]
"""A top whose sleeve has no corner at its outer side, which would be at (102, 171)."""


def test_a_sleeve_has_a_corner_at_its_outer_side():
    shape, labels = on_arms(CHAMFERED)
    ends = even_cuffs(shape, shape, labels, points())
    assert shape[162:166, 104:110].max() == 0 and (ends[162:166, 107:110] > 0.5).all(), "beside the arm too"
    assert ends[150:190, :99].max() == 0 and ends[177:200, :108].max() == 0
    labels[:, :112] = Region.HAIR
    assert np.array_equal(even_cuffs(shape, shape, labels, points())[:, :112], shape[:, :112]), "not over hair"


def test_along_an_arm_that_hangs_before_the_body_its_outer_part_tells_where_the_sleeve_ends():
    places = points()
    places[[Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST]] = (137, 205), (137, 275)
    shape, labels = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.uint8)
    labels[120:280, 122:152] = Region.RIGHT_ARM
    top = [(137, 105), (240, 120), (240, 270), (150, 270), (150, 182), (132, 182), (116, 166), (116, 120)]
    cv2.fillPoly(shape, [np.int32(top)], 1)
    ends = even_cuffs(shape, shape, labels, places)
    assert (ends[170:176, 118:122] > 0.5).all() and shape[170:176, 118:120].max() == 0
    assert np.array_equal(ends[200:], shape[200:])


def test_above_its_end_a_sleeve_covers_what_the_parse_says_it_does():
    """At a sleeve's edge a warp may read past the garment's picture."""
    shape, labels = on_arms(CHAMFERED)
    said = shape.copy()
    shape[:150, :125] = 0
    ends = even_cuffs(shape, said, labels, points())
    assert (ends[128:150, 120:125] > 0.5).all()
    assert np.array_equal(ends[190:], shape[190:]), "nothing below it"
    strap, labels = on_arms([(128, 108), (150, 108), (160, 160), (225, 160), (225, 270), (160, 270), (128, 128)])
    assert np.array_equal(even_cuffs(strap, said, labels, points()), strap), "nothing where there is no sleeve"
