import numpy as np
import torch

from vton.data.pack import PackedDataset
from vton.networks.body import BodyNet
from vton.training.image import ImageTask, generate
from vton.training.loop import Plan, Training
from vton.weights import load_network

SMALL = {"width": 4, "hidden": 8, "feature_channels": 4}


def stacked(*samples):
    return {key: torch.from_numpy(np.stack([sample[key] for sample in samples])) for key in samples[0]}


def test_the_composite_comes_close_to_the_truth(packed):
    data, random = PackedDataset(packed, "train"), np.random.default_rng(0)
    batch = stacked(*(ImageTask().sample(data, index, random) for index in range(4)))
    made, composite, edit = generate(lambda inputs, layers: torch.zeros_like(inputs[:, :3]), batch)
    goal = batch["image"].permute(0, 3, 1, 2).float() / 127.5 - 1
    photo = batch["other"].permute(0, 3, 1, 2).float() / 127.5 - 1
    assert torch.equal(made, composite.clamp(-1, 1))
    inside = (edit > 0.5).expand_as(goal)
    assert (composite - goal).abs()[inside].mean() < 0.5 * (photo - goal).abs()[inside].mean()
    assert (composite - photo).abs()[(edit == 0).expand_as(goal)].max() < 1e-5


def test_the_loss_falls_from_the_composite_and_the_checkpoint_loads(packed, tmp_path):
    torch.manual_seed(0)
    task, data = ImageTask(BodyNet(widths=(4, 4, 8, 8, 8)), **SMALL), PackedDataset(packed, "train")
    plan = Plan(output=tmp_path / "image.safetensors", steps=100)
    training = Training(task, plan, torch.device("cpu"))
    untrained = task.validate(training.average.eval(), PackedDataset(packed, "test"), torch.device("cpu"))
    assert untrained["l1"] == untrained["composite_l1"]
    batch = stacked(task.sample(data, 0, np.random.default_rng(1)))
    before = sum(training.step(batch).values())
    for _ in range(8):
        after = sum(training.step(batch).values())
    assert np.isfinite(after) and after < before
    training.save(samples=6)
    network = load_network(plan.output)
    with torch.inference_mode():
        assert generate(network, batch)[0].shape == (1, 3, 384, 288)
