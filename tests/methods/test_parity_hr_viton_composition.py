"""The steps of HR-VITON at test time give what the published script gives."""

import pytest
import torch
from parity_tools import Fixture, folder_of, recording, refill

from vton.methods import hr_viton
from vton.networks.hr_viton import normalised_flow

FAMILY = "hrviton"
BIAS = "out_layer.block.4.bias"
pytestmark = pytest.mark.skipif(not folder_of(FAMILY).is_dir(), reason="no fixtures of HR-VITON")


@pytest.fixture
def fixture(official_condition_generator):
    """The stored reference; meanwhile the condition generator has its flow scale and its recentred bias."""
    fixture, network = Fixture.load(FAMILY, "test_generator_512x384"), official_condition_generator
    refill(network, fixture.seed, fixture.facts["flow_scaled_keys"]["tocg"], fixture.facts["flow_scale"])
    network.state_dict()[BIAS].copy_(torch.from_numpy(fixture.stored[f"override.tocg.{BIAS}"]))
    yield fixture
    refill(network, fixture.seed, [BIAS])


def test_composition(fixture, official_condition_generator, official_image_generator):
    inputs = fixture.inputs()
    garment, mask, densepose = inputs["cloth"], inputs["cloth_mask"], inputs["densepose"]
    size = garment.shape[2:]
    small = hr_viton.condition_inputs(garment, mask, inputs["parse_agnostic"], densepose)
    with torch.no_grad():
        flows, logits, small_warped, small_mask = official_condition_generator(*small)
    composed = hr_viton.compose_regions(logits, small_mask)
    smoothed = hr_viton.smooth_regions(composed, *size)
    regions = fixture.decision("parse_argmax", hr_viton.decide_regions(smoothed))
    layers = hr_viton.layers_of(regions)
    grid, warped, warped_mask = hr_viton.warp_garment(flows[-1], garment, mask)
    visible, visible_mask = hr_viton.handle_occlusion(smoothed, warped, warped_mask)
    with recording(official_image_generator, {"conv_img": "pre_tanh"}) as outputs:
        result = hr_viton.generate(official_image_generator, inputs["agnostic"], densepose, visible, layers)

    outputs |= {f"flow_{level}": flow for level, flow in enumerate(flows)}
    outputs |= {
        "input1": small[0],
        "input2": small[1],
        "segmap_raw": logits,
        "tocg_warped_cloth": small_warped,
        "tocg_warped_clothmask": small_mask,
        "segmap_composed": composed,
        "segmap_gauss": smoothed,
        "flow_norm": normalised_flow(flows[-1], *size),
        "warped_cloth_raw": warped,
        "warped_clothmask_raw": warped_mask,
        "segmap_softmax": torch.softmax(smoothed, 1),
        "warped_clothmask_occluded": visible_mask,
        "warped_cloth_occluded": visible,
    }
    named = {row["name"] for row in fixture.facts["outputs"]}
    assert set(outputs) | {"parse_argmax", "parse7", "warped_grid", "output"} == named
    for key, value in outputs.items():
        fixture.check(key, value)
    fixture.check_labels("parse_argmax", regions)
    fixture.check_labels("parse7", layers)
    fixture.check("warped_grid", grid, 1e-5, absolute=True)
    fixture.check("output", result, 5e-3, absolute=True)
