from pathlib import Path

import cv2
import numpy as np
import pytest

from vton.images import load_photo
from vton.preprocess.garment_mask import garment_mask
from vton.preprocess.garment_page import between_bands, picture_on_page, picture_within, within_frame

GARMENTS = Path(__file__).parents[2] / "examples" / "garments"


@pytest.fixture(scope="module")
def picture():
    return cv2.resize(load_photo(GARMENTS / "polo-forest.jpg").pixels, (300, 400), interpolation=cv2.INTER_AREA)


def on_page(picture, colour, box, size=(500, 700)):
    page = np.full((*size, 3), colour, np.uint8)
    page[box[0] : box[0] + picture.shape[0], box[1] : box[1] + picture.shape[1]] = picture
    # As pages are sent, with specks about edges.
    return cv2.imdecode(cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 80])[1], cv2.IMREAD_COLOR)


@pytest.mark.parametrize("colour", [255, 20, 200])
@pytest.mark.parametrize(("box", "size"), [((40, 90), (500, 700)), ((0, 80), (400, 460)), ((120, 0), (640, 300))])
def test_a_picture_on_a_page_is_found_and_its_garment_in_it(picture, colour, box, size):
    page = on_page(picture, colour, box, size)
    rows, columns = picture_on_page(page)
    assert abs(rows.start - box[0]) < 7 and abs(columns.start - box[1]) < 7
    assert abs(rows.stop - box[0] - 400) < 7 and abs(columns.stop - box[1] - 300) < 7
    alone = garment_mask(picture) > 0.5
    found = garment_mask(page)[box[0] : box[0] + 400, box[1] : box[1] + 300] > 0.5
    assert (alone & found).sum() / (alone | found).sum() > 0.95


def test_garments_are_no_pages(picture):
    assert picture_on_page(picture) is None
    assert picture_on_page(np.full((60, 60, 3), 200, np.uint8)) is None
    folded = np.full((400, 400, 3), 240, np.uint8)
    corners = np.array([[80, 90], [310, 95], [318, 330], [84, 322]])
    assert picture_on_page(cv2.fillPoly(folded, [corners], (180, 20, 30))) is None


@pytest.mark.parametrize("dashes", [1, 9])
def test_a_frame_that_is_drawn_about_a_garment_is_none(picture, dashes):
    page = np.full((640, 520, 3), 255, np.uint8)
    page[140:540, 110:410] = np.where(garment_mask(picture)[..., None] > 0.5, picture, 255)
    cv2.rectangle(page, (40, 100), (480, 600), (120, 120, 120), 2)
    page[:, ::dashes] = np.where(dashes > 1, 255, page[:, ::dashes])
    cv2.putText(page, "POLO  forest", (60, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (30, 30, 30), 3)
    page = cv2.imdecode(cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 80])[1], cv2.IMREAD_COLOR)
    alone, found = garment_mask(picture) > 0.5, garment_mask(page) > 0.5
    inner = found[140:540, 110:410]
    assert (alone & inner).sum() / (alone | inner).sum() > 0.93 and found.sum() == inner.sum()


def test_what_is_no_frame(picture):
    tee = garment_mask(picture) > 0.5
    for mask in (tee, np.zeros((90, 90), bool), np.ones((90, 90), bool), np.pad(np.ones((9, 9), bool), 40)):
        page = np.full((*mask.shape, 3), 250, np.uint8)
        assert within_frame(page, mask) is None
    framed = np.pad(np.ones((200, 300), bool), 50)
    page = np.full((*framed.shape, 3), 250, np.uint8)
    assert all(50 < side.start < 62 for side in within_frame(page, framed))
    page[framed] = (150, 30, 40)
    assert within_frame(page, framed) is None, "a cloth"


def test_a_rectangle_of_cloth_stays_whole():
    towel = np.full((400, 360, 3), 250, np.uint8)
    towel[60:340, 70:290] = (150, 30, 40)
    assert garment_mask(towel)[65:335, 75:285].min() > 0.9


def test_a_page_with_nothing_in_its_picture_is_looked_at_as_a_whole():
    page = np.full((400, 300, 3), 250, np.uint8)
    page[100:300, 60:240] = (150, 30, 40)
    assert picture_on_page(page) is not None
    assert garment_mask(page)[150:250, 100:200].min() > 0.9


@pytest.mark.parametrize("side", ["top", "bottom", "left", "right"])
@pytest.mark.parametrize("width", [4, 40])
def test_a_band_at_a_side_is_no_part_of_the_picture(picture, side, width):
    margins = [width * (side == each) for each in ("top", "bottom", "left", "right")]
    banded = cv2.copyMakeBorder(picture, *margins, cv2.BORDER_CONSTANT, value=(90, 60, 60))
    rows, columns = between_bands(banded)
    assert abs(rows.stop - rows.start - 400) < 7 and abs(columns.stop - columns.start - 300) < 7
    inner = np.s_[margins[0] : margins[0] + 400, margins[2] : margins[2] + 300]
    alone, found = garment_mask(picture) > 0.5, garment_mask(banded)[inner] > 0.5
    assert (alone & found).sum() / (alone | found).sum() > 0.95


def test_a_garment_that_reaches_the_edge_is_no_band(picture):
    assert picture_within(picture) is None
    wide = np.full((300, 300, 3), 235, np.uint8)
    wide[260:] = (30, 60, 120)
    wide[100:, 60:240] = (30, 60, 120)
    wide[260:, ::3] = (200, 180, 60)
    assert between_bands(wide) is None


def test_a_background_below_a_hem_as_wide_as_the_picture_is_no_band(picture):
    filled = np.full((400, 300, 3), 255, np.uint8)
    filled[120:380, 2:298], filled[60:120, 100:200] = (30, 60, 120), (30, 60, 120)
    assert between_bands(filled) is None
