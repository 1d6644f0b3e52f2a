"""An inside of which the lining network is not sure, where the outline has a round neck."""

import cv2
import numpy as np
import pytest

from vton.preprocess.garment_lining import lining_mask
from vton.preprocess.lining_frame import DROP, FRAME
from vton.preprocess.lining_hint import hinted_inside


def tee(sag: float = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A grey tee whose back hangs between neck points at columns 34 and 94, row 20: what is hinted, pixels and mask."""
    away = np.abs(np.arange(FRAME) - 64)
    top = np.where(away <= 30, 20 + sag * (1 - (away / 30) ** 2), 20 + 0.6 * (away - 30))
    mask = (np.arange(FRAME)[:, None] >= top).astype(np.float32) * (away < 56)
    pixels = np.full((FRAME, FRAME, 3), 245, np.uint8)
    pixels[mask > 0] = 140
    hint = np.zeros((FRAME, FRAME), np.float32)
    hint[24:27, 58:71] = 0.5
    return hint, pixels, mask


def depth(inside: np.ndarray) -> int:
    return np.flatnonzero(inside.any(1))[-1] + 1 - 20


def test_a_hint_at_a_round_neck_is_its_inside():
    found = hinted_inside(*tee()) > 0
    columns = np.flatnonzero(found.any(0))
    assert abs(columns[0] - 34) < 4 and abs(columns[-1] - 94) < 4
    assert depth(found) == pytest.approx(DROP * FRAME, abs=1.5)


def test_it_reaches_down_to_the_label():
    hint, pixels, mask = tee()
    pixels[38:42, 57:72] = 230
    assert depth(hinted_inside(hint, pixels, mask)) == pytest.approx(22, abs=1.5)


@pytest.mark.parametrize(
    "place",
    [np.s_[50:54, 57:72], np.s_[38:42, 36:92], np.s_[38:60, 57:72], np.s_[38:42, 40:50]],
    ids=["on the chest", "wide", "a placket", "beside"],
)
def test_what_is_no_label_below_a_neck(place):
    hint, pixels, mask = tee()
    pixels[place] = 230
    assert depth(hinted_inside(hint, pixels, mask)) == pytest.approx(DROP * FRAME, abs=1.5)


def test_without_a_hint_or_a_round_neck_there_is_none():
    hint, pixels, mask = tee()
    assert not hinted_inside(0.4 * hint, pixels, mask).any()
    assert not hinted_inside(*tee(sag=0)).any()


def test_hints_count_where_the_network_is_not_sure(monkeypatch):
    hint, pixels, mask = tee()
    monkeypatch.setattr("vton.preprocess.garment_lining.look_for_inside", lambda *_: hint)
    large = [cv2.resize(plane, (512, 512)) for plane in (pixels, mask)]
    monkeypatch.setattr(
        "vton.preprocess.garment_lining.neck_frame", lambda _: np.float32([[0.25, 0, -0.375], [0, 0.25, -0.375]])
    )
    found = lining_mask(*large, object()) > 0.5
    assert found[4 * 30, 4 * 45 : 4 * 84].all() and not found[4 * 40 :].any()
