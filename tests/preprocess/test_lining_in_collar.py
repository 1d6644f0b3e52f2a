"""Between the leaves of a collar the network says where the inside is if rules have followed one of them."""

import cv2
import numpy as np
import pytest

from vton.preprocess.garment_lining import lining_mask
from vton.preprocess.lining_frame import into_frame, neck_frame

SIZE = (1024, 768)
SHIRT = [(170, 300), (90, 420), (160, 460), (200, 400), (200, 900), (568, 900), (568, 400), (608, 460), (678, 420)]
SHIRT += [(598, 300), (470, 240), (445, 200), (323, 200), (298, 240)]
OPENING = [(335, 200), (433, 200), (384, 280)]


def drawn(outline, value=1.0) -> np.ndarray:
    mask = np.zeros(SIZE, np.float32)
    cv2.fillPoly(mask, [np.array(outline)], value)
    return mask


def found_with(monkeypatch, ruled) -> np.ndarray:
    """The inside of a shirt whose open collar the network sees as OPENING, and rules as `ruled`."""
    mask = drawn(SHIRT)
    seen = into_frame(drawn(OPENING), neck_frame(mask))
    monkeypatch.setattr("vton.preprocess.garment_lining.look_for_inside", lambda *_: seen)
    monkeypatch.setattr("vton.preprocess.garment_lining.arc_mask", lambda *_: ruled)
    return lining_mask(np.full((*SIZE, 3), 200, np.uint8), mask, object()) > 0.5


@pytest.mark.parametrize("leaf", [[(298, 245), (433, 200), (400, 320)], [(323, 200), (500, 260), (384, 300)]])
def test_an_arc_that_follows_a_leaf_of_the_collar_is_not_taken(monkeypatch, leaf):
    found = found_with(monkeypatch, np.maximum(drawn(OPENING), drawn(leaf)))
    opening = drawn(OPENING) > 0
    assert (found & opening).sum() > 0.75 * (found | opening).sum()
    assert (found & (drawn(leaf) > 0) & ~opening).sum() < 0.35 * ((drawn(leaf) > 0) & ~opening).sum()


@pytest.mark.parametrize("tip", [284, 262])
def test_an_arc_within_the_opening_is_the_edge(monkeypatch, tip):
    ruled = drawn([(335, 200), (433, 200), (384, tip)])
    assert (found_with(monkeypatch, ruled) == (ruled > 0.5)).all()
