"""Folds that follow from how somebody stands: where cloth hangs from the armpits, piles up and gathers.

Every pattern is a fixed function of places on the garment, of the cut and of the pose; only how deep it is differs from
garment to garment. So a network can learn from the body alone where folds lie.
"""

from dataclasses import dataclass

import numpy as np

from vton.rendering.bodies import BodySet
from vton.rendering.cuts import Cut
from vton.rendering.measures import Measures
from vton.rendering.skeleton import SIGN, Pose
from vton.rendering.textures import noise_bank, sample

_ROUND = 0.055
"""Metres around a sleeve for each radian, as `measures.arm_chart` counts them."""
_WANDERING = 0.014
"""Metres by which folds stray from straight lines."""
_UNEVEN = 0.3
"""Of the depth of a fold, how much comes and goes along it."""


@dataclass(frozen=True)
class Drape:
    """What decides where folds lie.

    raised, bent: radians between upper arm and hanging, and at the elbow, left and right; lean: radians by which the
    chest leans to its left over the hips; seated: on a stool; waistband: metres below the shoulders of the waistband
    that a top is tucked into, or None; loose: as in `Cut`.
    """

    raised: tuple[float, float]
    bent: tuple[float, float]
    lean: float
    seated: bool
    waistband: float | None
    loose: float


def drape_of(bodies: BodySet, body: int, pose: Pose, measures: Measures, cut: Cut, waistband: float) -> Drape:
    """How a top falls on a posed body; waistband: height (metres, rest pose) of the trousers' edge."""
    turn = lambda bone: pose.transforms[bodies.bones[bone]][:, :3]  # noqa: E731
    chest, hips = turn("spine01"), turn("root")
    raised = []
    for side in SIGN:
        rest = bodies.head(body, f"lowerarm01.{side}") - bodies.head(body, f"upperarm01.{side}")
        arm = chest.T @ turn(f"upperarm01.{side}") @ (rest / np.linalg.norm(rest))
        raised.append(float(np.arccos(np.clip(-arm[2], -1, 1))))
    upright = hips.T @ chest @ np.array([0, 0, 1.0])
    return Drape(
        raised=(raised[0], raised[1]),
        bent=pose.bent,
        lean=float(np.arctan2(upright[0], upright[2])),
        seated=pose.seated,
        waistband=measures.shoulder[2] - waistband if cut.tucked else None,
        loose=min(cut.loose, 1.5),
    )


def trunk_folds(drape: Drape, measures: Measures, across: np.ndarray, down: np.ndarray) -> tuple[np.ndarray, ...]:
    """Folds of the trunk, of unit depth: (N,) each.

    Args:
        across: metres from the middle, positive on the wearer's left; down: metres below the shoulder joints.

    Returns:
        What the cloth's looseness deepens: drag lines from the armpits, and folds that fall from the bust; and
        gathers at the waist.
    """
    across, down, uneven = _wander(across, down)
    waist = measures.shoulder[2] - measures.waist
    below = np.clip((down - 0.2) / 0.3, 0, 1.3)
    swung = across - np.tan(drape.lean) * np.clip(down - 0.15, 0, 0.3)
    fall = below * (0.25 + drape.loose) * _ridge(swung / (0.075 * (1 + 0.25 * below)) + 0.3, 1.2)
    gather = _waist_folds(drape, across, down - waist)
    if drape.waistband is not None:
        above = np.maximum(drape.waistband - down, 0)
        gather = gather * 0.5 + 1.6 * np.exp(-above / 0.06) * _ridge(across / (0.036 + 0.12 * above), 1.0)
        fall = fall * np.clip(above / 0.15, 0, 1)
    pull = _armpit_folds(drape, measures, across, down)
    return (pull + fall) * uneven, gather * uneven


def _armpit_folds(drape: Drape, measures: Measures, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Drag lines that fan out from the armpits; from the shoulders, and longer, where arms are raised."""
    total = np.zeros_like(across)
    for sign, raised in zip(SIGN.values(), drape.raised, strict=True):
        up = np.clip((raised - 0.5) / 1.2, 0, 1)
        inward = abs(measures.shoulder[0]) - 0.015 - sign * across
        depth = down - 0.105 * measures.scale * (1 - 0.8 * up)
        away, angle = np.hypot(inward, depth), np.arctan2(depth, inward)
        reach = np.clip(away / 0.03, 0, 1) * np.exp(-away / (0.09 + 0.1 * up))
        near = np.clip((sign * across + 0.02) / 0.05, 0, 1)
        total += near * (2.6 - 0.6 * up) * reach * _ridge(angle * 1.35 + 0.25 * up + 0.6, 1.4)
    return total


def _waist_folds(drape: Drape, across: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Arcs where cloth piles up between chest and hips: at the sides, more on the bent one, and across a lap."""
    aside = np.abs(across) / 0.14
    side = (0.3 + 0.9 * np.clip(aside, 0, 1.2) ** 2) * np.clip(1 + 5 * drape.lean * across / 0.14, 0.2, 2.5)
    arcs = side * np.exp(-((below / 0.075) ** 2)) * _ridge((below - 0.05 * aside) / 0.044, 1.2)
    if drape.seated:
        arcs = arcs + 1.4 * np.exp(-(((below - 0.06) / 0.09) ** 2)) * _ridge((below - 0.03 * aside**2) / 0.052, 1.5)
    return arcs


def sleeve_folds(
    drape: Drape, measures: Measures, end: float, left: np.ndarray, along: np.ndarray, around: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Folds of the sleeves, of unit depth: (N,) each.

    Args:
        end: metres from the shoulder joint to the cuff; left: bool (N,), whose arm.
        along, around: metres along the arm from the shoulder joint, and around it from its front.

    Returns:
        What the sleeve's looseness deepens: spirals from the armpit and what piles up above the cuff; and creases
        inside the elbow.
    """
    along, around, uneven = _wander(along, around)
    turned = around / _ROUND
    hanging = 1 - 0.6 * np.clip(np.where(left, *drape.raised) / 1.5, 0, 1)
    spiral = hanging * np.exp(-np.maximum(along, 0) / 0.12) * _ridge(along / 0.062 + 0.22 * turned, 1.2)
    soft = 0.5 * _ridge(along / 0.105 - 0.16 * turned + 0.4, 0.8)
    piled = np.zeros_like(along)
    if end > measures.upper_arm + 0.6 * measures.lower_arm:
        before = np.maximum(end - along, 0)
        piled = 1.1 * np.exp(-before / 0.06) * _ridge(before / 0.031 + 0.14 * np.sin(turned + 0.6), 1.0)
    bent = np.where(left, *drape.bent)
    at_elbow = (along - measures.upper_arm) / (0.05 + 0.02 * bent)
    inside = 0.5 + 0.5 * np.cos(turned)
    crease = (0.25 + np.minimum(bent, 1.5)) * inside * np.exp(-(at_elbow**2))
    elbow = crease * _ridge((along - measures.upper_arm) / 0.037 + 0.12 * np.sin(turned), 1.4)
    return (spiral + soft + piled) * uneven, elbow * uneven


def _ridge(turns: np.ndarray, sharpness: float) -> np.ndarray:
    """Ridges, one each turn, narrower than the valleys between them; without a mean."""
    return (np.exp(sharpness * (np.cos(2 * np.pi * turns) - 1)) - np.exp(-sharpness) * np.i0(sharpness)) * 1.6


def _wander(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places moved a little, and how deep folds are there: always the same at the same place."""
    field = noise_bank()["even"]
    moves = [_WANDERING * sample(field[which], first * 0.7 + 4, second * 0.7 + 4) for which in (0, 1)]
    deep = 1 + _UNEVEN * sample(field[2], first * 0.6 + 4, second * 0.6 + 4)
    return first + moves[0], second + moves[1], np.clip(deep, 0.2, 1.8)
