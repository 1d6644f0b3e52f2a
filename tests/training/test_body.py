import numpy as np
import torch

from vton.data.pack import PackedDataset
from vton.networks.body import BodyNet
from vton.training.augment import IGNORED
from vton.training.body import BodyTask
from vton.training.loop import Plan, Training, train
from vton.weights import load_network


def small(packed, output, **plan):
    torch.manual_seed(0)
    task = BodyTask(widths=(4, 4, 8, 8, 8))
    chosen = Plan(output=output, batch=2, workers=0, **plan)
    training = Training(task, chosen, torch.device("cpu"))
    return train(training, PackedDataset(packed, "train"), PackedDataset(packed, "test"))


def test_samples_are_framed_like_photos(packed):
    task, data = BodyTask(), PackedDataset(packed, "train")
    random = np.random.default_rng(0)
    for index in range(6):
        sample = task.sample(data, index, random)
        assert sample["image"].shape == (256, 192, 3) and sample["image"].dtype == np.uint8
        known = sample["parse"] != IGNORED
        assert (sample["parse"][known] < 20).all() and len(np.unique(sample["parse"][known])) > 4
        assert sample["silhouette"].min() >= 0 and sample["silhouette"].max() <= 1


def test_the_loss_falls_and_the_checkpoint_loads(packed, tmp_path):
    task, output = BodyTask(widths=(4, 4, 8, 8, 8)), tmp_path / "body.safetensors"
    torch.manual_seed(0)
    first = Training(task, Plan(output=output, steps=100), torch.device("cpu"))
    batch = {
        key: torch.from_numpy(np.stack([value]))
        for key, value in first.task.sample(PackedDataset(packed, "train"), 0, np.random.default_rng(1)).items()
    }
    before = sum(first.step(batch).values())
    for _ in range(8):
        after = sum(first.step(batch).values())
    assert np.isfinite(after) and after < before
    first.save(samples=6)
    network = load_network(output)
    assert isinstance(network, BodyNet) and network.parse_classes == 20


def test_training_goes_on_where_it_stopped(packed, tmp_path):
    output = tmp_path / "body.safetensors"
    assert small(packed, output, steps=2).progress.step == 2
    again = small(packed, output, steps=3)
    assert again.progress.step == 3
    assert 0 <= again.metrics["parse_iou"] <= 1


def test_held_out_samples_may_come_later(packed, tmp_path):
    plan = Plan(output=tmp_path / "body.safetensors", steps=1)
    training = Training(BodyTask(widths=(4, 4, 8, 8, 8)), plan, torch.device("cpu"))
    training.validate(PackedDataset(tmp_path, "test"))
    assert training.metrics == {}
