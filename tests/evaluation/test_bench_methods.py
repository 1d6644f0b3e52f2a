"""The benchmark of the methods, with one method's networks at tiny sizes."""

import dataclasses

import numpy as np
from tiny_methods import TINY, made_up_garment, made_up_person

from vton import weights
from vton.evaluation.bench_methods import load_pair, measure, print_methods, save_pair
from vton.methods import METHODS


def test_a_pair_comes_back_from_its_file(tmp_path):
    pair = made_up_person(), made_up_garment()
    save_pair(tmp_path / "pair.npz", *pair)
    for before, after in zip(pair, load_pair(tmp_path / "pair.npz"), strict=True):
        for field in dataclasses.fields(before):
            own, read = getattr(before, field.name), getattr(after, field.name)
            if isinstance(own, np.ndarray):
                assert np.array_equal(own, read) and own.dtype == read.dtype
        assert np.array_equal(before.photo.pixels, after.photo.pixels)
    assert load_pair(tmp_path / "pair.npz")[0].box == pair[0].box


def test_a_method_without_weights_is_measured_with_random_ones_and_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(weights, "CHECKPOINTS", tmp_path)
    monkeypatch.delenv(weights.FOLDER_VARIABLE, raising=False)
    for checkpoint, build in zip(
        METHODS["doc-vton"].variants["official"].checkpoints, TINY["doc-vton", "official"], strict=True
    ):
        monkeypatch.setitem(weights.NETWORKS, weights.CHECKPOINTS_BY_NAME[checkpoint].network, build)
    save_pair(tmp_path / "pair.npz", made_up_person(), made_up_garment())
    row = measure("doc-vton", str(tmp_path / "pair.npz"), "compact", "cpu", 2)
    assert row["weights"] == "random, official sizes"
    assert row["runs"] == 2 and min(row["warm"], row["first"]) > 0 and row["memory"] > 50
    print_methods([row])
    assert "| DOC-VTON | random, official sizes | 256×192 | 100.0 M |" in capsys.readouterr().out
