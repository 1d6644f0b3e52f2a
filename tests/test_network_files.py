"""Networks are saved with their configuration and loaded strictly."""

import pytest
import torch

from vton.network_files import (
    MissingWeights,
    WeightsError,
    load_network,
    load_notes,
    save_checkpoint,
)
from vton.networks.body import BodyNet
from vton.networks.hr_viton import ConditionGenerator, ImageGenerator
from vton.networks.hr_viton_posed import PosedConditionGenerator
from vton.networks.lining import LiningNet
from vton.networks.pf_afn import AppearanceFlow, ResidualUNet

COMPACT = {
    "body": (BodyNet, {"widths": [4, 6, 8, 10, 12]}),
    "lining": (LiningNet, {"widths": [4, 6, 8]}),
    "condition_generator": (ConditionGenerator, {"garment_channels": 6, "person_channels": 21, "width": 4}),
    "posed_condition_generator": (PosedConditionGenerator, {"width": 4, "field": {"hidden": 8, "width": 8}}),
    "pf_afn_warp": (AppearanceFlow, {"widths": [4, 4], "pyramid_width": 4}),
    "pf_afn_generator": (ResidualUNet, {"widths": [4, 4, 8]}),
    "image_generator": (
        ImageGenerator,
        {"input_channels": 12, "width": 4, "upsamplings": 5, "hidden": 4, "feature_channels": 4, "spectral": False},
    ),
}


@pytest.mark.parametrize("name", COMPACT)
def test_compact_checkpoint_carries_its_configuration(name, tmp_path):
    build, config = COMPACT[name]
    network = build(**config)
    path = tmp_path / "checkpoints" / "net.safetensors"
    save_checkpoint(path, name, config, network.state_dict(), {"steps": 7})
    loaded = load_network(path)
    assert type(loaded) is build
    assert not loaded.training
    assert load_notes(path) == {"steps": 7}
    for key, value in network.state_dict().items():
        own = loaded.state_dict()[key]
        assert own.dtype == value.dtype
        torch.testing.assert_close(own, value, rtol=1e-3, atol=1e-6)


def test_running_variance_beyond_half_precision_survives(tmp_path):
    network = BodyNet(widths=(4, 6))
    network.stem.first_norm.running_var.fill_(1e6)
    save_checkpoint(tmp_path / "net.safetensors", "body", {"widths": [4, 6]}, network.state_dict(), {})
    assert load_network(tmp_path / "net.safetensors").stem.first_norm.running_var.eq(1e6).all()


def test_broken_compact_checkpoints_are_refused(tmp_path):
    network = BodyNet(widths=(4, 6))
    path = tmp_path / "net.safetensors"
    with pytest.raises(MissingWeights, match=r"net\.safetensors"):
        load_network(path)
    save_checkpoint(path, "body", {"widths": [4, 8]}, network.state_dict(), {})
    with pytest.raises(WeightsError, match=r"net\.safetensors.*BodyNet.*shape"):
        load_network(path)
    save_checkpoint(path, "spirit", {}, network.state_dict(), {})
    with pytest.raises(WeightsError, match="does not describe"):
        load_network(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WeightsError, match="not a whole"):
        load_network(path)
