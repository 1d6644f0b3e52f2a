"""The published method from Person and Garment to Composition, with its networks at tiny widths."""

import numpy as np
import torch

from vton.labels import Parse, Region
from vton.methods.hr_viton import HRViton, handle_occlusion, layers_of, one_hot_regions, pixels_read, smooth_regions
from vton.networks.hr_viton import ConditionGenerator, ImageGenerator, sampling_grid
from vton.types import Garment, Person, Photo


def blank(height=1024, width=768, value=0):
    return np.full((height, width), value, np.uint8)


def test_composition_of_tiny_networks():
    photo = Photo(np.zeros((1024, 768, 3), np.uint8), "")
    colours = np.random.default_rng(0).integers(0, 256, (1024, 768, 3), np.uint8)
    parse = blank()
    parse[300:700, 200:500] = Parse.PANTS
    person = Person(
        photo=photo,
        box=(0, 0, 768, 1024),
        image=colours,
        silhouette=np.ones((1024, 768), np.float32),
        keypoints=np.ones((18, 3), np.float32),
        parse=parse,
        parts=blank(),
        agnostic=colours,
        parse_agnostic=parse,
    )
    garment = Garment(photo=photo, image=colours, mask=np.ones((1024, 768), np.float32))
    image = ImageGenerator(width=16, hidden=4, feature_channels=2).eval()
    composition = HRViton(ConditionGenerator(width=4).eval(), image)(person, garment)
    assert composition.warped_garment.shape == composition.generated.shape == (1024, 768, 3)
    assert composition.warped_garment.dtype == composition.generated.dtype == np.uint8
    assert composition.warped_mask.shape == (1024, 768)
    np.testing.assert_allclose(composition.warped_mask, 1, atol=1e-5)
    assert composition.flow.shape == (1024, 768, 2)
    np.testing.assert_allclose(composition.target.sum(0), 1, atol=1e-4)


def test_labels_are_regrouped():
    parse = torch.tensor([[[Parse.BACKGROUND, Parse.NECK, Parse.HAT, Parse.COAT, Parse.SCARF, Parse.LEFT_ARM]]])
    regions = one_hot_regions(parse).argmax(1)
    names = [Region.BACKGROUND, Region.BACKGROUND, Region.HAIR, Region.UPPER, Region.NOISE, Region.LEFT_ARM]
    assert regions.flatten().tolist() == names
    assert layers_of(regions[:, None]).shape == (1, 7, 1, 6)


def test_hair_in_front_hides_the_garment():
    logits = torch.zeros(1, 13, 32, 32)
    logits[:, Region.UPPER] = 20
    logits[:, Region.UPPER, :, :16] = 0
    logits[:, Region.HAIR, :, :16] = 20
    smoothed = smooth_regions(logits, 64, 64)
    garment, mask = handle_occlusion(smoothed, torch.full((1, 3, 64, 64), -1.0), torch.ones(1, 1, 64, 64))
    assert mask[0, 0, 20:40, 5:20].max() < 0.01
    assert mask[0, 0, 20:40, 45:58].min() > 0.99
    assert garment[0, :, 20:40, 5:20].min() > 0.97


def test_flow_is_told_in_pixels():
    reads = pixels_read(sampling_grid(torch.zeros(1, 16, 12, 2), 64, 48))
    np.testing.assert_allclose(reads[0, 0], (-0.5, -0.5), atol=1e-5)
    np.testing.assert_allclose(reads[-1, -1], (47.5, 63.5), atol=1e-5)
