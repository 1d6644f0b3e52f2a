"""What the outline network's word changes of a garment's outline, and what it does not."""

import cv2
import numpy as np

from vton.preprocess.garment_agreed import agreed_outline
from vton.preprocess.outline_frame import Seen

SIZE = (1024, 768)
CLOTH = np.s_[200:800, 200:560]


def scene() -> tuple[np.ndarray, np.ndarray]:
    """A picture of beige cloth with a grey shadow below and to its left, and the garment's true mask."""
    truth = np.zeros(SIZE, bool)
    truth[CLOTH] = True
    shade = cv2.GaussianBlur(np.roll(truth, (25, -25), (0, 1)).astype(np.float32), (0, 0), 14)
    picture = np.full((*SIZE, 3), (228, 230, 234), np.float32) * (1 - 0.35 * shade[..., None])
    picture[truth] = (200, 184, 150)
    return picture.astype(np.uint8), truth


def seen(mask: np.ndarray, sure: float = 1.0) -> Seen:
    """A mask as the network sees it: a few pixels coarse, and so sure of it."""
    small = cv2.resize(mask.astype(np.float32), (192, 256), interpolation=cv2.INTER_AREA)
    large = cv2.resize(cv2.GaussianBlur(small, (0, 0), 0.7), SIZE[::-1], interpolation=cv2.INTER_LINEAR)
    return Seen(0.5 + sure * (large - 0.5), 4.0)


def test_a_shadow_that_rules_took_for_cloth_goes_along_the_cloths_edge():
    picture, truth = scene()
    shadow = np.roll(truth, (30, -30), (0, 1)) | truth
    found = agreed_outline(shadow, seen(truth), picture)
    assert (found ^ truth).sum() < 0.004 * truth.sum() < (shadow ^ truth).sum() / 10


def test_cloth_that_rules_took_for_the_wall_comes_back():
    picture, truth = scene()
    eaten = truth.copy()
    eaten[200:420, 200:330] = False
    found = agreed_outline(eaten, seen(truth), picture)
    assert (found ^ truth).sum() < 0.004 * truth.sum()


def test_where_they_differ_by_an_edges_width_rules_are_kept():
    picture, truth = scene()
    a_little = cv2.dilate(truth.view(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert agreed_outline(truth, seen(a_little), picture) is truth


def test_an_unsure_network_changes_nothing():
    picture, truth = scene()
    shadow = np.roll(truth, (30, -30), (0, 1)) | truth
    assert agreed_outline(shadow, seen(truth, sure=0.3), picture) is shadow


def test_where_rules_found_nothing_the_network_is_taken():
    picture, truth = scene()
    found = agreed_outline(np.zeros(SIZE, bool), seen(truth), picture)
    assert (found ^ truth).sum() < 0.01 * truth.sum()
