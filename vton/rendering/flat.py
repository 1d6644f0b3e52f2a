"""A garment by itself, rasterised: laid flat, on an invisible mannequin or on a hanger."""

from dataclasses import dataclass

import numpy as np

from vton.rendering.bodies import BodySet
from vton.rendering.folds import random_folds
from vton.rendering.laying import FlatLook, lay
from vton.rendering.rasteriser import interpolate, rasterise, vertex_normals
from vton.rendering.sewing import SewnTop, pose_top
from vton.rendering.skeleton import Pose


@dataclass(frozen=True)
class FlatView:
    """A flat garment drawn: screen float32 (V, 3) x, y in pixels and depth in metres; facing (V,), below 0 towards us;
    depth (H, W), mask bool (H, W), and over the mask's pixels chart (N, 8) and normals (N, 3);
    tolerance of depth tests in metres; scale: pixels per metre."""

    screen: np.ndarray
    facing: np.ndarray
    depth: np.ndarray
    mask: np.ndarray
    chart: np.ndarray
    normals: np.ndarray
    tolerance: float
    scale: float


def draw_flat(
    bodies: BodySet,
    body: int,
    sewn: SewnTop,
    pose: Pose,
    look: FlatLook,
    rng: np.random.Generator,
    size: tuple[int, int],
    behind: bool = False,
) -> FlatView:
    """Lay out and rasterise a top so that it fills its picture as shops' do: 66 % to 97 % of its height or width.

    Args:
        size: (height, width) in pixels.
        behind: show its back.
    """
    height, width = size
    folds = random_folds(rng, sewn.top.cut.loose * (0.5 if look.laid else 0.8))
    chart = sewn.chart
    points = pose_top(bodies, body, sewn, pose, folds)
    points = lay(points, chart[:, 3], chart[:, 4], sewn.cover_flat, look, sewn.top.cut, sewn.top.measures)
    if behind:
        points = points * np.array([-1, -1, 1], np.float32)
    seen = points[sewn.cover_flat > 0]
    low, high = seen.min(0), seen.max(0)
    fill = np.clip(0.83 + rng.normal() * 0.065, 0.66, 0.97)
    scale = fill * min(height / (high[2] - low[2]), width / (high[0] - low[0]))
    centre = (low + high) / 2
    shift = rng.normal(size=2) * 0.008 * height
    screen = np.stack(
        [
            width / 2 + shift[0] + (points[:, 0] - centre[0]) * scale,
            height / 2 + shift[1] - (points[:, 2] - centre[2]) * scale,
            points[:, 1],
        ],
        1,
    ).astype(np.float32)
    normals = vertex_normals(points, sewn.triangles)
    depth, drawn, barycentric = rasterise(screen, sewn.cover_flat, sewn.triangles, height, width)
    pixels = np.flatnonzero(drawn >= 0)
    attributes = np.hstack([normals, sewn.chart]).astype(np.float32)
    inside = interpolate(pixels, drawn.reshape(-1), barycentric.reshape(-1, 2), sewn.triangles, attributes)
    tolerance = 0.02 * look.depth + 0.004
    return FlatView(screen, normals[:, 1], depth, drawn >= 0, inside[:, 3:], inside[:, :3], tolerance, float(scale))
