"""Trousers, shorts and skirts."""

from dataclasses import dataclass

import numpy as np

from vton.rendering.bodies import BodySet
from vton.rendering.cuts import length_below
from vton.rendering.measures import Measures
from vton.rendering.rasteriser import skin
from vton.rendering.shells import (
    TubeShape,
    hang_tube,
    in_root_frame,
    out_of_root_frame,
    padded_body,
    patch,
    pose_patch,
    push_out,
    tube_triangles,
)
from vton.rendering.skeleton import Pose

KINDS = {"trousers": 0.57, "shorts": 0.18, "skirt": 0.25}
SKIRT_LENGTHS = {"mini": 0.4, "knee": 0.23, "midi": 0.25, "maxi": 0.12}
_SKIRT_ROWS = 36


@dataclass(frozen=True)
class Bottom:
    """kind: one of KINDS; shell: float32 (V, 3), rest; cover: (F,) over the fine vertices; waist and end: heights
    (metres, rest pose) of waistband and hem; skirt: its hanging tube or None."""

    kind: str
    shell: np.ndarray
    cover: np.ndarray
    waist: float
    end: float
    skirt: TubeShape | None


def make_bottom(
    bodies: BodySet, body: int, measures: Measures, skirt_end: float | None, seated: bool, rng: np.random.Generator
) -> Bottom:
    """Cut a random bottom; high waists are as common as low ones.

    Args:
        skirt_end: height (metres) of the hem of a skirt to be made, or None for any bottom.
        seated: whether it is to be sat in, which skirts are not made for.
    """
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values()))) if skirt_end is None else "skirt"
    if measures.broad and kind == "skirt" and skirt_end is None and rng.random() < 0.85:
        kind = "trousers"
    if seated and kind == "skirt":
        kind = "shorts"
    waist = measures.hip + rng.uniform(0.05, 0.22) * measures.scale
    end = {
        "trousers": measures.ankle + rng.uniform(-0.02, 0.12),
        "shorts": measures.crotch - rng.uniform(0.01, 0.3),
        "skirt": length_below(measures, rng, SKIRT_LENGTHS),
    }[kind]
    end = end if skirt_end is None else skirt_end
    rest, weights = bodies.rest[body], bodies.weights
    z = rest[:, 2]
    wide = rng.random() ** 3.5 * 0.07
    down = np.clip((measures.hip - z) / (measures.hip - measures.ankle), 0, 1)
    legs = np.clip(weights["leg"], 0, 1)
    ease = rng.uniform(0.008, 0.015) + wide * np.clip(1.5 * down, 0, 1) ** rng.uniform(0.2, 1) * legs
    shell = push_out(bodies, body, padded_body(bodies, body, 0.6), ease.astype(np.float32), 0.007)
    if kind != "skirt":
        shell = _straighten(bodies, body, shell, measures, rng.uniform(0.045, 0.07) + wide)
    part = patch("lower")
    fine_z, fine_legs = part.refine(z[part.vertices]), part.refine(weights["leg"][part.vertices])
    trunk = (fine_legs > 0.3) | (fine_z < measures.hip + 0.3 * measures.scale)
    bottom = max(end, measures.hip - 0.02) if kind == "skirt" else end
    cover = np.where(trunk, np.minimum(waist - fine_z, fine_z - bottom), -1).astype(np.float32)
    pencil = rng.random() < 0.4
    skirt = TubeShape(
        ease=float(rng.uniform(0.004, 0.012)),
        flare=0.0 if pencil else float(rng.uniform(0, 0.16)),
        hang=float(rng.uniform(0.2, 1.0)),
        fold_depth=0.0 if pencil else float(rng.uniform(0, 0.03)),
        folds=int(rng.integers(5, 16)),
        phase=float(rng.uniform(0, 6.3)),
        deepening=float(rng.uniform(0.7, 1.5)),
    )
    return Bottom(kind, shell, cover, float(waist), float(end), skirt if kind == "skirt" else None)


def _straighten(bodies: BodySet, body: int, shell: np.ndarray, measures: Measures, radius: float) -> np.ndarray:
    """Below the knee a trouser leg keeps at least a radius (metres) about the leg's axis."""
    shell = shell.copy()
    for side in "LR":
        hip, ankle = bodies.head(body, f"upperleg01.{side}"), bodies.head(body, f"foot.{side}")
        along = np.clip((shell[:, 2] - ankle[2]) / (hip[2] - ankle[2]), 0, 1)[:, None]
        offset = shell - (ankle + (hip - ankle) * along)
        offset[:, 2] = 0
        distance = np.linalg.norm(offset, axis=1) + 1e-6
        least = radius * np.clip((measures.knee + 0.1 - shell[:, 2]) / 0.1, 0, 1)
        mine = bodies.weights[f"leg.{side}"] > 0.5
        growth = np.where(mine, np.maximum(distance, least) / distance - 1, 0)
        shell += offset * growth[:, None].astype(np.float32)
    return shell


def pose_bottom(
    bodies: BodySet, body: int, bottom: Bottom, pose: Pose
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Points (V, 3), triangles, cover (V,) and rest positions (V, 3) of a worn bottom."""
    part = patch("lower")
    points = pose_patch(bodies, part, bottom.shell, pose)
    rest = part.refine(bodies.rest[body][part.vertices])
    if bottom.skirt is None:
        return points, part.triangles, bottom.cover, rest
    chosen = np.flatnonzero(
        (bodies.weights["arm"] < 0.1) & (bodies.weights["foot"] < 0.1) & (bodies.weights["head"] < 0.1)
    )
    cloud = skin(
        np.ascontiguousarray(bottom.shell[chosen]),
        bodies.bone_indices[chosen],
        bodies.bone_weights[chosen],
        pose.transforms,
    )
    top = min(bottom.waist, float(bodies.head(body, "upperleg01.L")[2]) + 0.06)
    tube = hang_tube(in_root_frame(cloud, pose), top, bottom.end, _SKIRT_ROWS, bottom.skirt)
    triangles = np.concatenate([part.triangles, tube_triangles(_SKIRT_ROWS) + np.int32(len(points))])
    cover = np.concatenate([bottom.cover, np.ones(len(tube), np.float32)])
    return np.concatenate([points, out_of_root_frame(tube, pose)]), triangles, cover, np.concatenate([rest, tube])
