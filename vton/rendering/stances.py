"""How people stand, walk and sit before a camera."""

from dataclasses import replace

import numpy as np

from vton.rendering.bodies import BodySet
from vton.rendering.skeleton import SIGN, Arm, Pose, pose_of, rotation

STANCES = {"stand": 0.8, "walk": 0.14, "sit": 0.06}
ARM_GESTURES = {
    "stand": {"hang": 0.53, "hip": 0.11, "pocket": 0.14, "front": 0.12, "head": 0.03, "back": 0.04, "out": 0.03},
    "walk": {"swing": 0.78, "pocket": 0.1, "front": 0.06, "hip": 0.04, "out": 0.02},
    "sit": {"lap": 0.72, "front": 0.14, "hang": 0.14},
}
"""How often an arm does what; crossed arms are drawn for both at once."""
CROSSED_SHARE = 0.06
TURNED_SHARE = 0.16
"""Of people who are turned by 20° to 62°; the others by 11° as a rule."""


def _turn(rng: np.random.Generator, nod: float, tilt: float, twist: float) -> np.ndarray:
    return (
        rotation([1, 0, 0], rng.normal() * nod)
        @ rotation([0, 0, 1], rng.normal() * twist)
        @ rotation([0, 1, 0], rng.normal() * tilt)
    )


def photo_pose(bodies: BodySet, body: int, may_sit: bool, rng: np.random.Generator) -> Pose:
    """A pose as in photographs of clothes: mostly frontal, the arms hanging or making a gesture.

    Args:
        may_sit: whether the clothes allow it; long ones would have to fall over the knees.
    """
    bones = bodies.bones
    rotations = {
        bones["spine05"]: _turn(rng, 0.03, 0.03, 0.05),
        bones["spine03"]: _turn(rng, 0.03, 0.04, 0.06),
        bones["neck01"]: _turn(rng, 0.06, 0.05, 0.08),
        bones["head"]: _turn(rng, 0.1, 0.08, 0.2),
    }
    stance = str(rng.choice(list(STANCES), p=list(STANCES.values())))
    if stance == "sit" and not may_sit:
        stance = "stand"
    gestures = ARM_GESTURES[stance]
    arms = {side: Arm(bodies, body, side) for side in "LR"}
    crossed = rng.random() < CROSSED_SHARE
    pocketed = []
    for side, arm in arms.items():
        kind = "crossed" if crossed else str(rng.choice(list(gestures), p=list(gestures.values())))
        rotations |= arm.gesture(kind, rng)
        if kind == "pocket" and rng.random() < 0.75:
            pocketed.append(side)
    rotations |= {"stand": _standing, "walk": _walking, "sit": _seated}[stance](bones, rng)
    turn = float(np.clip(rng.normal() * 0.2, -0.6, 0.6))
    if rng.random() < TURNED_SHARE:
        turn = float(rng.uniform(0.35, 1.08) * rng.choice([-1, 1]))
    root = np.eye(4)
    root[:3, :3] = rotation([0, 0, 1], turn) @ rotation([1, 0, 0], rng.normal() * 0.03)
    pose = pose_of(bodies, body, rotations, root)
    return replace(pose, seated=stance == "sit", pocketed=tuple(pocketed), bent=(arms["L"].bent, arms["R"].bent))


def _leg(bones: dict[str, int], side: str, thigh: np.ndarray, knee: float, foot: np.ndarray) -> dict[int, np.ndarray]:
    return {
        bones[f"upperleg01.{side}"]: thigh,
        bones[f"lowerleg01.{side}"]: rotation([1, 0, 0], knee),
        bones[f"foot.{side}"]: foot,
    }


def _standing(bones: dict[str, int], rng: np.random.Generator) -> dict[int, np.ndarray]:
    rotations = {}
    for side, sign in SIGN.items():
        spread, bend = rng.normal() * 0.06 - 0.06, rng.uniform(0, 0.5) if rng.random() < 0.3 else 0.0
        thigh = rotation([0, 1, 0], -sign * spread) @ rotation([1, 0, 0], rng.normal() * 0.05)
        foot = rotation([1, 0, 0], -0.4 * bend) @ rotation([0, 0, 1], rng.normal() * 0.15)
        rotations |= _leg(bones, side, rotation([1, 0, 0], -0.6 * bend) @ thigh, bend, foot)
    return rotations


def _walking(bones: dict[str, int], rng: np.random.Generator) -> dict[int, np.ndarray]:
    """One leg forward and nearly straight, the other behind on its toes; steps cross before the middle."""
    leading, trailing = rng.permutation(["L", "R"])
    stride, cross = rng.uniform(0.15, 0.5), rng.uniform(0.0, 0.08)
    rotations = {bones["spine03"]: rotation([0, 0, 1], -SIGN[leading] * stride * rng.uniform(0.05, 0.3))}
    for side, angle, knee, foot in (
        (leading, -stride, rng.uniform(0.02, 0.25), rng.uniform(-0.25, 0.1)),
        (trailing, stride * rng.uniform(0.3, 0.8), stride * rng.uniform(0.3, 1.6), rng.uniform(0.1, 0.6)),
    ):
        thigh = rotation([0, 1, 0], SIGN[side] * (0.05 + cross)) @ rotation([1, 0, 0], angle)
        rotations |= _leg(bones, side, thigh, knee, rotation([1, 0, 0], foot))
    return rotations


def _seated(bones: dict[str, int], rng: np.random.Generator) -> dict[int, np.ndarray]:
    rotations, raised = {}, rng.uniform(1.25, 1.5)
    for side, sign in SIGN.items():
        spread = rng.uniform(-0.08, 0.28)
        thigh = rotation([0, 0, 1], sign * spread) @ rotation([1, 0, 0], -raised + rng.normal() * 0.05)
        rotations |= _leg(bones, side, thigh, raised + rng.normal() * 0.12, np.eye(3))
    return rotations
