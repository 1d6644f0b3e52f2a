"""What the outline network is shown of a garment's picture."""

import numpy as np
import pytest
import torch
from torch import nn

from vton.preprocess.outline_frame import FRAME, framed, look_for_garment, network_picture

WHITE = (250, 250, 250)


class Darker(nn.Module):
    """Stands in for the network: garment is what is darker than its background."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(-20.0))
        self.seen: list[torch.Tensor] = []

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        self.seen.append(picture)
        return self.scale * (picture[:, 0] + 0.2)


def photographed(height: int, width: int, garment: tuple[slice, slice]) -> np.ndarray:
    picture = np.full((height, width, 3), WHITE, np.uint8)
    picture[garment] = (40, 60, 160)
    return picture


@pytest.mark.parametrize(("height", "width"), [(1024, 768), (800, 800), (1000, 500), (90, 60)])
def test_a_picture_of_any_shape_lies_whole_in_the_frame(height, width):
    frame, box = framed(photographed(height, width, np.s_[: height // 2, :]), WHITE)
    assert frame.shape == (*FRAME, 3)
    inner = frame[box]
    assert inner.shape[0] / inner.shape[1] == pytest.approx(height / width, rel=0.02)
    assert inner.shape[0] == FRAME[0] or inner.shape[1] == FRAME[1]
    outside = np.ones(FRAME, bool)
    outside[box] = False
    assert (frame[outside] == 250).all()
    assert (inner[: len(inner) // 2 - 2, 3:-3] < 200).any(2).all()


def test_colours_are_differences_from_the_ground():
    seen = network_picture(photographed(256, 192, np.s_[50:80, 50:80]), WHITE)
    assert seen.shape == (6, 256, 192) and np.abs(seen).max() <= 1 and seen.dtype == np.float32
    assert np.abs(seen[:, :40]).max() == 0
    assert seen[3, 60, 60] == pytest.approx(-1, abs=1e-3) and -0.999 < seen[2, 60, 60] < -0.5


def test_white_cloth_on_white_paper_is_told_by_the_finer_three():
    picture = photographed(256, 192, np.s_[50:80, 50:80])
    picture[50:80, 50:80] = 246
    seen = network_picture(picture, WHITE)
    assert np.abs(seen[:3, 60, 60]).max() < 0.1 < 0.4 < np.abs(seen[3:, 60, 60]).min()


def test_a_small_garment_is_looked_at_from_near():
    network, garment = Darker().eval(), np.s_[400:600, 300:450]
    seen = look_for_garment(network, photographed(1024, 768, garment))
    truth = np.zeros((1024, 768), bool)
    truth[garment] = True
    assert ((seen.probability > 0.5) ^ truth).sum() < 0.01 * truth.sum()
    assert len(network.seen) == 1 and seen.step < 2
    assert (network.seen[0][0, 0] < -0.5).float().mean() > 0.3


def test_what_goes_on_beyond_is_looked_at_whole():
    """Paper that is a little darker all over one side does not stand out, and is garment to this network."""
    picture = photographed(1024, 768, np.s_[400:600, 300:450])
    picture[300:1000, 100:700] = np.minimum(picture[300:1000, 100:700], 237)
    network = Darker().eval()
    seen = look_for_garment(network, picture)
    assert len(network.seen) == 2 and seen.step == 4
    assert (seen.probability[320:980, 120:680] > 0.25).all()


def test_a_picture_of_one_colour_is_looked_at_whole():
    seen = look_for_garment(Darker().eval(), np.full((300, 400, 3), 90, np.uint8))
    assert seen.probability.shape == (300, 400) and seen.probability.max() < 0.5
