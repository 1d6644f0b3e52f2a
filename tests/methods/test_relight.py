import torch

from vton.labels import Layer
from vton.methods.relight import LIFT, SKIN_SHARE, STRENGTH, corrected, relit


class Light:
    """A generator that asks for one factor everywhere."""

    def __init__(self, value):
        self.value = value

    def __call__(self, inputs, layers):
        self.size = inputs.shape[2:]
        return torch.full((len(inputs), 3, *self.size), self.value)


def test_no_light_leaves_the_composite():
    composite = torch.rand(1, 3, 32, 24) * 2 - 1
    network = Light(0.0)
    made = corrected(network, composite, torch.ones(1, 1, 32, 24), torch.rand(1, 15, 32, 24), torch.rand(1, 7, 32, 24))
    assert torch.allclose(made, composite, atol=1e-6)
    assert network.size == (16, 12)


def test_light_keeps_detail_and_scales_it():
    stripes = torch.full((1, 3, 32, 24), -0.2)
    stripes[..., ::2] = 0.1
    edit, inputs, layers = torch.ones(1, 1, 32, 24), torch.zeros(1, 15, 32, 24), torch.zeros(1, 7, 32, 24)
    made = corrected(Light(0.3 / STRENGTH), stripes, edit, inputs, layers)
    contrast = made[..., 0::2] - made[..., 1::2]
    assert torch.allclose(contrast, torch.full_like(contrast, 0.3 * 2.71828**0.3), atol=1e-4)
    assert made.mean() > stripes.mean()


def test_black_can_become_grey_and_nothing_leaves_the_range():
    black = torch.full((1, 3, 8, 8), -1.0)
    assert relit(black, torch.full((1, 3, 4, 4), STRENGTH)).min() > -0.8
    assert relit(-black, torch.full((1, 3, 4, 4), STRENGTH)).max() == 1


def test_light_falls_near_the_edit_alone():
    composite, edit = torch.zeros(1, 3, 64, 48), torch.zeros(1, 1, 64, 48)
    edit[..., :16, :] = 1
    made = corrected(Light(0.5), composite, edit, torch.zeros(1, 15, 64, 48), torch.zeros(1, 7, 64, 48))
    assert made[..., :16, :].min() > 0.1 and torch.allclose(made[..., 40:, :], composite[..., 40:, :], atol=1e-6)


def test_skin_gets_a_part_of_the_mean_light_and_all_of_what_differs_from_it():
    class Ramp:
        def __call__(self, inputs, layers):
            down = torch.linspace(-0.1, 0.3, inputs.shape[2])[:, None]
            return down.expand(1, 3, *inputs.shape[2:]) / STRENGTH

    composite, edit, layers = torch.full((1, 3, 64, 48), -0.2), torch.ones(1, 1, 64, 48), torch.zeros(1, 7, 64, 48)
    layers[:, Layer.UPPER, :, :24], layers[:, Layer.LEFT_ARM, :, 24:] = 1, 1
    made = corrected(Ramp(), composite, edit, torch.zeros(1, 15, 64, 48), layers)
    light = ((made + 1 + LIFT) / (0.8 + LIFT)).log()[0, 0]
    assert torch.allclose(light[:, 12].mean(), torch.tensor(0.1), atol=0.01)
    assert torch.allclose(light[:, 36].mean(), torch.tensor(0.1 * SKIN_SHARE), atol=0.01)
    assert 0.2 < SKIN_SHARE < 0.6
    assert torch.allclose(light[8, 12] - light[56, 12], light[8, 36] - light[56, 36], atol=0.01)
