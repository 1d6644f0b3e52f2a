"""From a photograph to a Person and a Garment; the body network is untrained here."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from vton.images import PictureError, crop, load_photo
from vton.labels import Joint, Parse
from vton.networks.body import BodyNet
from vton.preprocess.checks import FINDINGS
from vton.preprocess.parsing import BodyParser
from vton.preprocess.pose import PoseEstimator
from vton.preprocess.prepare import Preparer, shows_skin

PERSONS = sorted((Path(__file__).parents[2] / "examples" / "persons").glob("*.jpg"))
needs_persons = pytest.mark.skipif(not PERSONS, reason="no example photographs")


@pytest.fixture(scope="module")
def preparer():
    torch.manual_seed(0)
    return Preparer(PoseEstimator(), BodyParser(BodyNet(widths=(8, 8, 8, 8, 8)).eval()))


@pytest.fixture(scope="module")
def timings():
    """What the making of `person` took, by step."""
    return {}


@pytest.fixture(scope="module")
def person(preparer, timings):
    return preparer.person(load_photo(PERSONS[0]), timings)


@needs_persons
def test_a_photo_becomes_a_person(person, timings):
    photo = load_photo(PERSONS[0])
    for picture in (person.image, person.agnostic):
        assert picture.shape == (1024, 768, 3) and picture.dtype == np.uint8
    for labels in (person.parse, person.parts, person.parse_agnostic):
        assert labels.shape == (1024, 768) and labels.dtype == np.uint8
    left, top, right, bottom = person.box
    assert (right - left) / (bottom - top) == pytest.approx(0.75)
    assert np.array_equal(person.image, crop(photo.pixels, person.box, (768, 1024)))
    x, y = person.keypoints[Joint.NECK, :2].astype(int)
    assert person.silhouette[y, x] > 0.5
    assert list(timings) == ["pose", "refocus", "parse", "agnostic"]


@needs_persons
def test_the_same_photo_gives_the_same_person(preparer, person):
    again = preparer.person(load_photo(PERSONS[0]))
    assert np.array_equal(again.parse, person.parse)
    assert np.array_equal(again.agnostic, person.agnostic)


@needs_persons
def test_several_people_are_named_in_a_warning(preparer):
    pixels = load_photo(PERSONS[0]).pixels
    person = preparer.person(load_photo(Image.fromarray(np.concatenate([pixels, pixels[:, ::-1]], axis=1))))
    assert FINDINGS["several_people"].english in person.warnings


def test_a_blank_wall_is_refused(preparer):
    wall = np.random.default_rng(0).normal(200, 2, (500, 400, 3)).clip(0, 255).astype(np.uint8)
    with pytest.raises(PictureError, match="Nobody"):
        preparer.person(load_photo(Image.fromarray(wall)))
    with pytest.raises(PictureError, match="No garment"):
        preparer.garment(load_photo(Image.fromarray(wall)))


@needs_persons
def test_the_frame_can_be_kept(preparer):
    """A small 3:4 photo of somebody far away: refocused by default, whole when asked, with the labels in place."""
    pixels = load_photo(PERSONS[0]).pixels
    side = max(pixels.shape[0] // 4, pixels.shape[1] // 3) + 1
    wall = np.full((4 * 3 * side, 3 * 3 * side, 3), pixels[0, 0], np.uint8)
    wall[side : side + pixels.shape[0], side : side + pixels.shape[1]] = pixels
    photo = load_photo(Image.fromarray(wall))
    near, whole = preparer.person(photo), preparer.person(photo, frame="auto")
    assert near.box[3] - near.box[1] < 0.8 * wall.shape[0]
    assert whole.box == (0, 0, wall.shape[1], wall.shape[0])
    scale = wall.shape[0] / 1024
    neck = (whole.keypoints[Joint.NECK, :2] + 0.5) * scale
    expected = near.keypoints[Joint.NECK, :2] * (near.box[3] - near.box[1]) / 1024 + near.box[:2]
    assert np.linalg.norm(neck - expected) < 0.02 * wall.shape[0]
    assert preparer.person(photo, frame="refocus").box == near.box


SKIN, TEAL, ROSE = (224, 172, 140), (30, 120, 140), (210, 80, 110)


def dressed(arms, top):
    """A picture and its parse: sleeves that may be arms in the upper half, a top in the lower one."""
    image, parse = np.full((1024, 768, 3), top, np.uint8), np.full((1024, 768), Parse.UPPER, np.uint8)
    image[:512], parse[:512] = arms, Parse.LEFT_ARM
    return image, parse


def test_arms_beside_a_top_are_skin():
    assert shows_skin(*dressed(SKIN, TEAL))


def test_sleeves_of_many_colours_are_no_skin():
    image, parse = dressed(SKIN, TEAL)
    image[:512:3] = TEAL
    assert not shows_skin(image, parse)


def test_sleeves_of_a_colour_that_the_top_has_too_are_no_skin():
    image, parse = dressed(SKIN, ROSE)
    image[512::8] = SKIN
    assert not shows_skin(image, parse)


def test_a_wall_beside_a_hanger_is_no_skin():
    image, parse = dressed(SKIN, TEAL)
    image[:200], parse[:200] = SKIN, Parse.BACKGROUND
    assert not shows_skin(image, parse)
