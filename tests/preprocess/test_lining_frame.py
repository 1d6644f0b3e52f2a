"""The neck of a garment is found at any size, and so is the inside that the shipped network sees there."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from vton import weights
from vton.images import load_photo
from vton.preprocess.collar_outline import collar_outline
from vton.preprocess.garment_lining import lining_mask
from vton.preprocess.garment_mask import garment_mask
from vton.preprocess.lining_frame import (
    DROP,
    EDGE,
    FRAME,
    at_the_neck,
    both_sides,
    filled_hull,
    grown,
    into_frame,
    more_pointed,
    neck_frame,
    network_picture,
    on_both_sides,
    out_of_frame,
    up_to_the_neck_points,
    without_tails,
)

GARMENTS = Path(__file__).parents[2] / "examples" / "garments"


@pytest.fixture(scope="module")
def network():
    return weights.load_network(weights.find("compact-lining")[0])


def tee() -> np.ndarray:
    """float32 (200, 160), the mask of a tee with its neck at (75, 30)."""
    mask = np.zeros((200, 160), np.float32)
    cv2.rectangle(mask, (40, 30), (110, 180), 1, -1)
    cv2.rectangle(mask, (10, 40), (140, 70), 1, -1)
    return mask


def test_the_frame_shows_the_same_of_a_garment_at_any_size():
    mask = tee()
    larger = cv2.resize(mask, None, fx=3, fy=3)
    small, large = into_frame(mask, neck_frame(mask)), into_frame(larger, neck_frame(larger))
    assert ((small > 0.5) != (large > 0.5)).mean() < 0.01
    x, y = neck_frame(mask) @ np.array([75, 30, 1])
    assert abs(x - FRAME / 2) < 3 and 2 < y < 0.15 * FRAME


def test_a_garment_looks_the_same_in_dark_and_in_light_colours():
    random, mask = np.random.default_rng(0), np.ones((FRAME, FRAME), np.float32)
    cloth = cv2.GaussianBlur(random.uniform(0, 1, (FRAME, FRAME, 3)), (0, 0), 3)
    dark, light = ((low + 400 * (cloth - 0.5)).round().astype(np.uint8) for low in (60, 190))
    assert np.abs(network_picture(dark, mask) - network_picture(light, mask)).max() < 0.05


def test_only_sure_places_at_the_neck_are_kept():
    inside = np.zeros((128, 128), np.float32)
    inside[10:30, 50:80] = 0.95
    inside[40:60, 2:20] = 0.95
    inside[70:80, 60:70] = 0.55
    inside[90:93, 60:63] = 0.95
    kept = at_the_neck(inside) > 0.5
    assert kept[10:30, 50:80].all() and kept.sum() == 20 * 30


def test_what_is_far_below_the_neck_is_no_part_of_its_inside():
    inside = np.zeros((128, 128), np.float32)
    inside[10:24, 50:80] = inside[30:36, 60:70] = 0.95
    inside[70:100, 58:72] = 0.95
    kept = at_the_neck(inside) > 0.5
    assert kept[10:24, 50:80].all() and kept[30:36, 60:70].all() and not kept[60:].any()


@pytest.mark.parametrize(("name", "half"), [("tank-marigold", 60), ("v-neck-burgundy", 40), ("basic-tee-black", 40)])
def test_the_label_of_an_example_is_inside_and_its_chest_is_not(network, name, half):
    photo = load_photo(GARMENTS / f"{name}.jpg")
    mask = garment_mask(photo.pixels)
    found = lining_mask(photo.pixels, mask, network)
    rows, columns = np.nonzero(mask > 0.5)
    middle, height = int(np.median(columns)), int(np.ptp(rows))
    near = slice(middle - half // 4, middle + half // 4)
    top = int((mask[:, near] > 0.5).any(1).argmax())
    assert (found <= mask).all() and found.dtype == np.float32
    assert (found[top + height // 40 : top + height // 20, near] > 0.5).mean() > 0.9
    assert (found[rows.min() + height // 2 :] < 0.5).all()


def test_the_neckline_of_an_example_of_which_only_a_label_is_seen_is_whole(network):
    photo = load_photo(GARMENTS / "breton-long-sleeve.jpg")
    mask = garment_mask(photo.pixels)
    found = lining_mask(photo.pixels, mask, network) > 0.5
    wide, unit = int(np.ptp(np.flatnonzero(found.any(0)))), float((mask > 0.5).sum()) ** 0.5
    assert 0.3 * unit < wide < 0.5 * unit
    assert 0.06 * unit < np.ptp(np.flatnonzero(found.any(1))) < 0.14 * unit


def test_an_empty_mask_has_no_inside(network):
    assert not lining_mask(np.zeros((60, 40, 3), np.uint8), np.zeros((60, 40), np.float32), network).any()


def test_an_inside_does_not_run_out_along_the_shoulders():
    inside = np.zeros((FRAME, FRAME), np.float32)
    inside[20:40, 44:84] = 0.9
    inside[20:24, 14:114] = 0.9
    kept = without_tails(inside) > 0.5
    assert kept[22:38, 46:82].all()
    assert not kept[:, :42].any() and not kept[:, 86:].any()
    assert not without_tails(np.zeros_like(inside)).any()


def test_half_a_neckline_tells_the_other_half():
    mask, inside = np.zeros((2, FRAME, FRAME), np.float32)
    mask[10:, 30:100] = 1
    inside[10:30, 65:85] = 0.8
    both = both_sides(inside, mask) > 0.5
    assert both[15, 65:84].all() and both[15, 46:65].all()
    assert not both[:, :44].any() and not both[:, 86:].any()
    assert np.array_equal(both_sides(inside, np.zeros_like(mask)), inside)


def test_between_a_collars_leaves_the_inside_is_what_both_sides_show():
    mask, inside = np.zeros((2, FRAME, FRAME), np.float32)
    mask[10:, 30:99] = 1
    inside[10:30, 55:74] = 0.9
    inside[15:30, 40:55] = 0.8
    common = on_both_sides(inside, mask)
    assert not (common[:, :55] > EDGE).any()
    assert (common[10:30, 55:74] > EDGE).all()
    for other in (slice(40, 42), slice(10, 55)):
        unequal = np.zeros_like(inside)
        unequal[10:30, 55:74] = unequal[10:30, other] = 0.9
        assert np.array_equal(on_both_sides(unequal, mask), unequal), "nearly all of it is common, or too little"
    assert np.array_equal(on_both_sides(inside, np.zeros_like(mask)), inside)


def test_a_leaf_that_looks_like_the_inside_is_none():
    class Reddish(torch.nn.Module):
        def forward(self, picture: torch.Tensor) -> torch.Tensor:
            return 40 * (picture[:, 0] - 0.3)

        def parameters(self):
            return iter([torch.zeros(1)])

    mask = np.zeros((500, 400), np.uint8)
    cv2.fillPoly(
        mask, [np.int32([(160, 40), (240, 40), (265, 85), (360, 120), (360, 460), (40, 460), (40, 120), (135, 85)])], 1
    )
    assert collar_outline(mask.astype(np.float32)) is not None
    pixels = np.full((500, 400, 3), 120, np.uint8)
    inner, leaf = np.int32([(170, 40), (230, 40), (200, 110)]), np.int32([(170, 42), (145, 80), (170, 120), (200, 112)])
    cv2.fillPoly(pixels, [inner, leaf], (200, 120, 120))
    found = lining_mask(pixels, mask.astype(np.float32), Reddish())
    assert found[60, 190] > 0.5 and found[60, 210] > 0.5
    assert found[85, 157] < 0.5


def pointed(tip: int = 64, depth: int = 60) -> np.ndarray:
    """A V from column 30 to column 98, its point below some column."""
    inside = np.zeros((128, 128), np.float32)
    cv2.fillConvexPoly(inside, np.int32([[30, 10], [98, 10], [tip, 10 + depth]]), 1.0)
    return inside


def test_a_v_reaches_the_garments_edge_and_its_point_stays_beside_the_middle():
    inside, mask = pointed(tip=72), np.zeros((128, 128), np.float32)
    mask[10:, 20:108] = 1
    np.testing.assert_array_equal(without_tails(inside)[:, 33:95], inside[:, 33:95])
    np.testing.assert_array_equal(both_sides(inside, mask), inside)
    shallow = pointed(tip=72, depth=30)
    assert both_sides(shallow, mask)[39, 55] > 0.5 > shallow[39, 55]


def test_a_v_within_a_u_is_the_neckline_between_collars_that_lie_flat():
    u = np.zeros((128, 128), np.float32)
    cv2.ellipse(u, (64, 10), (34, 60), 0, 0, 180, 1.0, -1)
    assert more_pointed(pointed(), u)
    assert not more_pointed(u, u)
    assert not more_pointed(pointed(depth=30), u)
    assert not more_pointed(np.zeros_like(u), u)


def test_a_neckline_has_no_dents():
    inside = np.zeros((FRAME, FRAME), np.float32)
    inside[10:40, 40:60] = inside[10:40, 70:90] = inside[10:20, 40:90] = 0.8
    whole = filled_hull(inside) > 0.5
    assert whole[12:39, 55:75].all()
    assert not whole[36:, 38:44].any(), "and no corners below"
    assert whole[3:10, 41:89].all(), "the strip of the back above it is inside as well"
    assert not whole[42:].any() and not whole[:1].any()
    assert not filled_hull(np.zeros_like(inside)).any()


def test_an_inside_grows_up_to_an_edge_and_not_without_one():
    mask, inside = np.zeros((2, FRAME, FRAME), np.float32)
    mask[5:, 20:110] = 1
    inside[10:25, 50:78] = 0.9
    pixels = np.full((FRAME, FRAME, 3), (40, 90, 160), np.uint8)
    assert np.array_equal(grown(inside, pixels, mask), inside), "tone on tone nothing says where it ends"
    cv2.fillConvexPoly(pixels, np.array([(40, 8), (88, 8), (64, 60)]), (15, 40, 60))
    assert grown(inside, pixels, mask)[50, 64] == 1
    assert grown(inside, pixels, mask)[70:].max() == 0


def test_an_inside_has_no_steps_in_the_picture():
    inside = np.zeros((FRAME, FRAME), np.float32)
    cv2.fillConvexPoly(inside, np.array([(40, 10), (88, 10), (64, 60)]), 0.9)
    found = out_of_frame(inside, np.float32([[0.2, 0, 0], [0, 0.2, 0]]), (640, 640)) > 0.5
    edge = found.argmax(1)[120:230].astype(int)
    assert edge[-1] - edge[0] > 20 and np.abs(np.diff(edge)).max() <= 1


def neckline_with_a_label(sag=4):
    """A garment whose upper edge hangs between two neck points 60 pixels apart, and a label in it; (128, 128) each."""
    columns = np.arange(FRAME)
    away = np.abs(columns - 64)
    top = np.where(away <= 30, 20 + sag * (1 - (away / 30) ** 2), 20 + 0.6 * (away - 30))
    mask = (np.arange(FRAME)[:, None] >= top).astype(np.float32) * (away < 56)
    label = np.zeros((FRAME, FRAME), np.float32)
    label[25:36, 58:71] = 0.9
    return label * mask, mask


@pytest.mark.parametrize("half", [6, 15])
def test_around_a_label_the_neckline_reaches_the_neck_points(half):
    label, mask = neckline_with_a_label(sag=3)
    label[25:36, 64 - half : 65 + half] = 0.9
    whole = up_to_the_neck_points(label, mask) > EDGE
    columns = np.flatnonzero(whole.any(0))
    assert abs(columns[0] - 34) < 4 and abs(columns[-1] - 94) < 4
    assert whole[30, 45:84].all() and not whole[37:].any() and not whole[mask == 0].any()


@pytest.mark.parametrize("left, right, bottom", [(36, 93, 27), (50, 75, 31)])
def test_a_strip_of_the_back_or_a_wide_label_is_no_whole_neckline(left, right, bottom):
    strip, mask = neckline_with_a_label()
    strip[:] = 0
    strip[20:bottom, left:right] = 0.9
    whole = up_to_the_neck_points(strip * mask, mask) > EDGE
    depth = np.flatnonzero(whole.any(1))[-1] + 1 - 20
    assert depth == pytest.approx(DROP * FRAME, abs=1.5) and whole[30, 50:78].all() and not whole[mask == 0].any()


def test_a_label_tells_of_a_neckline_also_beside_a_thin_strip():
    label, mask = neckline_with_a_label()
    strip = np.zeros_like(label)
    strip[20:26, 38:91] = 0.9
    whole = up_to_the_neck_points(np.maximum(label, strip * mask), mask) > EDGE
    assert whole[30, 45:84].all() and not whole[37:].any()


def test_from_one_armhole_to_the_other_there_is_no_neckline():
    label, mask = neckline_with_a_label()
    mask[:, :28] = mask[:, 101:] = 0
    assert np.array_equal(up_to_the_neck_points(label, mask), label)


def test_what_is_no_label_or_hangs_not_stays():
    label, mask = neckline_with_a_label()
    wide = np.zeros_like(label)
    wide[25:40, 40:89] = 0.9
    for inside, garment in (
        (wide * mask, mask),
        (label, neckline_with_a_label(sag=0)[1]),
        (np.zeros_like(label), mask),
    ):
        assert np.array_equal(up_to_the_neck_points(inside, garment), inside)
