"""What people wear or hold over their clothes: hats, glasses, scarfs, bags and their straps, phones, necklaces."""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.labels import Parse
from vton.rendering.bodies import BodySet, eye_coordinates, shape_of
from vton.rendering.hair import front_of, grid_triangles, move
from vton.rendering.measures import Measures
from vton.rendering.rasteriser import vertex_normals
from vton.rendering.shells import in_root_frame, out_of_root_frame
from vton.rendering.skeleton import Pose
from vton.rendering.textures import cloth_colour, random_cloth

OBJECT = 255
"""Label of bags, straps and phones while a picture is composed; they belong to no parse class."""
SHARES = {"glasses": 0.13, "scarf": 0.05, "bag": 0.17, "handbag": 0.06, "necklace": 0.13}
PHONE_SHARE = 0.4
"""Of the people who hold a hand before the body."""
_RING = 40
_FACE_FRONT = -0.03
"""y of the forehead in the head's coordinates."""


@dataclass(frozen=True)
class Piece:
    """points, colours float32 (V, 3), triangles int32 (T, 3), cover float32 (V,); label: of the parse, OBJECT, or None
    for what leaves the label as it is; bias: metres by which it is drawn nearer."""

    points: np.ndarray
    triangles: np.ndarray
    cover: np.ndarray
    colours: np.ndarray
    label: int | None
    gloss: float = 0.05
    bias: float = 0.045


@dataclass(frozen=True)
class _Figure:
    """The posed body as accessories see it: torso (N, 3) in the root's frame."""

    bodies: BodySet
    body: int
    pose: Pose
    posed: np.ndarray
    measures: Measures
    torso: np.ndarray

    def place(self, points: np.ndarray) -> np.ndarray:
        return out_of_root_frame(points, self.pose)


def make_accessories(
    bodies: BodySet, body: int, pose: Pose, posed: np.ndarray, measures: Measures, hat: str, rng: np.random.Generator
) -> list[Piece]:
    """Draw a person's accessories.

    Args:
        posed: float32 (V, 3), the posed body.
        hat: "cap", "beanie", "brim" or "" for none (see `hair.random_hat`).
    """
    weights = bodies.weights
    torso = in_root_frame(posed[(weights["arm"] < 0.3) & (weights["head"] < 0.2) & (weights["leg"] < 0.6)], pose)
    figure = _Figure(bodies, body, pose, posed, measures, torso)
    chosen = {name: rng.random() < share for name, share in SHARES.items()}
    pieces = _hat(figure, hat, rng) if hat else []
    pieces += _glasses(figure, rng) if chosen["glasses"] else []
    pieces += _scarf(figure, rng) if chosen["scarf"] else []
    pieces += _necklace(figure, rng) if chosen["necklace"] and not chosen["scarf"] else []
    pieces += _bag(figure, rng) if chosen["bag"] else []
    pieces += _stool(figure, rng) if pose.seated else []
    hands = {side: posed[weights[f"hand.{side}"] > 0.8].mean(0) for side in "LR"}
    waist = float(figure.place(np.array([[0, 0, measures.hip]]))[0, 2])
    for side, hand in hands.items():
        if hand[2] > waist + 0.05 and hand[1] < -0.12 and rng.random() < PHONE_SHARE:
            pieces.append(_phone(posed[weights[f"hand.{side}"] > 0.8], rng))
            break
        if chosen["handbag"] and hand[2] < waist + 0.02:
            pieces += _handbag(hand, rng)
            break
    return pieces


def _flat(count: int, colour: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.asarray(colour, np.float32), (count, 3)).copy()


def _piece(points: np.ndarray, triangles: np.ndarray, colours: np.ndarray, label: int | None, **more) -> Piece:
    return Piece(
        points.astype(np.float32),
        triangles,
        np.ones(len(points), np.float32),
        colours.astype(np.float32),
        label,
        **more,
    )


def _hat(figure: _Figure, kind: str, rng: np.random.Generator) -> list[Piece]:
    bodies, body = figure.bodies, figure.body
    head, unit = eye_coordinates(bodies, body)
    y, z = head[:, 1], head[:, 2]
    low, tilt = {"cap": (0.05, 0.1), "beanie": (0.045, 0.45), "brim": (0.055, 0.2)}[kind]
    cover = z - (low + rng.uniform(-0.01, 0.012)) + tilt * (y - _FACE_FRONT)
    cover = np.where(bodies.weights["head"] > 0.3, cover, -1).astype(np.float32)
    thick = rng.uniform(0.02, 0.032) + (0.03 * np.clip((z - 0.09) / 0.05, 0, 1) if kind != "cap" else 0)
    rounded = shape_of(body).rounded
    shell = rounded + vertex_normals(rounded, bodies.triangles) * (np.broadcast_to(thick, z.shape) * unit)[:, None]
    cloth = random_cloth(rng, cloth_colour(rng), 0.85)
    colours = cloth.at(head[:, 0] + y, z)
    if kind == "beanie":
        colours = colours * (0.85 + 0.15 * (np.sin(np.arctan2(head[:, 0], y - 0.08) * 60) > 0))[:, None]
    transform = figure.pose.transforms[bodies.bones["head"]]
    kept = np.flatnonzero(cover > -0.05)
    number = np.full(len(z), -1, np.int32)
    number[kept] = np.arange(len(kept))
    triangles = number[bodies.triangles]
    triangles = triangles[(triangles >= 0).all(1)]
    pieces = [
        Piece(
            move(shell[kept], transform).astype(np.float32),
            triangles,
            cover[kept],
            colours[kept].astype(np.float32),
            int(Parse.HAT),
            bias=0.02,
        )
    ]
    if kind != "beanie":
        pieces.append(_brim(figure, kind, low, tilt, cloth.colour, rng))
    return pieces


def _brim(figure: _Figure, kind: str, low: float, tilt: float, colour: np.ndarray, rng: np.random.Generator) -> Piece:
    reach = 1.25 if kind == "cap" else np.pi
    angle = np.linspace(-reach, reach, _RING)[None]
    out = np.linspace(0, 1, 5)[:, None]
    width = rng.uniform(0.06, 0.075) if kind == "cap" else rng.uniform(0.04, 0.085)
    fade = np.sqrt(np.clip(np.cos(angle / reach * np.pi / 2), 0, 1)) if kind == "cap" else 1.0
    radius = np.array([0.085, 0.115])[:, None, None] + width * out * fade
    x, y = np.sin(angle) * radius[0], 0.08 - np.cos(angle) * radius[1]
    unit = eye_coordinates(figure.bodies, figure.body)[1]
    z = low + 0.012 - tilt * (y - _FACE_FRONT) - rng.uniform(0.01, 0.035) * out
    z = z - 0.25 * np.abs(x) * (kind == "cap")
    eyes = (figure.bodies.head(figure.body, "eye.L") + figure.bodies.head(figure.body, "eye.R")) / 2
    local = np.stack(np.broadcast_arrays(x, y, z), -1).reshape(-1, 3) * unit + eyes
    points = move(local, figure.pose.transforms[figure.bodies.bones["head"]])
    colours = _flat(len(points), colour * rng.uniform(0.75, 1.0))
    return _piece(points, grid_triangles(5, _RING), colours, int(Parse.HAT), bias=0.022)


def _glasses(figure: _Figure, rng: np.random.Generator) -> list[Piece]:
    """Sunglasses, or a frame alone."""
    x, z = np.meshgrid(np.linspace(-0.078, 0.078, 53), np.linspace(-0.032, 0.024, 20))
    wide, high = rng.uniform(0.022, 0.029), rng.uniform(0.015, 0.024)
    power = rng.choice([2.0, 3.5])
    away = np.maximum(np.abs((np.abs(x) - 0.033) / wide), 1e-6) ** power + np.abs((z + 0.002) / high) ** power
    lens = 1 - away ** (1 / power)
    bridge = np.minimum((0.012 - np.abs(x)) / 0.02, (0.0025 - np.abs(z - 0.004)) / 0.02)
    arms = np.minimum((np.abs(x) - 0.05) / 0.02, (0.0025 - np.abs(z - 0.005)) / 0.02)
    dark = rng.random() < 0.55
    frame = rng.uniform(0.06, 0.14)
    cover = np.max([lens if dark else np.minimum(lens, frame - lens), bridge, arms], axis=0)
    y = -0.034 + 6 * np.maximum(np.abs(x) - 0.03, 0) ** 2 * 4
    unit = eye_coordinates(figure.bodies, figure.body)[1]
    eyes = (figure.bodies.head(figure.body, "eye.L") + figure.bodies.head(figure.body, "eye.R")) / 2
    points = move(
        np.stack([x, y, z], -1).reshape(-1, 3) * unit + eyes, figure.pose.transforms[figure.bodies.bones["head"]]
    )
    tone = rng.uniform(0.02, 0.15) if rng.random() < 0.8 else rng.uniform(0.3, 0.7)
    return [
        Piece(
            points.astype(np.float32),
            grid_triangles(*x.shape),
            cover.reshape(-1).astype(np.float32),
            _flat(x.size, np.array([1, rng.uniform(0.7, 1), rng.uniform(0.5, 1)]) * tone),
            int(Parse.SUNGLASSES),
            gloss=0.35,
            bias=0.012,
        )
    ]


def _scarf(figure: _Figure, rng: np.random.Generator) -> list[Piece]:
    """A roll of cloth about the neck and perhaps two ends on the chest."""
    scale, neck = figure.measures.scale, figure.measures.neck
    around = np.linspace(0, 2 * np.pi, _RING)[None]
    down = np.linspace(0, np.pi, 9)[:, None]
    lumps = 1 + 0.12 * np.sin(3 * around + rng.uniform(0, 6)) + 0.1 * np.sin(7 * around + 4 * down)
    thick, fall = rng.uniform(0.025, 0.045), rng.uniform(0.03, 0.07)
    radius = (0.058 + thick * np.sin(down) * lumps) * scale
    front = (1 + np.cos(around)) / 2
    z = neck[2] + (0.055 - 0.07 * front + fall * np.cos(down)) * scale
    ring = np.stack(
        np.broadcast_arrays(radius * np.sin(around), neck[1] + 0.015 - radius * 1.15 * np.cos(around), z), -1
    ).reshape(-1, 3)
    placed = sum(move(ring, figure.pose.transforms[figure.bodies.bones[bone]]) for bone in ("neck01", "spine01")) / 2
    cloth = random_cloth(rng, cloth_colour(rng), 0.5)
    u, v = np.broadcast_arrays(around * 0.08, down * 0.05)
    pieces = [_piece(placed, grid_triangles(9, _RING), cloth.at(u.ravel(), v.ravel()), int(Parse.SCARF), bias=0.05)]
    if rng.random() < 0.6:
        for side in (-1, 1):
            end = neck[2] - rng.uniform(0.15, 0.5) * scale
            path = np.array([[side * 0.05, neck[2] - 0.02], [side * rng.uniform(0.02, 0.09), end]])
            pieces.append(_ribbon(figure, path, rng.uniform(0.035, 0.06), cloth.colour, int(Parse.SCARF), rng))
    return pieces


def _ribbon(
    figure: _Figure, path: np.ndarray, half: float, colour: np.ndarray, label: int | None, rng: np.random.Generator,
    bias: float = 0.05,
) -> Piece:  # fmt: skip
    """A band on the front of the body along corners (K, 2) of x and z in the root's frame."""
    steps = np.linspace(0, len(path) - 1, 28)
    line = np.stack([np.interp(steps, np.arange(len(path)), path[:, i]) for i in (0, 1)], 1)
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    sides = (
        line[:, None] + np.linspace(-half, half, 5)[None, :, None] * np.stack([-along[:, 1], along[:, 0]], 1)[:, None]
    )
    flat = np.stack([sides[..., 0], np.zeros(sides.shape[:2]), sides[..., 1]], -1).reshape(-1, 3)
    depth = front_of(figure.torso, flat).reshape(sides.shape[:2])
    depth = np.where(depth > 1, np.nan, depth)
    middle = np.nanmin(np.where(np.isnan(depth), 9, depth), 1)
    known = middle < 1
    middle = np.interp(steps, steps[known], middle[known]) if known.any() else np.zeros(len(steps))
    middle = cv2.blur(middle.astype(np.float32).reshape(-1, 1), (1, 5)).ravel() - 0.012
    flat[:, 1] = np.repeat(middle, 5)
    shade = np.tile([0.72, 1, 1.03, 1, 0.72], len(steps))[:, None] * np.asarray(colour)
    return _piece(figure.place(flat), grid_triangles(len(steps), 5), np.clip(shade, 0, 1), label, bias=bias)


def _bag(figure: _Figure, rng: np.random.Generator) -> list[Piece]:
    """A bag across the chest, on one shoulder, or a backpack's straps."""
    scale, neck = figure.measures.scale, figure.measures.neck
    kind = rng.choice(["across", "shoulder", "backpack"], p=[0.5, 0.25, 0.25])
    colour = np.array([0.5, 0.3, 0.17]) * rng.uniform(0.4, 1.6) if rng.random() < 0.35 else cloth_colour(rng)
    colour = np.clip(colour, 0.03, 0.97)
    side, top = rng.choice([-1, 1]), neck[2] - 0.015 * scale
    half = rng.uniform(0.006, 0.022)
    if kind == "backpack":
        half = rng.uniform(0.018, 0.032)
        corners = np.array([[0.1, 0], [0.105, -0.12], [0.13, -0.22], [0.165, -0.3]]) * scale
        paths = [corners * [s, 1] + [0, top] for s in (-1, 1)]
        return [_ribbon(figure, path, half, colour, OBJECT, rng) for path in paths]
    low = figure.measures.hip + rng.uniform(-0.05, 0.1)
    near = np.abs(figure.torso[:, 2] - low) < 0.04
    reach = float(np.abs(figure.torso[near, 0]).max(initial=0.14)) * 0.92
    start = side * rng.uniform(0.085, 0.125) * scale
    end = -side * reach if kind == "across" else side * reach
    strap = _ribbon(figure, np.array([[start, top], [end, low]]), half, colour, OBJECT, rng)
    pieces = [strap]
    if rng.random() < 0.75:
        depth = float(figure.torso[near, 1].min(initial=-0.1))
        spot = np.array([[end * 1.02, depth * rng.uniform(0.2, 0.9), low - 0.06]])
        size = (rng.uniform(0.07, 0.13), rng.uniform(0.05, 0.11))
        pieces.append(_cushion(figure.place(spot)[0], size, colour, rng))
    return pieces


def _cushion(centre: np.ndarray, size: tuple[float, float], colour: np.ndarray, rng: np.random.Generator) -> Piece:
    """A bag: a bulging rounded rectangle that faces the camera, with a flap."""
    u, v = np.meshgrid(np.linspace(-1, 1, 15), np.linspace(-1, 1, 15))
    power = rng.uniform(3, 8)
    cover = 1 - (np.abs(u) ** power + np.abs(v) ** power) ** (1 / power)
    tilt = rng.normal() * 0.1
    x, z = u * size[0] * (1 + 0.08 * v), v * size[1]
    points = np.stack([x - tilt * z, -0.05 * np.sqrt(np.clip(cover, 0, 1)), z + tilt * x], -1).reshape(-1, 3) + centre
    tone = np.where(np.abs(v + 0.1 + 0.2 * u**2) < 0.08, 0.7, 1.0) * (0.8 + 0.2 * np.clip(cover * 5, 0, 1))
    return Piece(
        points.astype(np.float32),
        grid_triangles(15, 15),
        cover.reshape(-1).astype(np.float32),
        (tone[..., None] * np.asarray(colour)).reshape(-1, 3).astype(np.float32),
        OBJECT,
        gloss=0.12,
    )


def _phone(hand: np.ndarray, rng: np.random.Generator) -> Piece:
    """A phone's back in a hand that is held before the body."""
    u, v = np.meshgrid(np.linspace(-1, 1, 17), np.linspace(-1, 1, 25))
    cover = 1 - (np.abs(u) ** 8 + np.abs(v) ** 12) ** (1 / 10)
    tilt = rng.normal() * 0.25 + (np.pi / 2) * (rng.random() < 0.15)
    x, z = u * 0.038, v * 0.077
    points = np.stack([x * np.cos(tilt) - z * np.sin(tilt), 0.0 * u, x * np.sin(tilt) + z * np.cos(tilt)], -1)
    centre = hand.mean(0) + np.array([0, -0.012, rng.uniform(0.02, 0.06)])
    colours = _flat(u.size, cloth_colour(rng) * rng.uniform(0.3, 1)).reshape(*u.shape, 3)
    lens = (u + 0.5) ** 2 + ((v - 0.72) * 2) ** 2 < 0.07
    colours[lens | ((u + 0.5) ** 2 + ((v - 0.42) * 2) ** 2 < 0.05)] = 0.04
    return Piece(
        (points.reshape(-1, 3) + centre).astype(np.float32),
        grid_triangles(*u.shape),
        cover.reshape(-1).astype(np.float32),
        colours.reshape(-1, 3),
        OBJECT,
        gloss=0.2,
        bias=0.0,
    )


def _handbag(hand: np.ndarray, rng: np.random.Generator) -> list[Piece]:
    size = (rng.uniform(0.1, 0.2), rng.uniform(0.08, 0.18))
    drop = rng.uniform(0.1, 0.2)
    colour = np.clip(cloth_colour(rng), 0.03, 0.97)
    centre = hand + np.array([0, -0.02, -drop - size[1]])
    pieces = [_cushion(centre, size, colour, rng)]
    for side in (-1, 1):
        along = np.linspace(0, 1, 10)[:, None]
        line = hand + along * (centre + np.array([side * size[0] * 0.6, 0, size[1] * 0.85]) - hand)
        band = line[:, None] + np.array([[-0.006, 0, 0], [0.006, 0, 0]])[None]
        points = band.reshape(-1, 3)
        pieces.append(_piece(points, grid_triangles(10, 2), _flat(20, colour * 0.8), OBJECT, bias=0.02))
    return pieces


def _necklace(figure: _Figure, rng: np.random.Generator) -> list[Piece]:
    """A thin chain that keeps the label of what it lies on."""
    scale, neck = figure.measures.scale, figure.measures.neck
    drop, wide = rng.uniform(0.06, 0.22) * scale, rng.uniform(0.05, 0.075) * scale
    across = np.linspace(-1, 1, 15)
    path = np.stack([across * wide, neck[2] - 0.01 - drop * (1 - np.abs(across) ** rng.uniform(1.2, 2.4))], 1)
    colour = [0.83, 0.68, 0.35] if rng.random() < 0.6 else np.full(3, rng.choice([0.8, 0.1, 0.95]))
    return [_ribbon(figure, path, rng.uniform(0.0015, 0.005), np.array(colour), None, rng, bias=0.034)]


def _stool(figure: _Figure, rng: np.random.Generator) -> list[Piece]:
    """What a seated person sits on: a box, or a seat on legs."""
    weights, posed = figure.bodies.weights, figure.posed
    thighs = posed[(weights["leg"] > 0.6) & (weights["shin.L"] + weights["shin.R"] < 0.02)]
    seat, ground = float(np.quantile(thighs[:, 2], 0.04)) - 0.012, float(posed[:, 2].min()) - 0.01
    middle, half = (thighs.min(0) + thighs.max(0)) / 2, rng.uniform(0.19, 0.26)
    back = float(thighs[:, 1].max())
    colour = np.array([0.55, 0.4, 0.27]) * rng.uniform(0.4, 1.5) if rng.random() < 0.5 else cloth_colour(rng)
    colour = np.clip(colour, 0.03, 0.97)
    low = ground if rng.random() < 0.5 else seat - rng.uniform(0.03, 0.08)
    boxes = [(middle[0] - half, middle[0] + half, back - 2 * half, back, low, seat)]
    if low > ground:
        for x in (-1, 1):
            for y in (back - 0.03, back - 2 * half + 0.03):
                place = middle[0] + x * (half - 0.03)
                boxes.append((place - 0.015, place + 0.015, y - 0.015, y + 0.015, ground, low))
    return [_box(box, colour) for box in boxes]


def _box(sides: tuple[float, float, float, float, float, float], colour: np.ndarray) -> Piece:
    """A box of least and greatest x, y and z, its corners not shared, so that its faces are lit as planes."""
    corner = np.array(sides).reshape(3, 2)
    points, triangles = [], []
    for axis in range(3):
        others = [other for other in range(3) if other != axis]
        for end in (0, 1):
            start = len(points)
            for first in (0, 1):
                for second in (0, 1):
                    point = np.empty(3)
                    point[axis] = corner[axis, end]
                    point[others] = corner[others[0], first], corner[others[1], second]
                    points.append(point)
            triangles += [[start, start + 1, start + 2], [start + 1, start + 3, start + 2]]
    points = np.array(points)
    return _piece(points, np.array(triangles, np.int32), _flat(len(points), colour), OBJECT, bias=0.0)
