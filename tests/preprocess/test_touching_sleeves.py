"""Long sleeves that touch the body, told by where cuffs and hem end."""

import cv2
import numpy as np
import pytest

from tests.preprocess.test_sleeve_outline import CANVAS, SHORT, shirt
from vton.preprocess.sleeve_outline import bent_sleeves, sleeve_outlines, touching_sleeve_outlines

ENDS = [(172, 740), (596, 740)]
TOUCHING = [[(255, 170), ENDS[0]], [(513, 170), ENDS[1]]]


def polygon(*points: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(CANVAS, np.float32)
    cv2.fillPoly(mask, [np.array(points)], 1.0)
    return mask


def touching(hem: int = 800) -> np.ndarray:
    """A long-sleeved shirt without a gap between sleeves and body, but for their ends."""
    mask = shirt(*TOUCHING, thickness=104)
    mask[hem:, 232:536] = 0
    mask[720:, 221:232] = mask[720:, 536:547] = 0
    return mask


@pytest.mark.parametrize("hem", [800, 735, 690], ids=["cuffs above the hem", "a notch", "cuffs below the hem"])
def test_sleeves_without_a_gap_are_told_by_their_cuffs(hem):
    mask = touching(hem)
    assert sleeve_outlines(mask) == (None, None)
    found = touching_sleeve_outlines(mask)
    for sleeve, end in zip(found, ENDS, strict=True):
        assert np.linalg.norm(sleeve.middles[-1] - end) < 40 and sleeve.middles[0, 1] < 400
        assert sleeve.halves[-3] == pytest.approx(52, abs=14)


def half_of_a_hoodie(*points: tuple[int, int]) -> np.ndarray:
    """A garment whose right half has this outline from the neck to the hem."""
    return polygon(*((384 + x, y) for x, y in points), *((384 - x, y) for x, y in reversed(points)))


HOODIE = (60, 150), (130, 190), (220, 250), (255, 330), (275, 450), (285, 600), (290, 800), (285, 840)
JACKET = (60, 150), (110, 188), (160, 226), (177, 276), (200, 339), (226, 402), (252, 465), (278, 528), (287, 591)
SWEATER = (29, 150), (29, 195), (107, 239), (180, 299), (203, 373), (215, 448), (229, 522), (247, 597), (255, 671)


@pytest.mark.parametrize(
    "outline",
    [HOODIE, (*JACKET, (290, 700), (285, 780)), (*SWEATER, (290, 850), (285, 895))],
    ids=["a hoodie", "a jacket", "a sweater"],
)
def test_sleeves_that_end_with_the_hem_are_told_by_the_slope_of_the_shoulders(outline):
    mask = half_of_a_hoodie(*outline)
    assert sleeve_outlines(mask) == (None, None)
    for sleeve, sign in zip(touching_sleeve_outlines(mask), (-1, 1), strict=True):
        middles = sign * (sleeve.middles - (384, 0)) * (1, sign)
        assert middles[0, 1] < 400 and middles[-1, 1] > outline[-1][1] - 80
        assert (middles[:, 0] > 130).all() and sleeve.halves[-3] == pytest.approx(0.08 * sleeve.unit, rel=0.25)


BENT = (60, 150), (75, 233), (130, 288), (180, 357), (218, 426), (267, 495), (285, 564), (258, 633), (238, 702)
BENT += (215, 771), (198, 840)


def test_sleeves_bent_so_that_they_end_with_the_hem_are_told_by_their_elbows():
    mask = half_of_a_hoodie(*BENT)
    for sleeve, sign in zip(touching_sleeve_outlines(mask), (-1, 1), strict=True):
        away = sign * (sleeve.middles[:, 0] - 384)
        assert away[0] < away[len(away) // 2] > away[-1] and sleeve.middles[-1, 1] > 780
    found = bent_sleeves(mask)
    assert found[564, 384 + 275] and found[820, 384 - 180] and not found[:320].any()
    assert not found[:, 384 - 35 : 384 + 35].any() and (found & (mask == 0)).sum() < 0.01 * found.sum()
    lower = bent_sleeves(mask, below=0.2)
    assert not lower[:420].any() and (lower[430:] == found[430:]).all()


@pytest.mark.parametrize(
    "mask",
    [
        half_of_a_hoodie(*HOODIE),
        touching(),
        shirt(),
        half_of_a_hoodie(*((x + 60, y) for x, y in BENT)),
        half_of_a_hoodie(*BENT[:7], (180, 640), (175, 840)),
        np.zeros(CANVAS, np.float32),
    ],
    ids=["a hoodie", "cuffs above the hem", "no sleeves", "a strapless top", "sleeves to the elbow", "nothing"],
)
def test_what_has_no_bent_sleeves(mask):
    assert bent_sleeves(mask) is None


@pytest.mark.parametrize(
    "outline",
    [
        [(200, 150), (205, 260), (215, 330), (240, 400), (290, 440), (290, 840)],
        [(230, 150), (270, 180), (280, 320), (285, 600), (290, 840)],
        [(60, 150), (130, 190), (220, 250), (270, 330), (290, 450), (285, 560), (190, 640), (180, 840)],
        [(60, 150), (120, 190), (130, 420), (200, 600), (290, 840)],
        [(60, 250), (130, 270), (220, 300), (255, 330), (275, 380), (285, 450), (290, 500), (285, 520)],
    ],
    ids=["a tank top", "a vest", "to the elbow", "a swinging top", "a cape"],
)
def test_outlines_without_sleeves_to_the_hem(outline):
    assert touching_sleeve_outlines(half_of_a_hoodie(*outline)) == (None, None)


@pytest.mark.parametrize(
    "mask",
    [
        shirt(),
        shirt(*SHORT, thickness=110),
        shirt(TOUCHING[0], thickness=104),
        polygon((310, 100), (458, 100), (640, 900), (560, 840), (384, 900), (208, 840), (128, 900)),
        polygon((190, 20), (578, 20), (608, 1000), (540, 1000), (524, 950), (244, 950), (228, 1000), (160, 1000)),
        polygon(
            (200, 150), (568, 150), (560, 450), (600, 800), (540, 800), (520, 450), (248, 450), (228, 800), (168, 800)
        ),
        shirt([(255, 170), (190, 470)], [(513, 170), (578, 470)], thickness=104),
        polygon((60, 300), (708, 300), (700, 640), (580, 640), (570, 590), (198, 590), (188, 640), (68, 640)),
        np.zeros(CANVAS, np.float32),
    ],
    ids=[
        "no sleeves",
        "short ones",
        "one alone",
        "a flared skirt",
        "a dress",
        "ties",
        "to the elbow",
        "a bandeau",
        "nothing",
    ],
)
def test_what_has_no_sleeves_that_touch_the_body(mask):
    assert touching_sleeve_outlines(mask) == (None, None)
