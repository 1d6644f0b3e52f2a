"""Cloth beyond the edge of what the warp brings."""

import numpy as np

from vton.methods.continued import EDGE, STRIP, continued_flow
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Photo


def identity() -> np.ndarray:
    rows, columns = np.indices((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    return np.dstack([columns, rows])


def laid(mask: np.ndarray) -> Garment:
    image = np.zeros((*mask.shape, 3), np.uint8)
    return Garment(Photo(image, "g"), image, mask)


def test_nothing_shown_beyond_the_mask_leaves_the_flow():
    mask = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    mask[100:300, 100:300] = 1
    assert np.array_equal(continued_flow(identity(), mask, mask, laid(mask)), identity())


def test_far_beyond_the_edge_the_cloth_is_that_of_the_edge_and_no_print_comes_twice():
    mask, shown = np.zeros((2, CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    mask[300:700, 200:500] = 1
    shown[300:700, 200:580] = 1
    flow = continued_flow(identity(), mask, shown, laid(mask))
    read = flow[400:600, 500:580, 0]
    assert read.max() < 500 and read.min() > 500 - EDGE - STRIP - 3
    assert np.abs(np.diff(read, axis=1)).max() <= 2, "to and fro, in no leaps"
    assert np.abs(flow[400:600, 500:580, 1] - np.arange(400, 600)[:, None]).max() <= 1


def test_stripes_go_on_straight_beyond_a_slanting_edge():
    """A trunk that widens downwards, worn smaller than its picture: beside its edge the rows go on."""
    mask, shown, cloth = np.zeros((3, CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    rows, columns = np.indices(mask.shape)
    shown[300:700, 150:600] = 1
    mask[(rows >= 300) & (rows < 700) & (columns >= 150) & (columns < 350 + (rows - 300) / 2)] = 1
    cloth[200:900, 100:700] = 1
    flow = np.dstack([100 + 1.5 * (columns - 150) - 0.75 * (rows - 300), 200 + 1.5 * (rows - 300)]).astype(np.float32)
    made = continued_flow(flow, mask, shown, laid(cloth))
    beyond = (shown > 0) & (mask == 0) & (rows > 330) & (rows < 670)
    assert np.abs(made[..., 1] - flow[..., 1])[beyond].max() < 2
    inside = beyond & (flow[..., 0] < 700 - EDGE - 3)
    assert inside.sum() > 1000 and np.abs(made - flow)[inside].max() < 2, "where there is cloth, it is the cloth there"
    assert made[beyond][:, 0].max() < 700 - EDGE + 1
