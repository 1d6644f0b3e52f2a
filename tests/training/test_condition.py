from argparse import Namespace

import numpy as np
import pytest
import torch

from vton.labels import Hem, Region
from vton.networks.garment_field import GarmentField
from vton.networks.hr_viton_posed import PosedConditionGenerator
from vton.networks.places import mirrored, thinned
from vton.training.command import main, make_task
from vton.training.condition import (
    FIELD_RATE,
    ConditionTask,
    FieldTask,
    condition_inputs,
    network_inputs,
    read_distance,
    read_errors,
    soft_overlap,
)
from vton.training.frame_batches import PLACES, at_places, held_out
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


CPU = torch.device("cpu")


def first_batch(task, data, size=2):
    return next(task.stream(data, size, torch.Generator().manual_seed(0)))


def train_a_little(task, data, plan, steps):
    training = Training(task, plan, CPU)
    batch = first_batch(task, data)
    losses = [float(sum(training.step(batch).values())) for _ in range(steps)]
    training.save(samples=len(data))
    return training, losses


def test_the_field_learns_and_its_checkpoint_loads(frames, tmp_path):
    torch.manual_seed(0)
    data, unseen = FramedDataset(frames, "train"), FramedDataset(frames, "test")
    plan = Plan(output=tmp_path / "field.safetensors", steps=100)
    training, losses = train_a_little(FieldTask(**SMALL), data, plan, 25)
    assert losses[-1] < 0.8 * losses[0]
    training.validate(unseen)
    assert training.metrics["epe_median"] > 0
    field = load_network(plan.output)
    batch = next(held_out(unseen, 2, 2, CPU))
    with torch.inference_mode():
        assert np.isfinite(read_errors(field.on_grid(*network_inputs(batch)), batch)).all()


def test_further_looks_start_from_the_first_and_learn(frames, tmp_path):
    torch.manual_seed(0)
    start = GarmentField(**SMALL)
    data, unseen = FramedDataset(frames, "train"), FramedDataset(frames, "test")
    task = FieldTask(start, **SMALL, looks=3)
    network = NETWORKS[task.kind](**task.config).eval()
    task.prepare(network)
    batch = next(held_out(unseen, 2, 2, CPU))
    with torch.inference_mode():
        once, often = (field.on_grid(*network_inputs(batch)) for field in (start.eval(), network))
    assert torch.equal(once, often)
    plan = Plan(output=tmp_path / "field.safetensors", steps=100)
    training, _ = train_a_little(task, data, plan, 12)
    losses = task.losses(training.network.eval(), first_batch(task, data, 4))
    first, second, third = (float(losses[f"look {look}"].detach()) for look in (1, 2, 3))
    assert third < second < first
    assert len(load_network(plan.output).closer) == 2


def test_a_field_that_is_named_is_trained_to_look_more_often(tmp_path):
    torch.manual_seed(0)
    once, whole = tmp_path / "field.safetensors", tmp_path / "condition.safetensors"
    field = GarmentField(**SMALL)
    save_checkpoint(once, "garment_field", SMALL, field.state_dict(), {})
    save_checkpoint(whole, "posed_condition_generator", {"width": 4}, PosedConditionGenerator(4).state_dict(), {})
    assert make_task(Namespace(network="garment-field", field=None, looks=3), CPU).config == {"fine": True, "looks": 3}
    assert make_task(Namespace(network="garment-field", field=once, looks=2), CPU).config == {**field.sizes, "looks": 2}
    task = make_task(Namespace(network="garment-field", field=whole, looks=3), CPU)
    network = GarmentField(**task.config)
    task.prepare(network)
    kept = load_network(whole).field.state_dict()
    assert all(torch.equal(value, network.state_dict()[key]) for key, value in kept.items())
    task = make_task(Namespace(network="condition", field=once, init=None, whole=False), CPU)
    assert task.config["field"] == field.sizes


@pytest.mark.parametrize("look", [0, 1])
def test_what_a_closer_look_sees_moves_its_answer(frames, look):
    torch.manual_seed(0)
    network = GarmentField(**SMALL, looks=3).eval().closer[look]
    torch.nn.init.normal_(network.out.weight)
    batch = next(held_out(FramedDataset(frames, "test"), 1, 1, CPU))
    _, garment, regions, parts = network_inputs(batch)
    reads, told = torch.full((1, 5, 2), 100.0), torch.zeros(1, 16)
    with torch.inference_mode():
        views = [
            network.view(told, torch.full((1, 2, 32, 24), place), garment, thinned(regions), thinned(parts))
            for place in (90.0, 120.0)
        ]
        one, other = (network.correct(view, torch.zeros(1, 5, 17), reads, reads) for view in views)
    assert not torch.allclose(one, other)


def test_a_garment_nobody_sees_teaches_the_field_nothing(frames):
    task = FieldTask(**SMALL)
    frame = next(held_out(FramedDataset(frames, "test"), 1, 1, CPU))
    frame["valid"] = torch.zeros_like(frame["valid"])
    batch = at_places(frame, torch.Generator().manual_seed(0))
    assert batch["places"].shape == (1, PLACES)
    assert float(task.losses(GarmentField(**SMALL), batch)["look 1"].detach()) == 0


def test_the_command_trains_a_field_and_a_condition_generator_behind_it(frames, tmp_path):
    field, condition = tmp_path / "field.safetensors", tmp_path / "condition.safetensors"
    usual = ["--data", str(frames), "--steps", "1", "--batch", "2"]
    assert main(["garment-field", *usual, "-o", str(field), "--looks", "2"]) == 0
    # At next to no rate what is trained stays as it was.
    assert main(["condition", *usual, "-o", str(condition), "--field", str(field), "--whole", "--rate", "1e-9"]) == 0
    before, after = load_network(field), load_network(condition).field
    assert after.sizes == before.sizes and after.sizes["looks"] == 2
    assert torch.allclose(after.out.weight, before.out.weight, atol=1e-4)
    assert main(["condition", *usual, "-o", str(condition)]) == 2


def test_in_use_a_mirror_image_is_dressed_in_the_mirrored_way(frames):
    torch.manual_seed(0)
    network = GarmentField(**SMALL, looks=2).eval()
    batch = next(held_out(FramedDataset(frames, "test"), 1, 1, CPU))
    with torch.inference_mode():
        reads = network.on_grid(*network_inputs(batch))
        turned = network.on_grid(*network_inputs(mirrored(batch)))
    back = mirrored({"reads": turned.permute(0, 2, 3, 1)})["reads"].permute(0, 3, 1, 2)
    assert torch.allclose(back, reads, atol=1e-2)


def test_the_condition_generator_learns_behind_a_field_that_stays(frames, tmp_path):
    torch.manual_seed(0)
    data, unseen = FramedDataset(frames, "train"), FramedDataset(frames, "test")
    field = GarmentField(**SMALL)
    task = ConditionTask(field, width=4, sizes=SMALL)
    plan = Plan(output=tmp_path / "condition.safetensors", steps=100)
    training, losses = train_a_little(task, data, plan, 8)
    assert losses[-1] < losses[0]
    training.validate(unseen)
    assert 0 < training.metrics["region_iou"] <= 1
    network = load_network(plan.output)
    batch = next(held_out(unseen, 2, 2, CPU))
    with torch.inference_mode():
        reads, logits, mask = network(*network_inputs(batch))
    assert [tuple(level.shape[2:]) for level in reads] == [(4, 3), (8, 6), (16, 12), (32, 24), (64, 48)]
    assert logits.shape == (2, len(Region), 256, 192) and mask.shape == (2, 1, 256, 192)
    kept = {key: value for key, value in training.network.field.state_dict().items() if "num_batches" not in key}
    assert all(torch.equal(value, field.state_dict()[key]) for key, value in kept.items())


def test_it_goes_on_from_a_trained_network_behind_another_field(frames):
    torch.manual_seed(0)
    start, field = PosedConditionGenerator(4, SMALL), GarmentField(**SMALL)
    network = PosedConditionGenerator(4, SMALL, hems=True)
    ConditionTask(field, width=4, sizes=SMALL, start=start).prepare(network)
    assert torch.equal(network.refine.conv.scale.weight, start.refine.conv.scale.weight)
    assert torch.equal(network.field.out.weight, field.out.weight)
    assert not network.field.out.weight.requires_grad and network.prior.kept.requires_grad
    thrice = PosedConditionGenerator(4, {**SMALL, "fine": True, "looks": 3}, hems=True)
    field = GarmentField(**SMALL, fine=True, looks=3)
    ConditionTask(field, width=4, sizes=field.sizes, start=start).prepare(thrice)
    assert torch.equal(thrice.refine.conv.scale.weight, start.refine.conv.scale.weight)
    assert torch.equal(thrice.field.closer[1].local.weight, field.closer[1].local.weight)


@torch.inference_mode()
def test_a_network_that_knew_no_hems_answers_as_before_until_it_has_learnt_them(frames):
    torch.manual_seed(0)
    start, network = PosedConditionGenerator(4, SMALL), PosedConditionGenerator(4, SMALL, hems=True)
    ConditionTask(None, width=4, sizes=SMALL, start=start).prepare(network)
    batch = next(held_out(FramedDataset(frames, "test"), 2, 2, CPU))
    batch["hem"] = torch.tensor([Hem.LOOSE, Hem.TUCKED])
    before, after = (one.eval()(*condition_inputs(batch)) for one in (start, network))
    assert torch.allclose(before[1], after[1], atol=1e-5)
    torch.nn.init.ones_(network.refine.PoseEncoder[0].scale.weight)
    torch.nn.init.ones_(network.refine.out_layer.scale.weight)
    logits = [network(*network_inputs(batch), torch.full((2,), int(hem)))[1] for hem in Hem]
    assert not torch.allclose(logits[0], logits[1])
    assert torch.equal(logits[0], network(*network_inputs(batch))[1])


def test_the_whole_is_trained_when_asked_for(frames, tmp_path):
    torch.manual_seed(0)
    field = GarmentField(**SMALL, looks=2)
    task = ConditionTask(field, width=4, sizes=field.sizes, whole=True)
    before = {key: value.clone() for key, value in field.state_dict().items()}
    plan = Plan(output=tmp_path / "condition.safetensors", steps=100)
    training, losses = train_a_little(task, FramedDataset(frames, "train"), plan, 8)
    assert losses[-1] < losses[0]
    moved = training.network.field.state_dict()
    assert not torch.equal(moved["out.weight"], before["out.weight"])
    rates = [group["lr"] for group in training.optimizer.param_groups]
    assert rates[1] == pytest.approx(FIELD_RATE * rates[0])


def test_untrained_it_reads_where_the_field_reads_and_keeps_what_it_is_shown(frames):
    torch.manual_seed(0)
    task = ConditionTask(None, width=4, sizes=SMALL)
    network = NETWORKS[task.kind](**task.config).eval()
    batch = next(held_out(FramedDataset(frames, "test"), 2, 2, CPU))
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
