import os
from types import SimpleNamespace

import numpy as np
import pytest

from tests.training.fake import keypoints_of, nobody, write_dataset, write_sample
from vton.data.dataset import DatasetError, Layout
from vton.data.pack import FLOW_UNIT, PackedDataset, main, pack
from vton.labels import Hem, Joint, Parse
from vton.networks.body import BodyNet
from vton.weights import MissingWeights, save_checkpoint


def somebody():
    return lambda pixels: SimpleNamespace(keypoints=keypoints_of(100), silhouette=np.ones(pixels.shape[:2], np.float32))


def test_a_growing_dataset_is_packed_bit_by_bit(tmp_path):
    root = write_dataset(tmp_path, train=3, test=1)
    assert pack(root, pose_factory=nobody) == 4
    data = PackedDataset(root, "train")
    first = data.read(1, ("image",))["image"]
    assert len(data) == 3 and pack(root, pose_factory=nobody) == 0
    layout = Layout(root, "train")
    write_sample(layout, "000007_00", np.random.default_rng(7))
    assert pack(root, pose_factory=nobody) == 0, "a sample that may still be being written was packed"
    for path in layout.rendered_files("000007_00"):
        os.utime(path, (1e9, 1e9))
    assert pack(root, whole_shards=True, pose_factory=nobody) == 0
    assert pack(root, pose_factory=nobody) == 1
    assert data.refresh() == 4
    np.testing.assert_array_equal(data.read(1, ("image",))["image"], first)


def test_arrays_fit_together(tmp_path):
    root = write_dataset(tmp_path, train=1, test=0)
    pack(root, pose_factory=nobody)
    fields = ("parse", "flow", "valid", "true_keypoints", "image_keypoints", "image_silhouette", "found", "cloth_mask")
    parse, flow, valid, true, seen, silhouette, found, mask = PackedDataset(root, "train").read(0, fields).values()
    assert not found.any() and not silhouette.any()
    np.testing.assert_array_equal(true, seen)
    x, y = true[Joint.NOSE, :2].round().astype(int)
    assert parse[y, x] == Parse.FACE
    rows, columns = np.nonzero(valid)
    reads = flow[rows, columns] / FLOW_UNIT * 1.5 + 0.25
    inside = mask[reads[:, 1].round().astype(int).clip(0, 383), reads[:, 0].round().astype(int).clip(0, 287)]
    assert (inside > 127).mean() > 0.98


def test_how_the_hem_is_worn_is_packed_where_the_renderer_says_it(tmp_path):
    root = write_dataset(tmp_path, train=3, test=0)
    layout = Layout(root, "train")
    for name, tucked in (("000001_00", False), ("000002_00", True)):
        with np.load(layout.flow(name)) as arrays:
            kept = dict(arrays)
        np.savez_compressed(layout.flow(name), **kept, tucked=tucked)
        os.utime(layout.flow(name), (1e9, 1e9))
    pack(root, pose_factory=nobody)
    data = PackedDataset(root, "train")
    assert [data.read(index, ("hem",))["hem"] for index in range(3)] == [Hem.UNKNOWN, Hem.LOOSE, Hem.TUCKED]


def test_the_pose_estimators_view_is_kept(tmp_path):
    root = write_dataset(tmp_path, train=1, test=0)
    pack(root, pose_factory=somebody)
    data = PackedDataset(root, "train").read(0, ("found", "other_keypoints", "other_silhouette"))
    assert data["found"].all() and data["other_silhouette"].min() == 255
    np.testing.assert_allclose(data["other_keypoints"][Joint.NECK, :2], ((100.5) * 0.75 - 0.5, 130.5 * 0.75 - 0.5))


def test_what_the_body_network_finds_is_packed_beside_the_truth(tmp_path):
    root = write_dataset(tmp_path, train=2, test=0)
    body = tmp_path / "body.safetensors"
    save_checkpoint(body, "body", {"widths": [4, 4]}, BodyNet((4, 4)).state_dict(), {})
    pack(root, pose_factory=somebody, body=body)
    data = PackedDataset(root, "train")
    assert data.held(("found_parse", "found_parts", "missing")) == ("found_parse", "found_parts")
    sample = data.read(0, ("found_parse", "found_parts", "other_parse", "parts"))
    for found, true in (("found_parse", "other_parse"), ("found_parts", "parts")):
        assert sample[found].shape == sample[true].shape == (384, 288) and sample[found].dtype == np.uint8
        assert not np.array_equal(sample[found], sample[true]), "an untrained network finds other things"
    nowhere = write_dataset(tmp_path / "nobody", train=1, test=0)
    pack(nowhere, pose_factory=nobody, body=body)
    sample = PackedDataset(nowhere, "train").read(0, ("found_parse", "other_parse"))
    np.testing.assert_array_equal(sample["found_parse"], sample["other_parse"])
    with pytest.raises(MissingWeights):
        pack(
            write_dataset(tmp_path / "third", train=1, test=0), pose_factory=nobody, body=tmp_path / "none.safetensors"
        )


def test_a_broken_dataset_gives_one_sentence(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert "no train or test folder" in capsys.readouterr().err
    root = write_dataset(tmp_path / "rendered", train=1, test=0)
    broken = Layout(root, "train").other_parse("000000_00")
    broken.write_bytes(b"nothing")
    os.utime(broken, (1e9, 1e9))
    with pytest.raises(DatasetError, match="other-parse"):
        pack(root, pose_factory=nobody)
