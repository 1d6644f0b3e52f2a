"""What the outline network's word changes of a garment's outline, and what it does not."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from torch import nn

from vton.images import load_photo
from vton.preprocess import garment_mask
from vton.preprocess.choose import build_preparer
from vton.preprocess.garment_agreed import agreed_outline
from vton.preprocess.outline_frame import Seen
from vton.weights import MissingWeights

RAGLAN = Path(__file__).parents[2] / "examples" / "garments" / "raglan-baseball.jpg"

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


def sleeved() -> np.ndarray:
    """A garment with a sleeve at each side of its body and a gap between them."""
    truth = np.zeros(SIZE, bool)
    truth[200:800, 280:488] = truth[200:260, 100:668] = True
    truth[200:620, 100:200] = truth[200:620, 568:668] = True
    return truth


def without(mask: np.ndarray, place: tuple[slice, slice]) -> np.ndarray:
    changed = mask.copy()
    changed[place] = False
    return changed


def test_a_sleeve_that_the_network_misses_at_one_side_stays():
    truth, sleeve = sleeved(), np.s_[200:620, 90:200]
    picture = np.full((*SIZE, 3), 250, np.uint8)
    picture[truth] = (200, 190, 180)
    picture[sleeve] = (222, 216, 210)
    assert agreed_outline(truth, seen(without(truth, sleeve)), picture) is truth


def test_white_cloth_on_white_paper_stays_with_the_rules():
    truth, hem = sleeved(), np.s_[700:800, 270:500]
    picture = np.full((*SIZE, 3), 250, np.uint8)
    picture[truth] = (120, 60, 60)
    picture[hem] = 246
    assert agreed_outline(truth, seen(without(truth, hem)), picture) is truth


def test_half_a_tee_of_nearly_the_papers_colour_that_ends_in_a_step_stays():
    truth, half = sleeved(), np.s_[480:800, 270:500]
    picture = np.full((*SIZE, 3), 250, np.uint8)
    picture[truth] = (120, 60, 60)
    picture[half][truth[half]] = 238
    assert truth[half].sum() > 0.2 * truth.sum()
    assert agreed_outline(truth, seen(without(truth, half)), picture) is truth


def test_a_gap_that_the_network_closes_stays_open():
    truth, gap = sleeved(), np.s_[260:620, 190:290]
    picture = np.full((*SIZE, 3), 250, np.uint8)
    picture[truth] = (120, 60, 60)
    closed = truth.copy()
    closed[gap] = True
    assert agreed_outline(truth, seen(closed), picture) is truth


def test_a_print_of_the_papers_colour_is_cloth_where_the_other_side_is():
    truth, panel = scene()[1], np.s_[400:600, 500:562]
    picture = np.full((*SIZE, 3), 250, np.uint8)
    picture[truth] = (60, 60, 90)
    picture[panel] = 250
    found = agreed_outline(without(truth, panel), seen(truth), picture)
    assert (found ^ truth).sum() < 0.01 * truth.sum()


def test_a_patch_within_the_garment_is_no_background():
    picture, truth = scene()
    picture[450:560, 330:430] = (90, 120, 60)
    assert agreed_outline(truth, seen(without(truth, np.s_[450:560, 330:430])), picture) is truth


def test_on_a_busy_background_nothing_is_added():
    picture, truth = scene()
    eaten = without(truth, np.s_[200:420, 200:330])
    assert agreed_outline(eaten, seen(truth), picture, busy=True) is eaten


def test_what_only_one_side_has_is_not_added():
    picture, truth = scene()
    more = truth.copy()
    more[200:420, 560:680] = True
    picture[200:420, 560:680] = (40, 90, 40)
    assert agreed_outline(truth, seen(more), picture) is truth


def outlined(cuff: tuple[int, int, int] | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A red garment on pale paper within a rim as wide as the network's edges, a soft shadow or a trim: the picture,
    the garment without that rim, and with it."""
    truth = scene()[1]
    wide = cv2.dilate(truth.view(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (17, 17))) > 0
    shade = cv2.GaussianBlur(wide.astype(np.float32), (0, 0), 5)
    picture = np.full((*SIZE, 3), 240, np.float32) * (1 - 0.05 * shade[..., None])
    if cuff:
        picture[:], picture[wide] = 240, cuff
    picture[truth] = (170, 30, 40)
    return picture.astype(np.uint8), truth, wide


def test_a_narrow_shadow_about_cloth_of_another_colour_goes():
    picture, truth, wide = outlined(None)
    found = agreed_outline(wide, seen(truth), picture)
    assert (found ^ truth).sum() < 0.15 * (wide ^ truth).sum()


def test_a_narrow_trim_stays():
    picture, truth, wide = outlined((252, 252, 252))
    assert agreed_outline(wide, seen(truth), picture) is wide


def test_a_garment_is_found_by_both(monkeypatch):
    picture, truth = scene()
    shadow = np.roll(truth, (30, -30), (0, 1)) | truth
    monkeypatch.setattr(garment_mask, "outline_mask", lambda pixels: (shadow, False))
    monkeypatch.setattr(garment_mask, "look_for_garment", lambda network, pixels: seen(truth))
    alone, both = (garment_mask.find_garment(picture, None, network)[0] > 0.5 for network in (None, nn.Identity()))
    assert (both ^ truth).sum() < 0.01 * truth.sum() < (alone ^ truth).sum() / 5


def test_the_shipped_network_takes_the_raglans_shadow_off():
    """Its red sleeves lie within a shadow that was worn as white strips."""
    try:
        preparer = build_preparer()
    except MissingWeights as missing:
        pytest.skip(str(missing))
    photo = load_photo(RAGLAN)
    rules, found = garment_mask.prepare_garment(photo).mask > 0.5, preparer.garment(photo).mask > 0.5
    red = cv2.absdiff(*cv2.split(preparer.garment(photo).image)[:2]) > 60
    assert (red & found).sum() > 0.97 * (red & rules).sum(), "the sleeves stay"
    assert found.sum() < 0.97 * rules.sum()
