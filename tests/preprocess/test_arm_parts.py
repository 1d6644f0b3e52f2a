"""The skeleton's say in the charts of the arms."""

import numpy as np
import pytest

from vton.labels import DENSEPOSE_PARTS, KEYPOINTS, Joint
from vton.preprocess.arm_parts import settle_arm_parts

PART = {name: index for index, name in enumerate(DENSEPOSE_PARTS)}
POINTS = {
    Joint.RIGHT_SHOULDER: (70, 60),
    Joint.LEFT_SHOULDER: (170, 60),
    Joint.RIGHT_HIP: (90, 200),
    Joint.LEFT_HIP: (150, 200),
    Joint.RIGHT_ELBOW: (60, 130),
    Joint.RIGHT_WRIST: (60, 200),
    Joint.LEFT_ELBOW: (180, 130),
    Joint.LEFT_WRIST: (180, 200),
}


@pytest.fixture
def keypoints() -> np.ndarray:
    points = np.zeros((len(KEYPOINTS), 3), np.float32)
    for joint, place in POINTS.items():
        points[joint] = (*place, 1)
    return points


@pytest.fixture
def parts() -> np.ndarray:
    """Both arms as one front chart each, far wider than arms are, and hands below them."""
    labels = np.zeros((260, 240), np.uint8)
    labels[60:200, 30:80], labels[60:200, 160:210] = PART["right upper arm front"], PART["left upper arm front"]
    labels[200:225, 50:70], labels[200:225, 170:190] = PART["right hand"], PART["left hand"]
    return labels


def test_the_halves_meet_at_the_elbow(parts, keypoints):
    settled = settle_arm_parts(parts, keypoints)
    assert settled[90, 66] == PART["right upper arm front"] and settled[90, 174] == PART["left upper arm front"]
    lower = [PART[f"right lower arm {face}"] for face in ("front", "back")]
    assert settled[150, 60] in lower and settled[110, 66] not in lower


def test_towards_the_wrist_a_hanging_arm_shows_its_back_chart(parts, keypoints):
    settled = settle_arm_parts(parts, keypoints)
    assert settled[140, 66] == PART["right lower arm front"] and settled[195, 60] == PART["right lower arm back"]
    assert settled[195, 180] == PART["left lower arm back"]


def test_a_wide_sleeve_is_no_arm_and_hands_stay(parts, keypoints):
    settled = settle_arm_parts(parts, keypoints)
    assert settled[100, 35] == 0 and settled[100, 205] == 0
    assert np.array_equal(settled == PART["right hand"], parts == PART["right hand"])


def test_a_bent_arm_keeps_its_charts_and_an_unseen_one_everything(parts, keypoints):
    keypoints[Joint.RIGHT_WRIST, :2] = (120, 150)
    keypoints[Joint.LEFT_ELBOW, 2] = 0
    settled = settle_arm_parts(parts, keypoints)
    assert not (settled == PART["right lower arm back"]).any() and (settled == PART["right lower arm front"]).any()
    assert np.array_equal(settled[:, 120:], parts[:, 120:])
