"""Models in rembg's format: which file is taken, that it is run, and that nothing is fetched."""

import socket

import numpy as np
import pytest

from vton import weights
from vton.preprocess.garment_mask import garment_mask
from vton.preprocess.garment_rembg import MODELS, Rembg, find_model


def _field(number: int, content: bytes | int) -> bytes:
    """One field of a protocol buffer: a number, or bytes."""
    if isinstance(content, int):
        return _varint(number << 3) + _varint(content)
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    parts = []
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _tensor(name: bytes, channels: int, side: int) -> bytes:
    shape = b"".join(_field(1, _field(1, size)) for size in (1, channels, side, side))
    return _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, shape)))


def dark_is_in_front(side: int) -> bytes:
    """An ONNX model whose mask is minus the mean of the channels: what is dark counts as in front."""
    axes = _field(1, b"axes") + _field(8, 1) + _field(20, 7)
    mean = _field(1, b"x") + _field(2, b"m") + _field(4, b"ReduceMean") + _field(5, axes)
    negative = _field(1, b"m") + _field(2, b"y") + _field(4, b"Neg")
    graph = _field(1, mean) + _field(1, negative) + _field(2, b"tiny")
    graph += _field(11, _tensor(b"x", 3, side)) + _field(12, _tensor(b"y", 1, side))
    return _field(1, 7) + _field(7, graph) + _field(8, _field(1, b"") + _field(2, 11))


def shirt():
    pixels = np.full((240, 180, 3), 235, np.uint8)
    pixels[60:200, 40:140] = (90, 30, 30)
    return pixels


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("something was to be fetched")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize(
    ("name", "side"), [("u2net", 320), ("isnet-general-use", 1024), ("BiRefNet-general-epoch_244", 1024), ("own", 1024)]
)
def test_model_is_run(tmp_path, no_network, name, side):
    path = tmp_path / f"{name}.onnx"
    path.write_bytes(dark_is_in_front(side))
    found = Rembg(path)(shirt())
    assert found.shape == (240, 180) and found.dtype == np.float32
    assert found[130, 90] > 0.8 and found[20, 20] < 0.2
    mask = garment_mask(shirt(), Rembg(path)) > 0.5
    assert abs(int(mask.sum()) - 140 * 100) < 700


def test_what_rembg_imports_is_not_compiled_for_it(tmp_path, no_network):
    """That took a minute and a half of the first picture after an installation."""
    path = tmp_path / "u2net.onnx"
    path.write_bytes(dark_is_in_front(320))
    Rembg(path)(shirt())
    import numba
    from pymatting.util import kdtree

    assert not hasattr(kdtree._find_knn, "signatures")
    assert hasattr(numba.njit(lambda x: x), "signatures"), "other modules' functions are compiled as before"


@pytest.fixture
def empty_machine(tmp_path, monkeypatch):
    for name in ("U2NET_HOME", "XDG_DATA_HOME", "HF_HOME", "HF_HUB_CACHE", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv(weights.FOLDER_VARIABLE, str(tmp_path))
    return tmp_path


def test_best_model_that_is_here_is_taken(empty_machine, no_network):
    assert find_model() is None
    for count, name in enumerate(reversed(MODELS)):
        path = empty_machine / f"{name}.onnx"
        path.write_bytes(b"x")
        assert find_model() == path, count
    assert find_model("u2net") == empty_machine / "u2net.onnx"


def test_missing_file_names_the_command(tmp_path):
    with pytest.raises(weights.MissingWeights, match="weights fetch u2net"):
        Rembg(tmp_path / "none.onnx")


def test_broken_file_is_named(tmp_path, no_network):
    path = tmp_path / "u2net.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(weights.WeightsError, match=r"u2net\.onnx: not a model"):
        Rembg(path)(shirt())
