"""A silhouette that runs over a plain backdrop, on a drawn person in a white top."""

import numpy as np

from vton.labels import Joint
from vton.preprocess.backdrop import without_backdrop

WALL, TOP = (236, 236, 236), (252, 252, 252)


def drawn(noise: float = 0.5, top: tuple[int, int, int] = TOP) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Silhouette that is 24 too wide to the right, picture, keypoints; (1024, 768)."""
    image = np.full((1024, 768, 3), WALL, np.float32)
    image[300:, 250:520] = top
    image += np.random.default_rng(0).normal(0, noise, image.shape)
    silhouette = np.zeros((1024, 768), np.float32)
    silhouette[300:, 250:544] = 1
    keypoints = np.zeros((18, 3), np.float32)
    keypoints[Joint.RIGHT_SHOULDER], keypoints[Joint.LEFT_SHOULDER] = (280, 340, 1), (490, 340, 1)
    return silhouette, image.clip(0, 255).astype(np.uint8), keypoints


def test_a_plain_wall_is_not_the_person():
    silhouette, image, keypoints = drawn()
    cut = without_backdrop(silhouette, image, keypoints)
    assert (cut[320:1000, 530:] < 0.1).all() and (cut[320:1000, 260:510] > 0.9).all()


def test_a_busy_wall_and_a_top_in_the_walls_colour_tell_nothing():
    silhouette, image, keypoints = drawn(noise=25)
    assert without_backdrop(silhouette, image, keypoints) is silhouette
    silhouette, image, keypoints = drawn(top=WALL)
    assert (without_backdrop(silhouette, image, keypoints)[340:1000, 300:500] > 0.9).all()
