from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from vton.data.pack import PackedDataset
from vton.labels import Region
from vton.methods.judge_inputs import CHANNELS, judge_inputs, stacked
from vton.networks.hr_viton_posed import PosedConditionGenerator
from vton.training.loop import Plan, Training
from vton.training.verdict import DiscriminatorTask, auc, rank_correlation
from vton.training.verdict_samples import collect, goodness, mirrored, spoilt
from vton.weights import load_network, load_notes


@pytest.fixture(scope="module")
def condition():
    torch.manual_seed(0)
    return PosedConditionGenerator(4, {"hidden": 16, "width": 8, "layers": 2}).eval()


@pytest.fixture(scope="module")
def entries(packed, condition):
    with torch.inference_mode():
        return list(collect(condition, PackedDataset(packed, "train"), 4))


def test_the_truth_agrees_with_itself_and_covers_the_top(entries):
    for entry in entries:
        truth = entry["true"]
        assert goodness(truth, truth) > 0.9
        assert goodness(entry["made"], truth) < 0.9
        upper = truth["regions"] == Region.UPPER
        assert 0.05 < upper.mean() < 0.6
        # The fake garment fills its picture, and the crop lets it take 92 % of the frame.
        inside = truth["reads"][cv2.erode(upper.astype(np.uint8), np.ones((5, 5))) > 0].astype(np.float32)
        assert np.abs(inside).max() < 1 and np.ptp(inside[:, 1]) > 1.2
    assert "misled" in entries[0] and "misled" not in entries[1]


def test_mirroring_twice_changes_nothing_and_once_exchanges_the_arms(entries):
    truth = entries[0]["true"]
    once, twice = mirrored(truth), mirrored(mirrored(truth))
    assert all(np.allclose(twice[key], truth[key]) for key in truth)
    left, right = (np.argwhere(once["regions"] == arm)[:, 1].mean() for arm in (Region.LEFT_ARM, Region.RIGHT_ARM))
    assert left > right


def test_a_spoilt_try_on_is_worse_and_leaves_the_person_alone(entries):
    random = np.random.default_rng(0)
    truth, stranger = entries[0]["true"], entries[1]["made"]
    found = [spoilt(truth, stranger, random) for _ in range(24)]
    assert np.mean([goodness(each, truth) for each in found]) < 0.85
    for each in found:
        assert {key: each[key].shape for key in each} == {key: truth[key].shape for key in truth}
        assert all(np.array_equal(each[key], truth[key]) for key in ("agnostic", "parts", "keypoints"))


def test_the_discriminator_sees_the_garment_only_where_nothing_hides_it(entries):
    truth = {**entries[0]["true"], "mask": np.full((128, 96), 255, np.uint8)}
    inputs = judge_inputs(stacked([truth]))
    assert inputs.shape == (1, CHANNELS, 128, 96)
    arms = truth["regions"] == Region.LEFT_ARM
    arms = cv2.erode(arms.astype(np.uint8), np.ones((3, 3))) > 0
    assert arms.any() and float(inputs[0, :3][:, torch.from_numpy(arms)].abs().max()) == 0


def test_the_loss_falls_and_the_checkpoint_brings_its_limits(packed, condition, entries, tmp_path: Path):
    torch.manual_seed(0)
    task = DiscriminatorTask(condition, samples=4, width=4)
    data, held_out = PackedDataset(packed, "train"), PackedDataset(packed, "test")
    assert (task.dress(data), task.dress(held_out)) == (4, 2)
    plan = Plan(output=tmp_path / "discriminator.safetensors", steps=40)
    training, random = Training(task, plan, torch.device("cpu")), np.random.default_rng(0)
    samples = [task.sample(data, index, random) for index in range(4)]
    batch = {key: torch.from_numpy(np.stack([sample[key] for sample in samples])) for key in samples[0]}
    before = sum(training.step(batch).values())
    for _ in range(8):
        after = sum(training.step(batch).values())
    assert after < 0.8 * before
    training.validate(held_out)
    training.save(samples=4)
    network, known = load_network(plan.output), load_notes(plan.output)["metrics"]
    scores = network(judge_inputs(stacked([entries[0]["true"]])))
    assert all(torch.isfinite(score).all() for score in scores)
    assert 0 < known["ratio_1"] <= known["ratio_50"] <= known["ratio_largest"]


def test_measures_of_order():
    assert auc(np.array([2.0, 3.0]), np.array([1.0, 2.5])) == 0.75
    assert rank_correlation(np.array([1.0, 2.0, 9.0]), np.array([0.1, 0.2, 0.3])) == pytest.approx(1)
