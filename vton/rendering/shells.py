"""Sheets of cloth about a body: shells (body faces pushed outwards), tubes (hulls of slices) and collars."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vton.rendering.bodies import BodySet, adjacency, load_bodies, shape_of
from vton.rendering.rasteriser import ring_supports, skin, smooth, vertex_normals
from vton.rendering.skeleton import Pose

RING = 60
"""Points around a tube."""
SHELL_SMOOTHING = np.float32(0.4)
_ANGLES = np.arange(RING) / RING * 2 * np.pi
DIRECTIONS = np.stack([np.sin(_ANGLES), -np.cos(_ANGLES)], 1).astype(np.float32)
_COSINES = np.cos(_ANGLES[:, None] - _ANGLES[None])


@dataclass(frozen=True)
class Patch:
    """Part of the body's surface as a mesh of its own, each triangle cut in four.

    vertices: int (C,) into the body; edges: int (E, 2), pairs of the patch's vertices whose midpoints follow them.
    triangles: int32 over the C + E fine vertices.
    """

    vertices: np.ndarray
    edges: np.ndarray
    triangles: np.ndarray
    offsets: np.ndarray
    neighbours: np.ndarray

    def refine(self, coarse: np.ndarray) -> np.ndarray:
        """Values at the patch's vertices (C, ...) → at its fine vertices (C + E, ...)."""
        return np.concatenate([coarse, (coarse[self.edges[:, 0]] + coarse[self.edges[:, 1]]) / 2])


@lru_cache(maxsize=4)
def patch(region: str) -> Patch:
    """The patch "upper" (torso, arms, neck) or "lower" (legs, hips, waist) of `load_bodies()`."""
    bodies = load_bodies()
    weights = bodies.weights
    if region == "upper":
        inside = (weights["head"] < 0.4) & (weights["hand"] < 0.8) & (weights["shin.L"] + weights["shin.R"] < 0.02)
    else:
        inside = (weights["head"] < 0.1) & (weights["arm"] < 0.3) & (weights["neck"] < 0.05) & (weights["foot"] < 0.7)
    triangles = bodies.triangles[inside[bodies.triangles].all(1)]
    vertices, flat = np.unique(triangles, return_inverse=True)
    triangles = flat.reshape(-1, 3)
    edges, fine = _quartered(triangles, len(vertices))
    offsets, neighbours = adjacency(fine, len(vertices) + len(edges))
    return Patch(vertices, edges, np.ascontiguousarray(fine), offsets, neighbours)


def _quartered(triangles: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges (E, 2) of triangles over `count` vertices, whose midpoints become vertices count to count + E - 1, and each
    triangle as four, int32 (4 T, 3)."""
    sides = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    edges, which = np.unique(sides[:, 0].astype(np.int64) << 32 | sides[:, 1], return_inverse=True)
    first, second, third = count + which.reshape(3, -1)
    a, b, c = triangles.T
    corners = ((a, first, third), (first, b, second), (third, second, c), (first, second, third))
    fine = np.concatenate([np.stack(corner, 1) for corner in corners]).astype(np.int32)
    return np.stack([edges >> 32, edges & 0xFFFFFFFF], 1).astype(np.int32), fine


def split_along(triangles: np.ndarray, cover: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Cut in four the triangles (T, 3) that come within `reach` metres of the edge of a cover (V,).

    Returns:
        Edges (E, 2), whose midpoints are to be appended to the vertices, and all triangles, int32.
    """
    a, b, c = cover[triangles[:, 0]], cover[triangles[:, 1]], cover[triangles[:, 2]]
    near = (np.minimum(np.minimum(a, b), c) < reach) & (np.maximum(np.maximum(a, b), c) > -reach)
    edges, fine = _quartered(triangles[near], len(cover))
    return edges, np.concatenate([triangles[~near], fine])


def padded_body(bodies: BodySet, body: int, shrink: float) -> np.ndarray:
    """The body (V, 3) with its hollows filled, as cloth bridges them; shrink in [0, 1] says how much."""
    rest, shape = bodies.rest[body], shape_of(body)
    return (rest * (1 - shrink) + (shape.filled + shape.near) * (shrink / 2)).astype(np.float32)


def push_out(bodies: BodySet, body: int, base: np.ndarray, ease: np.ndarray, least: float) -> np.ndarray:
    """Move a padded body outwards by ease (V,) metres, nowhere closer than `least` metres to the skin."""
    rest = bodies.rest[body]
    shell = base + vertex_normals(base, bodies.triangles) * ease[:, None]
    skin_normals = shape_of(body).normals
    gap = ((shell - rest) * skin_normals).sum(1)
    return (shell + skin_normals * np.maximum(0, np.maximum(least, ease * 0.5) - gap)[:, None]).astype(np.float32)


def pose_patch(bodies: BodySet, part: Patch, shell: np.ndarray, pose: Pose) -> np.ndarray:
    """Skin a shell (V, 3) of the body's vertices and refine it: (C + E, 3)."""
    chosen = part.vertices
    posed = skin(
        np.ascontiguousarray(shell[chosen], np.float32),
        bodies.bone_indices[chosen],
        bodies.bone_weights[chosen],
        pose.transforms,
    )
    fine = part.refine(posed)
    return smooth(np.ascontiguousarray(fine), part.offsets, part.neighbours, 1, SHELL_SMOOTHING)


@dataclass(frozen=True)
class TubeShape:
    """How a tube hangs: ease and flare in metres, hang in [0, 1] (1 falls straight from the widest slice above),
    fold depth in metres, folds around, their phase, and the power with which they deepen downwards."""

    ease: float
    flare: float
    hang: float
    fold_depth: float
    folds: int
    phase: float
    deepening: float


def tube_triangles(rows: int) -> np.ndarray:
    """Triangles of a closed grid of rows × RING vertices."""
    row, column = np.mgrid[0 : rows - 1, 0:RING]
    a, b = row * RING + column, row * RING + (column + 1) % RING
    c, d = a + RING, b + RING
    quads = [np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)]
    return np.concatenate(quads).astype(np.int32)


def hang_tube(points: np.ndarray, top: float, bottom: float, rows: int, shape: TubeShape) -> np.ndarray:
    """A tube (rows * RING, 3) of cloth about a cloud of points, hanging from height top to bottom (metres).

    Slices are replaced by their convex hulls, so that cloth spans hollows and the gap between the legs. Vertex
    r * RING + k lies at angle 2πk / RING, 0 being the front.
    """
    levels = np.linspace(top, bottom, rows).astype(np.float32)
    support, reach, centres = ring_supports(
        np.ascontiguousarray(points, np.float32), levels, np.float32((top - bottom) / rows + 0.012), DIRECTIONS
    )
    spread = np.where(_COSINES > 0.15, support[:, None] / np.maximum(_COSINES, 0.15)[None], 9).min(2)
    radius = spread * (1 - shape.hang) + np.maximum.accumulate(spread, 0) * shape.hang
    inner = np.where(reach > 0, np.minimum(reach, spread), spread)
    inner = (inner + np.roll(inner, 1, 1) + np.roll(inner, -1, 1)) / 3
    leaving = np.clip(np.linspace(0, 1, rows)[:, None] / 0.45, 0, 1)
    radius = inner + (radius - inner) * leaving**2 * (3 - 2 * leaving)
    for _ in range(2):
        radius[2:-2] = sum(radius[i : rows - 4 + i] for i in range(5)) / 5
        centres[2:-2] = sum(centres[i : rows - 4 + i] for i in range(5)) / 5
    down = np.linspace(0, 1, rows)[:, None]
    radius = radius * np.clip(0.985 + 0.12 * down, 0, 1) + shape.ease * np.minimum(1, 2.2 * down) + shape.flare * down
    wave = np.sin(_ANGLES[None] * shape.folds + shape.phase + 1.5 * np.sin(3 * down + shape.phase))
    radius = radius + shape.fold_depth * down**shape.deepening * wave * (
        1 + 0.5 * np.sin(3 * _ANGLES + 2 * shape.phase)
    )
    x = centres[:, :1] + radius * DIRECTIONS[None, :, 0]
    y = centres[:, 1:] + radius * DIRECTIONS[None, :, 1]
    return np.stack([x, y, np.repeat(levels[:, None], RING, 1)], -1).reshape(-1, 3).astype(np.float32)


def in_root_frame(points: np.ndarray, pose: Pose) -> np.ndarray:
    """Posed points (N, 3) as seen from the untouched body's root, so that heights and front mean the same again."""
    return ((points - pose.root[:3, 3]) @ pose.root[:3, :3]).astype(np.float32)


def out_of_root_frame(points: np.ndarray, pose: Pose) -> np.ndarray:
    """Inverse of `in_root_frame`."""
    return (points @ pose.root[:3, :3].T + pose.root[:3, 3]).astype(np.float32)
