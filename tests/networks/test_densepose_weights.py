"""The published DensePose pickle is read safely, converted once, and fits the network exactly."""

import os
import pickle

import numpy as np
import pytest
import torch

from vton.networks.densepose import DensePoseRCNN
from vton.networks.densepose_weights import DensePoseWeightsError, load_densepose, load_into

EXTRAS = {
    "pixel_mean": np.zeros((3, 1, 1), np.float32),
    "pixel_std": np.ones((3, 1, 1), np.float32),
    "proposal_generator.anchor_generator.cell_anchors.0": np.zeros((3, 4), np.float32),
}


def tiny() -> DensePoseRCNN:
    return DensePoseRCNN(width=4, blocks=(1, 1, 1, 1), channels=8, box_features=8, chart_width=8, chart_layers=2)


def model_of(seed: int) -> dict[str, np.ndarray]:
    torch.manual_seed(seed)
    return {key: torch.randn_like(value).numpy() for key, value in tiny().state_dict().items()}


def write(path, model, **others):
    path.write_bytes(pickle.dumps({"model": model, "__author__": "Detectron2 Model Zoo"} | others, 2))


def holds(network, model):
    return all(np.array_equal(value.numpy(), model[key]) for key, value in network.state_dict().items())


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "weights.pkl"
    write(path, model_of(0) | EXTRAS)
    return path


def test_pickle_and_converted_file_hold_the_same(path):
    converted = path.with_suffix(".safetensors")
    network = load_into(tiny(), path)
    assert holds(network, model_of(0)) and not network.training
    assert sorted(path.parent.iterdir()) == [path, converted]
    made = converted.stat().st_mtime_ns
    assert holds(load_into(tiny(), path), model_of(0))
    assert holds(load_into(tiny(), converted), model_of(0))
    assert converted.stat().st_mtime_ns == made


def test_later_loads_do_not_read_the_pickle(path):
    load_into(tiny(), path)
    state = path.stat()
    path.write_bytes(bytes(state.st_size))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert holds(load_into(tiny(), path), model_of(0))


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_another_pickle_is_converted_again(path, seconds):
    load_into(tiny(), path)
    modified = path.stat().st_mtime_ns
    write(path, model_of(1))
    os.utime(path, ns=(modified, modified + seconds * 10**9))
    assert holds(load_into(tiny(), path), model_of(1))
    assert holds(load_into(tiny(), path.with_suffix(".safetensors")), model_of(1))


def test_a_broken_converted_file_is_made_again(path):
    path.with_suffix(".safetensors").write_bytes(b"cut short")
    assert holds(load_into(tiny(), path), model_of(0))
    assert holds(load_into(tiny(), path.with_suffix(".safetensors")), model_of(0))


def test_a_file_under_a_passing_name_is_read_and_leaves_nothing_behind(path):
    arrived = path.rename(path.with_name(path.name + ".new"))
    assert holds(load_into(tiny(), arrived), model_of(0))
    assert list(arrived.parent.iterdir()) == [arrived]


def test_a_folder_that_cannot_be_written_to_is_no_obstacle(path):
    path.with_suffix(".safetensors").mkdir()
    assert holds(load_into(tiny(), path), model_of(0))
    assert len(list(path.parent.iterdir())) == 2


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda model: model.pop("roi_heads.box_head.fc1.bias"), "lacks roi_heads.box_head.fc1.bias"),
        (lambda model: model.update(surplus=np.zeros(1, np.float32)), "has surplus too many"),
        (lambda model: model.update({"roi_heads.box_head.fc1.bias": np.zeros(9)}), r"\(9,\) instead of \(8,\)"),
        (lambda model: model.update({"roi_heads.box_head.fc1.bias": np.array([None] * 8)}), "not a file of detectron2"),
    ],
)
def test_anything_but_exactly_these_weights_is_refused(path, change, complaint):
    model = model_of(0)
    change(model)
    write(path, model)
    with pytest.raises(DensePoseWeightsError, match=complaint):
        load_into(tiny(), path)


class Touch:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_a_pickle_with_a_program_in_it_is_refused(path):
    write(path, model_of(0), extra=Touch(path.with_name("trace")))
    with pytest.raises(DensePoseWeightsError, match=r"weights\.pkl: it asks for .*open"):
        load_into(tiny(), path)
    assert list(path.parent.iterdir()) == [path]


def test_weights_of_another_size_are_named(path):
    with pytest.raises(DensePoseWeightsError, match="not the weights of this network"):
        load_densepose(path)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_densepose(tmp_path / "nothing.pkl")
