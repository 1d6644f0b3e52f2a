"""Steps of the published method, and how flows are brought to the canvas."""

import numpy as np
import pytest
import torch

from vton.labels import Parse, Region
from vton.methods.canvas import pixels_read
from vton.methods.hr_viton import handle_occlusion, layers_of, one_hot_regions, smooth_regions
from vton.networks.hr_viton import sampling_grid


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


@pytest.mark.parametrize("size", [(1024, 768), (256, 192)])
def test_flow_is_told_in_pixels_of_the_canvas(size):
    reads = pixels_read(sampling_grid(torch.zeros(1, size[0] // 4, size[1] // 4, 2), *size))
    assert reads.shape == (1024, 768, 2)
    step = 1024 / size[0]
    np.testing.assert_allclose(reads[0, 0], (-0.5, -0.5), atol=step / 2)
    np.testing.assert_allclose(reads[-1, -1], (767.5, 1023.5), atol=step / 2)
    np.testing.assert_allclose(reads[512, 384] - reads[511, 383], (1, 1), atol=0.01)


def test_corner_centred_positions_are_told_in_pixels_of_the_canvas():
    axis_y, axis_x = torch.linspace(-1, 1, 256), torch.linspace(-1, 1, 192)
    grid = torch.stack(torch.meshgrid(axis_x, axis_y, indexing="xy"), -1)[None]
    reads = pixels_read(grid, align_corners=True)
    columns, rows = np.meshgrid(np.arange(768), np.arange(1024))
    np.testing.assert_allclose(reads, np.dstack([columns, rows]), atol=1e-2)
