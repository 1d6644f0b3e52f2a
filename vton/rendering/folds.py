"""Wrinkles of cloth: how deep they are where, as displacement and as slope."""

from dataclasses import dataclass, replace

import numpy as np

from vton.rendering.skeleton import Pose
from vton.rendering.textures import noise_bank, sample


@dataclass(frozen=True)
class Folds:
    """Wrinkles: depth in metres on body and sleeves, which noise, its scale in metres, shift, and extra at
    the elbows, left and right, and where the waist gathers."""

    body: float
    sleeve: float
    elbows: tuple[float, float]
    waist: float
    which: int
    scale: float
    shift: float


def random_folds(rng: np.random.Generator, loose: float) -> Folds:
    """Folds of worn cloth; looser cloth folds deeper."""
    return Folds(
        body=float(rng.uniform(0.0005, 0.0025) + rng.uniform(0, 0.0042) * loose),
        sleeve=float(rng.uniform(0.0005, 0.003) + rng.uniform(0, 0.006) * loose),
        elbows=(float(rng.uniform(0.0, 0.0065)),) * 2,
        waist=float(rng.uniform(0.0, 0.006) * (rng.random() < 0.6)),
        which=int(rng.integers(6)),
        scale=float(rng.uniform(0.5, 1.4)),
        shift=float(rng.random()),
    )


def folds_in_pose(folds: Folds, pose: Pose) -> Folds:
    """The same cloth on a posed body: bent elbows and a bent waist crease it."""
    left, right = (depth * (0.3 + min(bent, 1.5)) for depth, bent in zip(folds.elbows, pose.bent, strict=True))
    return replace(folds, elbows=(left, right), waist=folds.waist + 0.004 * pose.seated)


def fold_coordinates(folds: Folds, chart: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where a point of the chart (..., 8) reads the fold noise, in tiles."""
    on_sleeve = chart[..., 3] > 0.5
    u = np.where(on_sleeve, chart[..., 5] * 1.3 + 0.4, chart[..., 0])
    v = np.where(on_sleeve, chart[..., 4] * 1.4, chart[..., 1])
    return u / folds.scale + folds.shift + 4, v / folds.scale + folds.shift + 4


def fold_strength(folds: Folds, chart: np.ndarray, upper_arm: float, waist: float) -> np.ndarray:
    """Depth of the folds in metres at points of the chart (..., 8): more at the elbows and where the waist gathers."""
    elbow = np.where(chart[..., 0] > 0, *folds.elbows) * np.exp(-(((chart[..., 4] - upper_arm) / 0.07) ** 2))
    gather = folds.waist * np.exp(-(((-chart[..., 1] - waist) / 0.09) ** 2))
    on_sleeve = chart[..., 3] > 0.5
    strength = np.where(on_sleeve, folds.sleeve + elbow, folds.body + gather)
    return strength * (1 - chart[..., 7]) * np.clip(chart[..., 6] / 0.04, 0.2, 1)


def fold_depth(folds: Folds, chart: np.ndarray, upper_arm: float, waist: float) -> np.ndarray:
    """Displacement along the normal in metres."""
    u, v = fold_coordinates(folds, chart)
    return fold_strength(folds, chart, upper_arm, waist) * sample(noise_bank()["folds"][folds.which], u, v)


def crease(normals: np.ndarray, folds: Folds, chart: np.ndarray, upper_arm: float, waist: float, amount: float) -> None:
    """Tilt normals (N, 3) in place by the slope of the folds, which meshes are too coarse to show in full."""
    u, v = fold_coordinates(folds, chart)
    slope = amount * fold_strength(folds, chart, upper_arm, waist) * noise_bank()["fold_x"].shape[-1] / folds.scale
    normals[:, 0] -= slope * sample(noise_bank()["fold_x"][folds.which], u, v)
    normals[:, 2] += slope * sample(noise_bank()["fold_y"][folds.which], u, v)
