"""Body parts by the DensePose network: the right person, at the photo's own size."""

import numpy as np
import pytest
import torch

from vton.networks.densepose import DensePoseRCNN
from vton.preprocess import densepose
from vton.preprocess.densepose import DensePoseParts, most_prominent, network_input


@pytest.fixture
def network():
    """A tiny network that takes everything for a person whose every pixel is one of a few parts."""
    torch.manual_seed(3)
    network = DensePoseRCNN(width=4, blocks=(1, 1, 1, 1), channels=8, box_features=8, chart_width=8, chart_layers=1)
    with torch.no_grad():
        network.roi_heads.box_predictor.cls_score.bias += torch.tensor([3.0, -3.0])
        network.roi_heads.densepose_predictor.ann_index_lowres.bias += torch.tensor([-9.0, 9.0])
        network.roi_heads.densepose_predictor.index_uv_lowres.bias[0] -= 9.0
    return network.eval()


@pytest.fixture
def small(monkeypatch):
    """Keep the network's picture small, for time."""
    monkeypatch.setattr(densepose, "SHORTER_EDGE", 128)
    monkeypatch.setattr(densepose, "LONGER_EDGE", 213)


def photo(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(("height", "width"), [(200, 150), (150, 200), (90, 400)])
def test_one_person_at_the_size_of_the_photo(network, small, height, width):
    image = photo(height, width)
    parts = DensePoseParts(network)(image)
    assert parts.shape == (height, width) and parts.dtype == np.uint8
    assert parts[height // 2, width // 2] > 0
    assert parts.max() <= 24
    rows, columns = np.nonzero(parts)
    # One box, filled: the network calls every pixel of it a person.
    assert len(rows) == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)


def test_nobody_is_background(network, small):
    with torch.no_grad():
        network.roi_heads.box_predictor.cls_score.bias -= torch.tensor([9.0, -9.0])
    assert not DensePoseParts(network)(photo(120, 90)).any()


def test_the_network_sees_blue_first():
    image = np.zeros((64, 48, 3), np.uint8)
    image[..., 0] = 200
    pixels, size = network_input(image)
    assert size == (1067, 800) and pixels.shape == (1, 3, 1088, 800)
    torch.testing.assert_close(pixels[0, :, 5, 5], torch.tensor([-103.53, -116.28, 200 - 123.675]))
    assert not pixels[0, :, size[0] :].any()


def test_the_person_in_the_middle_is_chosen():
    boxes = torch.tensor([[0.0, 0, 20, 90], [30, 10, 70, 90], [5, 5, 95, 95]])
    assert most_prominent(boxes, (100, 100)) == 1
    assert most_prominent(boxes.flip(0), (100, 100)) == 0
    assert most_prominent(boxes[:1], (100, 100)) == 0
    assert most_prominent(boxes[:0], (100, 100)) is None
