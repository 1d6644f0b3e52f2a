"""The dataset on disk: its layout, and that an interrupted run goes on."""

import json
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from vton.data.dataset import read_hem
from vton.labels import Hem, Parse
from vton.preprocess.parts import part_colours
from vton.rendering.dataset import FLOW_UNITS, FOLDERS, half_flow, split_of, write_dataset, write_sample
from vton.rendering.samples import render_sample

pytestmark = pytest.mark.skipif(find_spec("anny") is None, reason="rendering needs the optional group `train`")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    root = tmp_path_factory.mktemp("rendered")
    assert write_dataset(root, count=2, seed=4, workers=1) == 2
    return root


def test_every_sample_has_every_file(dataset):
    for folder in FOLDERS:
        names = sorted(path.name[:9] for path in (dataset / "train" / folder).iterdir())
        assert names == ["000000_00", "000001_00"], folder


def test_pairs_name_person_and_garment(dataset):
    lines = (dataset / "train_pairs.txt").read_text().splitlines()
    assert lines[1] == "000001_00.jpg 000001_00.jpg"


def test_pictures_are_3_to_4_and_maps_hold_ids(dataset):
    folder = dataset / "train"
    assert Image.open(folder / "image" / "000000_00.jpg").size == (384, 512)
    parse = Image.open(folder / "image-parse-v3" / "000000_00.png")
    assert parse.mode == "P"
    assert np.asarray(parse).max() < len(Parse)
    parts = np.asarray(Image.open(folder / "parts" / "000000_00.png"))
    colours = np.asarray(Image.open(folder / "image-densepose" / "000000_00.png"))
    np.testing.assert_array_equal(colours, part_colours()[parts])


def test_pose_file_is_body_25(dataset):
    pose = json.loads((dataset / "train" / "openpose_json" / "000000_00_keypoints.json").read_text())
    points = np.array(pose["people"][0]["pose_keypoints_2d"]).reshape(25, 3)
    hips = points[[9, 12]]
    if hips[:, 2].all():
        np.testing.assert_allclose(points[8, :2], hips[:, :2].mean(0), atol=0.02)


def test_a_tucked_hem_is_told_with_the_flow(tmp_path):
    sample = render_sample(0, 0)
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
    for tucked, hem in ((False, Hem.LOOSE), (True, Hem.TUCKED)):
        write_sample(replace(sample, tucked=tucked), tmp_path, "0", 0)
        assert read_hem(tmp_path / "flow" / "0.npz") == hem


def test_stored_flow_points_into_the_garment(dataset):
    with np.load(dataset / "train" / "flow" / "000000_00.npz") as stored:
        flow, valid = stored["flow"], stored["valid"]
    assert flow.shape == (256, 192, 2) and flow.dtype == np.int16
    assert valid.any()
    x, y = np.round(flow[valid] / FLOW_UNITS).astype(int).T
    mask = np.asarray(Image.open(dataset / "train" / "cloth-mask" / "000000_00.jpg")) > 127
    assert mask[np.clip(y, 0, 511), np.clip(x, 0, 383)].mean() > 0.97


def test_a_second_run_renders_only_what_is_missing(dataset):
    image = dataset / "train" / "image" / "000001_00.jpg"
    before = image.read_bytes()
    untouched = (dataset / "train" / "image" / "000000_00.jpg").stat().st_mtime_ns
    image.unlink()
    (dataset / "train" / "flow" / "000001_00.npz").unlink()
    assert write_dataset(dataset, count=2, seed=4, workers=1) == 1
    assert image.read_bytes() == before
    assert (dataset / "train" / "image" / "000000_00.jpg").stat().st_mtime_ns == untouched


def test_two_workers_write_what_one_writes(dataset, tmp_path):
    write_dataset(tmp_path, count=2, seed=4, workers=2)
    for index in range(2):
        name = f"train/image/{index:06d}_00.jpg"
        assert (tmp_path / name).read_bytes() == (dataset / name).read_bytes()


def test_the_last_fiftieth_is_for_testing():
    splits = [split_of(index, 200) for index in range(200)]
    assert splits == ["train"] * 196 + ["test"] * 4


def test_half_flow_drops_blocks_that_jump():
    flow = np.zeros((4, 4, 2), np.float32)
    flow[..., 0] = np.arange(4)
    flow[0, 0] = 200
    halved, valid = half_flow(flow, np.ones((4, 4), bool))
    assert valid.tolist() == [[False, True], [True, True]]
    assert halved[1, 1].tolist() == [2.5 * FLOW_UNITS, 0]
