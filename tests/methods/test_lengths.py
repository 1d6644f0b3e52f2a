"""How long a top comes out, on a drawn body frame."""

import numpy as np
import pytest

from vton.labels import Joint
from vton.methods.lengths import KEPT, LONG, MOST, as_long_as_worn
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Photo

NECK, HIPS, MIDDLE, SHOULDERS = 60, 160, 96, 70
"""Of the body, in pixels of the 256×192 frame."""
TO_GARMENT = np.float32([[0.25, 0, 0], [0, 0.25, 0]])


def body() -> np.ndarray:
    points = np.zeros((18, 2), np.float32)
    for joint, x, y in (
        (Joint.NECK, 0, NECK), (Joint.RIGHT_SHOULDER, -SHOULDERS / 2, NECK), (Joint.LEFT_SHOULDER, SHOULDERS / 2, NECK),
        (Joint.RIGHT_HIP, -20, HIPS), (Joint.LEFT_HIP, 20, HIPS),
    ):  # fmt: skip
        points[joint] = MIDDLE + x, y
    return points


def garment(hem: float) -> Garment:
    """One whose middle ends so many pixels down its frame, and whose sides a little lower."""
    mask = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    mask[80 : round(4 * hem), 200:560] = 1
    mask[80 : round(4 * hem) + 60, 200:220] = 1
    image = np.zeros((*mask.shape, 3), np.uint8)
    return Garment(Photo(image, "g"), image, mask, (), None)


def flow(scale: float) -> np.ndarray:
    """Reads that lay a garment down from the neck, at so many of its pixels for each of the body's."""
    columns, rows = np.meshgrid(np.arange(192, dtype=np.float32), np.arange(256, dtype=np.float32))
    return np.dstack([columns, NECK + scale * (rows - NECK)])


def hem_of(reads: np.ndarray, hem: float) -> float:
    """Where the garment ends below the neck, in torso lengths."""
    column = reads[:, MIDDLE, 1]
    return (float(np.interp(hem, column, np.arange(256))) - NECK) / (HIPS - NECK)


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.2])
def test_a_top_that_hangs_to_the_thighs_ends_higher_and_its_neck_stays(scale):
    hem = NECK + scale * 1.5 * (HIPS - NECK)
    worn = as_long_as_worn(flow(scale), body(), garment(hem), TO_GARMENT)
    assert hem_of(flow(scale), hem) == pytest.approx(1.5, abs=0.02)
    assert hem_of(worn, hem) == pytest.approx(LONG + KEPT * 0.2, abs=0.03)
    assert np.array_equal(worn[: NECK + 1], flow(scale)[: NECK + 1])
    assert np.array_equal(worn[..., 0], flow(scale)[..., 0])
    assert (np.diff(worn[:, MIDDLE, 1]) > 0).all()


def test_sleeves_beside_the_trunk_stay_as_long():
    hem = NECK + 1.5 * (HIPS - NECK)
    worn = as_long_as_worn(flow(1.0), body(), garment(hem), TO_GARMENT)
    assert np.array_equal(worn[:, : MIDDLE - SHOULDERS], flow(1.0)[:, : MIDDLE - SHOULDERS])


@pytest.mark.parametrize("length", [0.8, 1.25, 2.2])
def test_tops_of_usual_length_and_dresses_stay(length):
    hem = min(NECK + length * (HIPS - NECK), 250)
    scale = (hem - NECK) / (length * (HIPS - NECK))
    assert np.array_equal(as_long_as_worn(flow(scale), body(), garment(hem), TO_GARMENT), flow(scale))


def test_no_top_is_shortened_beyond_recognition():
    hem = NECK + 1.84 * (HIPS - NECK)
    worn = as_long_as_worn(flow(1.0), body(), garment(hem), TO_GARMENT)
    assert hem_of(worn, hem) == pytest.approx(1.84 / MOST, abs=0.04)
