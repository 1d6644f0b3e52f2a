"""A long sleeve laid along the arm of a drawn person."""

import cv2
import numpy as np
import pytest

from vton.labels import Joint, Region
from vton.methods.long_sleeves import with_sleeves_laid
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person, Photo

CANVAS, HALF = (CANVAS_HEIGHT, CANVAS_WIDTH), (CANVAS_HEIGHT // 2, CANVAS_WIDTH // 2)
JOINTS = {
    Joint.NOSE: (384, 130), Joint.NECK: (384, 260), Joint.RIGHT_SHOULDER: (264, 270), Joint.LEFT_SHOULDER: (504, 270),
    Joint.RIGHT_ELBOW: (200, 430), Joint.RIGHT_WRIST: (190, 600), Joint.LEFT_ELBOW: (568, 430),
    Joint.LEFT_WRIST: (578, 600), Joint.RIGHT_HIP: (320, 620), Joint.LEFT_HIP: (448, 620),
}  # fmt: skip
TOP, CUFF = 170, 760
"""Rows of the garment's picture in which its sleeves begin and end; its left one is 90 wide about column 135."""


def garment(sleeves: bool = True) -> Garment:
    mask = np.zeros(CANVAS, np.float32)
    mask[150:800, 230:540] = 1
    if sleeves:
        mask[TOP:260, 90:680] = 1
        mask[TOP:CUFF, 90:180] = mask[TOP:CUFF, 590:680] = 1
    image = np.zeros((*CANVAS, 3), np.uint8)
    return Garment(Photo(image, "g"), image, mask)


def person() -> Person:
    keypoints = np.zeros((18, 3), np.float32)
    for joint, place in JOINTS.items():
        keypoints[joint] = *place, 1
    image, plane = np.zeros((*CANVAS, 3), np.uint8), np.zeros(CANVAS, np.uint8)
    box = (0, 0, CANVAS_WIDTH, CANVAS_HEIGHT)
    return Person(Photo(image, "p"), box, image, plane.astype(np.float32), keypoints, plane, plane, image, plane)


def target(hand: int = Region.RIGHT_ARM) -> np.ndarray:
    """A top whose sleeves reach the wrists, 56 wide; then come hands."""
    labels = np.full(HALF, Region.BACKGROUND, np.uint8)
    cv2.rectangle(labels, (132, 130), (252, 300), int(Region.UPPER), -1)
    for arm, joints in (
        (hand, (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST)),
        (Region.LEFT_ARM, (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST)),
    ):
        line = np.array([JOINTS[joint] for joint in joints]) // 2
        cv2.line(labels, line[2], line[2] + (0, 40), int(arm), 24)
        cv2.polylines(labels, [line], False, int(Region.UPPER), 28)
        labels[line[2][1] + 1 :, line[2][0] - 20 : line[2][0] + 20][
            labels[line[2][1] + 1 :, line[2][0] - 20 : line[2][0] + 20] == Region.UPPER
        ] = arm
    return np.stack([(labels == region).astype(np.float32) for region in range(len(Region))])


def flow() -> np.ndarray:
    """A warp that lays the picture down as it is, but for sleeves that it draws out by a third."""
    rows, columns = np.mgrid[:CANVAS_HEIGHT, :CANVAS_WIDTH].astype(np.float32)
    return np.dstack([columns, rows * 0.9])


def test_along_the_arm_the_sleeve_is_read_from_edge_to_edge_down_to_its_cuff():
    given = flow()
    laid = with_sleeves_laid(target(), given, person(), garment())
    assert laid[598, 190, 1] == pytest.approx(CUFF, abs=20), "the cuff is at the wrist"
    x, y = laid[560, 164:218, 0], laid[560, 164:218, 1]
    assert x[0] < 103 and x[-1] > 165 and (np.diff(x) > 0).all() and np.ptp(y) < 12
    down = laid[440:590, 194, 1]
    assert (np.diff(down) > 0).all() and np.diff(down).max() < 3 * np.diff(down).min()
    right = laid[560, 550:604, 0]
    assert right[0] < 604 and right[-1] > 667, "the other sleeve is on the other arm"
    assert np.array_equal(laid[300:700, 300:460], given[300:700, 300:460]), "the body keeps its warp"
    assert np.array_equal(laid[700:], given[700:]) and np.array_equal(given, flow())


def test_without_sleeves_or_without_their_ends_the_warp_stays():
    given = flow()
    assert with_sleeves_laid(target(), given, person(), garment(False)) is given
    hidden = with_sleeves_laid(target(Region.BACKGROUND), given, person(), garment())
    assert np.array_equal(hidden[:, :300], given[:, :300]) and not np.array_equal(hidden, given)


def test_an_arm_beyond_the_edge_keeps_the_warp():
    somebody = person()
    somebody.keypoints[:, 0] -= 420
    given = flow()
    assert with_sleeves_laid(target(), given, somebody, garment())[:, 400:].tobytes() == given[:, 400:].tobytes()
    somebody.keypoints[:, 0] -= 600
    assert with_sleeves_laid(target(), given, somebody, garment()) is given


def test_beyond_a_hand_on_the_hip_there_is_no_sleeve_any_more():
    said = target()
    said[:, 350:420, 60:130] = 0
    said[Region.UPPER, 350:420, 60:130] = 1
    usual, laid = (with_sleeves_laid(parse, flow(), person(), garment()) for parse in (target(), said))
    assert np.array_equal(laid[:650], usual[:650])


def test_beyond_the_edge_of_an_arm_before_the_body_the_warp_stays():
    somebody, said = person(), target()
    somebody.keypoints[[Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST], :2] = (230, 430), (480, 480)
    said[:, 140:320, 100:280] = 0
    said[Region.UPPER, 140:320, 100:280] = 1
    said[:, 225:255, 241:262] = 0
    said[Region.RIGHT_ARM, 225:255, 241:262] = 1
    given = flow()
    laid = with_sleeves_laid(said, given, somebody, garment())
    assert not np.array_equal(laid[440:480, 300:400], given[440:480, 300:400])
    assert np.array_equal(laid[300:350, 330:460], given[300:350, 330:460]), "the chest above it"
    outside_the_elbow = [laid[row, column, 1] for row, column in ((430, 208), (444, 212), (452, 222), (455, 228))]
    assert (np.diff(outside_the_elbow) > 5).all(), "cloth fans out there"
