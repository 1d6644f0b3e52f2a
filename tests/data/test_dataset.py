import json

import numpy as np
import pytest
from PIL import Image

from tests.training.fake import keypoints_of, write_dataset
from vton.data.dataset import DatasetError, Layout, read_flow, read_keypoints, read_labels, read_pairs, read_picture
from vton.labels import Joint


def test_pairs_and_keypoints_are_read(tmp_path):
    root = write_dataset(tmp_path, train=2, test=1)
    assert read_pairs(root, "train") == [("000000_00", "000000_00"), ("000001_00", "000001_00")]
    keypoints = read_keypoints(Layout(root, "train").keypoints("000000_00"))
    expected = keypoints_of(float(keypoints[Joint.NECK, 0]))
    np.testing.assert_allclose(keypoints, expected)


def test_coco_18_files_and_empty_pictures(tmp_path):
    path = tmp_path / "pose.json"
    points = keypoints_of(100)
    path.write_text(json.dumps({"people": [{"pose_keypoints_2d": points.ravel().tolist()}]}))
    np.testing.assert_allclose(read_keypoints(path), points)
    path.write_text(json.dumps({"people": []}))
    assert not read_keypoints(path).any()


@pytest.mark.parametrize(
    "read, name, content",
    [
        (read_picture, "a.jpg", b"no picture"),
        (read_picture, "a.jpg", b""),
        (read_labels, "a.png", b"no picture"),
        (read_keypoints, "a.json", b"{}"),
        (read_keypoints, "a.json", b"not json"),
        (read_flow, "a.npz", b"PK no archive"),
        (read_picture, "a.jpg", None),
        (read_labels, "a.png", None),
        (read_keypoints, "a.json", None),
        (read_flow, "a.npz", None),
    ],
)
def test_what_cannot_be_read_is_named_in_one_sentence(tmp_path, read, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DatasetError, match=name) as raised:
        read(tmp_path / name)
    assert "\n" not in str(raised.value) and str(raised.value).endswith(".")


def test_labels_that_do_not_exist_are_refused(tmp_path):
    Image.fromarray(np.full((4, 4), 20, np.uint8)).save(tmp_path / "parse.png")
    with pytest.raises(DatasetError, match="label ids 0 to 19"):
        read_labels(tmp_path / "parse.png")


def test_a_broken_pairs_file_says_which_line(tmp_path):
    (tmp_path / "train_pairs.txt").write_text("a.jpg b.jpg\n\nonly-one.jpg\n")
    with pytest.raises(DatasetError, match="line 3"):
        read_pairs(tmp_path, "train")
    with pytest.raises(DatasetError, match="no list of pairs"):
        read_pairs(tmp_path, "test")
