"""The body network's inputs and outputs."""

import torch

from vton.networks.body import BodyNet, keypoint_heatmaps


def test_heatmaps_peak_at_confident_keypoints():
    keypoints = torch.zeros(1, 18, 3)
    keypoints[0, 0] = torch.tensor([100.5, 40.5, 0.9])
    keypoints[0, 1] = torch.tensor([100.5, 40.5, 0.2])
    keypoints[0, 2] = torch.tensor([-500.0, 40.5, 0.9])
    maps = keypoint_heatmaps(keypoints)
    assert maps.shape == (1, 18, 128, 96)
    assert maps[0, 0].argmax() == 20 * 96 + 50
    assert maps[0, 0].max() == 1
    torch.testing.assert_close(maps[0, 0, 20, 53], torch.tensor(0.5).exp().reciprocal())
    assert maps[0, 1:].max() < 1e-6


def test_body_network_keeps_the_size():
    network = BodyNet(widths=(4, 6, 8, 10, 12)).eval()
    with torch.no_grad():
        parse, parts = network(torch.randn(2, 3, 64, 96), torch.rand(2, 1, 64, 96), torch.rand(2, 18, 32, 48))
    assert parse.shape == (2, 20, 64, 96)
    assert parts.shape == (2, 25, 64, 96)


def test_compact_body_network_stays_under_the_size_that_ships():
    assert sum(tensor.numel() for tensor in BodyNet().state_dict().values()) * 2 < 9.5e6
