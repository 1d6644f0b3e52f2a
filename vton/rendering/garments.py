"""Tops and dresses: their cut as fields over the body, their sheets of cloth, worn and laid flat."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vton.rendering.bodies import BODY_COUNT, BodySet, load_bodies, shape_of
from vton.rendering.shells import Patch, TubeShape, padded_body, patch, push_out

SLEEVES = {"long": 0.33, "short": 0.3, "none": 0.11, "elbow": 0.06, "threeq": 0.05, "cap": 0.05, "strap": 0.1}
NECKS = {"crew": 0.36, "v": 0.16, "scoop": 0.13, "square": 0.05, "turtle": 0.08, "boat": 0.06, "shirt": 0.16}
HEMS = {"crop": 0.15, "waist": 0.3, "hip": 0.43, "long": 0.12}
COLLAR_ROWS, COLLAR_COLUMNS = 5, 41


@dataclass(frozen=True)
class Measures:
    """Heights (metres, rest pose) and lengths that a cut refers to."""

    neck: np.ndarray
    hip: float
    waist: float
    crotch: float
    ankle: float
    knee: float
    scale: float
    upper_arm: float
    lower_arm: float


def measure(bodies: BodySet, body: int) -> Measures:
    """Take a body's measures."""
    at = lambda bone: bodies.head(body, bone)  # noqa: E731
    hip = float(at("upperleg01.L")[2])
    scale = float(at("neck01")[2] - hip) / 0.52
    return Measures(
        neck=at("neck01"),
        hip=hip,
        waist=hip + 0.14 * scale,
        crotch=hip - 0.075 * scale,
        ankle=float(at("foot.L")[2]),
        knee=float(at("lowerleg01.L")[2]),
        scale=scale,
        upper_arm=float(np.linalg.norm(at("lowerarm01.L") - at("upperarm01.L"))),
        lower_arm=float(np.linalg.norm(at("wrist.L") - at("lowerarm01.L"))),
    )


@dataclass(frozen=True)
class ArmChart:
    """Coordinates of the body's vertices along and around the arms.

    along: metres from the shoulder joint, falling to -0.3 off the arms; around: metres; share: weight of the arms.
    """

    along: np.ndarray
    around: np.ndarray
    share: np.ndarray


@lru_cache(maxsize=BODY_COUNT)
def arm_chart(body: int) -> ArmChart:
    """Chart both arms of one of `load_bodies()` in its rest pose."""
    bodies = load_bodies()
    vertices = bodies.rest[body]
    along = np.full(len(vertices), -0.3, np.float32)
    around = np.zeros(len(vertices), np.float32)
    for side in "LR":
        shoulder, elbow, wrist = (bodies.head(body, f"{bone}.{side}") for bone in ("upperarm01", "lowerarm01", "wrist"))
        upper, lower = np.linalg.norm(elbow - shoulder), np.linalg.norm(wrist - elbow)
        first, second = (elbow - shoulder) / upper, (wrist - elbow) / lower
        on_upper, on_lower = (vertices - shoulder) @ first, upper + (vertices - elbow) @ second
        beyond = np.clip((on_upper / upper - 0.85) / 0.3, 0, 1)
        distance = np.where(
            bodies.weights[f"forearm.{side}"] > 0.9, on_lower, on_upper * (1 - beyond) + on_lower * beyond
        )
        weight = bodies.weights[f"arm.{side}"]
        mine = weight > 0.04
        share = np.clip(weight / 0.2, 0, 1)
        along[mine] = (-0.3 * (1 - share) + distance * share)[mine]
        use_lower = bodies.weights[f"forearm.{side}"] > 0.5
        for axis, origin, chosen in ((first, shoulder, mine & ~use_lower), (second, elbow, mine & use_lower)):
            forward = np.array([0, -1.0, 0]) - axis * -axis[1]
            forward /= np.linalg.norm(forward)
            offset = vertices - origin
            angle = np.arctan2(offset @ np.cross(axis, forward), offset @ forward)
            around[chosen] = (angle * 0.055)[chosen]
    return ArmChart(along, around, bodies.weights["arm"])


@dataclass(frozen=True)
class Cut:
    """How a top is cut. Heights and lengths in metres of the wearer's rest pose."""

    sleeve: str
    sleeve_end: float
    neck: str
    hem: str
    hem_height: float
    loose: float
    tucked: bool
    dress: bool
    collar: bool
    hood: bool


def random_cut(measures: Measures, rng: np.random.Generator, dress: bool) -> Cut:
    """Draw a cut as shops offer them."""
    sleeve = str(rng.choice(list(SLEEVES), p=list(SLEEVES.values())))
    neck = str(rng.choice(list(NECKS), p=list(NECKS.values())))
    if sleeve == "strap":
        neck = str(rng.choice(["camisole", "scoop", "v", "bandeau"], p=[0.5, 0.25, 0.2, 0.05]))
    elif sleeve in ("long", "short", "elbow") and rng.random() < 0.04:
        neck = "off-shoulder"
    upper, arm = measures.upper_arm, measures.upper_arm + measures.lower_arm
    end = {
        "long": arm - rng.uniform(-0.015, 0.05),
        "short": upper * rng.uniform(0.4, 0.85),
        "none": rng.uniform(0.0, 0.05),
        "elbow": upper * rng.uniform(0.95, 1.2),
        "threeq": upper + measures.lower_arm * rng.uniform(0.35, 0.75),
        "cap": rng.uniform(0.06, 0.12),
        "strap": rng.uniform(-0.02, 0.02),
    }[sleeve]
    hem = "dress" if dress else str(rng.choice(list(HEMS), p=list(HEMS.values())))
    height = {
        "crop": measures.waist + rng.uniform(-0.01, 0.12),
        "waist": measures.waist - rng.uniform(0.02, 0.09),
        "hip": measures.hip - rng.uniform(-0.05, 0.07),
        "long": measures.hip - rng.uniform(0.07, 0.22),
        "dress": measures.crotch - rng.uniform(0.1, 0.75),
    }[hem]
    tucked = (hem == "waist" and rng.random() < 0.5) or (hem in ("hip", "long") and rng.random() < 0.3)
    loose = float(rng.random() ** 1.2)
    hood = neck == "crew" and sleeve == "long" and loose > 0.3 and rng.random() < 0.3
    return Cut(sleeve, end, neck, hem, height, loose, tucked, dress, neck == "shirt", hood)


def neckline(cut: Cut, measures: Measures, rng: np.random.Generator, points: np.ndarray) -> np.ndarray:
    """Metres below the neckline of rest points (N, 3): positive where the top covers."""
    neck, scale = measures.neck, measures.scale
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    crew = neck[2] + 0.02 * scale + rng.uniform(-0.02, 0.015) + np.where(y < neck[1], 0.9, 0.3) * (y - neck[1]) - z
    depth, behind = rng.uniform(0.05, 0.16) * scale, 4 * np.maximum(0, y - (neck[1] - 0.02))
    if cut.neck in ("v", "shirt"):
        return np.minimum(crew, neck[2] - 0.02 - depth + rng.uniform(1.2, 2.4) * x - z + behind)
    if cut.neck == "scoop":
        return np.minimum(crew - 0.01, neck[2] - 0.03 - 0.8 * depth + rng.uniform(7, 20) * x * x - z + behind)
    if cut.neck == "square":
        half = rng.uniform(0.07, 0.12) * scale
        return np.minimum(crew - 0.02, np.maximum(x - half, neck[2] - 0.03 - 0.8 * depth - z) + behind)
    if cut.neck == "boat":
        return np.minimum(crew, neck[2] - 0.02 + rng.uniform(0, 0.2) * x - z)
    if cut.neck == "turtle":
        return neck[2] + rng.uniform(0.03, 0.08) * scale + 0.55 * (y - neck[1]) - z
    if cut.neck in ("camisole", "bandeau"):
        top = neck[2] - rng.uniform(0.1, 0.16) * scale + rng.choice([0.0, 0.5]) * (x - 0.05)
        straps = rng.uniform(0.011, 0.022) - np.abs(x - rng.uniform(0.07, 0.105) * scale)
        return top - z if cut.neck == "bandeau" else np.maximum(top - z, straps)
    if cut.neck == "off-shoulder":
        return neck[2] - rng.uniform(0.07, 0.12) * scale - z
    return crew


@dataclass
class Top:
    """A top (or dress) made for one body.

    shell: float32 (V, 3) rest positions; cover: (F,), a field over the patch's fine vertices, positive
    where there is cloth; chart: cloth coordinates of the fine vertices (see `CLOTH_CHANNELS`).
    """

    cut: Cut
    measures: Measures
    part: Patch
    shell: np.ndarray
    cover: np.ndarray
    trim: np.ndarray
    along: np.ndarray
    around: np.ndarray
    share: np.ndarray
    tube: TubeShape | None
    tube_top: float
    torso: np.ndarray
    legs: np.ndarray
    collar: np.ndarray | None


def make_top(bodies: BodySet, body: int, chart: ArmChart, rng: np.random.Generator, dress: bool) -> Top:
    """Cut and sew a random top (or dress) for a body."""
    measures = measure(bodies, body)
    cut = random_cut(measures, rng, dress)
    part = patch("upper")
    rest = bodies.rest[body]
    shell = _ease_out(bodies, body, chart, cut, measures, rng)
    fine_rest = part.refine(rest[part.vertices])
    along, share = part.refine(chart.along[part.vertices]), part.refine(chart.share[part.vertices])
    below_neck = neckline(cut, measures, rng, fine_rest)
    before_cuff = _before_cuff(cut, measures, rng, fine_rest, along, share)
    hem = fine_rest[:, 2] - cut.hem_height
    tubed = cut.dress or cut.loose > 0.3 or cut.hem in ("hip", "long")
    shell_end = max(cut.hem_height + 0.02, measures.crotch + 0.06)
    torso_hem = np.where(share > 0.5, 1.0, fine_rest[:, 2] - shell_end) if tubed else np.where(share > 0.5, 1.0, hem)
    head = part.refine(bodies.weights["head"][part.vertices])
    cover = np.where(head > 0.5, -1, np.minimum(np.minimum(below_neck, before_cuff), torso_hem)).astype(np.float32)
    weights = bodies.weights
    return Top(
        cut=cut,
        measures=measures,
        part=part,
        shell=shell,
        cover=cover,
        trim=np.minimum(below_neck, before_cuff).astype(np.float32),
        along=along,
        around=part.refine(chart.around[part.vertices]),
        share=share.astype(np.float32),
        tube=_random_tube(cut, rng) if tubed else None,
        tube_top=measures.waist + (0.05 if dress else 0.14) * measures.scale,
        torso=(share < 0.25) & (head < 0.3),
        legs=np.flatnonzero((weights["leg"] > 0.3) & (weights["foot"] < 0.1)),
        collar=_collar(measures, rng, cut) if cut.collar or cut.hood else None,
    )


def _random_tube(cut: Cut, rng: np.random.Generator) -> TubeShape:
    """How the part below the waist hangs."""
    return TubeShape(
        ease=float(rng.uniform(0.002, 0.01) + 0.03 * max(0.0, cut.loose - 0.25)),
        flare=float(rng.uniform(-0.02, 0.2) if cut.dress else rng.uniform(-0.04, 0.03) * cut.loose),
        hang=float(rng.uniform(0.2, 1.0) * min(1.0, cut.loose + 0.25)),
        fold_depth=float(rng.uniform(0, 0.006) + 0.012 * cut.loose * rng.random()),
        folds=int(rng.integers(4, 12)),
        phase=float(rng.uniform(0, 6.3)),
        deepening=float(rng.uniform(0.7, 1.5)),
    )


def _ease_out(
    bodies: BodySet, body: int, chart: ArmChart, cut: Cut, measures: Measures, rng: np.random.Generator
) -> np.ndarray:
    """The shell: body padded and pushed out; sleeves widen below the arm, where gravity takes them."""
    normals = shape_of(body).normals
    arms = np.clip(1.2 * chart.share, 0, 1) * np.clip(chart.along / 0.15, 0, 1)
    sag = 0.12 + 1.1 * np.clip(0.25 - 0.8 * normals[:, 2], 0, 1)
    flatter = 1 - 0.7 * np.clip(normals[:, 2] / 0.6, 0, 1)
    ease = rng.uniform(0.003, 0.008) + 0.012 * cut.loose * flatter
    ease = ease + (rng.uniform(0.015, 0.045) * cut.loose + rng.uniform(0, 0.01)) * arms * sag
    if rng.random() < 0.1:
        ease = ease + rng.uniform(0.01, 0.05) * np.clip(chart.along / 0.4, 0, 1) * sag
    if cut.sleeve == "long" and rng.random() < 0.6:
        cuff = chart.along > measures.upper_arm + 0.75 * measures.lower_arm
        ease = np.where(cuff, np.minimum(ease, 0.008), ease)
    if rng.random() < 0.05:
        ease = ease + 0.03 * np.exp(-(((chart.along - 0.05) / 0.05) ** 2)) * chart.share
    base = padded_body(bodies, body, float(rng.uniform(0.4, 0.9)))
    return push_out(bodies, body, base, ease.astype(np.float32), 0.005)


def _before_cuff(
    cut: Cut, measures: Measures, rng: np.random.Generator, rest: np.ndarray, along: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """Metres before the sleeve's end, positive where there is cloth."""
    inside = cut.sleeve_end - along
    off_arm = 0.2 * (0.4 - share)
    if cut.neck in ("camisole", "bandeau"):
        return off_arm
    if cut.sleeve not in ("none", "strap"):
        return inside
    scale, shoulder = measures.scale, 0.215 * measures.scale
    edge = rng.uniform(0.115, 0.165) if cut.sleeve == "none" else rng.uniform(0.085, 0.125)
    depth = rng.uniform(0.09, 0.15) * scale
    across = (np.abs(rest[:, 0]) - shoulder) / (shoulder - edge * scale)
    upwards = (rest[:, 2] - (measures.neck[2] - 0.05 * scale)) / depth
    hole = (np.sqrt(across**2 + np.minimum(upwards, 0.3) ** 2) - 1) * depth
    return np.minimum(hole, off_arm)


def _collar(measures: Measures, rng: np.random.Generator, cut: Cut) -> np.ndarray:
    """A folded shirt collar, or the heap of a hood, about the neck: (rows * columns, 3) in the rest pose."""
    gap = 0.0 if cut.hood else rng.uniform(0.0, 0.45)
    angle = np.linspace(gap, 2 * np.pi - gap, COLLAR_COLUMNS)[None]
    front = (1 + np.cos(angle)) / 2
    stand, fall, point = rng.uniform(0.015, 0.035), rng.uniform(0.02, 0.045), rng.uniform(0.0, 0.04)
    radius = np.array([0.062, 0.06, 0.066, 0.079, 0.088])[:, None] * measures.scale * rng.uniform(0.98, 1.1)
    height = np.array([-0.01, stand, stand + 0.002, 0.3 * stand, -fall])[:, None]
    if cut.hood:
        radius, point = radius * np.array([1, 1.1, 1.35, 1.5, 1.45])[:, None], 0.0
    tip = np.array([0, 0, 0, 0.4, 1.0])[:, None] * point * np.exp(-(((front - 1) / 0.1) ** 2))
    x = radius * np.sin(angle)
    y = measures.neck[1] + 0.02 - radius * 1.1 * np.cos(angle)
    z = measures.neck[2] + (0.03 - 0.085 * front) * measures.scale + height - tip
    return np.stack(np.broadcast_arrays(x, y, z), -1).reshape(-1, 3).astype(np.float32)
