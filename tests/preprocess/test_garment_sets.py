"""Of a picture of a top with trousers, the top alone."""

import cv2
import numpy as np
import pytest
from torch import nn

from vton.preprocess import garment_mask
from vton.preprocess.garment_sets import without_trousers
from vton.preprocess.outline_frame import Seen

SIZE = (1024, 768)
PAPER, RED, NAVY = (240, 240, 240), (190, 60, 60), (40, 45, 90)


def a_set(trousers: tuple[int, int, int] = NAVY) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A picture of a red top that lies on trousers; the masks of both, which do not overlap."""
    top, legs = np.zeros((2, *SIZE), np.uint8)
    cv2.rectangle(top, (220, 120), (540, 560), 1, -1)
    cv2.rectangle(top, (120, 120), (640, 240), 1, -1)
    cv2.rectangle(legs, (300, 500), (460, 940), 1, -1)
    cv2.rectangle(legs, (380, 600), (400, 940), 0, -1)
    legs[top > 0] = 0
    picture = np.empty((*SIZE, 3), np.uint8)
    picture[:], picture[top > 0], picture[legs > 0] = PAPER, RED, trousers
    return picture, top > 0, legs > 0


def seen(top: np.ndarray, legs: np.ndarray, others: float = 0.0) -> Seen:
    """The top as the network sees it, a few pixels coarse; how probable it takes the trousers to be part of it."""
    small = cv2.resize(np.float32(top) + others * np.float32(legs), (192, 256), interpolation=cv2.INTER_AREA)
    return Seen(cv2.resize(cv2.GaussianBlur(small, (0, 0), 1.5), SIZE[::-1]).clip(0, 1), 4.0)


@pytest.mark.parametrize("others", [0.0, 0.15])
def test_trousers_go_and_the_border_is_that_of_the_cloths(others):
    picture, top, legs = a_set()
    found, in_a_set = without_trousers(top | legs, seen(top, legs, others), picture)
    assert in_a_set
    assert (found ^ top).sum() < 0.01 * top.sum()


def test_what_the_network_takes_for_one_garment_stays_one():
    picture, top, legs = a_set()
    whole = top | legs
    for sight in (seen(whole, legs), seen(top, legs, 0.6), seen(np.zeros_like(top), legs)):
        found, in_a_set = without_trousers(whole, sight, picture)
        assert found is whole and not in_a_set
    nothing = np.zeros_like(top)
    assert without_trousers(nothing, seen(top, legs), picture) == (nothing, False)


def test_pale_cloth_on_pale_paper_is_no_other_garment():
    picture, top, legs = a_set(trousers=(225, 225, 222))
    assert not without_trousers(top | legs, seen(top, legs), picture)[1]


def test_what_lies_above_is_no_trousers_and_a_little_is_none():
    picture, top, legs = a_set()
    above = np.ascontiguousarray(picture[::-1]), np.ascontiguousarray(top[::-1]), np.ascontiguousarray(legs[::-1])
    assert not without_trousers(above[1] | above[2], seen(*above[1:]), above[0])[1]
    legs[600:] = False
    assert not without_trousers(top | legs, seen(top, legs), picture)[1]


def test_a_set_is_looked_for_and_told(monkeypatch):
    picture, top, legs = a_set()
    monkeypatch.setattr(garment_mask, "outline_mask", lambda pixels: (top | legs, False))
    monkeypatch.setattr(garment_mask, "look_for_garment", lambda network, pixels: seen(top, legs))
    mask, findings = garment_mask.find_garment(picture, None, nn.Identity())
    assert ((mask > 0.5) ^ top).sum() < 0.02 * top.sum()
    assert findings == ["several_garments"]
