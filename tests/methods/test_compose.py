"""The rough composite: what is laid over what."""

import pytest
import torch
import torch.nn.functional as F

from vton.labels import Region
from vton.methods.compose import blur, grow, rough_composite, skin_likeness, spread

SIZE = (96, 72)


def regions(**boxes: tuple[slice, slice]) -> torch.Tensor:
    labels = torch.zeros(SIZE, dtype=torch.long)
    for name, area in boxes.items():
        labels[area] = Region[name]
    return torch.nn.functional.one_hot(labels, len(Region)).permute(2, 0, 1)[None].float()


def test_spread_reaches_everywhere_with_the_nearest_colour():
    colours, weight = torch.zeros(1, 3, *SIZE), torch.zeros(1, 1, *SIZE)
    colours[:, 0, 10:14, 10:14] = 1
    weight[..., 10:14, 10:14] = 1
    colours[:, 1, 80:84, 60:64] = 1
    weight[..., 80:84, 60:64] = 1
    filled = spread(colours, weight)
    assert filled[0, 0, 20, 15] > 0.5 and filled[0, 1, 75, 60] > 0.5
    assert torch.allclose(filled.sum(1), torch.ones(1, *SIZE), atol=1e-4)


@pytest.mark.parametrize("radius", [1, 2.3, 6, 9])
def test_growing_and_blurring_are_poolings(radius):
    mask, half = torch.rand(2, 1, *SIZE, generator=torch.Generator().manual_seed(0)), round(radius)
    size = 2 * half + 1
    assert torch.equal(grow(mask, radius), F.max_pool2d(mask, size, stride=1, padding=half))
    assert torch.equal(grow(mask, -radius), 1 - F.max_pool2d(1 - mask, size, stride=1, padding=half))
    pooled = mask
    for _ in range(2):
        pooled = F.avg_pool2d(F.pad(pooled, (half,) * 4, mode="replicate"), size, stride=1)
    assert torch.allclose(blur(mask, radius), pooled, atol=1e-6)


def test_spreading_with_and_without_gradients_is_the_same():
    colours = torch.rand(2, 3, 37, 50, generator=torch.Generator().manual_seed(0))
    weight = (torch.rand(2, 1, 37, 50, generator=torch.Generator().manual_seed(1)) > 0.9).float()
    assert torch.allclose(spread(colours, weight), spread(colours.clone().requires_grad_(), weight), atol=1e-5)


def test_long_sleeves_under_a_sleeveless_garment_become_skin():
    sleeve, hand, torso = box(30, 60, 5, 15), box(60, 70, 5, 15), box(30, 70, 20, 50)
    before = regions(UPPER=torso, RIGHT_ARM=hand)
    before[0, :, sleeve[0], sleeve[1]] = 0
    before[0, Region.UPPER, sleeve[0], sleeve[1]] = 1
    target = regions(UPPER=torso, RIGHT_ARM=box(30, 70, 5, 15))
    image = torch.zeros(1, 3, *SIZE) - 1
    image[0, :, hand[0], hand[1]] = torch.tensor([0.8, 0.3, 0.1])[:, None, None]
    garment = torch.ones(1, 3, *SIZE) * torch.tensor([-0.5, -0.5, 0.9])[:, None, None]
    mask, keep = target[:, Region.UPPER : Region.UPPER + 1], torch.zeros(1, 1, *SIZE)
    composite, edit = rough_composite(image, before, target, garment, mask, keep)
    assert torch.allclose(composite[0, :, 45, 10], torch.tensor([0.8, 0.3, 0.1]), atol=0.15)
    assert torch.allclose(composite[0, :, 50, 35], torch.tensor([-0.5, -0.5, 0.9]), atol=0.02)
    assert edit[0, 0, 5, 5] == 0 and torch.equal(composite[0, :, 5, 5], image[0, :, 5, 5])


def test_what_is_kept_stays_in_front():
    torso = box(30, 70, 20, 50)
    before = target = regions(UPPER=torso)
    image, garment = torch.zeros(1, 3, *SIZE), torch.ones(1, 3, *SIZE)
    keep = torch.zeros(1, 1, *SIZE)
    keep[..., 40:50, 30:40] = 1
    composite, edit = rough_composite(image, before, target, garment, target[:, Region.UPPER : Region.UPPER + 1], keep)
    assert (composite[..., 42:48, 32:38] == 0).all() and (edit[..., 42:48, 32:38] == 0).all()
    assert composite[0, 0, 60, 35] > 0.99


def test_trousers_that_the_photo_does_not_show_are_dark():
    before, target = regions(UPPER=box(20, 96, 10, 60)), regions(UPPER=box(20, 60, 10, 60), BOTTOM=box(60, 96, 10, 60))
    image, keep = torch.full((1, 3, *SIZE), 0.5), torch.zeros(1, 1, *SIZE)
    worn = target[:, Region.UPPER : Region.UPPER + 1]
    composite, _ = rough_composite(image, before, target, image, worn, keep)
    assert composite[0, :, 75:90, 20:50].max() < -0.5


def test_the_shadow_of_a_sleeves_end_does_not_colour_new_skin():
    sleeve, arm = box(10, 50, 10, 30), box(50, 90, 10, 30)
    before, target = regions(UPPER=sleeve, LEFT_ARM=arm), regions(LEFT_ARM=box(10, 90, 10, 30))
    image = torch.full((1, 3, *SIZE), 0.2)
    image[0, :, arm[0], arm[1]] = torch.tensor([0.7, 0.3, 0.1])[:, None, None]
    image[0, :, 50:52, arm[1]] = -0.6
    image[0, :, sleeve[0], sleeve[1]] = -0.9
    none = torch.zeros(1, 1, *SIZE)
    composite, _ = rough_composite(image, before, target, image, none, none)
    assert torch.allclose(composite[0, :, 25:45, 18:22].mean((1, 2)), torch.tensor([0.7, 0.3, 0.1]), atol=0.2)


def test_new_arms_are_as_light_as_the_face_below_a_neck_in_the_shade():
    face, neck, top, arm = box(0, 30, 20, 50), box(30, 40, 25, 45), box(40, 90, 15, 60), box(45, 90, 2, 15)
    before, target = regions(FACE=face, NOISE=neck, UPPER=top), regions(FACE=face, NOISE=neck, UPPER=top)
    before[0, :, *arm], target[0, :, *arm] = 0, 0
    before[0, Region.UPPER, *arm], target[0, Region.RIGHT_ARM, *arm] = 1, 1
    image, lit = torch.full((1, 3, *SIZE), -0.9), torch.tensor([0.6, 0.2, 0.0])
    image[0, :, *face] = lit[:, None, None]
    image[0, :, *neck] = (lit - 0.6)[:, None, None]
    none = torch.zeros(1, 1, *SIZE)
    composite, _ = rough_composite(image, before, target, image, none, none)
    assert torch.allclose(composite[0, :, 60:85, 7:10].mean((1, 2)), lit, atol=0.15)


def test_skin_that_the_new_garment_covers_tells_its_colour():
    top, belly, arm = box(20, 50, 20, 60), box(50, 70, 20, 60), box(20, 70, 4, 16)
    before, target = regions(UPPER=top, NOISE=belly), regions(UPPER=box(20, 70, 20, 60), RIGHT_ARM=arm)
    before[0, :, *arm] = 0
    before[0, Region.UPPER, *arm] = 1
    image, skin, neck = torch.full((1, 3, *SIZE), -0.8), torch.tensor([0.7, 0.3, 0.1]), box(8, 20, 34, 46)
    image[0, :, *belly], image[0, :, *neck] = skin[:, None, None], (skin - 0.6)[:, None, None]
    before[0, :, *neck], target[0, :, *neck] = 0, 0
    before[0, Region.NOISE, *neck], target[0, Region.NOISE, *neck] = 1, 1
    worn = target[:, Region.UPPER : Region.UPPER + 1]
    composite, _ = rough_composite(image, before, target, image, worn, torch.zeros(1, 1, *SIZE))
    assert torch.allclose(composite[0, :, 35:60, 9:11].mean((1, 2)), skin, atol=0.15)


def box(top: int, bottom: int, left: int, right: int) -> tuple[slice, slice]:
    return slice(top, bottom), slice(left, right)


@pytest.mark.parametrize(
    ("arm", "trusted"),
    [((0.76, 0.41, 0.25), 1.0), ((0.35, -0.02, -0.2), 0.95), ((0.69, 0.49, 0.02), 0.0), ((0.1, 0.35, 0.3), 0.0)],
    ids=["the face's colour", "in shade", "khaki", "a green wall"],
)
def test_cloth_and_backdrop_taken_for_an_arm_tell_nothing_of_skin(arm, trusted):
    image = torch.zeros(1, 3, *SIZE)
    image[..., :30, :] = torch.tensor([0.76, 0.41, 0.25]).view(1, 3, 1, 1)
    image[..., 30:, :] = torch.tensor(arm).view(1, 3, 1, 1)
    face = torch.zeros(1, 1, *SIZE)
    face[..., 5:25, 10:60] = 1
    likeness = skin_likeness(image, face)[..., 30:, :]
    assert likeness.mean() == pytest.approx(trusted, abs=0.06)
