"""The steps of ACGPN at test time give what the published model gives."""

import pytest
import torch
from parity_tools import Fixture, build_filled, filled, folder_of

from vton.methods import acgpn
from vton.methods.viton_labels import dilate, one_hot
from vton.networks.acgpn import GarmentWarp, label_generator, picture_generator, region_generator

FAMILY = "acgpn"
pytestmark = pytest.mark.skipif(not folder_of(FAMILY).is_dir(), reason="no fixtures of ACGPN")


def filled_warp(fixture: Fixture) -> GarmentWarp:
    """The warp network with the fixture's scale; what its constructor computes stays."""
    network, facts = GarmentWarp(), fixture.facts
    for key, value in network.state_dict().items():
        if key not in facts["kept"]["U"]:
            scale = facts["flow_scale"] if key in facts["flow_scaled_keys"]["U"] else 1.0
            value.copy_(filled(key, tuple(value.shape), fixture.seed, scale))
    return network.eval()


@torch.no_grad()
def test_composition():
    fixture = Fixture.load(FAMILY, "test_composition")
    inputs = fixture.inputs()
    labels = inputs["label"].long()
    mask = (inputs["edge"] > 0.5).float()
    cloth, pose = inputs["color"] * mask, inputs["pose"]
    outputs = {}

    network = build_filled(label_generator, fixture.seed)
    for name in fixture.facts["overrides"]:
        network.state_dict()[name.removeprefix("G1.")].copy_(torch.from_numpy(fixture.stored[f"override.{name}"]))
    garment = torch.cat((mask, cloth), 1)
    merged = one_hot(acgpn.merge_garment(labels))
    outputs["G1_in"] = torch.cat((garment, merged, pose, inputs["noise_G1"]), 1)
    outputs["G1_logits"] = network(outputs["G1_in"])
    predicted = fixture.decision("armlabel_argmax", outputs["G1_logits"].argmax(1, keepdim=True))

    network = build_filled(region_generator, fixture.seed)
    outputs["G2_in"] = torch.cat((garment, one_hot(predicted), pose, inputs["noise_G2"]), 1)
    outputs["G2_logits"] = network(outputs["G2_in"])
    smooth = fixture.decision("clothes_mask_threshold", (outputs["G2_logits"].sigmoid() > 0.5).float())
    region = acgpn.garment_region(smooth, predicted, (labels > 0).float())
    arms = acgpn.find_arms(predicted, labels)
    final = acgpn.final_labels(predicted, arms, region)

    output, warped, warped_mask = filled_warp(fixture)(cloth, mask, region)
    kept, worn = acgpn.refine_garment(output, warped, region)
    skin = acgpn.skin_colour(inputs["image"], labels)
    beside, hole = acgpn.cut_hole(inputs["image"], labels, arms, region)
    network = build_filled(picture_generator, fixture.seed)
    outputs["G_in"] = torch.cat((hole, one_hot(final), worn, skin, inputs["noise_G"]), 1)
    logits = network(outputs["G_in"])

    masks = {
        "armlabel_argmax": predicted,
        "clothes_mask_threshold": smooth,
        "clothes_mask_dilated": dilate(smooth, 1),
        "clothes_mask_final": region,
        "armlabel_final": final,
        "dis_label_final": one_hot(final),
        "occlude": beside,
    }
    for number, arm in enumerate(arms, 1):
        masks |= {f"arm{number}_occ": arm.over, f"bigger_arm{number}_occ": arm.wide, f"arm{number}_full": arm.full}
    after = {
        "U_output": output,
        "warped_cloth": warped,
        "warped_mask": warped_mask,
        "composition_mask": kept,
        "fake_cloth": worn,
        "G_in": outputs.pop("G_in"),
    }
    outputs |= {"skin_color": skin, "img_hole_hand": hole}
    last = {"G_logits": logits, "output": logits.tanh()}
    assert {*outputs, *masks, *after, *last} == {row["name"] for row in fixture.facts["outputs"]}
    for key, value in masks.items():
        fixture.check_labels(key, value)
    for key, value in outputs.items():
        fixture.check(key, value)
    for key, value in after.items():
        fixture.check(key, value, 5e-3, 5e-2)
    for key, value in last.items():
        fixture.check(key, value, 5e-2, 5e-1)
