"""The steps of VITON-HD at test time, and its own agnostic map, give what the published code gives."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from parity_tools import Fixture, assert_same_keys, fill_network, filled_once, folder_of, recording, refill

from vton.labels import BODY25_FROM_18
from vton.methods import viton_hd
from vton.methods.hr_viton import decide_regions, layers_of, smooth_regions
from vton.networks.viton_hd import GeometricMatching, misalignment, segmentation_generator
from vton.preprocess.agnostic import parse_agnostic

FAMILY = "vitonhd"
pytestmark = pytest.mark.skipif(not folder_of(FAMILY).is_dir(), reason="no fixtures of VITON-HD")


@torch.no_grad()
def test_composition(official_alias_generator):
    fixture = Fixture.load(FAMILY, "test_composition_512x384")
    assert_same_keys(official_alias_generator, Fixture.load(FAMILY, "alias_generator_512x384"))
    inputs = fixture.inputs()
    cloth, mask, pose, agnostic = (inputs[key] for key in ("cloth", "cloth_mask_2", "pose", "img_agnostic"))
    size, outputs = cloth.shape[2:], {}

    network = deepcopy(filled_once(segmentation_generator, fixture.seed))
    for name in fixture.facts["overrides"]:
        network.state_dict()[name.removeprefix("seg.")].copy_(torch.from_numpy(fixture.stored[f"override.{name}"]))
    outputs["seg_input"] = viton_hd.segmentation_input(cloth, mask, inputs["parse_agnostic"], pose, inputs["noise"])
    outputs["seg_logits"] = network(outputs["seg_input"])
    outputs["seg_output"] = outputs["seg_logits"].sigmoid()
    outputs["seg_gauss"] = smooth_regions(outputs["seg_output"], *size)
    regions = fixture.decision("parse_argmax", decide_regions(outputs["seg_gauss"]))
    layers = layers_of(regions)

    network = fill_network(GeometricMatching(), fixture.seed)
    refill(network, fixture.seed, fixture.facts["flow_scaled_keys"]["gmm"], fixture.facts["flow_scale"])
    outputs["gmm_input"], outputs["c_gmm"] = viton_hd.matching_inputs(layers, pose, agnostic, cloth)
    outputs["theta"] = network(outputs["gmm_input"], outputs["c_gmm"])
    grid, warped, warped_mask = viton_hd.warp_garment(network, outputs["theta"], cloth, mask)
    outputs |= {"warped_cloth": warped, "warped_cloth_mask": warped_mask}

    misaligned, divided = misalignment(layers, warped_mask)
    outputs |= {"misalign_mask": misaligned, "parse_div": divided}
    with recording(official_alias_generator, {"conv_img": "pre_tanh"}) as painted:
        result = viton_hd.generate(official_alias_generator, agnostic, pose, warped, layers, warped_mask)
    outputs |= painted

    named = {row["name"] for row in fixture.facts["outputs"]}
    assert set(outputs) | {"parse_argmax", "parse7", "warped_grid", "output"} == named
    fixture.check_labels("parse_argmax", regions)
    fixture.check_labels("parse7", layers)
    fixture.check("warped_grid", grid, 1e-5, absolute=True)
    for key, value in outputs.items():
        fixture.check(key, value)
    fixture.check("output", result, 5e-3, absolute=True)


def cases() -> list[int]:
    return range(len(Fixture.load(FAMILY, "preprocess").facts["cases"])) if folder_of(FAMILY).is_dir() else []


@pytest.mark.parametrize("number", cases())
def test_agnostic_maps(number):
    stored = Fixture.load(FAMILY, "preprocess").stored
    points = stored[f"keypoints_{number}"]
    keypoints = np.zeros((18, 3))
    for place, joint in enumerate(BODY25_FROM_18):
        if joint >= 0:
            keypoints[joint] = (*points[place], float(points[place].any()))
    parse, image = stored[f"parse_{number}"], stored[f"image_{number}"]
    before = keypoints.copy()
    hidden = viton_hd.agnostic_image(image, parse, keypoints)
    assert (hidden != stored[f"agnostic_{number}"]).any(-1).mean() < 1e-3
    assert (parse_agnostic(parse, keypoints) != stored[f"parse_agnostic_{number}"]).mean() < 1e-3
    assert np.array_equal(keypoints, before)
