"""Folds: what of them follows from pose and cut, and how they tilt the surface."""

from dataclasses import replace

import numpy as np
import pytest

from vton.rendering.bodies import load_bodies
from vton.rendering.cuts import random_cut
from vton.rendering.drape import Drape, drape_of, sleeve_folds, trunk_folds
from vton.rendering.folds import crease, fold_depth, random_folds, worn_folds
from vton.rendering.measures import measure
from vton.rendering.skeleton import Arm, pose_of, rotation

HANGING = Drape(raised=(0.15, 0.15), bent=(0.1, 0.1), lean=0.0, seated=False, waistband=None, loose=0.5)


@pytest.fixture(scope="module")
def measures():
    return measure(load_bodies(), 0)


@pytest.fixture(scope="module")
def trunk(measures):
    """Places across and down (N,) on a body's front."""
    across, down = np.meshgrid(np.linspace(-0.16, 0.16, 65), np.linspace(0.0, 0.5, 101))
    return across.ravel(), down.ravel()


@pytest.fixture(scope="module")
def chart(measures, trunk):
    values = np.zeros((len(trunk[0]), 8), np.float32)
    values[:, 0], values[:, 1], values[:, 4], values[:, 6] = trunk[0], trunk[1] - measures.shoulder[2], -0.3, 1
    return values


def sleeve(measures, **changes):
    """The elbow creases (N,) along the inside of the left arm, and that line's places."""
    along = np.linspace(0, measures.upper_arm + measures.lower_arm, 200)
    left = np.ones(len(along), bool)
    folds = sleeve_folds(replace(HANGING, **changes), measures, float(along[-1]), left, along, 0 * along)
    return folds[1], along


def test_worn_folds_follow_from_the_body_and_not_from_chance(measures, chart):
    """Two tops on one body crease at the same places; the same two on a table do not."""
    alike = {}
    for name in ("table", "worn"):
        depths = []
        for seed in range(8):
            folds = random_folds(np.random.default_rng(seed), 0.5)
            if name == "worn":
                folds = worn_folds(folds, HANGING, 0.5)
            depths.append(fold_depth(folds, chart, measures))
        alike[name] = np.corrcoef(depths)[np.triu_indices(8, 1)].mean()
    assert alike["worn"] > 0.55 and abs(alike["table"]) < 0.25


def test_a_raised_arm_moves_the_drag_lines_of_its_own_side(measures, trunk):
    """The left arm's, at positive places."""
    down, up = (trunk_folds(replace(HANGING, raised=(raised, 0.15)), measures, *trunk)[0] for raised in (0.15, 2.0))
    moved = np.abs(up - down)
    assert moved[trunk[0] > 0.05].mean() > 0.2 and moved[trunk[0] < -0.05].max() < 1e-6


def test_a_bent_elbow_creases_the_sleeve_at_the_elbow(measures):
    straight, along = sleeve(measures)
    bent, _ = sleeve(measures, bent=(1.6, 0.0))
    near = np.abs(along - measures.upper_arm) < 0.05
    assert np.abs(bent)[near].mean() > 3 * np.abs(straight)[near].mean()
    assert np.abs(bent)[~near].mean() < 0.3 * np.abs(bent)[near].mean()


def test_the_bent_side_gathers_at_the_waist(measures, trunk):
    gathered = np.abs(trunk_folds(replace(HANGING, lean=0.2), measures, *trunk)[1])
    assert gathered[trunk[0] > 0.08].mean() > 2 * gathered[trunk[0] < -0.08].mean()


def test_a_tucked_top_gathers_above_its_waistband(measures, trunk):
    gathered = np.abs(trunk_folds(replace(HANGING, waistband=0.45), measures, *trunk)[1])
    loose = np.abs(trunk_folds(HANGING, measures, *trunk)[1])
    near = (trunk[1] > 0.4) & (trunk[1] < 0.45)
    assert gathered[near].mean() > 0.5 > 2 * loose[near].mean()


def test_arms_and_chest_say_how_cloth_falls(measures):
    """Arms are measured from the chest: who leans with hanging arms raises one of them."""
    bodies = load_bodies()
    arm = Arm(bodies, 0, "L")
    rotations = arm.aim(np.array([1.0, 0, 0]), np.array([0, 0, 1.0]))
    raised = pose_of(bodies, 0, rotations, np.eye(4))
    leaning = pose_of(bodies, 0, {bodies.bones["spine05"]: rotation([0, 1, 0], 0.3)}, np.eye(4))
    cut = replace(random_cut(measures, np.random.default_rng(0), False), tucked=True)
    found = drape_of(bodies, 0, raised, measures, cut, measures.waist)
    assert found.raised[0] == pytest.approx(np.pi / 2, abs=0.02) and found.raised[1] < 1.2
    assert found.waistband == pytest.approx(measures.shoulder[2] - measures.waist)
    assert drape_of(bodies, 0, leaning, measures, cut, 1.0).lean == pytest.approx(0.3, abs=0.02)


def test_normals_lean_away_from_a_ridge_and_not_across_a_gap():
    """A ridge of 10 mm, 5 pixels wide on each side, at 200 pixels a metre; and a step, where one sheet ends."""
    across = np.arange(40)
    ridge = 0.01 * np.maximum(0, 1 - np.abs(across - 12) / 5) + np.where(across >= 25, 0.1, 0)
    normals = np.tile(np.array([0, -1.0, 0], np.float32), (3 * 40, 1))
    crease(normals, np.tile(ridge, 3), np.arange(3 * 40), 40, 200.0)
    tilt = normals.reshape(3, 40, 3)[1, :, 0]
    np.testing.assert_allclose(tilt[[9, 15]], [-0.4, 0.4], atol=1e-5)
    np.testing.assert_allclose(tilt[[2, 24, 25, 30]], 0, atol=1e-5)
    assert not normals[:, 2].any()
