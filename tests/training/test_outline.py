"""The outline network's data and training, on drawn garments."""

from importlib.util import find_spec

import cv2
import numpy as np
import pytest
import torch

from vton.preprocess.outline_frame import FRAME
from vton.training import outline
from vton.training.flats import FIELDS, SIZE, FlatDataset, main
from vton.training.grounds import laid_on_cloth, random_ground, shadowed
from vton.training.loop import Plan, Training
from vton.training.outline import OutlineTask, on_another_ground, placed, random_window
from vton.training.trousers import random_trousers
from vton.weights import load_network

HIGH, WIDE = 448, 336


def drawn(half: int) -> dict[str, np.ndarray]:
    """A garment with sleeves, as wide as given, on white paper."""
    mask = np.zeros((HIGH, WIDE), np.uint8)
    cv2.rectangle(mask, (168 - half, 120), (168 + half, 360), 255, -1)
    cv2.rectangle(mask, (168 - half - 40, 120), (168 + half + 40, 180), 255, -1)
    picture = np.full((HIGH, WIDE, 3), 245, np.uint8)
    picture[mask > 0] = (150, 60, 60)
    return {"picture": picture, "mask": mask, "inside": np.zeros_like(mask)}


@pytest.fixture
def stored(tmp_path):
    for split, halves in (("train", (50, 70, 90)), ("test", (60,))):
        (tmp_path / split).mkdir()
        for field in FIELDS:
            np.save(tmp_path / split / f"{field}.npy", np.stack([drawn(half)[field] for half in halves]))
    return tmp_path


def test_a_sample_is_a_framed_picture_with_its_mask(stored):
    data, random = FlatDataset(stored, "train"), np.random.default_rng(0)
    for index in range(20):
        sample = OutlineTask().sample(data, index % 3, random)
        assert sample["picture"].shape == (6, *FRAME) and np.abs(sample["picture"]).max() <= 1
        assert sample["mask"].shape == FRAME and 0.02 < (sample["mask"] > 127).mean() < 0.95


def test_windows_are_in_the_frame_and_of_every_shape():
    random = np.random.default_rng(0)
    shapes = []
    for _ in range(60):
        rows, columns = random_window(random)
        assert 0 <= rows.start < rows.stop <= FRAME[0] and 0 <= columns.start < columns.stop <= FRAME[1]
        shapes.append((rows.stop - rows.start) / (columns.stop - columns.start))
    assert min(shapes) < 1 and max(shapes) > 1.5 and np.isclose(shapes, 4 / 3).sum() > 10


def test_garments_lie_within_their_window_or_a_little_beyond():
    random, window, mask = np.random.default_rng(1), np.s_[0:256, 0:192], drawn(60)["mask"]
    seen = []
    for _ in range(40):
        matrix = placed(mask, window, random)
        moved = cv2.warpAffine(mask, matrix, (192, 256))
        seen.append(
            (moved > 127).sum() / (np.linalg.det(matrix[:, :2].astype(float)).__abs__() * (drawn(60)["mask"] > 0).sum())
        )
    assert min(seen) > 0.6 and np.median(seen) > 0.97


def test_shadows_darken_the_ground_about_the_garment():
    mask = np.zeros((256, 192), np.float32)
    mask[60:200, 50:140] = 1
    ground = np.full((256, 192, 3), 0.9, np.float32)
    darker = []
    for seed in range(20):
        shade = shadowed(ground, mask, np.array([0.2, 0.4, 0.8]), np.random.default_rng(seed))
        assert shade.min() >= 0 and shade.max() <= 1
        darker.append(shade[195:206, 50:140].mean() < shade[:10].mean() - 0.01)
    assert np.mean(darker) > 0.5


def test_grounds_are_mostly_light():
    random = np.random.default_rng(3)
    lightness = [float(random_ground((64, 48), random).mean()) for _ in range(60)]
    assert np.median(lightness) > 0.75 and min(lightness) < 0.5


def test_what_is_printed_shows_the_folds_below_it():
    colours = np.full((256, 192, 3), 0.5, np.float32)
    colours[:, 90:100] = 0.4
    mask = np.ones((256, 192), np.float32)
    for seed in range(12):
        laid = laid_on_cloth(colours, mask, np.ones(3), np.random.default_rng(seed))
        printed = (np.abs(laid - colours).max(2) > 1e-3).all(1)
        if printed.any() and not printed.all():
            assert (laid[printed][:, 92:98].mean() < 0.9 * laid[printed][:, 60:80].mean()) and not laid.max() > 1.3
            return
    raise AssertionError("no stripe from side to side in twelve garments")


def test_trousers_lie_below_a_garment_and_show_folds():
    random, mask = np.random.default_rng(2), drawn(60)["mask"].astype(np.float32) / 255
    middles, areas = [], []
    for _ in range(30):
        colours, where = random_trousers(mask, np.array([0.2, 0.3, 0.5]), random)
        assert colours.shape == (HIGH, WIDE, 3) and colours.min() >= 0 and colours.max() <= 1
        assert where.shape == mask.shape and where.min() >= 0 and where.max() <= 1
        rows = np.nonzero(where > 0.5)[0]
        areas.append(len(rows) / (mask > 0.5).sum())
        if len(rows):
            middles.append(rows.mean())
            assert np.ptp(colours[where > 0.5].mean(1)) > 0.01
    assert np.median(middles) > np.nonzero(mask)[0].mean() and 0.1 < np.median(areas) < 1


def test_in_a_set_only_the_garment_counts_and_trousers_may_lie_on_it():
    mask = drawn(60)["mask"].astype(np.float32) / 255
    colours, hidden, beside = np.full((HIGH, WIDE, 3), 0.5, np.float32), [], []
    for seed in range(20):
        alone, whole = on_another_ground(colours, mask, np.random.default_rng(seed))
        picture, shown = on_another_ground(colours, mask, np.random.default_rng(seed), in_a_set=True)
        assert np.array_equal(whole > 127, mask > 0.5) and (shown <= whole).all()
        hidden.append((shown < whole).sum())
        beside.append((np.abs(picture - alone).max(2) > 0.15)[mask < 0.5].mean())
    assert max(hidden) > 500 and min(hidden) == 0 and np.median(beside) > 0.02


def test_dresses_are_not_sold_in_sets(stored, monkeypatch):
    asked = []
    monkeypatch.setattr(outline, "random_trousers", lambda mask, *_: asked.append(mask) or (mask[..., None], mask))
    monkeypatch.setattr(outline, "IN_A_SET", 1.0)
    data, random = FlatDataset(stored, "train"), np.random.default_rng(0)
    for _ in range(8):
        OutlineTask().sample(data, 0, random)
    assert asked
    asked.clear()
    monkeypatch.setattr(outline, "LONG", 0.1)
    for _ in range(8):
        OutlineTask().sample(data, 0, random)
    assert not asked


def test_the_loss_falls_and_the_checkpoint_loads(stored, tmp_path):
    torch.manual_seed(0)
    task, data, held_out = OutlineTask((4, 6, 8)), FlatDataset(stored, "train"), FlatDataset(stored, "test")
    plan = Plan(output=tmp_path / "outline.safetensors", steps=60, source="drawn")
    training, random = Training(task, plan, torch.device("cpu")), np.random.default_rng(0)
    samples = [task.sample(data, index, random) for index in range(3)]
    batch = {key: torch.from_numpy(np.stack([sample[key] for sample in samples])) for key in samples[0]}
    before = sum(training.step(batch).values())
    for _ in range(45):
        after = sum(training.step(batch).values())
    assert after < 0.7 * before
    training.validate(held_out)
    training.save(len(data))
    assert set(training.metrics) == {"iou", "mean_iou", "good"}
    assert load_network(plan.output)(torch.zeros(1, 6, *FRAME)).shape == (1, *FRAME)


@pytest.mark.skipif(find_spec("anny") is None, reason="rendering needs the optional group `train`")
def test_whole_garments_are_rendered_for_it(tmp_path):
    assert main(["-n", "2", "-o", str(tmp_path), "--paintings", "1", "--seed", "4", "--frame", "whole"]) == 0
    sample = FlatDataset(tmp_path, "train").read(0)
    assert sample["picture"].shape == (*SIZE, 3) and sample["mask"].shape == SIZE
    edges = (sample["mask"][0], sample["mask"][-1], sample["mask"][:, 0], sample["mask"][:, -1])
    assert (sample["mask"] > 127).mean() > 0.05 and not any(edge.any() for edge in edges), "all of it is shown"
