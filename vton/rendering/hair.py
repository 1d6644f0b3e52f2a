"""Hair: a cap on the skull, a curtain of strands that falls behind or before the shoulders, and a knot."""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.rendering.bodies import BodySet, eye_coordinates, shape_of
from vton.rendering.rasteriser import vertex_normals
from vton.rendering.skeleton import Pose
from vton.rendering.textures import noise_bank, sample

STYLES = {"short": 0.09, "long": 0.47, "bob": 0.18, "tied": 0.2, "bald": 0.01, "afro": 0.05}
STYLES_OF_THE_BROAD = {"short": 0.68, "bald": 0.12, "tied": 0.06, "afro": 0.07, "long": 0.04, "bob": 0.03}
HATS = {"": 0.88, "cap": 0.05, "beanie": 0.04, "brim": 0.03}
_ROWS, _COLUMNS = 34, 48


@dataclass(frozen=True)
class Mesh:
    """points float32 (V, 3), triangles int32 (T, 3), cover float32 (V,), strands float32 (V, 2): where it reads noise;
    bias: metres by which it is drawn nearer."""

    points: np.ndarray
    triangles: np.ndarray
    cover: np.ndarray
    strands: np.ndarray
    bias: np.ndarray | float = 0.006


def grid_triangles(rows: int, columns: int) -> np.ndarray:
    """Triangles int32 (T, 3) of a grid of rows × columns vertices."""
    row, column = np.mgrid[0 : rows - 1, 0 : columns - 1]
    a = row * columns + column
    b, c, d = a + 1, a + columns, a + columns + 1
    return np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)]).astype(
        np.int32
    )


def random_hat(rng: np.random.Generator) -> str:
    """A kind of hat, or "" for none."""
    return str(rng.choice(list(HATS), p=list(HATS.values())))


def make_hair(
    bodies: BodySet,
    body: int,
    pose: Pose,
    posed_body: np.ndarray,
    broad: bool,
    hat: str,
    rng: np.random.Generator,
) -> list[Mesh]:
    """Hair of a random style on a posed head.

    Args:
        posed_body: float32 (N, 3), points of chest and clothes before which strands must stay.
        broad: whether the shoulders are (see `measures.Measures`).
        hat: a kind of hat, under which hair lies flat, or "".
    """
    styles = STYLES_OF_THE_BROAD if broad else STYLES
    style = str(rng.choice(list(styles), p=list(styles.values())))
    if style == "bald":
        return []
    thickness = {
        "short": rng.uniform(0.006, 0.03),
        "long": rng.uniform(0.008, 0.025),
        "bob": rng.uniform(0.01, 0.03),
        "tied": rng.uniform(0.004, 0.012),
        "afro": rng.uniform(0.03, 0.09),
    }[style] * (0.4 if hat else 1.0)
    meshes = [_cap(bodies, body, pose, style, float(thickness), rng)]
    length = {"long": rng.uniform(0.12, 0.5), "bob": rng.uniform(0.0, 0.1)}.get(style, 0.0)
    if length:
        meshes.append(_curtain(bodies, body, pose, posed_body, float(thickness), float(length), rng))
    if style == "tied" and rng.random() < 0.65 and not hat:
        meshes.append(_knot(bodies, body, pose, rng))
    return meshes


def move(points: np.ndarray, transform: np.ndarray) -> np.ndarray:
    """Points (N, 3) through a transform (3, 4)."""
    return points @ transform[:, :3].T + transform[:, 3]


def _cap(bodies: BodySet, body: int, pose: Pose, style: str, thickness: float, rng: np.random.Generator) -> Mesh:
    head, unit = eye_coordinates(bodies, body)
    x, y, z = np.abs(head[:, 0]), head[:, 1], head[:, 2]
    fringe = rng.uniform(0.015, 0.05) if style in ("long", "bob", "tied", "short") and rng.random() < 0.3 else 0.0
    above_forehead = (
        z - max(rng.uniform(0.045, 0.085) - fringe, 0.043) - rng.uniform(-0.5, 0.25) * x + 0.15 * (y - y.min())
    )
    nape = np.interp(y, [0.06, 0.1, 0.125], [rng.uniform(-0.03, 0.01), 0.015, rng.uniform(-0.1, -0.06)])
    cover = np.maximum(above_forehead, np.minimum(y - rng.uniform(0.055, 0.085), z - nape))
    on_head = (bodies.weights["head"] > 0.3) | (bodies.weights["neck"] > 0.3)
    rest = bodies.rest[body]
    rounded = shape_of(body).rounded
    thick = thickness * (1 + 0.5 * np.clip(z / 0.1, 0, 1)) * np.clip(cover / 0.02, 0.15, 1)
    if style in ("short", "afro"):
        field = noise_bank()["even"][rng.integers(4)]
        thick = thick + 0.004 * rng.uniform(0, 1.5) * sample(field, head[:, 0] * 3 + 5 + y * 2, z * 3 + 5)
    shell = rounded * 0.7 + rest * 0.3 + vertex_normals(rounded, bodies.triangles) * (thick * unit + 0.003)[:, None]
    strands = np.stack([np.arctan2(head[:, 0], 0.08 - y) * 0.4 + 8, z * 0.6 + 8], 1)
    cover = np.where(on_head, cover, -1).astype(np.float32)
    kept = np.flatnonzero(on_head)
    renumber = np.full(len(rest), -1, np.int32)
    renumber[kept] = np.arange(len(kept))
    triangles = renumber[bodies.triangles]
    points = move(shell[kept], pose.transforms[bodies.bones["head"]])
    return Mesh(
        points.astype(np.float32), triangles[(triangles >= 0).all(1)], cover[kept], strands[kept].astype(np.float32)
    )


def _curtain(
    bodies: BodySet,
    body: int,
    pose: Pose,
    posed_body: np.ndarray,
    thickness: float,
    length: float,
    rng: np.random.Generator,
) -> Mesh:
    eyes = (bodies.head(body, "eye.L") + bodies.head(body, "eye.R")) / 2
    unit = eye_coordinates(bodies, body)[1]
    down = np.linspace(0, 1, _ROWS)[:, None]
    top, end = 0.115 + thickness, -0.115 - length
    height = top + (end - top) * down
    roundness = np.sqrt(np.clip(1 - np.clip(height / (0.115 + thickness), 0, 1) ** 2.4, 0, 1))
    below = np.clip((-0.08 - height) / 0.1, 0, 3)
    radius_x = (0.082 + 0.9 * thickness) * roundness + rng.uniform(-0.01, 0.022) * below
    radius_y = (0.105 + thickness) * roundness * (1 - 0.12 * np.clip(below, 0, 1))
    side = np.linspace(-1, 1, _COLUMNS)[None]
    opening = [_opening(height[:, 0], rng) for _ in range(2)]
    angle = np.pi + side * (np.pi - np.where(side < 0, opening[0], opening[1]))
    wave = rng.uniform(0, 0.008) * np.sin(down * rng.uniform(5, 30) + angle * 3) * np.clip(2 * down, 0, 1)
    if rng.random() < 0.3:
        curls = noise_bank()["even"][rng.integers(4)]
        curls = sample(curls, *np.broadcast_arrays(angle * 0.35 + 3, down * rng.uniform(0.8, 1.4) + 3))
        wave = wave + rng.uniform(0.004, 0.014) * curls * np.clip(2 * down, 0, 1) + 0.01 * np.clip(2 * down, 0, 1)
    x, y = np.sin(angle) * (radius_x + wave), 0.085 - np.cos(angle) * (radius_y + wave)
    local = np.stack(np.broadcast_arrays(x, y, height), -1).reshape(-1, 3) * unit
    head, chest = (pose.transforms[bodies.bones[bone]] for bone in ("head", "spine01"))
    follow = np.clip((local[:, 2] / unit + 0.16) / 0.08, 0, 1)[:, None]
    drift = 0.6 * (move(eyes[None], head) - move(eyes[None], chest))
    points = move(local + eyes, head) * follow + (move(local + eyes, chest) + drift) * (1 - follow)
    before = (np.abs(angle - np.pi) > 1.25).reshape(-1) & (local[:, 2] < -0.1 * unit)
    points[:, 1] = np.where(before, np.minimum(points[:, 1], front_of(posed_body, points) - 0.035), points[:, 1])
    ragged = 1 - 0.2 * np.abs(
        sample(noise_bank()["strands"][rng.integers(4)], np.linspace(0, 0.9, _COLUMNS), np.zeros(_COLUMNS))
    )
    cover = (ragged[None] - down).reshape(-1)
    strands = np.stack(np.broadcast_arrays(side * 0.8 + 8, height * 0.15 + 8), -1).reshape(-1, 2)
    bias = (0.006 + 0.03 * np.clip((-0.12 - local[:, 2] / unit) / 0.05, 0, 1)).astype(np.float32)
    triangles = grid_triangles(_ROWS, _COLUMNS)
    return Mesh(points.astype(np.float32), triangles, cover.astype(np.float32), strands.astype(np.float32), bias)


def _opening(height: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Angle from the front at which one side's hair begins, by height: about the face, and below the shoulder."""
    face = rng.uniform(0.85, 1.45)
    low = rng.uniform(0.45, 1.2) if rng.random() < 0.6 else rng.uniform(1.6, 2.1)
    return np.interp(height, [-0.2, -0.11, -0.03, 0.05, 0.075, 0.12], [low, low, face, face * 0.9, 0.25, 0.05])[:, None]


def front_of(body: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Smallest y of a point cloud near the x and z of each point, from a grid of 2 cm."""
    low = body[:, [0, 2]].min(0)
    cells = ((body[:, [0, 2]] - low) / 0.02).astype(int)
    grid = np.full(cells.max(0) + 2, 9.0, np.float32)
    np.minimum.at(grid, (cells[:, 0], cells[:, 1]), body[:, 1])
    grid = cv2.erode(grid, np.ones((3, 3), np.uint8))
    wanted = ((points[:, [0, 2]] - low) / 0.02).astype(int)
    return grid[np.clip(wanted[:, 0], 0, grid.shape[0] - 1), np.clip(wanted[:, 1], 0, grid.shape[1] - 1)]


def _knot(bodies: BodySet, body: int, pose: Pose, rng: np.random.Generator) -> Mesh:
    eyes = (bodies.head(body, "eye.L") + bodies.head(body, "eye.R")) / 2
    unit = eye_coordinates(bodies, body)[1]
    polar, azimuth = np.linspace(0, np.pi, 9)[:, None], np.linspace(0, 2 * np.pi, 13)[None]
    ball = np.stack(
        np.broadcast_arrays(np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)), -1
    ).reshape(-1, 3)
    low = np.array([0, 0.15 + rng.uniform(-0.07, 0.05), rng.uniform(-0.02, 0.1)])
    centre = eyes + (low if rng.random() < 0.5 else np.array([0, 0.09, 0.165])) * unit
    points = move(ball * rng.uniform(0.03, 0.06) * unit + centre, pose.transforms[bodies.bones["head"]])
    strands = ball[:, [0, 2]] * [0.15, 0.03] + 8
    return Mesh(
        points.astype(np.float32), grid_triangles(9, 13), np.ones(len(ball), np.float32), strands.astype(np.float32)
    )
