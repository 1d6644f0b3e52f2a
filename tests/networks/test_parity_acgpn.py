"""ACGPN's networks compute what the published ones compute."""

import pytest
import torch
from parity_tools import Fixture, assert_same_keys, build_filled, filled, folder_of, recording, seed_of

from vton.networks.acgpn import GarmentWarp, label_generator, picture_generator, region_generator
from vton.networks.unet import InstanceUNet

FAMILY = "acgpn"
pytestmark = pytest.mark.skipif(not folder_of(FAMILY).is_dir(), reason="no fixtures of ACGPN")
LEVELS = ("conv1", "conv2", "conv3", "conv4", "conv5", "up6", "conv6", "conv7", "conv8")
KEPT = ("stn.loc_net.cnn.fc2.bias", "stn.tps.inverse_kernel", "stn.tps.padding_matrix")


@pytest.mark.parametrize(
    ("name", "build"), [("G1", label_generator), ("G2", region_generator), ("G", picture_generator)]
)
def test_generators(name, build):
    fixture, network = Fixture.load(FAMILY, name), build_filled(build, seed_of(FAMILY))
    assert_same_keys(network, fixture)
    inputs = fixture.inputs()
    layout = fixture.facts["input_layout"]["x"]
    with recording(network, {level: level for level in LEVELS}) as outputs:
        outputs["output"] = network(torch.cat([inputs[key] for key in layout], 1))
    assert set(outputs) == {row["name"] for row in fixture.facts["outputs"]}
    for key, value in outputs.items():
        fixture.check(key, value)


def test_garment_warp():
    """With strong control points; its composition has weak ones."""
    fixture = Fixture.load(FAMILY, "U_strong")
    inputs = fixture.inputs()
    arguments = (inputs["cloth"], inputs["cloth_mask"], inputs["target_mask"])
    network = GarmentWarp()
    assert_same_keys(network, fixture)
    own = network.state_dict()
    for key in KEPT:
        torch.testing.assert_close(own[key], torch.from_numpy(fixture.stored[f"kept.{key}"]), rtol=1e-3, atol=1e-4)
    fixture.check("kept_target_coordinate_repr", own["stn.tps.target_coordinate_repr"])
    scaled, scale = fixture.facts["flow_scaled_keys"], fixture.facts["flow_scale"]
    for key, value in own.items():
        if key not in fixture.facts["kept"]:
            value.copy_(filled(key, tuple(value.shape), fixture.seed, scale if key in scaled else 1.0))
    network.eval()
    modules = {level: level for level in LEVELS} | {
        "stn.loc_net.cnn.model": "cnn_model",
        "stn.loc_net.cnn.fc1": "cnn_fc1",
        "stn.loc_net.cnn.fc2": "cnn_fc2",
        "stn.loc_net.cnn": "control_points",
        "stn.tps": "tps_grid",
    }
    with recording(network, modules) as outputs:
        outputs["output"], outputs["warped_cloth"], outputs["warped_mask"] = network(*arguments)
    network.stn.align_corners = False
    with torch.no_grad():
        modern = network(*arguments)
    names = ("output_ac_false", "warped_cloth_ac_false", "warped_mask_ac_false")
    outputs |= dict(zip(names, modern, strict=True))
    assert set(outputs) | {"kept_target_coordinate_repr"} == {row["name"] for row in fixture.facts["outputs"]}
    fixture.check("tps_grid", outputs.pop("tps_grid"), 1e-5, absolute=True)
    for key, value in outputs.items():
        fixture.check(key, value, 5e-3, 5e-2)


def test_smaller_networks_have_the_same_form():
    network = InstanceUNet(3, 2, width=2).eval()
    with torch.no_grad():
        assert network(torch.randn(1, 3, 32, 48)).shape == (1, 2, 32, 48)
