"""Wrinkles of cloth: how deep they are where, and how they tilt the surface."""

from dataclasses import dataclass, replace

import numpy as np

from vton.rendering.drape import Drape, sleeve_folds, trunk_folds
from vton.rendering.measures import Measures
from vton.rendering.textures import noise_bank, sample

_CHANCE = 0.35
"""How much of its wrinkles worn cloth owes to chance; the others follow from cut and pose."""
_STEEPEST = 1.2
"""Slope of the steepest fold."""


@dataclass(frozen=True)
class Folds:
    """Wrinkles: depth in metres on body and sleeves, at the elbows and where the waist gathers, which noise, its scale
    in metres and shift; as worn, how the top falls and how far (metres) its sleeves reach."""

    body: float
    sleeve: float
    elbows: float
    waist: float
    which: int
    scale: float
    shift: float
    drape: Drape | None = None
    sleeve_end: float = 0.0


def random_folds(rng: np.random.Generator, loose: float) -> Folds:
    """Folds of cloth; looser cloth folds deeper."""
    return Folds(
        body=float(rng.uniform(0.0005, 0.0025) + rng.uniform(0, 0.0042) * loose),
        sleeve=float(rng.uniform(0.0005, 0.003) + rng.uniform(0, 0.006) * loose),
        elbows=float(rng.uniform(0.0, 0.0065)),
        waist=float(rng.uniform(0.0, 0.006) * (rng.random() < 0.6)),
        which=int(rng.integers(6)),
        scale=float(rng.uniform(0.5, 1.4)),
        shift=float(rng.random()),
    )


def worn_folds(folds: Folds, drape: Drape, sleeve_end: float) -> Folds:
    """The same cloth on somebody."""
    return replace(folds, drape=drape, sleeve_end=sleeve_end)


def fold_depth(folds: Folds, chart: np.ndarray, measures: Measures) -> np.ndarray:
    """How far (N,) folds stand out, in metres, at points of the chart (N, 8), see `sewing.CHART`."""
    across, down, _, sleeve, along, around, trim, collar = chart.T
    share = np.clip((sleeve - 0.35) / 0.3, 0, 1)
    chance = 1.0 if folds.drape is None else _CHANCE
    u, v = across * (1 - share) + (around * 1.3 + 0.4) * share, down * (1 - share) + along * 1.4 * share
    noise = sample(noise_bank()["folds"][folds.which], *(w / folds.scale + folds.shift + 4 for w in (u, v)))
    depth = chance * noise * _strength(folds, down, share, along, measures)
    if folds.drape is not None:
        loose, waist = trunk_folds(folds.drape, measures, across, down + measures.shoulder[2])
        trunk = (0.0008 + folds.body) * loose + (0.3 * folds.body + 0.6 * folds.waist) * waist
        loose, elbow = sleeve_folds(folds.drape, measures, folds.sleeve_end, across > 0, along, around)
        depth = depth + trunk * (1 - share) + ((0.0006 + 0.7 * folds.sleeve) * loose + folds.elbows * elbow) * share
    return depth * (1 - collar) * np.clip(trim / 0.04, 0.2, 1)


def _strength(folds: Folds, down: np.ndarray, share: np.ndarray, along: np.ndarray, measures: Measures) -> np.ndarray:
    """Depth (N,) of what noise there is: more at the elbows and where the waist gathers."""
    elbow = 0.3 * folds.elbows * np.exp(-(((along - measures.upper_arm) / 0.07) ** 2))
    gather = folds.waist * np.exp(-(((-down - measures.waist) / 0.09) ** 2))
    return (folds.body + gather) * (1 - share) + (folds.sleeve + elbow) * share


def crease(normals: np.ndarray, depth: np.ndarray, pixels: np.ndarray, width: int, scale: float) -> None:
    """Tilt normals (N, 3) in place by the slope of folds, which meshes are too coarse to show in full.

    Args:
        depth: (N,) metres; pixels: (N,), flat indices into a picture `width` wide; scale: pixels per metre.
    """
    height = -(-(int(pixels.max(initial=0)) + 1) // width)
    picture = np.full(height * width, np.nan, np.float32)
    picture[pixels] = depth
    for axis, channel, sign in ((1, 0, -1), (0, 2, 1)):
        slope = np.nan_to_num(_slope(picture.reshape(height, width), axis)).reshape(-1)[pixels] * scale
        normals[:, channel] += sign * np.clip(slope, -_STEEPEST, _STEEPEST)


def _slope(depth: np.ndarray, axis: int) -> np.ndarray:
    """Differences from pixel to pixel (H, W), the smaller of both sides where they disagree; unknown at lone pixels."""
    step = np.diff(depth, axis=axis)
    edge = np.full_like(np.take(depth, [0], axis), np.nan)
    before, after = np.concatenate([edge, step], axis), np.concatenate([step, edge], axis)
    middle = (before + after) / 2
    torn = np.abs(before - after) > 0.004
    calmer = np.where(np.abs(before) < np.abs(after), before, after)
    return np.where(np.isnan(before), after, np.where(np.isnan(after), before, np.where(torn, calmer, middle)))
