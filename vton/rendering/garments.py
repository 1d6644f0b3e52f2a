"""Tops, dresses and open jackets made for a body: their sheets of cloth in the rest pose."""

from dataclasses import dataclass

import numpy as np

from vton.rendering.bodies import BodySet, shape_of
from vton.rendering.cuts import Cut, before_cuff, neckline
from vton.rendering.measures import ArmChart, Measures
from vton.rendering.rasteriser import smooth
from vton.rendering.shells import SHELL_SMOOTHING, Patch, TubeShape, padded_body, patch, push_out, split_along

COLLAR_ROWS, COLLAR_COLUMNS = 5, 41
_SPLITS = 2
_CUT_REACH = 0.006
_LEAST_TUBE = 0.1
ROOM, ROOM_FULL = 0.035, 0.2
"""Metres by which an oversize top is wider than the body at its sides for each unit of looseness beyond 1, and how far
below the shoulders it is so."""
JACKET_EASE = 0.012
"""Metres by which a jacket is wider than what is worn under it."""
_PHASE = 0.5
"""Radians by which the folds of two hems may be shifted: cloth falls from the same places of a body."""


@dataclass
class Top:
    """A top, dress or jacket made for one body.

    shell: float32 (V, 3) rest positions; splits: edges whose midpoints follow the patch's fine vertices one after
    another where the cut passes, so that its edge is smooth; triangles: int32 over all of these; cover: (F,), positive
    where there is cloth; rest, along, around, share, trim: (F, ...), where cloth coordinates come from.
    """

    cut: Cut
    measures: Measures
    part: Patch
    splits: list[np.ndarray]
    triangles: np.ndarray
    shell: np.ndarray
    cover: np.ndarray
    trim: np.ndarray
    rest: np.ndarray
    along: np.ndarray
    around: np.ndarray
    share: np.ndarray
    tube: TubeShape | None
    tube_top: float
    torso: np.ndarray
    legs: np.ndarray
    collar: np.ndarray | None

    def extend(self, values: np.ndarray) -> np.ndarray:
        """Values at the patch's fine vertices → at all of the shell's."""
        for edges in self.splits:
            values = np.concatenate([values, (values[edges[:, 0]] + values[edges[:, 1]]) / 2])
        return values


def make_top(
    bodies: BodySet, body: int, chart: ArmChart, measures: Measures, cut: Cut, rng: np.random.Generator
) -> Top:
    """Cut and sew a top, dress or jacket for a body."""
    part, weights = patch("upper"), bodies.weights
    shrink = float(rng.uniform(0.4, 0.9))
    shell = _ease_out(bodies, body, chart, cut, measures, shrink, rng)
    data = _coordinates(part, shell, chart, weights["head"], shrink)
    head, share = data[:, 6], data[:, 5]
    torso = (share < 0.25) & (head < 0.3)
    tube_top = measures.waist + (0.05 if cut.dress else 0.14) * measures.scale
    # A tube too short to leave the body gradually would stand out like a ledge.
    long_enough = tube_top - cut.hem_height > _LEAST_TUBE * measures.scale
    tubed = cut.dress or (long_enough and (cut.loose > 0.3 or cut.hem in ("hip", "long", "jacket")))
    seed = int(rng.integers(1 << 62))
    splits, triangles = [], part.triangles
    cover, trim = _fields(cut, measures, data, tubed, seed)
    for _ in range(_SPLITS):
        edges, triangles = split_along(triangles, cover, _CUT_REACH)
        splits.append(edges)
        middles = (data[edges[:, 0]] + data[edges[:, 1]]) / 2
        more = _fields(cut, measures, middles, tubed, seed)
        data = np.concatenate([data, middles])
        cover, trim = np.concatenate([cover, more[0]]), np.concatenate([trim, more[1]])
    return Top(
        cut=cut,
        measures=measures,
        part=part,
        splits=splits,
        triangles=triangles,
        shell=shell,
        cover=cover,
        trim=trim,
        rest=data[:, :3],
        along=data[:, 3],
        around=data[:, 4],
        share=data[:, 5],
        tube=_random_tube(cut, measures, rng) if tubed else None,
        tube_top=tube_top,
        torso=torso,
        legs=np.flatnonzero((weights["leg"] > 0.3) & (weights["foot"] < 0.1)),
        collar=_collar(measures, rng, cut) if cut.collar or cut.hood else None,
    )


def _coordinates(part: Patch, shell: np.ndarray, chart: ArmChart, head: np.ndarray, shrink: float) -> np.ndarray:
    """Rest position, along, around, share and head (F, 7) of a shell's fine vertices, as the padded cloth has them: the
    body's own would bend straight edges and stripes by as much as padding moved its vertices sideways."""
    chosen = part.vertices
    exact = np.column_stack([chart.along, chart.share, head])[chosen]
    along, share, on_head = (exact * (1 - shrink) + chart.settled[chosen] * shrink).T
    coarse = np.column_stack([shell[chosen], along, chart.around[chosen], share, on_head])
    data = part.refine(coarse.astype(np.float32))
    data[:, :3] = smooth(np.ascontiguousarray(data[:, :3]), part.offsets, part.neighbours, 1, SHELL_SMOOTHING)
    return data


def _fields(cut: Cut, measures: Measures, data: np.ndarray, tubed: bool, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Cover and trim (N,) at rows of data (N, 7): rest position, along, around, share, head.

    They change gradually everywhere: a jump would show the triangles along the edge.
    """
    rng = np.random.default_rng(seed)
    rest, along, share, head = data[:, :3], data[:, 3], data[:, 5], data[:, 6]
    trim = np.minimum(neckline(cut, measures, rng, rest), before_cuff(cut, measures, rng, rest, along, share))
    if cut.opening is not None:
        behind = 6 * np.maximum(0, rest[:, 1] - (measures.neck[1] - 0.03))
        trim = np.minimum(trim, cut.opening.inside(rest[:, 0], measures.neck[2] - rest[:, 2]) + behind)
    end = max(cut.hem_height + 0.02, measures.crotch + 0.06) if tubed else cut.hem_height
    hem = rest[:, 2] - end + 4 * np.clip(share - 0.2, 0, 1)
    cover = np.minimum(np.minimum(trim, hem), 0.1 * (0.5 - head))
    return cover.astype(np.float32), trim.astype(np.float32)


def _random_tube(cut: Cut, measures: Measures, rng: np.random.Generator) -> TubeShape:
    """How the part below the waist hangs."""
    phase, deepening = float(rng.uniform(-_PHASE, _PHASE)), float(rng.uniform(0.7, 1.5))
    if not cut.dress:
        # What is oversize is so above the waist already.
        loose = min(cut.loose, 1.0)
        return TubeShape(
            ease=float(rng.uniform(0.002, 0.01) + 0.03 * max(0.0, loose - 0.25) + JACKET_EASE * bool(cut.jacket)),
            flare=float(rng.uniform(-0.04, 0.03) * loose - 0.02 * (cut.loose > 1)),
            hang=float(rng.uniform(0.2, 1.0) * min(1.0, loose + 0.25)),
            fold_depth=float(rng.uniform(0, 0.006) + 0.012 * loose * rng.random()),
            folds=int(rng.integers(6, 9)),
            phase=phase,
            deepening=deepening,
        )
    length = (measures.waist - cut.hem_height) / 0.6
    ease, flare, hang, depth, folds = {
        "fitted": ((0.002, 0.008), (-0.02, 0.02), (0.02, 0.25), (0.0, 0.003), (4, 6)),
        "shift": ((0.004, 0.02), (-0.01, 0.05), (0.7, 1.0), (0.0, 0.01), (6, 8)),
        "a-line": ((0.003, 0.01), (0.05, 0.16), (0.2, 0.7), (0.003, 0.018), (8, 10)),
        "full": ((0.003, 0.012), (0.1, 0.26), (0.1, 0.6), (0.012, 0.032), (14, 18)),
    }[cut.silhouette]
    return TubeShape(
        ease=float(rng.uniform(*ease)),
        flare=float(rng.uniform(*flare) * length),
        hang=float(rng.uniform(*hang)),
        fold_depth=float(rng.uniform(*depth)),
        folds=int(rng.integers(*folds)),
        phase=phase,
        deepening=deepening,
    )


def _ease_out(
    bodies: BodySet,
    body: int,
    chart: ArmChart,
    cut: Cut,
    measures: Measures,
    shrink: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """The shell: body padded and pushed out; sleeves widen below the arm, where gravity takes them."""
    normals = shape_of(body).normals
    arms = np.clip(1.2 * chart.share, 0, 1) * np.clip(chart.along / 0.15, 0, 1)
    sag = 0.12 + 1.1 * np.clip(0.25 - 0.8 * normals[:, 2], 0, 1)
    flatter = 1 - 0.7 * np.clip(normals[:, 2] / 0.6, 0, 1)
    ease = rng.uniform(0.003, 0.008) + 0.012 * cut.loose * flatter + JACKET_EASE * bool(cut.jacket)
    ease = ease + (rng.uniform(0.015, 0.045) * cut.loose + rng.uniform(0, 0.01)) * arms * sag
    ease = ease + _sleeve_volume(cut, chart, rng) * sag
    # An oversize top rests on the shoulders all the same; its width hangs from them, most of it to the sides.
    below = np.clip((measures.shoulder[2] - bodies.rest[body][:, 2]) / ROOM_FULL, 0, 1) * (1 - chart.share)
    ease = ease + ROOM * max(0.0, cut.loose - 1) * below * (0.4 + 0.6 * np.abs(normals[:, 0]))
    if cut.sleeve == "long" and cut.sleeve_shape in ("plain", "puff", "batwing") and rng.random() < 0.6:
        cuff = chart.along > measures.upper_arm + 0.75 * measures.lower_arm
        ease = np.where(cuff, np.minimum(ease, 0.008 + JACKET_EASE * bool(cut.jacket)), ease)
    if cut.sleeve_shape == "puff" and rng.random() < 0.5:
        ease = ease + rng.uniform(0.015, 0.035) * np.exp(-(((chart.along - 0.05) / 0.05) ** 2)) * chart.share
    base = padded_body(bodies, body, shrink)
    return push_out(bodies, body, base, ease.astype(np.float32), 0.005)


def _sleeve_volume(cut: Cut, chart: ArmChart, rng: np.random.Generator) -> np.ndarray | float:
    """Extra metres (V,) around the arm of sleeves that are not plain."""
    along, end = chart.along, max(cut.sleeve_end, 0.1)
    on_arm = np.clip(1.2 * chart.share, 0, 1) * np.clip(along / 0.08, 0, 1)
    if cut.sleeve_shape == "wide":
        return rng.uniform(0.012, 0.035) * on_arm
    if cut.sleeve_shape == "drop":
        return rng.uniform(0.015, 0.035) * on_arm * np.clip(0.4 + along / end, 0, 1.2)
    if cut.sleeve_shape == "bell":
        return rng.uniform(0.04, 0.085) * on_arm * np.clip(along / end, 0, 1.2) ** 3
    if cut.sleeve_shape == "puff":
        return rng.uniform(0.02, 0.045) * on_arm * np.maximum(np.sin(np.pi * np.clip(along / end, 0, 1)), 0) ** 0.7
    if cut.sleeve_shape == "batwing":
        return rng.uniform(0.03, 0.06) * on_arm * np.clip(1 - along / end, 0, 1) ** 0.7
    return 0.0


def _collar(measures: Measures, rng: np.random.Generator, cut: Cut) -> np.ndarray:
    """A folded shirt collar, or the heap of a hood, about the neck: (rows * columns, 3) in the rest pose."""
    gap = 0.0 if cut.hood else rng.uniform(0.0, 0.45)
    if cut.jacket:
        gap = rng.uniform(0.45, 0.75)
    angle = np.linspace(gap, 2 * np.pi - gap, COLLAR_COLUMNS)[None]
    front = (1 + np.cos(angle)) / 2
    stand, fall, point = rng.uniform(0.015, 0.035), rng.uniform(0.02, 0.045), rng.uniform(0.0, 0.04)
    radius = np.array([0.062, 0.06, 0.066, 0.079, 0.088])[:, None] * measures.scale * rng.uniform(0.98, 1.1)
    radius = radius + JACKET_EASE * bool(cut.jacket)
    height = np.array([-0.01, stand, stand + 0.002, 0.3 * stand, -fall])[:, None]
    if cut.hood:
        radius, point = radius * np.array([1, 1.1, 1.35, 1.5, 1.45])[:, None], 0.0
    tip = np.array([0, 0, 0, 0.4, 1.0])[:, None] * point * np.exp(-(((front - 1) / 0.1) ** 2))
    x = radius * np.sin(angle)
    y = measures.neck[1] + 0.02 - radius * 1.1 * np.cos(angle)
    z = measures.neck[2] + (0.03 - 0.085 * front) * measures.scale + height - tip
    return np.stack(np.broadcast_arrays(x, y, z), -1).reshape(-1, 3).astype(np.float32)
