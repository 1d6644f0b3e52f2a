import numpy as np
import torch

from vton.data.pack import PackedDataset
from vton.labels import Parse, Region
from vton.training.condition import (
    ConditionTask,
    _grid,
    flow_errors,
    mistaken_parse,
    network_inputs,
    validation_sample,
)
from vton.training.loop import Plan, Training
from vton.weights import load_network


def stacked(*samples):
    return {key: torch.from_numpy(np.stack([sample[key] for sample in samples])) for key in samples[0]}


def test_the_true_flow_paints_the_garment_onto_the_body(packed):
    data, random = PackedDataset(packed, "train"), np.random.default_rng(0)
    batch = stacked(*(ConditionTask().sample(data, index, random) for index in range(6)))
    garment, person = network_inputs(batch)
    assert garment.shape == (6, 6, 256, 192) and person.shape == (6, 21, 256, 192)
    worn = torch.nn.functional.grid_sample(
        garment[:, 3:4], _grid(batch["flow"].permute(0, 3, 1, 2)), align_corners=False
    )
    assert (batch["valid"] > 0).float().mean() > 0.05
    assert float(worn[:, 0][batch["valid"] > 0].mean()) > 0.97
    assert (batch["target"][batch["valid"] > 0] == Region.UPPER).float().mean() > 0.97


def test_the_person_maps_do_not_know_the_worn_garment(packed):
    sample = validation_sample(PackedDataset(packed, "test"), 0)
    assert not (sample["regions"] == Region.UPPER).any()
    assert (sample["regions"] == Region.FACE).any()
    assert {"worn", "parts"}.isdisjoint(sample)


def test_a_mistaken_parse_is_still_a_parse(packed):
    data, random = PackedDataset(packed, "train"), np.random.default_rng(0)
    parse, keypoints = data.read(0, ("other_parse", "true_keypoints")).values()
    for _ in range(20):
        mistaken = mistaken_parse(parse, keypoints, random)
        assert mistaken.max() < len(Parse) and (mistaken == parse).mean() > 0.7


def test_the_loss_falls_and_the_checkpoint_loads(packed, tmp_path):
    torch.manual_seed(0)
    task, data = ConditionTask(width=4), PackedDataset(packed, "train")
    plan = Plan(output=tmp_path / "condition.safetensors", steps=100)
    training = Training(task, plan, torch.device("cpu"))
    training.validate(PackedDataset(packed, "test"))
    assert all(np.isfinite(value) for value in training.metrics.values())
    batch = stacked(task.sample(data, 0, np.random.default_rng(1)))
    before = sum(training.step(batch).values())
    for _ in range(15):
        after = sum(training.step(batch).values())
    assert np.isfinite(after) and after < before
    training.save(samples=6)
    network = load_network(plan.output)
    with torch.inference_mode():
        flows, logits, _, _ = network(*network_inputs(batch))
    assert logits.shape == (1, 13, 256, 192)
    assert np.isfinite(flow_errors(flows[-1], batch)).all()
