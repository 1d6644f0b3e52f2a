"""DOC-VTON's own networks compute what the published ones compute."""

from functools import partial

import pytest
import torch
from parity_tools import Fixture, assert_same_keys, build_filled, folder_of, recording

from vton.networks.doc_vton import CompletionUNet

FAMILY = "docvton"
pytestmark = pytest.mark.skipif(not folder_of(FAMILY).is_dir(), reason="no fixtures of DOC-VTON")
LEVELS = ("inc", "down1", "down2", "down3", "down4", "up1", "up2", "up3", "up4")


@pytest.mark.parametrize(("name", "channels", "classes"), [("comp_occu_unet", 32, 14), ("comp_mask_unet", 22, 3)])
def test_completion(name, channels, classes):
    fixture = Fixture.load(FAMILY, name)
    network = build_filled(partial(CompletionUNet, channels, classes), fixture.seed)
    assert_same_keys(network, fixture)
    with recording(network, {level: level for level in LEVELS}) as outputs:
        outputs["logits"] = network(torch.cat(list(fixture.inputs().values()), 1))
    assert set(outputs) == {row["name"] for row in fixture.facts["outputs"]}
    for key, value in outputs.items():
        fixture.check(key, value)
