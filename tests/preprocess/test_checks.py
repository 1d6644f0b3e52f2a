"""Each finding has its photo, and a plain standing person has none."""

import cv2
import numpy as np
import pytest

from vton.labels import MIRRORED_KEYPOINTS, Joint
from vton.preprocess.checks import FINDINGS, picture_findings, pose_findings, refusal, sentences
from vton.preprocess.pose import Pose

PLACES = {
    Joint.NOSE: (400, 150), Joint.NECK: (400, 230),
    Joint.RIGHT_SHOULDER: (320, 230), Joint.RIGHT_ELBOW: (300, 360), Joint.RIGHT_WRIST: (300, 470),
    Joint.LEFT_SHOULDER: (480, 230), Joint.LEFT_ELBOW: (500, 360), Joint.LEFT_WRIST: (500, 470),
    Joint.RIGHT_HIP: (350, 480), Joint.RIGHT_KNEE: (350, 680), Joint.RIGHT_ANKLE: (350, 860),
    Joint.LEFT_HIP: (450, 480), Joint.LEFT_KNEE: (450, 680), Joint.LEFT_ANKLE: (450, 860),
    Joint.RIGHT_EYE: (385, 140), Joint.LEFT_EYE: (415, 140), Joint.RIGHT_EAR: (365, 150), Joint.LEFT_EAR: (435, 150),
}  # fmt: skip


def pose(people=1, shift=0, height=1000, **moved):
    keypoints = np.zeros((18, 3), np.float32)
    for joint, place in PLACES.items():
        x, y = moved.get(joint.name.lower(), place)
        keypoints[joint] = x, y + shift, 0.95
    keypoints[:, 2] *= (keypoints[:, 1] >= 0) & (keypoints[:, 1] < height)
    return Pose(keypoints, np.ones((height, 800), np.float32), people)


@pytest.mark.parametrize(
    ("expected", "shown"),
    [
        ([], pose()),
        ([], pose(shift=-180)),
        (["several_people"], pose(people=3)),
        (["side_view"], pose(right_shoulder=(390, 230), left_shoulder=(420, 235))),
        (["sitting"], pose(right_knee=(250, 520), left_knee=(550, 520))),
        (["not_upright"], pose(right_knee=(250, 520))),
        (["not_upright"], pose(right_hip=(600, 380), left_hip=(640, 460), right_knee=(700, 680), left_knee=(740, 690))),
        (["pose_unsuited"], pose(right_knee=(250, 520), left_knee=(550, 520), right_elbow=(250, 150))),
        (["arms_crossed"], pose(right_wrist=(460, 350), left_wrist=(340, 340))),
        (["arm_raised"], pose(right_elbow=(250, 150), right_wrist=(270, 50))),
        (["arm_raised"], pose(left_elbow=(540, 340), left_wrist=(450, 180))),
        (["hand_at_neck"], pose(left_elbow=(540, 340), left_wrist=(430, 250))),
        ([], pose(left_elbow=(540, 340), left_wrist=(490, 250))),
        ([], pose(left_elbow=(540, 340), left_wrist=(430, 275))),
        (["sitting", "arm_raised"], pose(right_knee=(250, 520), left_knee=(550, 520), left_wrist=(450, 180))),
        (["arms_crossed"], pose(right_wrist=(470, 380), left_wrist=(450, 400))),
        (["arms_crossed"], pose(left_wrist=(330, 400))),
        ([], pose(left_wrist=(360, 400))),
        ([], pose(left_wrist=(330, 520))),
        (["neck_cut_off"], pose(shift=-225)),
        (["cut_above_waist"], pose(height=420)),
        (["too_close"], pose(height=300)),
    ],
    ids=lambda value: "-".join(value) or "nothing" if isinstance(value, list) else "",
)
def test_pose_findings(expected, shown):
    assert pose_findings(shown) == expected


def test_back_view():
    shown = pose()
    turned = Pose(shown.keypoints[MIRRORED_KEYPOINTS], shown.silhouette)
    assert pose_findings(turned) == ["back_view"]


def textured(brightness):
    random = np.random.default_rng(0)
    blocks = random.uniform(0, 2 * brightness, (64, 48, 3)).astype(np.float32)
    return cv2.resize(blocks, (768, 1024), interpolation=cv2.INTER_NEAREST).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("expected", "image", "height"),
    [
        ([], textured(110), 1000),
        (["too_dark"], textured(20), 1000),
        (["blurred"], cv2.GaussianBlur(textured(110), (0, 0), 30), 1000),
        (["tiny_person"], textured(110), 150),
    ],
    ids=["fine", "dark", "blurred", "tiny"],
)
def test_picture_findings(expected, image, height):
    assert picture_findings(image, np.ones((1024, 768), np.float32), (0, 0, 0.75 * height, height)) == expected


def test_only_what_rules_a_try_on_out_is_refused():
    assert refusal(["several_people", "blurred"]) is None
    assert refusal(["several_people", "too_close"]) == FINDINGS["too_close"].english


def test_every_finding_speaks_both_languages():
    codes = list(FINDINGS)
    assert all(sentence.endswith(".") for sentence in sentences(codes) + sentences(codes, "korean"))
    assert all(any("가" <= letter <= "힣" for letter in sentence) for sentence in sentences(codes, "korean"))
