"""MediaPipe's landmarks as OpenPose's 18 points and six of the feet."""

import numpy as np

from vton.labels import Joint
from vton.preprocess.landmarks import (
    HIDDEN,
    body_keypoints,
    facing_away,
    foot_keypoints,
    only_seen,
    other_side,
    shows_eyes,
)


def landmarks():
    """Somebody seen from the front in a picture of 600×800: the left side is at larger x."""
    points = np.zeros((33, 3))
    points[:, :2] = np.random.default_rng(0).uniform(100, 500, (33, 2))
    points[:, 2] = 0.9
    for index, place in {
        11: (360, 200), 12: (240, 200), 25: (340, 560), 27: (340, 700), 29: (335, 715), 31: (350, 740),
        23: (330, 400), 24: (270, 400), 26: (260, 560), 28: (260, 700), 30: (265, 715), 32: (250, 740),
    }.items():  # fmt: skip
        points[index, :2] = place
    return points


def test_neck_lies_between_the_shoulders():
    keypoints = body_keypoints(landmarks(), 600, 800)
    assert tuple(keypoints[Joint.NECK, :2]) == (300, 200)
    assert tuple(keypoints[Joint.LEFT_SHOULDER, :2]) == (360, 200)


def test_feet_come_in_openpose_order_with_the_small_toes_outside():
    left_big, left_small, left_heel, right_big, right_small, right_heel = foot_keypoints(landmarks(), 600, 800)
    assert tuple(left_big[:2]) == (350, 740) and tuple(left_heel[:2]) == (335, 715)
    assert tuple(right_big[:2]) == (250, 740) and tuple(right_heel[:2]) == (265, 715)
    assert left_small[0] > left_big[0] and right_small[0] < right_big[0]
    assert 0 < left_small[2] < left_big[2]


def test_points_outside_or_hidden_keep_their_place_but_not_their_confidence():
    points = np.array([[10, 10, 0.9], [-1, 10, 0.9], [10, 200, 0.9], [10, 10, HIDDEN / 2]])
    seen = only_seen(points, 100, 100)
    assert (seen[:, 2] > 0).tolist() == [True, False, False, False]
    assert np.array_equal(seen[:, :2], points[:, :2].astype(np.float32))


def test_whose_right_shoulder_is_at_the_right_is_seen_from_behind():
    assert not facing_away(landmarks()) and facing_away(other_side(landmarks()))
    narrow = other_side(landmarks())
    narrow[[11, 12], 0] = 295, 305
    assert not facing_away(narrow), "a profile is no back"


def test_exchanging_the_sides_twice_changes_nothing():
    assert np.array_equal(other_side(other_side(landmarks())), landmarks())
    assert tuple(body_keypoints(other_side(landmarks()), 600, 800)[Joint.RIGHT_SHOULDER, :2]) == (360, 200)


def test_a_head_beyond_the_edge_is_none():
    points = landmarks()
    assert shows_eyes(points, 600, 800)
    points[1:7, 1] = -20
    assert not shows_eyes(points, 600, 800), "a chin is not enough"
