"""Garments laid flat keep their true proportions."""

from dataclasses import replace

import numpy as np
import pytest

from vton.rendering.cuts import random_cut
from vton.rendering.details import lace_bank
from vton.rendering.laying import FlatLook, lay, random_look
from vton.rendering.measures import Measures

RADIUS = 0.15
MEASURES = Measures(
    neck=np.array([0.0, 0.0, 0.52]),
    shoulder=np.array([0.17, 0.0, 0.43]),
    hip=0.0,
    waist=0.14,
    crotch=-0.075,
    ankle=-0.8,
    knee=-0.4,
    scale=1.0,
    upper_arm=0.26,
    lower_arm=0.24,
    broad=False,
)
FAULTLESS = FlatLook("laid", (0.3, 0.3), 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, np.zeros((4, 4)), 0.1)


@pytest.fixture
def cut():
    return random_cut(MEASURES, np.random.default_rng(0), dress=False)


def cylinder() -> np.ndarray:
    """Points (N, 3) of a round trunk from the hips to the neck."""
    angle, height = np.meshgrid(np.linspace(0, 2 * np.pi, 240, endpoint=False), np.linspace(-0.05, 0.5, 60))
    points = np.stack([RADIUS * np.sin(angle), -RADIUS * np.cos(angle), height], -1)
    return points.reshape(-1, 3).astype(np.float32)


def laid(look: FlatLook, cut) -> tuple[np.ndarray, np.ndarray]:
    """The trunk before and after, below the armpits."""
    points, zeros = cylinder(), np.zeros(60 * 240, np.float32)
    flat = lay(points, zeros, zeros - 0.3, zeros + 1, look, cut, MEASURES)
    below = points[:, 2] < 0.3
    return points[below], flat[below]


def test_a_trunk_laid_flat_is_half_its_girth_wide(cut):
    points, flat = laid(FAULTLESS, cut)
    assert np.ptp(flat[:, 0]) == pytest.approx(np.pi * RADIUS, rel=0.02)
    np.testing.assert_allclose(flat[:, 2], points[:, 2], atol=1e-6)


def test_prints_keep_their_shape(cut):
    """In the middle of the front a centimetre stays a centimetre."""
    points, flat = laid(FAULTLESS, cut)
    middle = np.abs(points[:, 0]) < 0.35 * RADIUS
    np.testing.assert_allclose(flat[middle, 0], points[middle, 0], atol=0.002)


def test_on_a_mannequin_the_outline_is_the_worn_one(cut):
    points, flat = laid(replace(FAULTLESS, kind="ghost", unroll=0.0), cut)
    np.testing.assert_allclose(flat[:, 0], points[:, 0], atol=0.002)


def test_tight_cloth_shrinks_sideways_alone(cut):
    _, loose = laid(FAULTLESS, cut)
    points, tight = laid(replace(FAULTLESS, stretch=0.15), cut)
    assert np.ptp(tight[:, 0]) == pytest.approx(0.85 * np.ptp(loose[:, 0]), rel=0.01)
    np.testing.assert_allclose(tight[:, 2], points[:, 2], atol=1e-6)


def test_only_what_can_hang_is_hung():
    rng = np.random.default_rng(1)
    looks = {}
    for _ in range(300):
        cut = random_cut(MEASURES, rng, dress=False)
        looks.setdefault(random_look(cut, rng).kind, set()).add(cut.neck)
    assert set(looks) == {"laid", "ghost", "hanger"}
    assert not looks["hanger"] & {"bandeau", "off-shoulder"}


def test_lace_is_open_in_part_everywhere():
    lace = lace_bank()
    assert lace.min() >= 0 and lace.max() <= 1
    assert ((lace.mean((1, 2)) > 0.2) & (lace.mean((1, 2)) < 0.8)).all()
