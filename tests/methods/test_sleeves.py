"""Where a bent arm's sleeve is read."""

import numpy as np
import pytest

from vton.methods.sleeves import along_arm, fanned_out

SIZE, MIDDLE = np.array([200, 200]), np.array([180.0, 100.0])


def arm(angle: float) -> np.ndarray:
    """Shoulder, elbow and wrist of an arm that is bent by an angle towards the body to the right of it."""
    elbow = np.array([80.0, 100.0])
    return np.stack([elbow - (0, 80), elbow, elbow + 80 * np.array([np.sin(angle), np.cos(angle)])])


def around(bones: np.ndarray, radius: float, angle: float) -> np.ndarray:
    """How far along the sleeve is read from before the elbow to behind it, on the outer side at a distance from it."""
    fanned = fanned_out(along_arm(bones, MIDDLE, SIZE)[0], bones)
    upper = [(80 - radius, 100 - back) for back in range(40, 0, -1)]
    turns = np.linspace(0, angle, 60)
    arc = [(80 - radius * np.cos(turn), 100 + radius * np.sin(turn)) for turn in turns]
    places = np.array([*upper, *arc]).round().astype(int)
    return fanned[places[:, 1], places[:, 0]]


def test_a_straight_arms_sleeve_is_read_as_far_as_it_lies_along_it():
    along, _ = along_arm(arm(0.0), MIDDLE, SIZE)
    assert fanned_out(along, arm(0.0)) is along


@pytest.mark.parametrize("angle", [0.5, 1.2, 2.2])
def test_outside_an_elbow_cloth_fans_out_without_a_step(angle):
    read = around(arm(angle), 20, angle)
    steps = np.diff(read)
    assert steps.min() > -0.8 and steps.max() < 2.5
    assert read[-1] - read[40] > 0.8 * min(20 * angle, 48)


def test_along_the_bones_and_inside_the_elbow_nothing_moves():
    bones = arm(1.2)
    along, across = along_arm(bones, MIDDLE, SIZE)
    inner = (across < 0) & (np.abs(across) < 40)
    assert np.allclose(fanned_out(along, bones)[inner], along[inner], atol=1e-3)


def test_far_from_the_elbow_nothing_moves():
    bones = arm(1.2)
    along, _ = along_arm(bones, MIDDLE, SIZE)
    far = np.abs(along - 80) > 50
    assert np.allclose(fanned_out(along, bones)[far], along[far], atol=1e-3)


def test_an_arm_bent_the_other_way_is_its_mirror_image():
    bones = arm(1.2)
    mirrored = np.float32(bones * (-1, 1) + (199, 0))
    along, _ = along_arm(bones, MIDDLE, SIZE)
    assert np.allclose(fanned_out(along[:, ::-1], mirrored), fanned_out(along, bones)[:, ::-1], atol=1e-3)
