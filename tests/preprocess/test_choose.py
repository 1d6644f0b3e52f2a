"""Who makes which map: compact by default, published where its files are, and never something else in silence."""

import numpy as np
import pytest

from vton import weights
from vton.images import load_photo
from vton.preprocess.choose import PREPROCESSORS, build_preparer, choose
from vton.preprocess.pose import PoseEstimator
from vton.preprocess.prepare import Preparer

COMPACT = {step: names[0] for step, names in PREPROCESSORS.items()}
STEPS = [("parsing", "schp", "schp-lip"), ("parts", "densepose", "densepose"), ("clicks", "sam", "sam-vit-b")]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder of weights that is looked at first."""
    monkeypatch.setenv(weights.FOLDER_VARIABLE, str(tmp_path))
    return tmp_path


def test_compact_is_the_default():
    assert choose() == COMPACT


@pytest.mark.parametrize(("step", "name", "checkpoint"), STEPS)
def test_official_takes_what_is_here(folder, step, name, checkpoint):
    assert choose("official")[step] == COMPACT[step]
    (folder / weights.rows(checkpoint)[0].file).write_bytes(b"here")
    assert choose("official")[step] == name
    assert choose("compact")[step] == COMPACT[step]
    assert choose("official", {step: COMPACT[step]})[step] == COMPACT[step]


@pytest.mark.parametrize(("step", "name", "checkpoint"), STEPS)
def test_a_missing_file_is_named_with_the_command(folder, step, name, checkpoint):
    with pytest.raises(weights.MissingWeights, match=f"weights fetch {checkpoint}"):
        choose("compact", {step: name})


def test_a_file_for_rembg_must_exist(folder):
    with pytest.raises(weights.MissingWeights, match="there is no such file"):
        choose("compact", {"garment_mask": f"rembg:{folder / 'nowhere.onnx'}"})


@pytest.mark.parametrize("steps", [{"parsing": "sam"}, {"hair": "compact"}])
def test_unknown_names_are_refused(steps):
    with pytest.raises(ValueError, match=r"compact|steps are"):
        choose("compact", steps)


def test_what_is_loaded_is_what_was_chosen():
    assert build_preparer().in_use == COMPACT


def test_published_preprocessors_take_the_place_of_the_body_network(person_photo):
    seen = []

    def parser(image, silhouette, keypoints):
        seen.append((image.shape, silhouette.shape, keypoints.shape))
        return np.full(image.shape[:2], 5, np.uint8)

    def parts(image):
        return np.full(image.shape[:2], 2, np.uint8)

    preparer = Preparer(PoseEstimator(), None, parser, parts, in_use={"parsing": "schp", "parts": "densepose"})
    person = preparer.person(load_photo(person_photo))
    assert seen == [((1024, 768, 3), (1024, 768), (18, 3))]
    assert (person.parse == 5).all() and (person.parts == 2).all()
    assert preparer.in_use["parts"] == "densepose"
