import torch

from tests.training.fake import write_packed
from vton.evaluation.command import main
from vton.networks.body import BodyNet
from vton.networks.hr_viton_posed import PosedConditionGenerator
from vton.networks.light import LightNet
from vton.weights import save_checkpoint


def test_a_rendered_split_is_measured(tmp_path, capsys):
    root = write_packed(tmp_path / "rendered", train=1, test=2)
    weights = tmp_path / "weights"
    body = {"widths": [4, 4, 4, 4, 4]}
    condition = {"width": 4, "field": {"hidden": 8, "width": 8, "layers": 1}, "hems": True}
    torch.manual_seed(0)
    save_checkpoint(weights / "body.safetensors", "body", body, BodyNet(**body).state_dict(), {})
    warper = PosedConditionGenerator(**condition)
    save_checkpoint(weights / "condition.safetensors", "posed_condition_generator", condition, warper.state_dict(), {})
    image = {"widths": [4, 4, 8, 8, 8]}
    save_checkpoint(weights / "image.safetensors", "light_generator", image, LightNet(**image).state_dict(), {})
    assert main([str(root), "--checkpoints", str(weights)]) == 0
    printed = capsys.readouterr().out
    tables = (
        "parse: mean",
        "parts: mean",
        "EPE median",
        "warped mask IoU",
        "generator, told",
        "generator, not told",
        "| rough composite |",
        "| finished |",
    )
    for expected in ("N = 2", *tables):
        assert expected in printed


def test_what_is_missing_is_named(tmp_path, capsys):
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "there is no such folder" in capsys.readouterr().err
    root = write_packed(tmp_path / "rendered", train=1, test=1)
    assert main([str(root), "--checkpoints", str(tmp_path)]) == 2
    assert "body.safetensors" in capsys.readouterr().err
