"""The compact parser-free method on made-up people: frames, composition, and the mirror's steadiness."""

import numpy as np
import pytest
import torch
from tiny_methods import Decided, still_warp

from vton.finish import finish
from vton.labels import Joint, Parse
from vton.methods.pf_afn_compact import (
    GENERATOR_CHANNELS,
    OUTPUT_CHANNELS,
    CompactPFAFN,
    FramedPerson,
    Worn,
    frame_garment,
    frame_positions,
    from_the_photo,
    skin_colour,
    wear,
)
from vton.networks.pf_afn import ResidualUNet
from vton.networks.pf_afn_posed import PosedAppearanceFlow
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person, Photo


@pytest.fixture(scope="module")
def person() -> Person:
    image = np.full((CANVAS_HEIGHT, CANVAS_WIDTH, 3), 120, np.uint8)
    image[180:300, 340:430], image[-60:] = (220, 170, 140), 250
    parse = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.uint8)
    parse[310:700, 250:520] = Parse.UPPER
    keypoints = np.zeros((18, 3), np.float32)
    places = {
        Joint.NOSE: (385, 250), Joint.NECK: (385, 320), Joint.RIGHT_SHOULDER: (280, 320),
        Joint.LEFT_SHOULDER: (490, 320), Joint.RIGHT_HIP: (310, 680), Joint.LEFT_HIP: (460, 680),
    }  # fmt: skip
    for joint, place in places.items():
        keypoints[joint] = (*place, 1)
    box, silhouette = (0, 0, CANVAS_WIDTH, CANVAS_HEIGHT), (parse > 0).astype(np.float32)
    return Person(Photo(image, "p"), box, image, silhouette, keypoints, parse, parse * 0, image, parse * 0)


@pytest.fixture(scope="module")
def garment() -> Garment:
    image = np.full((CANVAS_HEIGHT, CANVAS_WIDTH, 3), 250, np.uint8)
    mask = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    image[200:800, 150:620], mask[200:800, 150:620] = (200, 40, 60), 1
    return Garment(Photo(image, "g"), image, mask)


@pytest.fixture(scope="module")
def warp() -> PosedAppearanceFlow:
    return still_warp()


def test_a_composition_of_random_networks_fits_the_canvas(warp, person, garment):
    torch.manual_seed(0)
    method = CompactPFAFN(warp, ResidualUNet(GENERATOR_CHANNELS, OUTPUT_CHANNELS, (4, 4, 8, 8, 8)).eval())
    made = method(person, garment)
    size = (CANVAS_HEIGHT, CANVAS_WIDTH)
    assert made.warped_garment.shape == made.generated.shape == (*size, 3)
    assert made.warped_mask.shape == made.visible.shape == size and made.flow.shape == (*size, 2)
    assert made.target is None and made.visible.min() >= 0 and made.visible.max() <= 1
    assert finish(person, garment, made).image.shape == person.photo.pixels.shape


def test_without_offsets_the_garment_is_laid_over_the_torso(warp, person, garment):
    made = CompactPFAFN(warp, Decided())(person, garment)
    middle = np.s_[450:550, 350:420]
    assert made.visible[middle].min() > 0.95
    assert np.abs(made.generated[middle].astype(int) - (200, 40, 60)).max() <= 3
    assert (made.generated[:60] == person.image[:60]).all()
    finished = finish(person, garment, made).image
    assert np.abs(finished[middle].astype(int) - (200, 40, 60)).max() <= 3
    assert (finished[:60] == person.photo.pixels[:60]).all()


def test_a_garment_is_framed_once(garment):
    framed = frame_garment(garment)
    assert framed.inputs.shape == (1, 6, 256, 192) and frame_garment(garment) is framed
    rows = torch.nonzero(framed.inputs[0, 3].amax(1) > 0.5)
    assert 225 <= int(rows.max() - rows.min()) + 1 <= 240


def test_where_nothing_is_worn_the_picture_stays():
    photo, garment = torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8)
    nothing, one = torch.zeros(1, 1, 8, 8), torch.ones(1, 1, 8, 8)
    worn = Worn(torch.zeros(1, 2, 8, 8), nothing, nothing, nothing, -torch.ones(1, 3, 8, 8), one)
    assert torch.equal(wear(photo, garment, worn), photo)
    worn = Worn(torch.zeros(1, 2, 8, 8), one, one, one, -torch.ones(1, 3, 8, 8), one)
    assert torch.allclose(wear(photo, garment, worn), garment)


def test_positions_are_pixel_centres():
    corners = torch.tensor([[-1.0, 1.0], [-1.0, 1.0]]).view(1, 2, 1, 2)
    assert frame_positions(corners).flatten().tolist() == [0, 191, 0, 255]


def test_the_colour_of_skin_is_the_faces(person):
    assert np.allclose(skin_colour(person.image, person.keypoints), np.array([220, 170, 140]) / 127.5 - 1)
    assert not skin_colour(person.image, person.keypoints - np.float32([0, 900, 0])).any()


def test_what_is_painted_takes_its_colours_from_the_photo():
    skin = torch.tensor([[0.7, 0.3, 0.1]])
    inputs = torch.zeros(1, 9, 256, 192)
    inputs[:, :3] = -0.4
    inputs[:, :3, 20:240, 60:130] = torch.tensor([-0.8, 0.6, 0.6]).view(1, 3, 1, 1)
    inputs[:, :3, 20:60, 80:110] = skin[:, :, None, None]
    inputs[:, 3, 20:240, 60:130] = 1
    inputs[:, 4, 80:140, 60:75] = 0.1
    zero, repaint = torch.zeros(1, 1, 256, 192), torch.zeros(1, 1, 256, 192)
    repaint[:, :, 80:140, 20:130] = 1
    paint = torch.full((1, 3, 256, 192), -0.4)
    paint[:, :, :, 60:130] = 0.9 * skin[:, :, None, None]
    person = FramedPerson(inputs, torch.zeros(1, 18, 2), skin)
    made = from_the_photo(person, Worn(zero, zero, zero, repaint, paint, zero + 1))
    sleeve, wall = made.paint[0, :, 100, 67], made.repaint[0, 0, 100, 20:50]
    assert (sleeve - skin[0]).abs().max() < 0.15 and made.repaint[0, 0, 100, 67] > 0.9
    assert wall.max() == 0
