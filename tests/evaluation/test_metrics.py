import numpy as np
import pytest

from tests.training.fake import keypoints_of
from vton.evaluation.metrics import (
    UNKNOWN,
    OverlapTable,
    correlation,
    group_labels,
    keypoint_distances,
    pck,
    similarity_map,
    ssim,
)
from vton.labels import Joint, Parse


def test_overlap_of_known_pixels():
    table = OverlapTable(("rest", "a", "b"))
    table.add(np.array([[0, 1, 1, 2]]), np.array([[0, 1, 0, UNKNOWN]]))
    assert table.by_name() == {"rest": 0.5, "a": 0.5}
    assert table.mean() == 0.5
    assert OverlapTable(("a",)).mean() == 0


def test_a_dress_counts_as_upper_garment():
    grouped = group_labels(np.array([[Parse.DRESS, Parse.UPPER, Parse.SKIRT, UNKNOWN, Parse.NECK]], np.uint8))
    assert grouped.tolist() == [[3, 3, 4, UNKNOWN, 0]]


def test_ssim_of_equal_and_of_opposite_pictures():
    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    assert ssim(picture, picture) == pytest.approx(1)
    assert ssim(picture, 255 - picture) < 0


def test_similarity_is_lost_only_where_pictures_differ():
    picture = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    other = picture.copy()
    other[:10, :10] = 0
    found = similarity_map(picture, other)
    assert found.shape == (40, 40)
    assert found[:8, :8].max() < 0.5 and found[20:, 20:].min() == pytest.approx(1)


def test_correlation_forgives_light_but_not_another_print():
    random = np.random.default_rng(0)
    picture, inside = random.integers(0, 120, (20, 20, 3), np.uint8), np.zeros((20, 20), bool)
    inside[5:15, 5:15] = True
    assert correlation(picture, picture * 2, inside) == pytest.approx(1)
    assert abs(correlation(picture, random.integers(0, 255, (20, 20, 3), np.uint8), inside)) < 0.3
    assert correlation(picture, np.full_like(picture, 7), inside) == 0
    assert correlation(picture, picture, ~inside & inside) == 0


def test_keypoints_are_measured_in_shoulder_widths():
    truth = keypoints_of(100)
    seen = truth.copy()
    seen[Joint.LEFT_WRIST, 0] += 90 * 0.15
    seen[Joint.RIGHT_WRIST] = 0
    distances = keypoint_distances(seen, truth)
    assert len(distances) == 9
    assert sorted(distances)[-2:] == [pytest.approx(0.15, abs=1e-3), np.inf]
    assert pck(distances) == pytest.approx(8 / 9) and pck(distances, 0.1) == pytest.approx(7 / 9)
    truth[Joint.LEFT_SHOULDER] = 0
    assert pck(keypoint_distances(seen, truth)) == 0
