"""A label in the back of a top with straps."""

import cv2
import numpy as np
import pytest

from vton.preprocess.garment_lining import lining_mask
from vton.preprocess.lining_label import labelled_edge

SIDE = 128


def strapped(straps: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """A white top whose upper edge is at row 40 between two straps, and its mask; (128, 128)."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    mask[40:, 24:104] = 1
    if straps:
        mask[10:40, 30:42] = mask[10:40, 86:98] = 1
    pixels = np.full((SIDE, SIDE, 3), 250, np.uint8)
    pixels[mask > 0] = 235
    return pixels, mask


def with_shape(top: int, bottom: int, left: int, right: int, **kind: bool) -> tuple[np.ndarray, np.ndarray]:
    pixels, mask = strapped(**kind)
    pixels[top:bottom, left:right] = 30
    return pixels, mask


def test_down_to_the_label_all_between_the_straps_is_inside():
    pixels, mask = with_shape(42, 48, 54, 76)
    cv2.putText(pixels, "ab", (58, 47), cv2.FONT_HERSHEY_SIMPLEX, 0.2, (235, 235, 235))
    found = labelled_edge(pixels, mask) > 0.5
    assert found[41:48, 44:84].all() and not found[50:].any() and not found[mask == 0].any()
    assert not found[:40].any(), "straps are no inside"


@pytest.mark.parametrize(
    "shape",
    [(40, 46, 42, 86), (42, 47, 62, 67), (60, 66, 54, 76), (42, 48, 44, 60), (42, 80, 54, 76)],
    ids=["a trim", "a bow", "a print", "beside the middle", "a placket"],
)
def test_what_is_no_label(shape):
    assert not labelled_edge(*with_shape(*shape)).any()


def test_without_straps_or_a_garment_nothing_is_told():
    assert not labelled_edge(*with_shape(42, 48, 54, 76, straps=False)).any()
    pixels, mask = strapped()
    assert not labelled_edge(pixels, mask).any() and not labelled_edge(pixels, np.zeros_like(mask)).any()


def test_where_the_network_sees_no_inside_the_label_tells_it(monkeypatch):
    monkeypatch.setattr("vton.preprocess.garment_lining.look_for_inside", lambda *_: np.zeros((SIDE, SIDE)))
    label = (42, 48, 54, 76)
    for shape, is_inside in ((label, True), ((60, 66, 54, 76), False)):
        canvas = [
            cv2.copyMakeBorder(cv2.resize(plane, (512, 512)), 200, 200, 100, 100, cv2.BORDER_REPLICATE)
            for plane in with_shape(*shape)
        ]
        canvas[1][:200] = canvas[1][:, :100] = canvas[1][:, -100:] = 0
        found = lining_mask(*canvas, object()) > 0.5
        assert found[200 + 4 * 43 : 200 + 4 * 47, 100 + 4 * 56 : 100 + 4 * 74].all() == is_inside
