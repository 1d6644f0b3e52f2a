"""HR-VITON's networks at compact sizes, and what training needs of them."""

import copy

import pytest
import torch

from vton.networks.discriminators import ConditionDiscriminator, ImageDiscriminator
from vton.networks.hr_viton import ConditionGenerator, ImageGenerator, sampling_grid, warp
from vton.networks.spectral import SpectralConv2d


def test_compact_condition_generator():
    network = ConditionGenerator(garment_channels=6, person_channels=21, width=4).eval()
    with torch.no_grad():
        flows, logits, warped, warped_mask = network(torch.randn(2, 6, 96, 64), torch.randn(2, 21, 96, 64))
    assert [tuple(flow.shape) for flow in flows] == [(2, 3 << level, 2 << level, 2) for level in range(5)]
    assert logits.shape == (2, 13, 96, 64)
    assert logits.min() >= 0
    assert warped.shape == (2, 3, 96, 64)
    assert warped_mask.shape == (2, 1, 96, 64)


@pytest.mark.parametrize(("upsamplings", "size"), [(5, (96, 64)), (7, (256, 128))])
def test_compact_image_generator_keeps_the_size(upsamplings, size):
    network = ImageGenerator(12, width=16, upsamplings=upsamplings, hidden=4, feature_channels=2).eval()
    with torch.no_grad():
        picture = network(torch.randn(1, 12, *size), torch.rand(1, 7, *size))
    assert picture.shape == (1, 3, *size)
    assert picture.abs().max() <= 1


def test_learnt_noise_varies_in_training_and_rests_in_use():
    network = ImageGenerator(width=16, upsamplings=5, hidden=4, feature_channels=2, spectral=False)
    for name, parameter in network.named_parameters():
        if name.endswith("noise_scale"):
            parameter.data.fill_(0.5)
    inputs = torch.randn(1, 9, 64, 64), torch.rand(1, 7, 64, 64)
    with torch.no_grad():
        assert not torch.equal(network(*inputs), network(*inputs))
        network.eval()
        assert torch.equal(network(*inputs), network(*inputs))


def test_flow_moves_the_picture():
    """A flow of +2 pixels in x makes every pixel read its picture 2 pixels further right."""
    picture = torch.arange(64.0).expand(1, 1, 64, 64)
    still = warp(picture, sampling_grid(torch.zeros(1, 32, 32, 2), 64, 64))
    flow = torch.zeros(1, 32, 32, 2)
    flow[..., 0] = 2
    moved = warp(picture, sampling_grid(flow, 64, 64))
    inner = (moved - still)[..., 16:48]
    # 2 pixels of the 32-pixel level are 4 of 64; the published divisor is 31, not 32.
    torch.testing.assert_close(inner, torch.full_like(inner, 4 * 32 / 31), rtol=0, atol=1e-4)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_a_training_step_in_bfloat16(layout):
    condition = ConditionGenerator(width=4).to(memory_format=layout)
    image = ImageGenerator(width=16, upsamplings=5, hidden=4, feature_channels=2).to(memory_format=layout)
    regions, pictures = ConditionDiscriminator(width=4), ImageDiscriminator(width=4)
    garment = torch.randn(1, 4, 64, 64).to(memory_format=layout)
    person = torch.randn(1, 16, 64, 64).to(memory_format=layout)
    with torch.autocast("cpu", torch.bfloat16):
        flows, logits, warped, _ = condition(garment, person)
        judged = torch.cat((garment, person[:, :13], warped, logits), 1)
        painted = image(torch.randn(1, 9, 64, 64), torch.rand(1, 7, 64, 64))
        loss = sum(score.float().mean() for score in regions(judged))
        loss = loss + pictures(torch.cat((torch.rand(1, 7, 64, 64), painted), 1))[0][-1].float().mean()
    assert all(flow.dtype == torch.float32 for flow in flows)
    loss.backward()
    for network in (image, regions):
        assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    # Nothing but the last flow and the regions leave the network, so conv2 gets no gradient, as published.
    untouched = {name for name, p in condition.named_parameters() if p.grad is None}
    assert {name.split(".")[0] for name in untouched} == {"conv2"}
    copy.deepcopy(image)


def test_spectral_normalisation_follows_the_published_one():
    """Weights, vectors and gradients over two training steps and in evaluation mode equal torch's older function."""
    own = SpectralConv2d(3, 5, 3, stride=2, padding=1)
    reference = torch.nn.Conv2d(3, 5, 3, stride=2, padding=1)
    reference = torch.nn.utils.spectral_norm(reference)
    reference.load_state_dict(own.state_dict())
    for _ in range(2):
        inputs = torch.randn(2, 3, 8, 8)
        torch.testing.assert_close(own(inputs), reference(inputs))
    for network in (own, reference):
        network(inputs).square().sum().backward()
    torch.testing.assert_close(own.weight_orig.grad, reference.weight_orig.grad)
    own.eval()
    reference.eval()
    torch.testing.assert_close(own(inputs), reference(inputs))
    for key, value in reference.state_dict().items():
        torch.testing.assert_close(own.state_dict()[key], value)
