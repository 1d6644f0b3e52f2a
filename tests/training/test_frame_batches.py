from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from vton.data.pack import PackedDataset
from vton.labels import Hem
from vton.methods.compact_inputs import garment_crop, torso_crop
from vton.networks.places import FIELD_SIZE, mirrored
from vton.training.frame_batches import FIELDS, PLACES, FrameStream, at_places, disturbed, held_out
from vton.training.frames import FIELDS as PACKED_FIELDS
from vton.training.frames import FramedDataset, frame_sample, write_frames

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def frames(packed: Path, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("frames")
    write_frames([packed], root, times=1, seed=0, workers=0)
    return root


def test_a_mirrored_frame_is_the_frame_of_the_mirrored_sample(packed, frames):
    sample = PackedDataset(packed, "test").read(0, PACKED_FIELDS)
    batch = next(held_out(FramedDataset(frames, "test"), 1, 1, CPU))
    turned = mirrored(batch)
    to_torso, to_garment = torso_crop(sample["other_keypoints"]), garment_crop(sample["cloth_mask"])
    wanted = frame_sample(sample, sample["other_keypoints"], to_torso, to_garment, mirrored=True)
    assert np.allclose(turned["joints"][0], wanted["keypoints"][:, :2], atol=0.05)
    for field in ("target", "parts"):
        assert (turned[field][0].numpy() == wanted[field]).mean() > 0.98
    reads = cv2.resize(wanted["flow"], FIELD_SIZE[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(turned["reads"][0].numpy() - reads)[turned["valid"][0].numpy()].mean() < 1
    back = mirrored(turned)
    assert all(torch.equal(back[field], batch[field]) for field in ("garment", "regions", "valid"))
    assert torch.allclose(back["joints"], batch["joints"])


def test_places_are_where_readings_are_known(frames):
    batch = next(held_out(FramedDataset(frames, "test"), 2, 2, CPU))
    asked = at_places(batch, torch.Generator().manual_seed(0))
    assert asked["places"].shape == (2, PLACES) and asked["regions"].shape == (2, *FIELD_SIZE)
    for index in range(2):
        rows, columns = asked["places"][index] // FIELD_SIZE[1], asked["places"][index] % FIELD_SIZE[1]
        assert batch["valid"][index, rows, columns].all()
        assert torch.equal(asked["wanted"][index], batch["reads"][index, rows, columns].float())
    assert 0.1 < float((asked["joints"] - batch["joints"]).std()) < 0.5


def test_batches_differ_and_depend_on_the_seed(frames):
    data = FramedDataset(frames, "train")
    one, two = ([*islice(FrameStream(data, FIELDS, 4, torch.Generator().manual_seed(3)), 2)] for _ in range(2))
    assert all(torch.equal(a[field], b[field]) for a, b in zip(one, two, strict=True) for field in FIELDS)
    assert not torch.equal(one[0]["joints"], one[1]["joints"])


def test_some_frames_are_mirrored_recoloured_or_told_less(frames):
    frame = next(held_out(FramedDataset(frames, "test"), 1, 1, CPU))
    frame["hem"] = torch.tensor([Hem.TUCKED], dtype=torch.uint8)
    batch = {field: values.expand(200, *values.shape[1:]) for field, values in frame.items()}
    changed = disturbed(batch, torch.Generator().manual_seed(0))
    same = lambda field, other: (changed[field] == other).flatten(1).all(1).float().mean()  # noqa: E731
    assert 0.35 < same("target", frame["target"]) < 0.65
    assert 0.35 < same("target", mirrored(frame)["target"]) < 0.65
    assert 0.05 < same("parts", torch.zeros_like(frame["parts"])) < 0.2
    kept = sum(same("garment", garment) for garment in (frame["garment"], mirrored(frame)["garment"]))
    assert 0.6 < kept < 0.9
    assert changed["hem"].unique().tolist() == [Hem.UNKNOWN, Hem.TUCKED]
    assert 0.05 < (changed["hem"] == Hem.UNKNOWN).float().mean() < 0.2
    assert torch.equal(changed["garment"][..., 3].sort(2)[0][0], frame["garment"][..., 3].sort(2)[0][0])
