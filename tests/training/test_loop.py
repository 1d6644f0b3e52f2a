import pytest
import torch
from torch import nn

from vton.networks.light import LightNet
from vton.training.loop import Plan, Training


class Recorder:
    """A task that notes what its network counts in."""

    kind, rate, config = "light_generator", 1e-3, {"widths": (4, 4, 8, 8, 8)}

    def __init__(self):
        self.seen = []

    def prepare(self, network: nn.Module) -> None:
        assert isinstance(network, LightNet)

    def losses(self, network, batch):
        answer = network(batch["pictures"], batch["layers"])
        self.seen.append(answer.dtype)
        return {"size": answer.float().square().mean()}


@pytest.mark.parametrize(("able", "dtype"), [({}, torch.float32), ({"avx512_bf16": True}, torch.bfloat16)])
def test_training_counts_short_only_where_the_processor_can(monkeypatch, tmp_path, able, dtype):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    task = Recorder()
    training = Training(task, Plan(output=tmp_path / "light.safetensors", steps=2), torch.device("cpu"))
    training.step({"pictures": torch.rand(2, 15, 64, 48), "layers": torch.rand(2, 7, 64, 48)})
    assert task.seen == [dtype]
