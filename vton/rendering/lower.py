"""Trousers, shorts, skirts and shoes."""

from dataclasses import dataclass

import numpy as np

from vton.rendering.bodies import BodySet, shape_of
from vton.rendering.garments import Measures
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

KINDS = {"trousers": 0.62, "shorts": 0.15, "skirt": 0.23}
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


def make_bottom(bodies: BodySet, body: int, measures: Measures, rng: np.random.Generator) -> Bottom:
    """Cut a random bottom; high waists are as common as low ones."""
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    waist = measures.hip + rng.uniform(0.05, 0.22) * measures.scale
    end = {
        "trousers": measures.ankle + rng.uniform(-0.02, 0.12),
        "shorts": measures.crotch - rng.uniform(0.01, 0.3),
        "skirt": measures.crotch - rng.uniform(0.06, 0.65),
    }[kind]
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


def make_shoes(
    bodies: BodySet, body: int, measures: Measures, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Shell (V, 3) in the rest pose and cover (V,) of flats, trainers or boots over all of the body's vertices."""
    rest = bodies.rest[body]
    feet = bodies.weights["foot"] > 0.3
    rounded = shape_of(body).round_feet
    base = np.where(feet[:, None], 0.7 * rounded + 0.3 * rest, rest).astype(np.float32)
    shell = push_out(bodies, body, base, np.full(len(rest), 0.012, np.float32), 0.004)
    top = measures.ankle + float(rng.choice([-0.03, 0.02, 0.1, 0.25], p=[0.45, 0.32, 0.15, 0.08]))
    cover = np.where(bodies.weights["leg"] > 0.5, top - rest[:, 2], -1)
    if rng.random() < 0.25:
        cover = np.minimum(cover, np.where(rest[:, 2] > measures.ankle - 0.045, -0.05 - rest[:, 1], 1))
    return shell, cover.astype(np.float32)
