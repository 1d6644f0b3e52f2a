import numpy as np
import pytest
import torch

from vton.data.pack import PackedDataset
from vton.labels import Region
from vton.networks.body import BodyNet
from vton.training.augment import overprint
from vton.training.image import ImageTask, balanced, compose_batch, generate, validation_sample
from vton.training.loop import Plan, Training
from vton.weights import load_network

SMALL = {"widths": (4, 4, 8, 8, 8)}


def stacked(*samples):
    return {key: torch.from_numpy(np.stack([sample[key] for sample in samples])) for key in samples[0]}


def test_the_composite_comes_close_to_the_truth(packed):
    data, random = PackedDataset(packed, "train"), np.random.default_rng(0)
    batch = stacked(*(ImageTask().sample(data, index, random) for index in range(4)))
    made, composite, edit = generate(lambda inputs, layers: torch.zeros_like(inputs[:, :3]), batch)
    goal = batch["image"].permute(0, 3, 1, 2).float() / 127.5 - 1
    photo = batch["other"].permute(0, 3, 1, 2).float() / 127.5 - 1
    assert torch.allclose(made, composite.clamp(-1, 1), atol=1e-6)
    inside = (edit > 0.5).expand_as(goal)
    assert (composite - goal).abs()[inside].mean() < 0.5 * (photo - goal).abs()[inside].mean()
    assert (composite - photo).abs()[(edit == 0).expand_as(goal)].max() < 1e-5


def test_the_loss_falls_from_the_composite_and_the_checkpoint_loads(packed, tmp_path):
    torch.manual_seed(0)
    task, data = ImageTask(BodyNet(widths=(4, 4, 8, 8, 8)), **SMALL), PackedDataset(packed, "train")
    plan = Plan(output=tmp_path / "image.safetensors", steps=100)
    training = Training(task, plan, torch.device("cpu"))
    untrained = task.validate(training.average.eval(), PackedDataset(packed, "test"), torch.device("cpu"))
    assert untrained["l1"] == pytest.approx(untrained["composite_l1"], abs=1e-6)
    batch = stacked(task.sample(data, 0, np.random.default_rng(1)))
    before = sum(training.step(batch).values())
    for _ in range(12):
        after = sum(training.step(batch).values())
    assert np.isfinite(after) and after < before
    training.save(samples=6)
    network = load_network(plan.output)
    with torch.inference_mode():
        assert generate(network, batch)[0].shape == (1, 3, 384, 288)


def test_composing_at_half_size_gives_about_the_same_smaller(packed):
    batch = stacked(validation_sample(PackedDataset(packed, "test"), 0, np.random.default_rng(0)))
    composite, edit, inputs, layers = compose_batch(batch)
    small, small_edit, small_inputs, small_layers = compose_batch(batch, shrink=2)
    halved = torch.nn.functional.avg_pool2d(composite, 2)
    assert (small - halved).abs().mean() < 0.03 and abs(float(small_edit.mean() - edit.mean())) < 0.02
    assert small_inputs.shape == (1, inputs.shape[1], 192, 144) and small_layers.shape == (1, layers.shape[1], 192, 144)


def test_another_top_over_the_garment_does_not_count(packed):
    data = PackedDataset(packed, "test")
    data.read = lambda index, fields, read=data.read: hide_flow(read(index, fields))
    sample = validation_sample(data, 0, np.random.default_rng(0))
    upper = sample["target"] == Region.UPPER
    lower_half = np.arange(384)[:, None] > np.median(np.nonzero(upper)[0]) + 8
    assert not sample["known"][upper & lower_half].any()
    assert sample["known"][~upper].all() and sample["known"][upper & ~lower_half].mean() > 0.8


def hide_flow(fields):
    rows = np.nonzero(fields["valid"])[0]
    fields["valid"][int(np.median(rows)) :] = False
    return fields


def test_the_truth_takes_the_brightness_of_the_garment_picture():
    composite, goal = torch.full((1, 3, 16, 12), 0.2), torch.full((1, 3, 16, 12), -0.5)
    goal[:, :, ::2] -= 0.1
    garment, known = torch.zeros(1, 1, 16, 12), torch.ones(1, 1, 16, 12)
    garment[..., 4:] = 1
    made = balanced(goal, composite, garment, known)
    assert torch.allclose(made[..., :4], goal[..., :4], atol=1e-6)
    assert (made - composite)[..., 4:].mean().abs() < 0.4 * (goal - composite).mean().abs()
    assert (made[:, :, 1::2, 5] - made[:, :, ::2, 5]).min() > 0.1
    assert torch.allclose(balanced(goal, composite, garment, 0 * known), goal, atol=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_another_print_lies_on_the_old_top_alone_and_keeps_its_light(seed):
    random = np.random.default_rng(seed)
    inside = np.zeros((96, 72), bool)
    inside[20:80, 12:60] = True
    pixels = np.full((96, 72, 3), 120, np.uint8)
    pixels[:, :36] = 60
    printed = overprint(pixels, inside, random)
    changed = (printed != pixels).any(-1)
    assert changed[inside].mean() > 0.01 and not changed[~inside].any()
    again = overprint(np.full_like(pixels, 120), inside, np.random.default_rng(seed))
    lit, shaded = again[:, :36][changed[:, :36]].mean(), printed[:, :36][changed[:, :36]].mean()
    assert not changed[:, :36].any() or shaded < lit
