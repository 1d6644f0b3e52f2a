"""Poses in OpenPose's terms, drawn, written and found in a public-domain photograph."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from vton.images import load_photo
from vton.labels import BODY25_FROM_18, Joint
from vton.preprocess.pose import PoseEstimator, draw_pose, openpose_json

PERSONS = sorted((Path(__file__).parents[2] / "examples" / "persons").glob("*.jpg"))


@pytest.fixture(scope="module")
def estimator():
    return PoseEstimator()


def some_keypoints():
    keypoints = np.random.default_rng(0).uniform(20, 200, (18, 3)).astype(np.float32)
    keypoints[:, 2] = 0.9
    return keypoints


def test_openpose_json_holds_every_point_in_body_25_order():
    keypoints = some_keypoints()
    keypoints[Joint.LEFT_WRIST, 2] = 0
    person = openpose_json(keypoints)["people"][0]
    body = np.reshape(person["pose_keypoints_2d"], (25, 3))
    shared = BODY25_FROM_18 >= 0
    expected = keypoints[BODY25_FROM_18[shared]]
    expected[expected[:, 2] == 0] = 0
    assert np.allclose(body[shared], expected, atol=1e-3)
    assert np.allclose(body[8], keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0), atol=1e-3)
    assert not body[19:].any()
    feet = np.random.default_rng(1).uniform(20, 200, (6, 3)).astype(np.float32)
    feet[2, 2] = 0
    body = np.reshape(openpose_json(keypoints, feet)["people"][0]["pose_keypoints_2d"], (25, 3))
    assert np.allclose(body[[19, 20, 22, 23, 24]], feet[[0, 1, 3, 4, 5]], atol=1e-3)
    assert not body[21].any()


def test_drawing_leaves_out_what_is_not_seen():
    keypoints = some_keypoints()
    assert draw_pose(keypoints, 220, 220).any()
    keypoints[:, 2] = 0
    assert not draw_pose(keypoints, 220, 220).any()


def test_joints_have_their_own_colours():
    keypoints = np.zeros((18, 3), np.float32)
    keypoints[Joint.NOSE] = 30, 30, 1
    keypoints[Joint.RIGHT_HIP] = 80, 60, 1
    picture = draw_pose(keypoints, 100, 100)
    assert tuple(picture[30, 30]) == (255, 0, 0)
    assert tuple(picture[60, 80]) == (0, 255, 170)


def test_nobody_on_a_blank_wall(estimator):
    wall = np.random.default_rng(0).normal(190, 3, (600, 450, 3)).clip(0, 255).astype(np.uint8)
    assert estimator(wall) is None


@pytest.mark.skipif(not PERSONS, reason="no example photographs")
@pytest.mark.parametrize("path", PERSONS, ids=lambda path: path.stem)
def test_example_persons_are_found(estimator, path):
    pixels = load_photo(path).pixels
    pose = estimator(pixels)
    assert pose.people == 1
    assert pose.silhouette.shape == pixels.shape[:2]
    x, y, confidence = pose.keypoints.T
    assert confidence[Joint.NECK] > 0.5
    assert x[Joint.LEFT_SHOULDER] > x[Joint.RIGHT_SHOULDER]
    assert pose.silhouette[int(y[Joint.NECK]), int(x[Joint.NECK])] > 0.5
    outside = (x < 0) | (y < 0) | (x >= pixels.shape[1]) | (y >= pixels.shape[0])
    assert not confidence[outside].any()


class SaysBehind(PoseEstimator):
    """Sees the back of somebody facing the camera, as MediaPipe may where the head is cut off; not so in a mirror."""

    head, mirrored_too = -10.0, True

    def _look(self, pixels):
        points = np.full((33, 3), 0.9)
        points[:, :2] = 50, 60
        points[:11, 1] = self.head
        behind = self.mirrored_too or pixels[0, 0, 0] == 0
        for left, y, half in ((11, 20, 20), (13, 40, 25), (23, 60, 12)):
            for side, place in ((0, 50 - half), (1, 50 + half)) if behind else ((0, 50 + half), (1, 50 - half)):
                points[left + side, :2] = place + 2, y
        return points, np.zeros(pixels.shape[:2], np.float32)


def marked_at_the_left():
    """0 in the first column, 255 in the last."""
    return np.repeat(np.linspace(0, 255, 100).astype(np.uint8)[None, :, None], 3, 2).repeat(80, 0)


def side_of(pose):
    return pose.keypoints[Joint.LEFT_SHOULDER, 0] - pose.keypoints[Joint.RIGHT_SHOULDER, 0]


def test_without_a_head_a_person_faces_the_camera():
    pose = SaysBehind().detect(marked_at_the_left())
    assert side_of(pose) == pytest.approx(40) and pose.keypoints[Joint.NECK, 0] == pytest.approx(52)


def test_a_head_above_the_photos_edge_is_none_also_where_something_was_put_there():
    estimator = SaysBehind()
    estimator.head = 10.0
    assert side_of(estimator.detect(marked_at_the_left(), (12, 0, 0, 0))) == pytest.approx(40)
    assert side_of(estimator.detect(marked_at_the_left(), (0, 12, 0, 0))) == pytest.approx(-40)


def test_a_back_with_a_head_is_a_back_unless_its_mirror_image_is_none():
    estimator = SaysBehind()
    estimator.head = 10.0
    assert side_of(estimator.detect(marked_at_the_left())) == pytest.approx(-40)
    estimator.mirrored_too = False
    pose = estimator.detect(marked_at_the_left())
    assert side_of(pose) == pytest.approx(40) and pose.keypoints[Joint.NECK, 0] == pytest.approx(48)


@pytest.mark.skipif(not PERSONS, reason="no example photographs")
def test_person_far_away_at_the_edge_is_found(estimator):
    pixels = load_photo(PERSONS[0]).pixels
    wide = np.full((3 * pixels.shape[0], 4 * pixels.shape[1], 3), pixels[0, 0], np.uint8)
    wide[pixels.shape[0] : 2 * pixels.shape[0], -pixels.shape[1] :] = pixels
    small, large = estimator(wide), estimator(pixels)
    offset = (wide.shape[1] - pixels.shape[1], pixels.shape[0])
    shoulders = [Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]
    apart = np.linalg.norm(small.keypoints[shoulders, :2] - offset - large.keypoints[shoulders, :2], axis=1)
    breadth = np.linalg.norm(np.subtract(*large.keypoints[shoulders, :2]))
    assert apart.max() < 0.4 * breadth


@pytest.mark.skipif(not PERSONS, reason="no example photographs")
def test_two_people_are_counted(estimator):
    pixels = load_photo(PERSONS[0]).pixels
    assert estimator(np.concatenate([pixels, pixels[:, ::-1]], axis=1)).people == 2


@pytest.mark.skipif(len(PERSONS) < 2, reason="no example photographs")
def test_threads_get_their_own_poses(estimator):
    photos = [load_photo(path).pixels for path in PERSONS[:2]] * 2
    alone = [estimator(pixels).keypoints for pixels in photos]
    with ThreadPoolExecutor(4) as pool:
        together = [pose.keypoints for pose in pool.map(estimator, photos)]
    assert all(np.allclose(a, b, atol=1.0) for a, b in zip(alone, together, strict=True))


@pytest.mark.skipif(not PERSONS, reason="no example photographs")
def test_a_click_chooses_the_person(estimator):
    pixels = load_photo(PERSONS[0]).pixels
    width = pixels.shape[1]
    pair = np.concatenate([pixels, pixels[:, ::-1]], axis=1)
    for share, low, high in ((0.25, 0, width), (0.75, width, 2 * width)):
        chosen = estimator(pair, at=(share, 0.7))
        assert low < chosen.keypoints[Joint.NECK, 0] < high
        inside = chosen.silhouette[:, low:high].sum() / chosen.silhouette.sum()
        assert inside > 0.97, "the other one is not part of the silhouette"


@pytest.mark.skipif(not PERSONS, reason="no example photographs")
def test_a_click_beside_somebody_takes_them(estimator):
    pixels = load_photo(PERSONS[0]).pixels
    wide = np.concatenate([np.full_like(pixels, 200), pixels], axis=1)
    chosen = estimator(wide, at=(0.1, 0.5))
    assert chosen.keypoints[Joint.NECK, 0] > pixels.shape[1]
