"""The lining network's sizes, and that it has no side."""

import torch

from vton.networks.lining import LiningNet, mirrored_probability


def test_every_pixel_gets_a_logit_at_any_even_size():
    network = LiningNet(widths=(4, 6, 8)).eval()
    for size in ((32, 32), (36, 52)):
        assert network(torch.randn(2, 4, *size)).shape == (2, *size)


def test_a_mirrored_garment_has_the_mirrored_inside():
    network, picture = LiningNet(widths=(4, 6, 8)).eval(), torch.randn(1, 4, 32, 32)
    with torch.inference_mode():
        own, mirrored = mirrored_probability(network, picture), mirrored_probability(network, picture.flip(3))
    assert torch.allclose(own, mirrored.flip(2), atol=1e-5)
    assert own.min() >= 0 and own.max() <= 1
