import torch

from vton.networks.light import LightNet


def test_light_has_the_size_of_the_pictures_and_depends_on_all_of_them():
    torch.manual_seed(0)
    network = LightNet(widths=(4, 4, 8, 8, 8)).eval()
    pictures, layers = torch.rand(1, 15, 96, 72), torch.rand(1, 7, 96, 72)
    light = network(pictures, layers)
    assert light.shape == (1, 3, 96, 72) and light.abs().max() <= 1
    assert not torch.equal(light, network(pictures, 1 - layers))
    brighter = pictures.clone()
    brighter[:, 6:9] += 0.5
    assert (network(brighter, layers) - light).abs().mean() > 1e-4


def test_brightness_as_a_whole_is_not_lost():
    torch.manual_seed(0)
    network = LightNet(widths=(4, 4, 8, 8, 8)).eval()
    pictures, layers = torch.zeros(1, 15, 64, 48), torch.zeros(1, 7, 64, 48)
    assert (network(pictures + 0.5, layers) - network(pictures - 0.5, layers)).abs().mean() > 1e-3
