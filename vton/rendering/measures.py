"""What a body measures where clothes refer to it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vton.rendering.bodies import BODY_COUNT, BodySet, load_bodies
from vton.rendering.rasteriser import smooth

_BROAD = 0.18
"""Metres from the middle to a shoulder joint."""


@dataclass(frozen=True)
class Measures:
    """Heights (metres, rest pose) and lengths that a cut refers to; neck and left shoulder joint: (3,); broad: whether
    the shoulders are a man's, as seven in eight men's and one in eight women's are."""

    neck: np.ndarray
    shoulder: np.ndarray
    hip: float
    waist: float
    crotch: float
    ankle: float
    knee: float
    scale: float
    upper_arm: float
    lower_arm: float
    broad: bool


def measure(bodies: BodySet, body: int) -> Measures:
    """Take a body's measures."""
    at = lambda bone: bodies.head(body, bone)  # noqa: E731
    hip = float(at("upperleg01.L")[2])
    scale = float(at("neck01")[2] - hip) / 0.52
    return Measures(
        neck=at("neck01"),
        shoulder=at("upperarm01.L"),
        hip=hip,
        waist=hip + 0.14 * scale,
        crotch=hip - 0.075 * scale,
        ankle=float(at("foot.L")[2]),
        knee=float(at("lowerleg01.L")[2]),
        scale=scale,
        upper_arm=float(np.linalg.norm(at("lowerarm01.L") - at("upperarm01.L"))),
        lower_arm=float(np.linalg.norm(at("wrist.L") - at("lowerarm01.L"))),
        broad=bool(at("upperarm01.L")[0] > _BROAD),
    )


@dataclass(frozen=True)
class ArmChart:
    """Coordinates of the body's vertices along and around the arms.

    along: metres from the shoulder joint, falling to -0.3 off the arms; around: metres; share: weight of the arms.
    settled: (V, 3), along, share and the head's weight, smoothed like the body that shells are padded with.
    """

    along: np.ndarray
    around: np.ndarray
    share: np.ndarray
    settled: np.ndarray


@lru_cache(maxsize=BODY_COUNT)
def arm_chart(body: int) -> ArmChart:
    """Chart both arms of one of `load_bodies()` in its rest pose."""
    bodies = load_bodies()
    vertices = bodies.rest[body]
    along = np.full(len(vertices), -0.3, np.float32)
    around = np.zeros(len(vertices), np.float32)
    for side in "LR":
        shoulder, elbow, wrist = (bodies.head(body, f"{bone}.{side}") for bone in ("upperarm01", "lowerarm01", "wrist"))
        upper, lower = np.linalg.norm(elbow - shoulder), np.linalg.norm(wrist - elbow)
        first, second = (elbow - shoulder) / upper, (wrist - elbow) / lower
        on_upper, on_lower = (vertices - shoulder) @ first, upper + (vertices - elbow) @ second
        beyond = np.clip((on_upper / upper - 0.85) / 0.3, 0, 1)
        distance = np.where(
            bodies.weights[f"forearm.{side}"] > 0.9, on_lower, on_upper * (1 - beyond) + on_lower * beyond
        )
        weight = bodies.weights[f"arm.{side}"]
        mine = weight > 0.04
        share = np.clip(weight / 0.2, 0, 1)
        along[mine] = (-0.3 * (1 - share) + distance * share)[mine]
        use_lower = bodies.weights[f"forearm.{side}"] > 0.5
        for axis, origin, chosen in ((first, shoulder, mine & ~use_lower), (second, elbow, mine & use_lower)):
            forward = np.array([0, -1.0, 0]) - axis * -axis[1]
            forward /= np.linalg.norm(forward)
            offset = vertices - origin
            angle = np.arctan2(offset @ np.cross(axis, forward), offset @ forward)
            around[chosen] = (angle * 0.055)[chosen]
    exact = np.column_stack([along, bodies.weights["arm"], bodies.weights["head"]]).astype(np.float32)
    near = smooth(exact, bodies.offsets, bodies.neighbours, 8, np.float32(0.6))
    filled = smooth(near, bodies.offsets, bodies.neighbours, 28, np.float32(0.6))
    return ArmChart(along, around, bodies.weights["arm"], (near + filled) / 2)
