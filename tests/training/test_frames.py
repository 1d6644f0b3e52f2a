import json
import shutil

import numpy as np
import pytest
import torch

from vton.data.dataset import DatasetError
from vton.data.pack import PackedDataset, shards
from vton.labels import Hem, Parse, Region
from vton.networks.places import FIELD_SIZE, FRAME, pixel_places
from vton.training.frames import FIELDS, FramedDataset, main, make_frame
from vton.training.mistakes import mistaken_parse, mistaken_parts


def test_the_reads_of_a_frame_find_the_garment(packed):
    data, random = PackedDataset(packed, "train"), np.random.default_rng(0)
    for index in range(6):
        frame = make_frame(data.read(index, FIELDS), random)
        valid, reads = frame["valid"], frame["reads"].astype(np.float32)
        assert valid.mean() > 0.05
        columns, rows = (reads[valid] / 2).round().astype(int).T
        covered = frame["garment"][rows.clip(0, 127), columns.clip(0, 95), 3] > 100
        assert covered.mean() > 0.95
        places = pixel_places(*FIELD_SIZE, torch.device("cpu")).view(*FIELD_SIZE, 2).numpy()[valid].round().astype(int)
        assert (frame["target"][places[:, 1], places[:, 0]] == Region.UPPER).mean() > 0.95


def test_a_frame_does_not_know_the_worn_garment(packed):
    frame = make_frame(PackedDataset(packed, "test").read(0, FIELDS), None)
    assert not (frame["regions"] == Region.UPPER).any()
    assert (frame["regions"] == Region.FACE).any()
    assert (frame["target"] == Region.UPPER).any()
    assert frame["regions"].shape == frame["parts"].shape == FRAME


def test_a_tucked_garment_shows_what_it_is_tucked_into(packed):
    sample = PackedDataset(packed, "test").read(0, (*FIELDS, "hem"))
    unknown, loose, tucked = (make_frame({**sample, "hem": hem}, None) for hem in Hem)
    assert [frame["hem"] for frame in (unknown, loose, tucked)] == [*Hem]
    bottoms = [(frame["regions"] == Region.BOTTOM).sum() for frame in (unknown, loose, tucked)]
    assert bottoms[0] == bottoms[1] < bottoms[2]
    random = np.random.default_rng(0)
    shown = [(make_frame({**sample, "hem": Hem.TUCKED}, random)["regions"] == Region.BOTTOM).sum() for _ in range(30)]
    assert np.ptp(shown) > 0.1 * bottoms[2]


def test_frames_are_the_same_for_any_number_of_workers(packed, tmp_path, capsys):
    assert main([str(packed), "-o", str(tmp_path / "one"), "--times", "2", "--seed", "3"]) == 0
    assert "12 frames to train on, 2 held out" in capsys.readouterr().out
    assert main([str(packed), "-o", str(tmp_path / "two"), "--times", "2", "--seed", "3", "--workers", "1"]) == 0
    one, two = (FramedDataset(tmp_path / name, "train") for name in ("one", "two"))
    assert len(one) == len(two) == one.refresh() == 12
    for index in range(12):
        first, second = (each.read(index, ("joints", "garment", "regions", "reads")) for each in (one, two))
        assert all(np.array_equal(first[field], second[field]) for field in first)
    assert not np.array_equal(one.read(0, ("joints",))["joints"], one.read(1, ("joints",))["joints"])
    assert json.loads((tmp_path / "one" / "frames.json").read_text())["times"] == 2


def test_exact_frames_follow_the_disturbed_ones(packed, tmp_path):
    assert main([str(packed), "-o", str(tmp_path), "--times", "1", "--exact"]) == 0
    frames, data = FramedDataset(tmp_path, "train"), PackedDataset(packed, "train")
    assert len(frames) == 12
    for index in (0, 3):
        wanted = make_frame(data.read(index, FIELDS), None)
        found = frames.read(2 * index + 1, ("joints", "regions"))
        assert np.array_equal(found["joints"], wanted["joints"])
        assert np.array_equal(found["regions"], wanted["regions"])
    assert not np.array_equal(frames.read(0, ("joints",))["joints"], frames.read(1, ("joints",))["joints"])


def test_disturbed_frames_see_at_times_what_the_body_network_finds(packed):
    sample, random = PackedDataset(packed, "train").read(0, FIELDS), np.random.default_rng(0)
    shape = sample["parts"].shape
    found = {"found_parse": np.full(shape, Parse.HAIR, np.uint8), "found_parts": np.full(shape, 7, np.uint8)}
    frames = [make_frame({**sample, **found}, random) for _ in range(40)]
    seen = [(frame["parts"] == 7).mean() > 0.5 and (frame["regions"] == Region.HAIR).mean() > 0.3 for frame in frames]
    assert 8 < sum(seen) < 32
    exact, plain = make_frame({**sample, **found}, None), make_frame(sample, None)
    assert all(np.array_equal(exact[field], plain[field]) for field in plain)


def test_found_maps_that_were_packed_get_into_frames(packed, tmp_path):
    root = tmp_path / "dataset"
    shutil.copytree(packed, root)
    for shard in shards(root, "train"):
        shape = np.load(shard / "parts.npy").shape
        np.save(shard / "found_parse.npy", np.full(shape, Parse.HAIR, np.uint8))
        np.save(shard / "found_parts.npy", np.full(shape, 7, np.uint8))
    assert main([str(root), "-o", str(tmp_path / "frames"), "--times", "2"]) == 0
    frames = FramedDataset(tmp_path / "frames", "train")
    seen = [(frames.read(index, ("parts",))["parts"] == 7).mean() > 0.5 for index in range(len(frames))]
    assert 0 < sum(seen) < len(frames)


def test_missing_data_is_named(tmp_path, capsys):
    assert main([str(tmp_path), "-o", str(tmp_path / "frames")]) == 2
    assert "python -m vton.data.pack" in capsys.readouterr().err
    with pytest.raises(DatasetError, match=r"vton\.training\.frames"):
        FramedDataset(tmp_path, "train")


def test_a_mistaken_parse_is_still_a_parse(packed):
    data, random = PackedDataset(packed, "train"), np.random.default_rng(0)
    parse, keypoints, parts = data.read(0, ("other_parse", "true_keypoints", "parts")).values()
    for _ in range(20):
        mistaken = mistaken_parse(parse, keypoints, random)
        assert mistaken.max() < len(Parse) and (mistaken == parse).mean() > 0.7
    assert not mistaken_parts(parts, random, unknown=1).any()
    assert mistaken_parts(parts, random, unknown=0).any()
