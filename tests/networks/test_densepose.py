"""DensePose's network on several pictures, and on pictures of nobody."""

import pytest
import torch

from vton.networks.densepose import DensePoseRCNN
from vton.networks.densepose_charts import part_map


@pytest.fixture
def network():
    torch.manual_seed(3)
    return DensePoseRCNN(
        width=4, blocks=(1, 1, 1, 1), channels=8, box_features=8, chart_width=8, chart_layers=1, parts=3
    ).eval()


def test_pictures_of_a_batch_do_not_touch_each_other(network):
    images = 50 * torch.randn(2, 3, 64, 64)
    images[1, :, 60:] = 0
    sizes = [(64, 64), (60, 64)]
    with torch.inference_mode():
        together = network(images, sizes)
        alone = [network(images[row : row + 1], sizes[row : row + 1])[0] for row in range(2)]
    assert len(together) == 2
    for batch, single in zip(together, alone, strict=True):
        assert len(single.boxes) > 1
        # Sums in another order move a box a little, and that can decide which of two equal ones stays.
        distances = torch.cdist(single.boxes, batch.boxes, p=float("inf"))
        same, nearest = distances.amin(1) < 1e-2, distances.argmin(1)
        assert same.float().mean() > 0.95
        for own, other in ((single.scores, batch.scores), (single.charts.fine, batch.charts.fine)):
            torch.testing.assert_close(own[same], other[nearest][same], atol=1e-3, rtol=1e-3)
        assert (single.scores.diff() <= 0).all() and len(single.charts.coarse) == len(single.boxes)
    assert together[1].boxes[:, 3].max() <= 60


def test_nobody_is_no_row_and_an_empty_map(network):
    with torch.inference_mode():
        [found] = network(50 * torch.randn(1, 3, 64, 96), [(64, 96)], min_score=1.0)
        found = found.on_photo((64, 96), (32, 48))
    assert found.boxes.shape == (0, 4) and found.charts.fine.shape == (0, 3, 112, 112)
    assert not part_map(found.boxes, found.charts, (32, 48)).any()


def test_boxes_follow_the_photo_and_empty_ones_go(network):
    with torch.inference_mode():
        [found] = network(50 * torch.randn(1, 3, 64, 96), [(64, 96)])
    placed = found.on_photo((64, 96), (128, 48))
    assert len(placed.boxes) == len(placed.scores) == len(placed.charts.u) > 0
    torch.testing.assert_close(placed.boxes, found.boxes * torch.tensor([0.5, 2.0, 0.5, 2.0]))
