"""The picture on which a garment's outline is mended."""

import numpy as np
import pytest

from vton.images import pad_to_canvas
from vton.preprocess.garment_clicks import Click
from vton.types import Garment, Photo

SIZES = [(600, 400), (300, 900), (2400, 1800)]


@pytest.fixture(scope="module")
def outline():
    from vton.ui import outline

    return outline


def garment_of(height: int, width: int) -> Garment:
    """A photo whose middle half is cloth."""
    pixels = np.full((height, width, 3), 60, np.uint8)
    pixels[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = (200, 30, 30)
    image, _ = pad_to_canvas(pixels, (60, 60, 60))
    return Garment(Photo(pixels, "x"), image, (image[..., 0] > 130).astype(np.float32))


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_outline_runs_along_the_mask_and_only_the_rest_is_faded(outline, height, width):
    picture = outline.draw_outline(garment_of(height, width), ())
    assert max(picture.size) == min(outline.PICTURE_SIDE, max(height, width))
    assert picture.width / picture.height == pytest.approx(width / height, rel=0.01)
    pixels = np.asarray(picture).astype(int)
    rows, columns = np.nonzero(np.abs(pixels - outline.TAPE).sum(2) < 30)
    found = np.array([columns.min(), rows.min(), columns.max(), rows.max()]) / np.tile(picture.size, 2)
    assert np.abs(found - [0.25, 0.25, 0.75, 0.75]).max() < 0.03
    assert np.abs(pixels[picture.height // 2, picture.width // 2] - (200, 30, 30)).max() < 3
    assert pixels[picture.height // 10, picture.width // 10].min() > 130


@pytest.mark.parametrize(("inside", "strongest"), [(True, 1), (False, 0)])
def test_clicks_show_as_dots_where_they_were_made(outline, inside, strongest):
    plain = np.asarray(outline.draw_outline(garment_of(600, 400), ())).astype(int)
    dotted = np.asarray(outline.draw_outline(garment_of(600, 400), (Click(0.1, 0.8, inside),))).astype(int)
    rows, columns = np.nonzero(np.abs(plain - dotted).sum(2))
    assert abs(rows.mean() / 600 - 0.8) < 0.01
    assert abs(columns.mean() / 400 - 0.1) < 0.01
    coloured = dotted[rows, columns][(dotted[rows, columns].max(1) < 240)]
    assert np.median(coloured, 0).argmax() == strongest
