import pytest
import torch

from vton.evaluation.metrics import ssim
from vton.training.losses import dissimilarity


def pictures():
    random = torch.Generator().manual_seed(0)
    coarse = torch.rand(1, 3, 8, 8, generator=random)
    goal = torch.nn.functional.interpolate(coarse, size=(48, 48), mode="bilinear") * 2 - 1
    noisy = (goal + 0.2 * torch.randn(goal.shape, generator=random)).clamp(-1, 1)
    return goal, noisy


def test_dissimilarity_agrees_with_the_measure_that_is_reported():
    goal, noisy = pictures()
    weight = torch.zeros(1, 1, 48, 48)
    weight[..., 5:-5, 5:-5] = 1
    pixels = [((p[0].permute(1, 2, 0) + 1) * 127.5).round().byte().numpy() for p in (goal, noisy)]
    assert float(dissimilarity(noisy, goal, weight, 5, 1.5)) == pytest.approx(1 - ssim(*pixels), abs=0.01)
    assert float(dissimilarity(goal, goal, weight)) == pytest.approx(0, abs=1e-5)


def test_dissimilarity_counts_where_it_is_told_to():
    goal, noisy = pictures()
    left = torch.zeros(1, 1, 48, 48)
    left[..., :20] = 1
    half_noisy = torch.cat((goal[..., :24], noisy[..., 24:]), 3)
    assert float(dissimilarity(half_noisy, goal, left)) == pytest.approx(0, abs=1e-5)
    assert float(dissimilarity(half_noisy, goal, 1 - left)) > 0.05
