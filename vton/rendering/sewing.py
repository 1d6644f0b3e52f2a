"""A top's sheets joined into one mesh: posed on the body, laid flat, and with its cloth coordinates."""

from dataclasses import dataclass

import numpy as np

from vton.rendering.bodies import BodySet
from vton.rendering.garments import COLLAR_COLUMNS, COLLAR_ROWS, Folds, Top
from vton.rendering.rasteriser import skin, vertex_normals
from vton.rendering.shells import (
    hang_tube,
    in_root_frame,
    out_of_root_frame,
    pose_patch,
    tube_triangles,
)
from vton.rendering.skeleton import Pose
from vton.rendering.textures import noise_bank, sample

TUBE_ROWS = {False: 30, True: 44}
"""Slices of a top's and of a dress's tube."""
CHART = ("u", "v", "front", "sleeve", "along", "around", "trim", "collar")
"""Channels of a top's chart: place on the body across, down and behind; on the sleeve; distance to the edge (metres)."""


@dataclass(frozen=True)
class SewnTop:
    """One mesh of shell, tube and collar.

    triangles: int32 (T, 3); chart: float32 (V, 8) as named by CHART; cover_worn, cover_flat: float32 (V,).
    """

    top: Top
    triangles: np.ndarray
    chart: np.ndarray
    cover_worn: np.ndarray
    cover_flat: np.ndarray


def sew(bodies: BodySet, body: int, top: Top, laid: Pose, waistband: float | None) -> SewnTop:
    """Join a top's sheets.

    Args:
        laid: the pose in which the top is laid flat (untwisted), whose tube gives the cloth coordinates below the waist.
        waistband: height (metres, rest pose) of the trousers' edge that hides a tucked top, or None if it hangs out.
    """
    shell_rest = top.part.refine(bodies.rest[body][top.part.vertices])
    sheets, charts, flat_covers, worn_covers = [top.part.triangles], [], [], []
    collar_flag = np.zeros(len(shell_rest), np.float32)
    charts.append(_chart(shell_rest, top.share, top.along, top.around, top.trim, collar_flag))
    flat_covers.append(top.cover_flat)
    worn_covers.append(_tucked(top.cover_worn, shell_rest[:, 2], waistband, top.share))
    if top.tube:
        tube = _tube(bodies, body, top, laid)
        zeros = np.zeros(len(tube), np.float32)
        sheets.append(tube_triangles(TUBE_ROWS[top.cut.dress]) + sum(len(c) for c in charts))
        charts.append(_chart(tube, zeros, zeros - 0.3, zeros, tube[:, 2] - tube[:, 2].min(), zeros))
        flat_covers.append(zeros + 1)
        worn_covers.append(_tucked(zeros + 1, tube[:, 2], waistband, zeros))
    if top.collar is not None:
        zeros = np.zeros(len(top.collar), np.float32)
        sheets.append(_collar_triangles() + sum(len(c) for c in charts))
        charts.append(_chart(top.collar, zeros, zeros - 0.3, zeros, zeros + 1, zeros + 1))
        flat_covers.append(zeros + 1)
        worn_covers.append(zeros + 1)
    return SewnTop(
        top,
        np.concatenate(sheets),
        np.concatenate(charts).astype(np.float32),
        np.concatenate(worn_covers).astype(np.float32),
        np.concatenate(flat_covers).astype(np.float32),
    )


def _chart(rest, share, along, around, trim, collar) -> np.ndarray:
    """Columns of CHART; the back continues sideways, so that patterns do not smear over the flanks."""
    behind = np.maximum(rest[:, 1], 0)
    across = rest[:, 0] + 0.7 * np.sign(rest[:, 0]) * behind
    return np.stack([across, -rest[:, 2], rest[:, 1], share, along, around, trim, collar], 1)


def _tucked(cover: np.ndarray, heights: np.ndarray, waistband: float | None, share: np.ndarray) -> np.ndarray:
    if waistband is None:
        return cover
    return np.where(share > 0.5, cover, np.minimum(cover, heights - (waistband - 0.04)))


def _collar_triangles() -> np.ndarray:
    row, column = np.mgrid[0 : COLLAR_ROWS - 1, 0 : COLLAR_COLUMNS - 1]
    a = row * COLLAR_COLUMNS + column
    b, c, d = a + 1, a + COLLAR_COLUMNS, a + COLLAR_COLUMNS + 1
    return np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)]).astype(
        np.int32
    )


def _tube(bodies: BodySet, body: int, top: Top, pose: Pose, shell: np.ndarray | None = None) -> np.ndarray:
    """The hanging part below the waist, posed."""
    if shell is None:
        shell = pose_patch(bodies, top.part, top.shell, pose)
    legs = skin(
        np.ascontiguousarray(bodies.rest[body][top.legs]),
        bodies.bone_indices[top.legs],
        bodies.bone_weights[top.legs],
        pose.transforms,
    )
    cloud = in_root_frame(np.concatenate([shell[top.torso], legs]), pose)
    rows = TUBE_ROWS[top.cut.dress]
    return out_of_root_frame(hang_tube(cloud, top.tube_top, top.cut.hem_height, rows, top.tube), pose)


def pose_top(bodies: BodySet, body: int, sewn: SewnTop, pose: Pose, folds: Folds) -> np.ndarray:
    """Vertices (V, 3) of a sewn top in a pose, with folds."""
    top = sewn.top
    shell = pose_patch(bodies, top.part, top.shell, pose)
    sheets = [shell]
    if top.tube:
        sheets.append(_tube(bodies, body, top, pose, shell))
    if top.collar is not None:
        moves = [pose.transforms[bodies.bones[bone]] for bone in ("neck01", "spine01")]
        placed = sum(top.collar @ move[:, :3].T + move[:, 3] for move in moves) / 2
        sheets.append(placed.astype(np.float32))
    points = np.concatenate(sheets)
    depth = fold_depth(folds, sewn.chart, top.measures.upper_arm, top.measures.waist)
    return (points + vertex_normals(points, sewn.triangles) * depth[:, None]).astype(np.float32)


def fold_coordinates(folds: Folds, chart: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where a point of the chart (..., 8) reads the fold noise, in tiles."""
    on_sleeve = chart[..., 3] > 0.5
    u = np.where(on_sleeve, chart[..., 5] * 1.3 + 0.4, chart[..., 0])
    v = np.where(on_sleeve, chart[..., 4] * 1.4, chart[..., 1])
    return u / folds.scale + folds.shift + 4, v / folds.scale + folds.shift + 4


def fold_strength(folds: Folds, chart: np.ndarray, upper_arm: float, waist: float) -> np.ndarray:
    """Depth of the folds in metres at points of the chart (..., 8): more at the elbows and where the waist gathers."""
    elbow = folds.elbow * np.exp(-(((chart[..., 4] - upper_arm) / 0.07) ** 2))
    gather = folds.waist * np.exp(-(((-chart[..., 1] - waist) / 0.09) ** 2))
    on_sleeve = chart[..., 3] > 0.5
    strength = np.where(on_sleeve, folds.sleeve + elbow, folds.body + gather)
    return strength * (1 - chart[..., 7]) * np.clip(chart[..., 6] / 0.04, 0.2, 1)


def fold_depth(folds: Folds, chart: np.ndarray, upper_arm: float, waist: float) -> np.ndarray:
    """Displacement along the normal in metres."""
    u, v = fold_coordinates(folds, chart)
    return fold_strength(folds, chart, upper_arm, waist) * sample(noise_bank()["folds"][folds.which], u, v)
