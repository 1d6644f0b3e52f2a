"""What outlines tell: each doubt on a drawn example, and none on garments as they should be shown."""

import cv2
import numpy as np
import pytest

from vton.preprocess.findings import FINDINGS
from vton.preprocess.garment_checks import garment_findings

TEE = [(150, 60), (210, 80), (270, 60), (400, 130), (350, 230), (310, 205), (310, 500), (110, 500), (110, 205)]
TEE = np.array([*TEE, (70, 230), (20, 130)])
LONG = [(150, 60), (210, 80), (270, 60), (330, 90), (400, 420), (355, 430), (300, 220), (300, 500), (120, 500)]
LONG += [(120, 220), (65, 430), (20, 420), (90, 90)]
CROPPED = [(150, 60), (210, 80), (270, 60), (330, 90), (400, 420), (355, 430), (300, 220), (300, 300), (120, 300)]
CROPPED += [(120, 220), (65, 430), (20, 420), (90, 90)]
CAMISOLE = [(130, 60), (138, 60), (150, 160), (210, 190), (270, 160), (282, 60), (290, 60), (310, 500), (110, 500)]
TROUSERS = [(150, 40), (310, 40), (350, 520), (250, 520), (230, 220), (210, 520), (110, 520)]
SHORTS = [(130, 150), (330, 150), (370, 420), (245, 420), (230, 300), (215, 420), (90, 420)]
SKIRT = [(160, 100), (300, 100), (390, 480), (70, 480)]
FOLDED = [(120, 150), (340, 150), (340, 450), (120, 450)]


def drawn(*polygons):
    mask = np.zeros((560, 460), np.uint8)
    for polygon in polygons:
        cv2.fillPoly(mask, [np.array(polygon, np.int32)], 1)
    return mask.astype(np.float32)


def turned(mask, angle):
    matrix = cv2.getRotationMatrix2D((mask.shape[1] / 2, mask.shape[0] / 2), angle, 0.8)
    return cv2.warpAffine(mask, matrix, mask.shape[::-1])


@pytest.mark.parametrize("polygon", [TEE, LONG, CROPPED, CAMISOLE], ids=["tee", "long", "cropped", "camisole"])
def test_tops_shown_well_raise_no_doubt(polygon):
    assert garment_findings(drawn(polygon)) == []
    assert garment_findings(turned(drawn(polygon), 5)) == []


@pytest.mark.parametrize(
    ("mask", "code"),
    [
        (drawn(TROUSERS), "garment_not_top"),
        (drawn(SHORTS), "garment_not_top"),
        (drawn(SKIRT), "garment_not_top"),
        (drawn(FOLDED), "garment_folded"),
        (turned(drawn(FOLDED), 12), "garment_folded"),
        (drawn(TEE * 0.5 + [5, 100], TEE * 0.5 + [240, 100]), "several_garments"),
        (drawn(TEE * 0.5 + [8, 100], TEE * 0.5 + [195, 100]), "several_garments"),
        (turned(drawn(TEE), 35), "garment_not_frontal"),
        (turned(drawn(TEE), 90), "garment_not_frontal"),
        (np.roll(drawn(TEE), 200, axis=0) * (np.arange(560)[:, None] > 120), "garment_cut_off"),
    ],
)
def test_doubts(mask, code):
    assert garment_findings(mask.astype(np.float32)) == [code]
    assert FINDINGS[code].severity == "warn"
