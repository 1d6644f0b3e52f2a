"""Dresses, open jackets, shoes and accessories: what is drawn, how it is labelled, and that the flow stays true."""

from dataclasses import replace
from importlib.util import find_spec

import cv2
import numpy as np
import pytest

from vton.labels import ARM_LABELS, BOTTOM_LABELS, LEG_LABELS, SHOE_LABELS, UPPER_LABELS, Parse
from vton.rendering import accessories, footwear, hair, samples, scene
from vton.rendering.bodies import load_bodies, shape_of
from vton.rendering.cuts import DRESS_LENGTHS, JACKETS, OVERSIZE, Opening, jacket_cut, length_below, random_cut
from vton.rendering.garments import make_top
from vton.rendering.measures import arm_chart, measure
from vton.rendering.shells import split_along

pytestmark = pytest.mark.skipif(find_spec("anny") is None, reason="rendering needs the optional group `train`")

SIZE = (256, 192)


@pytest.fixture
def plain(monkeypatch):
    """Whole figures without accessories, hats, dresses and jackets."""
    monkeypatch.setattr(scene, "FRAMINGS", {"full": 1.0})
    monkeypatch.setattr(accessories, "SHARES", dict.fromkeys(accessories.SHARES, 0.0))
    monkeypatch.setattr(accessories, "PHONE_SHARE", 0.0)
    monkeypatch.setattr(hair, "HATS", {"": 1.0})
    monkeypatch.setattr(samples, "DRESSES", {"neither": 1.0})
    monkeypatch.setattr(samples, "BROAD_DRESS_SHARE", 1.0)
    monkeypatch.setattr(samples, "JACKET_SHARES", (0.0, 0.0))
    return monkeypatch


def labels_of(parse: np.ndarray) -> set[int]:
    return set(np.unique(parse).tolist())


def assert_flow_is_true(sample: samples.Sample, label: int) -> None:
    assert (sample.parse[sample.valid] == label).all()
    read = cv2.remap(sample.cloth_mask.astype(np.uint8), sample.flow, None, cv2.INTER_NEAREST)
    assert read[sample.valid].all()


def test_a_dress_is_one_label_and_leaves_no_bottom(plain):
    plain.setattr(samples, "DRESSES", {"worn": 1.0})
    for index in range(2):
        sample = samples.render_sample(3, index, SIZE)
        worn, other = labels_of(sample.parse), labels_of(sample.other_parse)
        assert Parse.DRESS in worn and not worn & {Parse.UPPER, *BOTTOM_LABELS}
        assert Parse.UPPER in other and Parse.DRESS not in other
        assert_flow_is_true(sample, Parse.DRESS)


def test_the_lower_part_of_a_dress_may_stay_as_a_skirt(plain):
    plain.setattr(samples, "DRESSES", {"other": 1.0})
    plain.setattr(samples, "MATCHING_SKIRT_SHARE", 1.0)
    sample = samples.render_sample(4, 0, SIZE)
    assert Parse.SKIRT in labels_of(sample.parse) and Parse.PANTS not in labels_of(sample.parse)
    assert Parse.DRESS in labels_of(sample.other_parse)
    hem, other_hem = (
        np.nonzero(np.isin(parse, labels))[0].max()
        for parse, labels in ((sample.parse, [Parse.SKIRT]), (sample.other_parse, [Parse.DRESS]))
    )
    assert abs(hem - other_hem) < 0.06 * SIZE[0]


def test_an_open_jacket_shows_the_top_under_it(plain):
    plain.setattr(samples, "JACKET_SHARES", (1.0, 1.0))
    for index in range(3):
        sample = samples.render_sample(5, index, SIZE)
        assert {Parse.COAT, Parse.UPPER} <= labels_of(sample.parse)
        assert_flow_is_true(sample, Parse.UPPER)


def test_accessories_have_their_labels_and_objects_none(plain):
    plain.setattr(accessories, "SHARES", dict.fromkeys(accessories.SHARES, 1.0))
    plain.setattr(scene, "FRAMINGS", {"half": 1.0})
    for kind in ("cap", "beanie", "brim"):
        plain.setattr(hair, "HATS", {kind: 1.0})
        sample = samples.render_sample(6, 0, SIZE)
        for parse in (sample.parse, sample.other_parse):
            assert {Parse.HAT, Parse.SUNGLASSES, Parse.SCARF} <= labels_of(parse)
            assert max(labels_of(parse)) < len(Parse)
        assert_flow_is_true(sample, Parse.UPPER)


def test_a_strap_cuts_through_the_garment(plain):
    bare = samples.render_sample(7, 0, SIZE)
    plain.setattr(accessories, "SHARES", {**dict.fromkeys(accessories.SHARES, 0.0), "bag": 1.0})
    strapped = samples.render_sample(7, 0, SIZE)
    covered = np.isin(bare.parse, UPPER_LABELS) & (strapped.parse == Parse.BACKGROUND)
    assert covered.sum() > 20
    assert not strapped.valid[covered].any()


@pytest.mark.parametrize("kind", [kind for kind in footwear.KINDS if kind != "none"])
def test_every_kind_of_shoe_is_seen_on_both_feet(plain, kind):
    plain.setattr(footwear, "KINDS", {kind: 1.0})
    sample = samples.render_sample(8, 1, SIZE)
    for label in SHOE_LABELS:
        rows = np.nonzero(sample.parse == label)[0]
        assert len(rows) > 8 and rows.min() > 0.5 * SIZE[0]
    arms = np.nonzero(np.isin(sample.parse, ARM_LABELS))[0]
    assert not len(arms) or arms.max() < rows.max()


def test_bare_feet_are_legs(plain):
    plain.setattr(footwear, "KINDS", {"none": 1.0})
    parse = samples.render_sample(8, 2, SIZE).parse
    assert not labels_of(parse) & set(SHOE_LABELS)
    assert labels_of(parse) & set(LEG_LABELS)


def test_dresses_come_in_every_length_and_end_on_the_legs():
    from vton.rendering.bodies import load_bodies
    from vton.rendering.measures import measure

    measures, rng = measure(load_bodies(), 0), np.random.default_rng(0)
    ends = np.array([random_cut(measures, rng, dress=True).hem_height for _ in range(200)])
    leg = measures.crotch - measures.ankle
    assert ((ends < measures.crotch) & (ends >= measures.ankle)).all()
    assert (ends > measures.crotch - 0.3 * leg).any() and (ends < measures.crotch - 0.9 * leg).any()
    assert length_below(measures, rng, {"mini": 1.0}) > length_below(measures, rng, {"maxi": 1.0})
    assert set(DRESS_LENGTHS) == {"mini", "knee", "midi", "maxi"}
    assert {jacket_cut(measures, rng).jacket for _ in range(200)} == set(JACKETS)


def test_an_opening_is_measured_from_its_edge():
    opening = Opening((0.0, 1.0), (0.1, 0.3))
    inside = opening.inside(np.array([0.0, -0.15, 0.25]), np.array([0.0, 0.0, 0.5]))
    np.testing.assert_allclose(inside, [-0.1, 0.05, 0.05], atol=1e-6)


def test_splitting_refines_the_edge_alone_and_keeps_the_area():
    row, column = np.mgrid[0:10, 0:10]
    points = np.stack([column.ravel(), row.ravel()], 1).astype(float)
    triangles = hair.grid_triangles(10, 10)
    cover = (points[:, 0] - 4.4).astype(np.float32)
    edges, split = split_along(triangles, cover, 0.1)
    points = np.concatenate([points, points[edges].mean(1)])
    first, second, third = (points[split[:, i]] for i in range(3))
    area = np.abs(np.cross(second - first, third - first)).sum() / 2
    assert area == pytest.approx(81)
    assert len(split) == len(triangles) + 3 * 18


def test_an_oversize_top_is_wide_at_the_sides_and_lies_on_the_shoulders():
    bodies = load_bodies()
    measures, chart = measure(bodies, 0), arm_chart(0)
    cut = replace(random_cut(measures, np.random.default_rng(0), False), sleeve="short", sleeve_shape="plain")
    shells = [
        make_top(bodies, 0, chart, measures, replace(cut, loose=loose), np.random.default_rng(1)).shell
        for loose in (0.5, 2.0)
    ]
    trunk = (chart.share < 0.1) & (bodies.weights["head"] < 0.1)
    rest = bodies.rest[0]
    chest = trunk & (np.abs(rest[:, 2] - (measures.neck[2] - 0.25 * measures.scale)) < 0.03)
    close, wide = (np.ptp(shell[chest, 0]) for shell in shells)
    assert wide - close > 0.05
    tops = trunk & (rest[:, 2] > measures.shoulder[2]) & (shape_of(0).normals[:, 2] > 0.7)
    assert np.abs(shells[1][tops, 2] - shells[0][tops, 2]).max() < 0.015


def test_some_tops_are_oversize():
    measures, rng = measure(load_bodies(), 0), np.random.default_rng(2)
    loose = np.array([random_cut(measures, rng, False).loose for _ in range(400)])
    assert 0.03 < (loose > 1).mean() < 0.2
    assert loose.max() <= OVERSIZE[1]
