"""A top's sheets joined into one mesh: posed on the body, laid flat, and with its cloth coordinates."""

from dataclasses import dataclass, replace

import numpy as np

from vton.rendering.bodies import BodySet
from vton.rendering.folds import Folds, fold_depth
from vton.rendering.garments import COLLAR_COLUMNS, COLLAR_ROWS, Top
from vton.rendering.rasteriser import skin, vertex_normals
from vton.rendering.shells import TubeShape, hang_tube, in_root_frame, out_of_root_frame, pose_patch, tube_triangles
from vton.rendering.skeleton import Pose

TUBE_ROWS = {False: 30, True: 46}
"""Slices of the tube of a top, and of one that reaches below the hips."""
CHART = ("u", "v", "front", "sleeve", "along", "around", "trim", "collar")
"""Channels of a top's chart: place on the body across, down and behind; on the sleeve; metres to the edge."""


_SNUG = TubeShape(ease=0, flare=0, hang=0, fold_depth=0, folds=1, phase=0, deepening=1)
"""The tube that gives the chart: as close to the body as the shell, so that patterns meet where they part."""


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
        laid: the pose in which the top is laid flat (untwisted); its tube gives the chart below the waist.
        waistband: height (metres, rest pose) of the trousers' edge that hides a tucked top, or None if it hangs out.
    """
    sheets, charts, flat_covers, worn_covers = [top.triangles], [], [], []
    charts.append(_chart(top.rest, top.share, top.along, top.around, top.trim, np.zeros(len(top.rest), np.float32)))
    flat_covers.append(top.cover)
    worn_covers.append(_tucked(top.cover, top.rest[:, 2], waistband, top.share))
    if top.tube:
        tube = _tube(bodies, body, top, laid, _SNUG)
        zeros = np.zeros(len(tube), np.float32)
        sheets.append(tube_triangles(_rows(top)) + sum(len(c) for c in charts))
        cover, trim = zeros + 1, tube[:, 2] - tube[:, 2].min()
        if top.cut.opening is not None:
            cover = top.cut.opening.inside(tube[:, 0], top.measures.neck[2] - tube[:, 2])
            cover = np.where(tube[:, 1] < top.measures.neck[1] - 0.02, cover, 1).astype(np.float32)
            trim = np.minimum(trim, cover)
        charts.append(_chart(tube, zeros, zeros - 0.3, zeros, trim, zeros))
        flat_covers.append(cover)
        worn_covers.append(_tucked(cover, tube[:, 2], waistband, zeros))
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
    return np.minimum(cover, heights - (waistband - 0.04) + 4 * np.clip(share - 0.2, 0, 1))


def _collar_triangles() -> np.ndarray:
    row, column = np.mgrid[0 : COLLAR_ROWS - 1, 0 : COLLAR_COLUMNS - 1]
    a = row * COLLAR_COLUMNS + column
    b, c, d = a + 1, a + COLLAR_COLUMNS, a + COLLAR_COLUMNS + 1
    return np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)]).astype(
        np.int32
    )


def _tube(
    bodies: BodySet, body: int, top: Top, pose: Pose, shape: TubeShape, shell: np.ndarray | None = None
) -> np.ndarray:
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
    return out_of_root_frame(hang_tube(cloud, top.tube_top, top.cut.hem_height, _rows(top), shape), pose)


def _rows(top: Top) -> int:
    return TUBE_ROWS[top.cut.hem_height < top.measures.crotch - 0.05]


def pose_top(bodies: BodySet, body: int, sewn: SewnTop, pose: Pose, folds: Folds, tucked: bool = False) -> np.ndarray:
    """Vertices (V, 3) of a sewn top in a pose, with folds; tucked, its lower part stays within the trousers."""
    top = sewn.top
    shell = pose_patch(bodies, top.part, top.shell, pose)
    sheets = [(shell, top.part.triangles)]
    if top.tube:
        shape = replace(top.tube, ease=0.002, flare=-0.01, hang=0.1, fold_depth=0.0) if tucked else top.tube
        sheets.append((_tube(bodies, body, top, pose, shape, shell), tube_triangles(_rows(top))))
    displaced, start = [], 0
    for points, triangles in sheets:
        chart = sewn.chart[start : start + len(points)]
        depth = fold_depth(folds, chart, top.measures)
        displaced.append((points + vertex_normals(points, triangles) * depth[:, None]).astype(np.float32))
        start = len(top.rest)
    displaced[0] = top.extend(displaced[0])
    if top.collar is not None:
        moves = [pose.transforms[bodies.bones[bone]] for bone in ("neck01", "spine01")]
        placed = sum(top.collar @ move[:, :3].T + move[:, 3] for move in moves) / 2
        displaced.append(placed.astype(np.float32))
    return np.concatenate(displaced)
