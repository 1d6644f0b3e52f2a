"""Garments rendered by themselves: what shows from within, and labels that lie nowhere else."""

from importlib.util import find_spec

import numpy as np
import pytest

from vton.rendering import flats
from vton.rendering.flat import FlatView
from vton.rendering.flats import render_flats
from vton.rendering.inner_back import inner_back, lay_label

rendered = pytest.mark.skipif(find_spec("anny") is None, reason="rendering needs the optional group `train`")

SIZE = (224, 168)


@rendered
def test_a_garment_is_the_same_shape_in_every_painting_and_at_every_call():
    first, second = render_flats(3, 1, 2, SIZE)
    again = render_flats(3, 1, 1, SIZE)[0]
    assert np.array_equal(first.picture, again.picture) and np.array_equal(first.inside, again.inside)
    assert np.array_equal(first.mask, second.mask) and not np.array_equal(first.picture, second.picture)
    assert (first.inside <= first.mask).all()


@rendered
def test_most_garments_show_their_inside_at_the_neck_but_not_from_behind(monkeypatch):
    shares = {}
    for behind in (0.0, 1.0):
        monkeypatch.setattr(flats, "SHARES", {"dress": 0.0, "jacket": 0.0, "behind": behind})
        monkeypatch.setattr(flats, "HIGH_BEHIND_SHARE", behind)
        shown = [render_flats(4, index, 1, SIZE)[0] for index in range(5)]
        shares[behind] = np.median([flat.inside.sum() / flat.mask.sum() for flat in shown])
    assert shares[0.0] > 0.015 and shares[1.0] < 0.2 * shares[0.0]


def test_labels_lie_on_the_inner_back_alone():
    rows, columns = np.mgrid[0:80, 0:60]
    inner = ((columns - 30) ** 2 + (2 * rows) ** 2 < 18**2).reshape(-1)
    chart = np.zeros((80 * 60, 8), np.float32)
    chart[:, 0], chart[:, 1] = (columns.reshape(-1) - 30) / 100, rows.reshape(-1) / 100
    normals = np.zeros((80 * 60, 3), np.float32)
    normals[:, 1] = np.where(inner, 1, -1)
    solid, screen = np.ones((80, 60), bool), np.zeros((0, 3), np.float32)
    flat = FlatView(screen, screen[:, 0], np.zeros((80, 60), np.float32), solid, chart, normals, 0.01, 100.0)
    sizes = []
    for seed in range(12):
        colours = np.full((80 * 60, 3), 0.5, np.float32)
        lay_label(colours, flat, inner_back(flat), np.random.default_rng(seed))
        changed = (colours != 0.5).any(1)
        assert not changed[~inner].any()
        sizes.append(changed.sum())
    assert min(sizes) > 0 and len(set(sizes)) > 6
