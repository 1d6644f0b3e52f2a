"""Pickles of arrays are read; pickles of anything else are refused before they can run."""

import os
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from vton.restricted_pickle import RefusedPickle, read_pickle


class Runs:
    """Unpickles as the call of a function."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def written(path: Path, content, protocol=2) -> Path:
    path.write_bytes(pickle.dumps(content, protocol))
    return path


@pytest.mark.parametrize("protocol", range(5))
def test_arrays_and_containers_come_back(tmp_path, protocol):
    content = {
        "model": OrderedDict(a=np.arange(6, dtype=np.float32).reshape(2, 3).T, b=np.ones(1), c=np.float32(2.5)),
        "rest": [1, 2.5, "text", ("tuple", None, True), b"\xff\x00"],
    }
    read = read_pickle(written(tmp_path / "file.pkl", content, protocol))
    assert read["rest"] == content["rest"]
    for key, value in content["model"].items():
        assert np.array_equal(read["model"][key], value) and read["model"][key].dtype == value.dtype


def test_an_array_from_python_2_comes_back(tmp_path):
    """Such a file holds an array's bytes as a plain string, as the published weights may."""
    values = np.array([1.5, -2.25e8, np.pi], np.float32)
    raw = values.tobytes()
    dtype = b"cnumpy\ndtype\n(U\x02f4I0\nI1\ntR(I3\nU\x01<NNNI-1\nI-1\nI0\ntb"
    state = b"(I1\n(I3\nt" + dtype + b"I00\nU" + bytes([len(raw)]) + raw
    start = b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntU\x01btR"
    path = tmp_path / "file.pkl"
    path.write_bytes(start + state + b"tb.")
    assert np.array_equal(read_pickle(path), values)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_runs_a_command_is_refused_without_running_it(tmp_path, protocol):
    trace = tmp_path / "trace"
    hidden = {"model": {"weight": np.ones(3)}, "extra": Runs(os.system, f"touch {trace}")}
    path = written(tmp_path / "file.pkl", hidden, protocol)
    with pytest.raises(RefusedPickle, match=r"system.*do not use this file"):
        read_pickle(path)
    assert not trace.exists()
    pickle.loads(path.read_bytes())
    assert trace.exists()


@pytest.mark.parametrize(
    "hidden",
    [Runs(eval, "1"), Runs(getattr, np.ndarray, "tofile"), Runs(np.load, "x.npy"), np.memmap, np.ma.MaskedArray, Path],
)
def test_other_names_are_refused(tmp_path, hidden):
    with pytest.raises(RefusedPickle, match="it asks for"):
        read_pickle(written(tmp_path / "file.pkl", [hidden]))


def test_names_inside_admitted_ones_are_refused(tmp_path):
    path = tmp_path / "file.pkl"
    path.write_bytes(b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93.")
    with pytest.raises(RefusedPickle, match=r"numpy\.ndarray\.tofile"):
        read_pickle(path)


def test_only_latin1_is_encoded(tmp_path):
    """Other encodings are looked up as modules by the name that the file gives."""
    path = tmp_path / "file.pkl"
    path.write_bytes(b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x05\x00\x00\x00rot13\x86R.")
    with pytest.raises(RefusedPickle, match="rot13"):
        read_pickle(path)


@pytest.mark.parametrize("content", [b"", b"not a pickle at all", pickle.dumps(np.ones(1000))[:2000]])
def test_a_broken_file_is_refused_with_its_name(tmp_path, content):
    path = tmp_path / "file.pkl"
    path.write_bytes(content)
    with pytest.raises(RefusedPickle, match=r"file\.pkl: it is not a whole pickle"):
        read_pickle(path)
