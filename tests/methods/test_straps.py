"""Thin straps hung from the shoulders of a drawn person."""

import cv2
import numpy as np
import pytest

from vton.labels import DENSEPOSE_PARTS, Joint, Parse, Region
from vton.methods.straps import on_the_shoulder, with_straps_hung
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person, Photo

CANVAS, HALF = (CANVAS_HEIGHT, CANVAS_WIDTH), (CANVAS_HEIGHT // 2, CANVAS_WIDTH // 2)
BODY = [(220, 420), (300, 350), (384, 400), (468, 350), (548, 420), (540, 900), (228, 900)]
PAPER, CLOTH = (245, 245, 245), (60, 90, 160)
JOINTS = {
    Joint.NOSE: (384, 150), Joint.NECK: (384, 280), Joint.RIGHT_SHOULDER: (254, 290),
    Joint.LEFT_SHOULDER: (514, 290), Joint.RIGHT_HIP: (300, 640), Joint.LEFT_HIP: (468, 640),
}  # fmt: skip


def garment(with_straps: bool = True) -> Garment:
    image, mask = np.full((*CANVAS, 3), PAPER, np.uint8), np.zeros(CANVAS, np.float32)
    for plane, value in ((image, CLOTH), (mask, 1.0)):
        cv2.fillPoly(plane, [np.array(BODY)], value)
        for x in (300, 468) if with_straps else ():
            cv2.line(plane, (x, 120), (x, 360), value, 12)
    return Garment(Photo(image, "g"), image, mask, lining=np.zeros_like(mask))


def person() -> Person:
    parse, parts = np.zeros((2, *CANVAS), np.uint8)
    parse[240:900, 200:568] = Parse.UPPER
    parse[150:240, 330:438] = Parse.NECK
    parts[250:900, 200:568] = DENSEPOSE_PARTS.index("torso front")
    keypoints = np.zeros((18, 3), np.float32)
    for joint, place in JOINTS.items():
        keypoints[joint] = *place, 1
    image, box = np.zeros((*CANVAS, 3), np.uint8), (0, 0, CANVAS_WIDTH, CANVAS_HEIGHT)
    return Person(Photo(image, "p"), box, image, (parse > 0).astype(np.float32), keypoints, parse, parts, image, parse)


def predicted() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The picture as it is, and a parse that takes the top for a tank top."""
    rows, columns = np.mgrid[:CANVAS_HEIGHT, :CANVAS_WIDTH].astype(np.float32)
    labels = np.full(HALF, Region.BACKGROUND, np.uint8)
    labels[75:450, 100:284] = Region.NOISE
    labels[130:450, 110:274] = Region.UPPER
    labels[120:190, 165:219] = Region.NOISE
    target = np.stack([(labels == region).astype(np.float32) for region in range(len(Region))])
    mask = np.maximum(garment().mask, cv2.resize(target[Region.UPPER], CANVAS[::-1]))
    return target, mask, np.dstack([columns, rows])


def test_straps_run_from_the_body_up_to_the_shoulders_as_thin_as_they_are():
    given = predicted()
    copies = [plane.copy() for plane in given]
    target, mask, flow = with_straps_hung(*given, person(), garment())
    upper = target[Region.UPPER] > 0.5
    for row in range(130, 172):
        runs = np.flatnonzero(np.diff(np.concatenate([[False], upper[row], [False]]).astype(int))).reshape(-1, 2)
        assert len(runs) == 2, "one band over each shoulder"
        assert ((runs[:, 1] - runs[:, 0]) <= 9).all() and ((runs[:, 1] - runs[:, 0]) >= 4).all()
    assert not upper[:124].any(), "nothing above the shoulders"
    assert (target[Region.NOISE][140:165, 170:214] > 0.9).all(), "skin between the straps"
    band = mask[300] > 0.9
    assert np.abs(flow[300][band][:, 0] - np.where(np.flatnonzero(band) < 384, 300, 468)).max() < 8
    assert (upper[230:440, 125:260]).all() and np.allclose(target.sum(0), 1, atol=1e-4)
    assert not mask[:200].any(), "nothing of the picture's own straps beside the head"
    assert all(np.array_equal(now, before) for now, before in zip(given, copies, strict=True))


def test_no_bits_of_a_straps_other_end_stay_beside_it():
    """Just below where two diverging ends are too far apart to be one strap, both are still there."""
    top = garment()
    for x, outwards in ((300, -1), (468, 1)):
        for plane, value in ((top.image, CLOTH), (top.mask, 1.0)):
            cv2.line(plane, (x + 8 * outwards, 120), (x + 60 * outwards, 400), value, 9)
    target, _, _ = with_straps_hung(*predicted(), person(), top)
    upper = target[Region.UPPER] > 0.5
    for row in range(148, 156):
        runs = np.flatnonzero(np.diff(np.concatenate([[False], upper[row], [False]]).astype(int))).reshape(-1, 2)
        assert len(runs) == 2


def test_a_top_without_straps_stays_as_it_is():
    given = predicted()
    assert all(a is b for a, b in zip(with_straps_hung(*given, person(), garment(False)), given, strict=True))


def test_a_strap_crosses_the_shoulder_where_the_body_ends():
    parts = person().parts
    neck, joint = np.array([384.0, 280.0]), np.array([254.0, 290.0])
    assert on_the_shoulder(np.array([300.0, 350.0]), joint, neck, parts) == pytest.approx([300, 250])
    assert on_the_shoulder(np.array([200.0, 350.0]), joint, neck, parts)[0] > 254, "not on the joint"
    assert on_the_shoulder(np.array([300.0, 350.0]), joint, neck, np.zeros_like(parts))[1] < 287, "above the bones"


def test_somebody_beyond_the_edge_gets_no_straps():
    somebody, given = person(), predicted()
    for aside in (500, 900, 1500):
        somebody.keypoints[:, 0] -= aside
        target, mask, flow = with_straps_hung(*given, somebody, garment())
        assert target.shape == given[0].shape and mask.shape == CANVAS and flow.shape == (*CANVAS, 2)
