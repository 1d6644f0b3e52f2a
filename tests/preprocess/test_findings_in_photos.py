"""Findings in pictures, not in made-up keypoints: a rendered person photographed badly in every way."""

import cv2
import numpy as np
import pytest

from vton.images import crop
from vton.preprocess.checks import picture_findings, pose_findings
from vton.preprocess.pose import PoseEstimator
from vton.preprocess.refocus import refocus_box


@pytest.fixture(scope="module")
def estimator():
    return PoseEstimator()


@pytest.fixture(scope="module")
def pixels(person_photo):
    picture = cv2.cvtColor(cv2.imread(str(person_photo)), cv2.COLOR_BGR2RGB)
    return cv2.resize(picture, (768, 1024), interpolation=cv2.INTER_AREA)


def findings(estimator, pixels):
    pose = estimator(np.ascontiguousarray(pixels))
    if pose is None:
        return ["nobody"]
    found = pose_findings(pose)
    box = refocus_box(pose.keypoints, pose.silhouette, (pixels.shape[1], pixels.shape[0]))
    silhouette = crop(pose.silhouette, box, (768, 1024))
    return found + picture_findings(crop(pixels, box, (768, 1024)), silhouette, box)


def rows_to(estimator, pixels, share):
    """The photo cut off at a share of the way from neck to hips."""
    keypoints = estimator(pixels).keypoints
    neck, hips = keypoints[1, 1], keypoints[[8, 11], 1].mean()
    return pixels[: round(neck + share * (hips - neck))]


def test_a_good_photo_has_none(estimator, pixels):
    assert findings(estimator, pixels) == []


def test_dark(estimator, pixels):
    assert "too_dark" in findings(estimator, (pixels * 0.2).astype(np.uint8))


def test_blurred(estimator, pixels):
    assert "blurred" in findings(estimator, cv2.GaussianBlur(pixels, (0, 0), 9))


def test_tiny(estimator, pixels):
    wall = np.full((900, 900, 3), pixels[:20].mean((0, 1)), np.uint8)
    wall[500:692, 300:444] = cv2.resize(pixels, (144, 192), interpolation=cv2.INTER_AREA)
    assert "tiny_person" in findings(estimator, wall)


def test_several_people(estimator, pixels):
    assert "several_people" in findings(estimator, np.concatenate([pixels, pixels[:, ::-1]], axis=1))


def test_cut_at_the_waist(estimator, pixels):
    assert "cut_above_waist" in findings(estimator, rows_to(estimator, pixels, 0.7))


def test_close_up(estimator, pixels):
    assert findings(estimator, rows_to(estimator, pixels, 0.15))[0] in ("too_close", "nobody")


def test_lying(estimator, pixels):
    found = findings(estimator, np.rot90(pixels))
    assert {"not_upright", "pose_unsuited", "nobody"} & set(found)


def test_nobody(estimator):
    assert findings(estimator, np.full((600, 500, 3), 190, np.uint8)) == ["nobody"]
