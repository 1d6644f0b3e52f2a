from argparse import Namespace

import numpy as np
import pytest
import torch

from vton.labels import Region
from vton.networks.garment_field import GarmentField
from vton.networks.hr_viton_posed import PosedConditionGenerator
from vton.training.command import make_task
from vton.training.condition import (
    PLACES,
    ConditionTask,
    FieldTask,
    network_inputs,
    read_distance,
    read_errors,
    soft_overlap,
    validation_batches,
)
from vton.training.frames import FramedDataset, write_frames
from vton.training.loop import Plan, Training
from vton.training.losses import bending
from vton.weights import NETWORKS, load_network, save_checkpoint

SMALL = {"hidden": 16, "width": 8, "layers": 2}


@pytest.fixture(scope="module")
def frames(packed, tmp_path_factory):
    root = tmp_path_factory.mktemp("frames")
    write_frames([packed], root, times=1, seed=0, workers=0)
    return root


def stacked(*samples):
    return {key: torch.from_numpy(np.stack([sample[key] for sample in samples])) for key in samples[0]}


def train_a_little(task, data, plan, steps):
    training = Training(task, plan, torch.device("cpu"))
    batch = stacked(*(task.sample(data, index, np.random.default_rng(index)) for index in range(2)))
    losses = [sum(training.step(batch).values()) for _ in range(steps)]
    training.save(samples=len(data))
    return training, losses


def test_the_field_learns_and_its_checkpoint_loads(frames, tmp_path):
    torch.manual_seed(0)
    data, held_out = FramedDataset(frames, "train"), FramedDataset(frames, "test")
    plan = Plan(output=tmp_path / "field.safetensors", steps=100)
    training, losses = train_a_little(FieldTask(**SMALL), data, plan, 25)
    assert losses[-1] < 0.8 * losses[0]
    training.validate(held_out)
    assert training.metrics["epe_median"] > 0
    field = load_network(plan.output)
    batch = next(validation_batches(held_out, 2, torch.device("cpu")))
    with torch.inference_mode():
        assert np.isfinite(read_errors(field.on_grid(*network_inputs(batch)), batch)).all()


def test_a_second_look_starts_from_the_first_and_learns(frames, tmp_path):
    torch.manual_seed(0)
    start = GarmentField(**SMALL)
    data, held_out = FramedDataset(frames, "train"), FramedDataset(frames, "test")
    task = FieldTask(start, **SMALL, second=True)
    network = NETWORKS[task.kind](**task.config).eval()
    task.prepare(network)
    batch = next(validation_batches(held_out, 2, torch.device("cpu")))
    with torch.inference_mode():
        once, twice = (field.on_grid(*network_inputs(batch)) for field in (start.eval(), network))
    assert torch.equal(once, twice)
    plan = Plan(output=tmp_path / "field.safetensors", steps=100)
    training, _ = train_a_little(task, data, plan, 12)
    batch = stacked(*(task.sample(data, index, np.random.default_rng(index)) for index in range(4)))
    losses = task.losses(training.network.eval(), batch)
    assert float(losses["second"].detach()) < float(losses["first"].detach())
    assert load_network(plan.output).second is not None


def test_a_field_that_is_named_is_trained_to_look_twice(tmp_path):
    torch.manual_seed(0)
    files = {}
    for second in (False, True):
        config = {**SMALL, "second": second}
        files[second] = tmp_path / f"{second}.safetensors"
        save_checkpoint(files[second], "garment_field", config, GarmentField(**config).state_dict(), {})
    cpu = torch.device("cpu")
    assert make_task(Namespace(network="garment-field", field=None), cpu).config == {}
    assert make_task(Namespace(network="garment-field", field=files[False]), cpu).config == {"second": True}
    whole = tmp_path / "condition.safetensors"
    save_checkpoint(whole, "posed_condition_generator", {"width": 4}, PosedConditionGenerator(4).state_dict(), {})
    task = make_task(Namespace(network="garment-field", field=whole), cpu)
    field = GarmentField(**task.config)
    task.prepare(field)
    kept = load_network(whole).field.state_dict()
    assert all(torch.equal(value, field.state_dict()[key]) for key, value in kept.items())
    for second, sizes in ((False, {}), (True, {"second": True})):
        task = make_task(Namespace(network="condition", field=files[second], init=None), cpu)
        assert task.config["field"] == sizes


def test_what_the_second_look_sees_moves_its_answer(frames):
    torch.manual_seed(0)
    network = GarmentField(**SMALL, second=True).eval()
    torch.nn.init.normal_(network.second.out.weight)
    batch = next(validation_batches(FramedDataset(frames, "test"), 1, torch.device("cpu")))
    _, garment, regions, parts = network_inputs(batch)
    with torch.inference_mode():
        one, other = (
            network.second(
                torch.zeros(1, 16), torch.zeros(1, 5, 17), torch.full((1, 5, 2), 100.0), torch.zeros(1, 5, 2),
                torch.full((1, 2, 32, 24), place), garment, regions[:, 2::4, 2::4], parts[:, 2::4, 2::4],
            )
            for place in (90.0, 120.0)
        )  # fmt: skip
    assert not torch.allclose(one, other)


def test_a_garment_nobody_sees_teaches_the_field_nothing(frames):
    class Unseen(FramedDataset):
        def read(self, index, fields):
            frame = super().read(index, fields)
            return {**frame, "valid": np.zeros_like(frame["valid"])}

    task = FieldTask(**SMALL)
    batch = stacked(task.sample(Unseen(frames, "train"), 0, np.random.default_rng(0)))
    assert batch["places"].shape == (1, PLACES)
    assert float(task.losses(GarmentField(**SMALL), batch)["first"].detach()) == 0


def test_the_condition_generator_learns_behind_a_field_that_stays(frames, tmp_path):
    torch.manual_seed(0)
    data, held_out = FramedDataset(frames, "train"), FramedDataset(frames, "test")
    field = GarmentField(**SMALL)
    task = ConditionTask(field, width=4, sizes=SMALL)
    plan = Plan(output=tmp_path / "condition.safetensors", steps=100)
    training, losses = train_a_little(task, data, plan, 8)
    assert losses[-1] < losses[0]
    training.validate(held_out)
    assert 0 < training.metrics["region_iou"] <= 1
    network = load_network(plan.output)
    batch = next(validation_batches(held_out, 2, torch.device("cpu")))
    with torch.inference_mode():
        reads, logits, mask = network(*network_inputs(batch))
    assert [tuple(level.shape[2:]) for level in reads] == [(4, 3), (8, 6), (16, 12), (32, 24), (64, 48)]
    assert logits.shape == (2, len(Region), 256, 192) and mask.shape == (2, 1, 256, 192)
    kept = {key: value for key, value in training.network.field.state_dict().items() if "num_batches" not in key}
    assert all(torch.equal(value, field.state_dict()[key]) for key, value in kept.items())


def test_it_goes_on_from_a_trained_network_behind_another_field(frames):
    torch.manual_seed(0)
    start, field = PosedConditionGenerator(4, SMALL), GarmentField(**SMALL)
    network = PosedConditionGenerator(4, SMALL)
    ConditionTask(field, width=4, sizes=SMALL, start=start).prepare(network)
    assert torch.equal(network.refine.conv.scale.weight, start.refine.conv.scale.weight)
    assert torch.equal(network.field.out.weight, field.out.weight)
    assert not network.field.out.weight.requires_grad and network.prior.kept.requires_grad
    twice = PosedConditionGenerator(4, {**SMALL, "second": True})
    field = GarmentField(**SMALL, second=True)
    ConditionTask(field, width=4, sizes={**SMALL, "second": True}, start=start).prepare(twice)
    assert torch.equal(twice.refine.conv.scale.weight, start.refine.conv.scale.weight)


def test_untrained_it_reads_where_the_field_reads_and_keeps_what_it_is_shown(frames):
    torch.manual_seed(0)
    task = ConditionTask(None, width=4, sizes=SMALL)
    network = NETWORKS[task.kind](**task.config).eval()
    batch = next(validation_batches(FramedDataset(frames, "test"), 2, torch.device("cpu")))
    with torch.inference_mode():
        reads, logits, _ = network(*network_inputs(batch))
        guess = network.field.on_grid(*network_inputs(batch))
    # The published base grid spans -1 to 1, so that a flow of zero enlarges a little.
    inner = (slice(None), slice(None), slice(8, -8), slice(8, -8))
    assert float((reads[-1] - guess)[inner].abs().mean()) < 0.05 * float(guess.std())
    shown = batch["regions"] > 0
    assert (logits.argmax(1)[shown] == batch["regions"][shown]).float().mean() > 0.9


def test_losses_know_right_from_wrong():
    wanted, valid = torch.rand(2, 2, 64, 48) * 100, torch.ones(2, 1, 64, 48)
    right = [torch.nn.functional.avg_pool2d(wanted, 64 // side) for side in (4, 8, 16, 32, 64)]
    wrong = [level + 5 for level in right]
    assert float(read_distance(right, wanted, valid)) == pytest.approx(0.09, abs=1e-3)
    assert float(read_distance(wrong, wanted, valid)) > 5
    slope = torch.arange(48.0)[:, None].expand(1, 64, 48, 2)
    assert float(bending([slope])) == 0 and float(bending([torch.rand(1, 64, 48, 2)])) > 0.1
    target = torch.randint(0, 3, (1, 32, 32))
    sure = 20 * torch.nn.functional.one_hot(target, 4).permute(0, 3, 1, 2).float()
    assert float(soft_overlap(sure.log_softmax(1), target)) < 0.01
    assert float(soft_overlap(sure.roll(1, 1).log_softmax(1), target)) > 0.9
