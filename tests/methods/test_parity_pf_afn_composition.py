"""The steps of PF-AFN and DOC-VTON at test time give what the published scripts give."""

from functools import partial

import pytest
import torch
from parity_tools import Fixture, build_filled, filled_once, folder_of, refill

from vton.methods import doc_vton, pf_afn
from vton.methods.viton_labels import dilate, one_hot
from vton.networks.doc_vton import CompletionUNet
from vton.networks.pf_afn import AppearanceFlow, ResidualUNet

POSITIONS = ("flow_0", "flow_1", "flow_2", "flow_3", "flow_4", "last_flow")


def names_of(fixture: Fixture) -> set[str]:
    return {row["name"] for row in fixture.facts["outputs"]}


def warped(fixture: Fixture, inputs: dict[str, torch.Tensor]) -> pf_afn.Warped:
    network = filled_once(AppearanceFlow, fixture.seed)
    refill(network, fixture.seed, fixture.facts["flow_scaled_keys"]["warp"], fixture.facts["flow_scale"])
    return pf_afn.warp(network, inputs["image"], *pf_afn.condition(inputs["clothes"], inputs["edge"]))


def composed(fixture: Fixture, image: torch.Tensor, garment: torch.Tensor, mask: torch.Tensor) -> dict:
    generator = filled_once(ResidualUNet, fixture.seed)
    output, rendered, visible, picture = pf_afn.compose(generator, image, garment, mask)
    return {"gen_outputs": output, "p_rendered": rendered, "m_composite": visible, "p_tryon": picture}


def check(fixture: Fixture, outputs: dict[str, torch.Tensor]) -> None:
    for key, value in outputs.items():
        fixture.check(key, value, *((1e-5, 0, True) if key in POSITIONS else ()))


@pytest.mark.skipif(not folder_of("pfafn").is_dir(), reason="no fixtures of PF-AFN")
@torch.no_grad()
def test_pf_afn():
    fixture = Fixture.load("pfafn", "test_composition")
    inputs = fixture.inputs()
    flows, garment, mask = warped(fixture, inputs)
    outputs = {f"flow_{level}": flow for level, flow in enumerate(flows)}
    outputs |= {"last_flow": flows[-1], "warped_cloth": garment, "warped_edge": mask}
    outputs |= composed(fixture, inputs["image"], garment, mask)
    assert set(outputs) == names_of(fixture)
    check(fixture, outputs)


def completion(fixture: Fixture, name: str, channels: int, classes: int) -> CompletionUNet:
    network = build_filled(partial(CompletionUNet, channels, classes), fixture.seed)
    network.outc.conv.bias.copy_(torch.from_numpy(fixture.stored[f"override.{name}.outc.conv.bias"]))
    return network


@pytest.mark.skipif(not folder_of("docvton").is_dir(), reason="no fixtures of DOC-VTON")
@torch.no_grad()
def test_doc_vton():
    fixture = Fixture.load("docvton", "test_composition")
    inputs = fixture.inputs()
    labels, pose = doc_vton.without_noise(inputs["label"].long()), inputs["pose"]
    flows, garment, mask = warped(fixture, inputs)
    worn = fixture.decision("warped_edge_binary", (mask > 0.5).float())
    occluded = doc_vton.occlude(labels, worn)
    outputs = {"warped_cloth": garment, "last_flow": flows[-1]}
    outputs["comp_occu_in"] = torch.cat((pose, one_hot(occluded.labels)), 1)
    outputs["comp_occu_logits"] = completion(fixture, "comp_occu", 32, 14)(outputs["comp_occu_in"])
    drawn = fixture.decision("gen_arm_label", outputs["comp_occu_logits"].argmax(1, keepdim=True))
    arms = doc_vton.arms_beside(drawn, worn)
    seen = doc_vton.arm_labels(arms, worn)
    outputs["comp_mask_in"] = torch.cat((pose, one_hot(seen, 4)), 1)
    outputs["comp_mask_logits"] = completion(fixture, "comp_mask", 22, 3)(outputs["comp_mask_in"])
    in_front = fixture.decision("deoccu_arm_label", outputs["comp_mask_logits"].argmax(1, keepdim=True))
    final = doc_vton.cut(worn, in_front)
    outputs["warped_cloth_final"] = garment * final
    outputs |= composed(fixture, inputs["image"], garment * final, final)
    masks = {
        "warped_edge_binary": worn,
        "occu_skin_mask": occluded.skin,
        "occu_w_arm_label": occluded.labels,
        "gen_arm_label": drawn,
        "clo_dilate": dilate(worn, doc_vton.GARMENT_REACH),
        "gen_arm_1_dilate": arms[0].near,
        "gen_arm_2_dilate": arms[1].near,
        "gen_arm_1": arms[0].mask,
        "gen_arm_2": arms[1].mask,
        "deoccu_w_arm_label": seen,
        "deoccu_arm_label": in_front,
        "arm_1": (in_front == 1).float(),
        "arm_2": (in_front == 2).float(),
        "warped_edge_final": final,
    }
    assert {*outputs, *masks} == names_of(fixture)
    for key, value in masks.items():
        fixture.check_labels(key, value)
    check(fixture, outputs)
