"""PF-AFN's networks, which are DOC-VTON's too, compute what the published ones compute."""

import pytest
import torch
from parity_tools import Fixture, assert_same_keys, filled_once, folder_of, recording, refill

from vton.networks import pf_afn
from vton.networks.pf_afn import AppearanceFlow, ResidualUNet

FAMILIES = [family for family in ("pfafn", "docvton") if folder_of(family).is_dir()]
pytestmark = pytest.mark.skipif(not FAMILIES, reason="no fixtures of PF-AFN or DOC-VTON")
WARPS = [
    (family, name)
    for family in FAMILIES
    for name in ("warp_module", "warp_module_strong")
    if (folder_of(family) / f"{name}.json").exists()
]


@pytest.mark.parametrize(("family", "name"), WARPS)
def test_warp_module(monkeypatch, family, name):
    fixture = Fixture.load(family, name)
    network = filled_once(AppearanceFlow, fixture.seed)
    assert_same_keys(network, fixture)
    refill(network, fixture.seed, fixture.facts["flow_scaled_keys"], fixture.facts["flow_scale"])
    modules = {}
    for level in range(5):
        modules[f"cond_FPN.smooth.{level}"] = f"cond_fpn_{4 - level}"
        modules[f"image_FPN.smooth.{level}"] = f"image_fpn_{4 - level}"
        modules[f"aflow_net.netMain.{level}"] = f"main_offset_{level}"
        modules[f"aflow_net.netRefine.{level}"] = f"refine_offset_{level}"
    correlations = []

    def correlate(*arguments):
        correlations.append(local_correlation(*arguments))
        return correlations[-1]

    local_correlation = pf_afn.local_correlation
    monkeypatch.setattr(pf_afn, "local_correlation", correlate)
    inputs = fixture.inputs()
    with recording(network, modules) as outputs:
        warped, flows = network(inputs["image"], inputs["clothes"] * inputs["edge"])
    outputs |= {f"correlation_{level}": value for level, value in enumerate(correlations)}
    positions = {f"flow_{level}": flow for level, flow in enumerate(flows)} | {"last_flow": flows[-1]}
    outputs["warped_cloth"] = warped
    assert set(outputs) | set(positions) == {row["name"] for row in fixture.facts["outputs"]}
    for key, value in outputs.items():
        fixture.check(key, value)
    for key, value in positions.items():
        fixture.check(key, value, 1e-5, absolute=True)


@pytest.mark.parametrize("family", FAMILIES)
def test_generator(family):
    fixture = Fixture.load(family, "generator")
    network = filled_once(ResidualUNet, fixture.seed)
    assert_same_keys(network, fixture)
    paths = ["model", "model.model.4", *("model.model.4" + ".model.5" * depth for depth in range(1, 4))]
    with recording(network, {path: f"block_{depth}" for depth, path in enumerate(paths)}) as outputs:
        outputs["output"] = network(torch.cat(list(fixture.inputs().values()), 1))
    assert set(outputs) == {row["name"] for row in fixture.facts["outputs"]}
    for key, value in outputs.items():
        fixture.check(key, value)
