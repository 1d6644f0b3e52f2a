"""The mirror on a rendered person that ships, with networks that lay a garment straight over the torso."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from tiny_methods import Decided, still_warp

from vton import TryOnPipeline
from vton.images import load_photo
from vton.labels import Joint
from vton.methods.pf_afn_compact import CompactPFAFN
from vton.mirror import JUMP, Mirror, measure_mirror
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Photo

PERSON = Path(__file__).parents[1] / "examples" / "persons" / "rendered-1.jpg"


@pytest.fixture(scope="module")
def mirror() -> Mirror:
    return Mirror(TryOnPipeline.load(device="cpu"), CompactPFAFN(still_warp(), Decided()))


@pytest.fixture(scope="module")
def frame() -> np.ndarray:
    pixels = load_photo(PERSON).pixels
    scale = 480 / max(pixels.shape)
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def garment() -> Garment:
    image = np.full((CANVAS_HEIGHT, CANVAS_WIDTH, 3), 250, np.uint8)
    mask = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    image[200:800, 300:470], mask[200:800, 300:470] = (200, 40, 60), 1
    return Garment(Photo(image, "g"), image, mask)


def test_the_torso_wears_the_garment_and_the_rest_stays(mirror, frame, garment):
    dressed = mirror(frame, garment)
    assert dressed.shape == frame.shape and dressed.dtype == np.uint8
    points = mirror._pose.detect(np.ascontiguousarray(frame)).keypoints[:, :2]
    x, y = points[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER, Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0).astype(int)
    assert np.abs(dressed[y, x].astype(int) - (200, 40, 60)).max() <= 3
    changed = (dressed != frame).any(-1)
    assert 0.02 < changed.mean() < 0.6
    assert not changed[:, 0].any() and not changed[:, -1].any()


def test_a_large_picture_is_shrunk(mirror, frame, garment):
    large = cv2.resize(frame, None, fx=2, fy=2)
    assert max(mirror(large, garment).shape) == 640


def test_an_empty_room_is_told_so(mirror, garment):
    room = np.full((240, 320, 3), 90, np.uint8)
    told = mirror(room, garment)
    assert told.shape == room.shape and (told[:200] == room[:200]).all() and (told != room).any()


def test_a_mirror_keeps_skeletons_only_and_not_those_of_everybody(mirror, frame, garment):
    for visitor in range(20):
        mirror._steady(visitor, np.ones((18, 3), np.float32))
    assert len(mirror._skeletons) <= 8
    kept = [value for visit in mirror._skeletons.values() for value in visit]
    assert all(isinstance(value, float) or value.shape == (18, 3) for value in kept)


def test_small_tremors_are_evened_out_and_large_moves_are_followed(mirror):
    keypoints = np.ones((18, 3), np.float32)
    keypoints[Joint.RIGHT_SHOULDER, :2], keypoints[Joint.LEFT_SHOULDER, :2] = (0, 0), (100, 0)
    mirror._steady("a", keypoints)
    tremor = keypoints + np.float32([1, 0, 0])
    assert 0.2 < (mirror._steady("a", tremor) - keypoints)[0, 0] < 0.6
    leap = keypoints + np.float32([200 * JUMP, 0, 0])
    assert np.allclose(mirror._steady("a", leap), leap)
    assert np.allclose(mirror._steady("b", keypoints), keypoints)


def test_speed_is_measured_step_by_step(mirror, frame, garment):
    measures = measure_mirror(mirror, frame, garment, 2)
    assert measures["frames a second"] > 0 and {"pose, ms", "networks, ms", "paste, ms"} < set(measures)
