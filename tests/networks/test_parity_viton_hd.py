"""VITON-HD's networks compute what the published ones compute; the last of them, its generator, in its composition."""

import pytest
import torch
from parity_tools import Fixture, assert_same_keys, fill_network, filled_once, folder_of, recording, refill, seed_of
from torch.nn import functional as F

from vton.networks.correlation import global_correlation
from vton.networks.viton_hd import GeometricMatching, segmentation_generator

FAMILY = "vitonhd"
pytestmark = pytest.mark.skipif(not folder_of(FAMILY).is_dir(), reason="no fixtures of VITON-HD")


def output_names(fixture):
    return {row["name"] for row in fixture.facts["outputs"]}


def test_segmentation_generator():
    fixture = Fixture.load(FAMILY, "seg_generator")
    network = filled_once(segmentation_generator, fixture.seed)
    assert_same_keys(network, fixture)
    levels = ("conv1", "conv2", "conv3", "conv4", "conv5", "up6", "conv6", "conv7", "conv8")
    with recording(network, {level: level for level in levels}) as outputs:
        outputs["logits"] = network(torch.cat(list(fixture.inputs().values()), 1))
    outputs["output"] = outputs["logits"].sigmoid()
    assert set(outputs) == output_names(fixture)
    for key, value in outputs.items():
        fixture.check(key, value)


@pytest.fixture(scope="module")
def matching():
    return fill_network(GeometricMatching(), seed_of(FAMILY))


@pytest.mark.parametrize("name", ["gmm", "gmm_strong"])
def test_geometric_matching(matching, name):
    fixture = Fixture.load(FAMILY, name)
    assert_same_keys(matching, fixture)
    refill(matching, fixture.seed, fixture.facts["flow_scaled_keys"], fixture.facts["flow_scale"])
    inputs = fixture.inputs()
    person = torch.cat((inputs["parse_cloth"], inputs["pose"], inputs["agnostic"]), 1)
    modules = {"extractionA": "feature_a", "extractionB": "feature_b", "regression.conv": "regression_conv"}
    with recording(matching, modules) as outputs:
        outputs["theta"] = matching(person, inputs["cloth"])
    normalised = (F.normalize(outputs[key], dim=1) for key in ("feature_a", "feature_b"))
    outputs["correlation"] = global_correlation(*normalised)
    grid = matching.grid(outputs["theta"], *inputs["cloth_full"].shape[2:])
    outputs["warped_cloth_full"] = F.grid_sample(inputs["cloth_full"], grid, padding_mode="border", align_corners=False)
    outputs |= {"tps_Li": matching.inverse[None]}
    outputs |= {"tps_P_X_base": matching.controls[:, :1], "tps_P_Y_base": matching.controls[:, 1:]}
    assert set(outputs) | {"warped_grid"} == output_names(fixture)
    fixture.check("warped_grid", grid, 1e-5, absolute=True)
    for key, value in outputs.items():
        fixture.check(key, value)
