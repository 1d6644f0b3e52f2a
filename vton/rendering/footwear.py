"""Shoes and socks."""

from dataclasses import dataclass, replace

import numpy as np

from vton.rendering.bodies import BodySet, shape_of
from vton.rendering.measures import Measures
from vton.rendering.shells import push_out
from vton.rendering.skeleton import Pose, rotation
from vton.rendering.textures import cloth_colour

KINDS = {"trainers": 0.42, "boots": 0.17, "flats": 0.13, "heels": 0.12, "sandals": 0.11, "none": 0.05}
SOCK_SHARE = 0.35
_HEEL_SIDES = 8


@dataclass(frozen=True)
class Footwear:
    """Shoes, and socks under them, over all of the body's vertices in the rest pose.

    kind: one of KINDS; shell, sock_shell: float32 (V, 3); cover, sock_cover: float32 (V,), positive where worn; lift:
    radians by which the heel is raised; ground, toe, heel: where the sole lies, z and y in metres; colour, sole, trim,
    sock: float32 (3,).
    """

    kind: str
    shell: np.ndarray
    cover: np.ndarray
    sock_shell: np.ndarray
    sock_cover: np.ndarray | None
    lift: float
    ground: float
    toe: float
    heel: float
    ankle: float
    colour: np.ndarray
    sole: np.ndarray
    trim: np.ndarray
    sock: np.ndarray


def make_footwear(bodies: BodySet, body: int, measures: Measures, rng: np.random.Generator) -> Footwear:
    """Draw trainers, boots, flats, heels, sandals or bare feet, and perhaps socks."""
    kind = str(rng.choice(list(KINDS), p=np.array(list(KINDS.values())) / sum(KINDS.values())))
    rest, weights = bodies.rest[body], bodies.weights
    feet = weights["foot"] > 0.3
    ground = float(rest[feet, 2].min())
    toe, heel = (float(value) for value in np.percentile(rest[feet, 1], [0.5, 99.5]))
    level = rest[:, 2] - ground
    place = np.clip((rest[:, 1] - toe) / (heel - toe), 0, 1)
    thick = {"trainers": 0.015, "boots": 0.014, "flats": 0.007, "heels": 0.005, "sandals": 0.006, "none": 0.004}[kind]
    ease = np.full(len(rest), thick) + (0.007 * (level < 0.03) if kind in ("trainers", "boots") else 0)
    ease = ease + (rng.uniform(0, 0.02) * np.clip((level - 0.08) / 0.1, 0, 1) if kind == "boots" else 0)
    rounded = shape_of(body).round_feet
    strength = 0.25 if kind == "sandals" else 0.75
    base = np.where(feet[:, None], strength * rounded + (1 - strength) * rest, rest).astype(np.float32)
    cover = np.where(weights["leg"] > 0.5, _cover(kind, level, place, measures.ankle - ground, rng), -1)
    socks = kind in ("trainers", "flats", "boots") and rng.random() < SOCK_SHARE
    high = measures.ankle - ground + float(rng.choice([rng.uniform(0.01, 0.1), rng.uniform(0.1, 0.34)], p=[0.6, 0.4]))
    colour = _shoe_colour(kind, rng)
    return Footwear(
        kind=kind,
        shell=push_out(bodies, body, base, ease.astype(np.float32), 0.004),
        cover=cover.astype(np.float32),
        sock_shell=push_out(bodies, body, base, np.full(len(rest), 0.004, np.float32), 0.003),
        sock_cover=np.where(weights["leg"] > 0.5, high - level, -1).astype(np.float32) if socks else None,
        lift=float(rng.uniform(0.3, 0.62)) if kind == "heels" else float(rng.choice([0.0, 0.3]) * (kind == "boots")),
        ground=ground,
        toe=toe,
        heel=heel,
        ankle=measures.ankle,
        colour=colour,
        sole=np.full(3, rng.uniform(0.85, 0.97)) if kind == "trainers" and rng.random() < 0.75 else colour * 0.6,
        trim=cloth_colour(rng) if rng.random() < 0.5 else np.full(3, rng.uniform(0.6, 0.95)),
        sock=np.full(3, rng.choice([0.93, 0.08, 0.5])) if rng.random() < 0.8 else cloth_colour(rng),
    )


def _shoe_colour(kind: str, rng: np.random.Generator) -> np.ndarray:
    tone = rng.choice(["white", "black", "leather", "any"], p=[0.42, 0.26, 0.1, 0.22] if kind == "trainers"
                      else [0.14, 0.42, 0.24, 0.2])  # fmt: skip
    if tone == "white":
        return np.full(3, rng.uniform(0.84, 0.96))
    if tone == "black":
        return np.full(3, rng.uniform(0.04, 0.1))
    if tone == "leather":
        return np.array([0.5, 0.3, 0.17]) * rng.uniform(0.5, 1.5)
    return np.asarray(cloth_colour(rng))


def _cover(kind: str, level: np.ndarray, place: np.ndarray, ankle: float, rng: np.random.Generator) -> np.ndarray:
    """Positive where shoes of a kind cover, by height above the ground and place from toe (0) to heel (1)."""
    if kind == "none":
        return np.full(len(level), -1.0)
    if kind == "trainers":
        return ankle + float(rng.choice([-0.005, 0.015, 0.07], p=[0.4, 0.4, 0.2])) - level
    if kind == "boots":
        return ankle + float(rng.choice([0.06, 0.13, 0.3], p=[0.5, 0.3, 0.2])) + rng.uniform(-0.02, 0.04) - level
    if kind == "sandals":
        first, width = rng.uniform(0.2, 0.3), rng.uniform(0.03, 0.14)
        straps = [0.012 - level, 0.3 * (width - np.abs(place - first))]
        if rng.random() < 0.7:
            straps.append(rng.uniform(0.006, 0.012) - np.abs(level - ankle - 0.005))
            straps.append(0.25 * (0.035 - np.abs(place - 0.5)))
        return np.minimum(np.max(straps, axis=0), ankle + 0.015 - level)
    vamp = rng.uniform(0.22, 0.34) if kind == "heels" or rng.random() < 0.5 else rng.uniform(0.4, 0.55)
    edge = np.interp(place, [0, vamp, vamp + 0.1, 0.75, 1], [0.2, 0.12, 0.028, 0.032, 0.062])
    return edge - level


def paint_shoes(shoes: Footwear, rest: np.ndarray) -> np.ndarray:
    """Colours (N, 3) of shoes at rest positions (N, 3)."""
    level, place = rest[:, 2] - shoes.ground, (rest[:, 1] - shoes.toe) / (shoes.heel - shoes.toe)
    colours = np.broadcast_to(shoes.colour, (len(rest), 3)).astype(np.float32)
    if shoes.kind in ("trainers", "boots"):
        colours[level < 0.024] = shoes.sole
        colours[np.abs(level - 0.025) < 0.0025] *= 0.7
    else:
        colours[level < 0.006] *= 0.55
    if shoes.kind == "trainers":
        tongue = (place > 0.24) & (place < 0.56) & (level > 0.058)
        colours[tongue & (np.sin(place * 110) > 0)] = shoes.trim
        colours[(np.abs(place - 0.62 - 2.0 * (level - 0.05)) < 0.035) & (level > 0.03) & (level < 0.085)] = shoes.trim
    return np.clip(colours, 0, 1)


def raise_heels(bodies: BodySet, body: int, pose: Pose, lift: float) -> Pose:
    """The pose with both feet turned down by `lift` radians, the toes flat again."""
    transforms = pose.transforms.astype(np.float64)
    for side in "LR":
        turned = [
            i for name, i in bodies.bones.items() if name.startswith(("foot", "toe")) and name.endswith(f".{side}")
        ]
        toes = [i for i in turned if bodies.bones[f"foot.{side}"] != i]
        for moved, joint, angle in (
            (turned, f"foot.{side}", lift),
            (toes, f"toe3-1.{side}" if f"toe3-1.{side}" in bodies.bones else f"foot.{side}", -0.9 * lift),
        ):
            bone = bodies.bones[joint]
            centre = transforms[bone] @ np.append(bodies.heads[body, bone], 1)
            turn = rotation(pose.root[:3, 0], angle)
            for index in moved:
                transforms[index, :, :3] = turn @ transforms[index, :, :3]
                transforms[index, :, 3] = turn @ (transforms[index, :, 3] - centre) + centre
    return replace(pose, transforms=np.ascontiguousarray(transforms, np.float32))


def heel_posts(posed: np.ndarray, bodies: BodySet, width: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The heels under raised feet: points (V, 3), triangles (T, 3), and bool (T,), whether they are the left shoe's."""
    angle = np.arange(_HEEL_SIDES) / _HEEL_SIDES * 2 * np.pi
    ring = np.stack([np.cos(angle), np.sin(angle), np.zeros(_HEEL_SIDES)], 1)
    points, triangles = [], []
    for side in "LR":
        foot = posed[bodies.weights[f"foot.{side}"] > 0.9]
        back = foot[foot[:, 1] > foot[:, 1].max() - 0.05]
        top, ground = back.mean(0), foot[:, 2].min() - 0.004
        top[2] = back[:, 2].min() + 0.015
        low = np.array([top[0], top[1] + 0.004, ground])
        start = sum(len(p) for p in points)
        points += [top + ring * 0.024, low + ring * width]
        here = np.arange(_HEEL_SIDES)
        after = (here + 1) % _HEEL_SIDES
        triangles += [
            np.stack([here, here + _HEEL_SIDES, after], 1) + start,
            np.stack([after, here + _HEEL_SIDES, after + _HEEL_SIDES], 1) + start,
        ]
    left = np.repeat([True, False], 2 * _HEEL_SIDES)
    return np.concatenate(points).astype(np.float32), np.concatenate(triangles).astype(np.int32), left
