"""Long sleeves that touch the body, told by where cuffs and hem end."""

import cv2
import numpy as np
import pytest

from tests.preprocess.test_sleeve_outline import CANVAS, SHORT, shirt
from vton.preprocess.sleeve_outline import sleeve_outlines, touching_sleeve_outlines

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
