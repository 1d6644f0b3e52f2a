"""The lining network's data and training, on drawn garments."""

from importlib.util import find_spec

import cv2
import numpy as np
import pytest
import torch

from vton.data.dataset import DatasetError
from vton.preprocess.lining_frame import FRAME, neck_frame
from vton.rendering.flats import Flat
from vton.training.flats import FIELDS, STORED, FlatDataset, framed, main
from vton.training.lining import LiningTask, disturb_front, stored_to_frame
from vton.training.loop import Plan, Training
from vton.weights import load_network


def drawn(half: int) -> Flat:
    """A square garment with an elliptical neckline, half as wide as given."""
    picture, mask = np.full((120, 90, 3), 250, np.uint8), np.zeros((120, 90), np.uint8)
    cv2.rectangle(mask, (15, 20), (75, 110), 1, -1)
    hole = np.zeros_like(mask)
    cv2.ellipse(hole, (45, 20), (half, 14), 0, 0, 180, 1, -1)
    picture[mask > 0] = (180, 60, 60)
    picture[(hole & mask) > 0] = (90, 30, 30)
    return Flat(picture, mask > 0, (hole & mask) > 0)


@pytest.fixture
def stored(tmp_path):
    for split, halves in (("train", (10, 14, 18)), ("test", (12,))):
        (tmp_path / split).mkdir()
        values = [framed(drawn(half)) for half in halves]
        for field in FIELDS:
            np.save(tmp_path / split / f"{field}.npy", np.stack([value[field] for value in values]))
    return tmp_path


def test_the_frame_is_the_middle_of_what_is_stored():
    flat = drawn(14)
    direct = cv2.warpAffine(flat.mask * np.uint8(255), neck_frame(flat.mask), (FRAME, FRAME))
    through = cv2.warpAffine(framed(flat)["mask"], stored_to_frame(), (FRAME, FRAME))
    assert ((direct > 127) != (through > 127)).mean() < 0.01


def test_the_inside_stays_with_its_picture(stored):
    data, random = FlatDataset(stored, "train"), np.random.default_rng(0)
    darker = []
    for index in range(12):
        sample = LiningTask().sample(data, index % 3, random)
        assert sample["picture"].shape == (4, FRAME, FRAME) and np.abs(sample["picture"][:3]).max() < 1
        inner, cloth = sample["inside"] > 200, (sample["inside"] < 50) & (sample["picture"][3] > 0.5)
        darker.append(np.median(sample["picture"][:3, inner]) < np.median(sample["picture"][:3, cloth]))
    assert np.mean(darker) > 0.6


def test_shapes_are_laid_on_the_front_alone():
    colours, within = np.full((FRAME, FRAME, 3), 0.5, np.float32), np.zeros((FRAME, FRAME), np.float32)
    within[20:60, 40:90] = 1
    laid = disturb_front(colours, within, np.random.default_rng(2))
    assert (laid[within > 0] == 0.5).all() and (laid != 0.5).any() and (colours == 0.5).all()


def test_the_loss_falls_and_the_checkpoint_loads(stored, tmp_path):
    torch.manual_seed(0)
    task, data, held_out = LiningTask((4, 6, 8)), FlatDataset(stored, "train"), FlatDataset(stored, "test")
    plan = Plan(output=tmp_path / "lining.safetensors", steps=60, source="drawn")
    training, random = Training(task, plan, torch.device("cpu")), np.random.default_rng(0)
    samples = [task.sample(data, index, random) for index in range(3)]
    batch = {key: torch.from_numpy(np.stack([sample[key] for sample in samples])) for key in samples[0]}
    before = sum(training.step(batch).values())
    for _ in range(30):
        after = sum(training.step(batch).values())
    assert after < 0.7 * before
    training.validate(held_out)
    training.save(len(data))
    assert set(training.metrics) == {"iou", "mean_iou", "good", "false"}
    assert load_network(plan.output)(torch.zeros(1, 4, FRAME, FRAME)).shape == (1, FRAME, FRAME)


def test_without_garments_the_command_is_named(tmp_path):
    with pytest.raises(DatasetError, match="python -m vton"):
        FlatDataset(tmp_path, "train")


@pytest.mark.skipif(find_spec("anny") is None, reason="rendering needs the optional group `train`")
def test_rendered_garments_are_stored_by_split(tmp_path, capsys):
    assert main(["-n", "3", "-o", str(tmp_path), "--paintings", "2", "--seed", "4"]) == 0
    assert "4 garments to train on, 2 held out" in capsys.readouterr().out
    sample = FlatDataset(tmp_path, "test").read(1)
    assert sample["picture"].shape == (STORED, STORED, 3)
    assert (sample["mask"] > 127).mean() > 0.2 and (sample["inside"] <= sample["mask"]).all()
