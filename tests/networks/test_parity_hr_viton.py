"""HR-VITON's networks compute what the published ones compute."""

import pytest
import torch
from parity_tools import Fixture, assert_same_keys, build_filled, folder_of, recording, refill

from vton.networks.discriminators import ConditionDiscriminator, ImageDiscriminator, realness, rejection_ratio

FAMILY = "hrviton"
pytestmark = pytest.mark.skipif(not folder_of(FAMILY).is_dir(), reason="no fixtures of HR-VITON")


def output_names(fixture):
    return {row["name"] for row in fixture.facts["outputs"]}


@pytest.mark.parametrize("name", ["condition_generator", "condition_generator_strong"])
def test_condition_generator(official_condition_generator, name):
    fixture, network = Fixture.load(FAMILY, name), official_condition_generator
    assert_same_keys(network, fixture)
    refill(network, fixture.seed, fixture.facts["flow_scaled_keys"], fixture.facts["flow_scale"])
    modules = {"conv": "conv"}
    for level in range(5):
        modules[f"ClothEncoder.{level}"] = f"E1_{level}"
        modules[f"PoseEncoder.{level}"] = f"E2_{level}"
        modules[f"SegDecoder.{level}"] = f"seg_decoder_{level}"
    inputs = fixture.inputs()
    garment = torch.cat((inputs["cloth"], inputs["cloth_mask"]), 1)
    person = torch.cat((inputs["parse_agnostic"], inputs["densepose"]), 1)
    with recording(network, modules) as outputs:
        flows, logits, warped, warped_mask = network(garment, person)
    outputs |= {f"flow_{level}": flow for level, flow in enumerate(flows)}
    outputs |= {"seg_logits": logits, "warped_cloth": warped, "warped_cloth_mask": warped_mask}
    assert set(outputs) == output_names(fixture)
    for key, value in outputs.items():
        fixture.check(key, value)


def test_image_generator(official_image_generator):
    """Block by block; its composition has the same network at 512×384, and less tolerance there."""
    fixture, network = Fixture.load(FAMILY, "generator_256x192"), official_image_generator
    assert_same_keys(network, fixture)
    inputs = fixture.inputs()
    pictures = torch.cat((inputs["agnostic"], inputs["densepose"], inputs["warped_cloth"]), 1)
    modules = {block: block for block in network.block_names} | {"conv_img": "pre_tanh"}
    with recording(network, modules) as outputs:
        result = network(pictures, inputs["parse7"])
    assert set(outputs) | {"output"} == output_names(fixture)
    for key, value in outputs.items():
        # A latent picture of 2×1 pixels amplifies rounding.
        fixture.check(key, value, 5e-3, 5e-2)
    fixture.check("output", result, 5e-3, absolute=True)


def test_condition_discriminator():
    fixture = Fixture.load(FAMILY, "condition_discriminator")
    network = build_filled(ConditionDiscriminator, fixture.seed)
    assert_same_keys(network, fixture)
    inputs = torch.cat(list(fixture.inputs().values()), 1)
    layers = [row["name"] for row in fixture.facts["outputs"] if row["name"].startswith("layer")]
    with recording(network, {layer: layer for layer in layers}) as outputs:
        scores = network(inputs)
    outputs |= {"pred_0": scores[0], "pred_1": scores[1]}
    outputs |= {"score": realness(scores), "ratio": rejection_ratio(scores)}
    assert set(outputs) == output_names(fixture)
    for key, value in outputs.items():
        fixture.check(key, value)


def test_image_discriminator():
    fixture = Fixture.load(FAMILY, "generator_discriminator")
    network = build_filled(ImageDiscriminator, fixture.seed)
    assert_same_keys(network, fixture)
    inputs = fixture.inputs()
    with torch.no_grad():
        scales = network(torch.cat((inputs["parse7"], inputs["image"]), 1))
    outputs = {
        f"disc_{scale}_layer_{layer}": value
        for scale, layers in enumerate(scales)
        for layer, value in enumerate(layers)
    }
    assert set(outputs) == output_names(fixture)
    for key, value in outputs.items():
        fixture.check(key, value)
