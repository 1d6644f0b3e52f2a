"""Pictures of garments by themselves: laid flat or on an invisible mannequin."""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.rendering.bodies import BodySet
from vton.rendering.folds import random_folds
from vton.rendering.rasteriser import interpolate, rasterise, vertex_normals
from vton.rendering.sewing import SewnTop, pose_top
from vton.rendering.skeleton import Pose

LAID_SHARE = 0.55


@dataclass(frozen=True)
class FlatLook:
    """How a garment is laid out: arms' angles (radians), their bend, and the warp of the vertices."""

    angles: tuple[float, float]
    bend: float
    box: float
    widen: float
    taper: float
    shear: float
    turn: float
    waves: np.ndarray
    laid: bool
    depth: float


def random_look(sleeve: str, rng: np.random.Generator) -> FlatLook:
    """Sleeves hang 4° to 43° from the vertical, long ones steeper."""
    angle = rng.uniform(0.07, 0.45) if sleeve in ("long", "threeq") else rng.uniform(0.25, 0.75)
    if rng.random() < 0.12:
        angle = rng.uniform(0.5, 1.1)
    uneven = rng.normal() * 0.05
    laid = bool(rng.random() < LAID_SHARE)
    return FlatLook(
        angles=(angle + uneven, angle - uneven),
        bend=float(rng.normal() * 0.1 + 0.03),
        box=float(rng.uniform(0.2, 1.0) if laid else rng.uniform(0, 0.5)),
        widen=float(rng.uniform(0.97, 1.22)),
        taper=float(0.03 + rng.normal() * 0.1),
        shear=float(rng.normal() * 0.02),
        turn=float(rng.normal() * 0.025),
        waves=np.concatenate(
            [
                rng.uniform(0, 0.011, (4, 1)),
                rng.uniform(3, 11, (4, 2)) * rng.choice([-1, 1], (4, 2)),
                rng.uniform(0, 6.3, (4, 1)),
            ],
            axis=1,
        ),
        laid=laid,
        depth=float(rng.uniform(0.04, 0.2) if laid else rng.uniform(0.7, 1.0)),
    )


def _box(points: np.ndarray, trunk: np.ndarray, strength: float, middle: float) -> np.ndarray:
    """Factors (V,) on x that straighten the sides: laid out, cloth need not go around hips.

    Args:
        trunk: bool (V,), vertices of cloth that are not on the sleeves; middle: height of the waist.
    """
    x, z = np.abs(points[trunk, 0]), points[trunk, 2]
    levels = np.arange(z.min(), middle + 0.25, 0.02)
    cells = np.digitize(z, levels)
    widths = np.array([x[cells == cell].max(initial=0.0) for cell in range(1, len(levels))])
    known = widths > 0
    middles = (levels[:-1] + levels[1:]) / 2
    widths = np.interp(middles, middles[known], widths[known])
    widths = np.convolve(np.pad(widths, 3, mode="edge"), np.ones(7) / 7, "valid")
    factors = 1 + strength * (widths[-1] / widths - 1)
    return np.interp(points[:, 2], middles, factors)


def lay(points: np.ndarray, trunk: np.ndarray, look: FlatLook, middle: float) -> np.ndarray:
    """Warp posed vertices (V, 3): boxier, wider, sheared, gently bent, flattened towards the picture plane."""
    x, z = points[:, 0] * _box(points, trunk, look.box, middle), points[:, 2] - middle
    x = x * look.widen * (1 + look.taper * z)
    x, z = x + z * (look.turn + look.shear), z - x * look.turn
    moved_x, moved_z = x.copy(), z.copy()
    for index, (size, along_x, along_z, phase) in enumerate(look.waves):
        wave = size * np.sin(along_x * x + along_z * z + phase)
        if index < 2:
            moved_x += wave
        else:
            moved_z += wave
    return np.stack([moved_x, points[:, 1] * look.depth, moved_z + middle], 1).astype(np.float32)


@dataclass(frozen=True)
class FlatView:
    """A flat garment drawn: screen float32 (V, 3) x, y in pixels and depth in metres; facing (V,), below 0 towards us;
    depth (H, W), mask bool (H, W), and over the mask's pixels chart (N, 8) and normals (N, 3);
    tolerance of depth tests in metres."""

    screen: np.ndarray
    facing: np.ndarray
    depth: np.ndarray
    mask: np.ndarray
    chart: np.ndarray
    normals: np.ndarray
    tolerance: float


def draw_flat(
    bodies: BodySet,
    body: int,
    sewn: SewnTop,
    pose: Pose,
    look: FlatLook,
    rng: np.random.Generator,
    size: tuple[int, int],
) -> FlatView:
    """Lay out and rasterise a top so that it fills 75 % to 95 % of the picture's height or width."""
    height, width = size
    folds = random_folds(rng, sewn.top.cut.loose * (0.5 if look.laid else 0.8))
    trunk = (sewn.chart[:, 3] < 0.2) & (sewn.cover_flat > 0)
    points = lay(pose_top(bodies, body, sewn, pose, folds), trunk, look, sewn.top.measures.waist)
    seen = points[sewn.cover_flat > 0]
    low, high = seen.min(0), seen.max(0)
    fill = rng.uniform(0.78, 0.96)
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
    return FlatView(screen, normals[:, 1], depth, drawn >= 0, inside[:, 3:], inside[:, :3], tolerance)


def flat_background(size: tuple[int, int], mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """White or off-white, sometimes with a soft shadow: float32 (H, W, 3)."""
    height, width = size
    tone = float(rng.choice([1.0, 0.965, 0.93, 0.86], p=[0.5, 0.27, 0.15, 0.08]))
    ground = np.full((height, width, 3), tone, np.float32) * (1 - rng.uniform(0, 0.03, 3) * (tone < 0.95)).astype(
        np.float32
    )
    if rng.random() < 0.45:
        shadow = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), float(rng.uniform(2, 10)))
        moved = np.roll(shadow, (int(rng.integers(0, 7)), int(rng.integers(-5, 6))), (0, 1))
        ground *= (1 - rng.uniform(0.05, 0.35) * moved)[..., None]
    return ground
