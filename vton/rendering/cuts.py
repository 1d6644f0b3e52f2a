"""How tops, dresses and open jackets are cut: drawn at random, and as fields over the body."""

from dataclasses import dataclass, replace

import numpy as np

from vton.rendering.measures import Measures

SLEEVES = {"long": 0.31, "short": 0.29, "none": 0.12, "elbow": 0.06, "threeq": 0.05, "cap": 0.04, "strap": 0.13}
DRESS_SLEEVES = {"long": 0.2, "short": 0.24, "none": 0.22, "elbow": 0.06, "threeq": 0.04, "cap": 0.04, "strap": 0.2}
SLEEVE_SHAPES = {"plain": 0.64, "wide": 0.1, "bell": 0.05, "puff": 0.06, "batwing": 0.05, "drop": 0.1}
NECKS = {"crew": 0.36, "v": 0.17, "scoop": 0.13, "square": 0.06, "turtle": 0.07, "boat": 0.06, "shirt": 0.15}
BARE_NECKS = {"camisole": 0.44, "scoop": 0.22, "v": 0.16, "halter": 0.08, "bandeau": 0.05, "one-shoulder": 0.05}
HEMS = {"crop": 0.17, "waist": 0.3, "hip": 0.41, "long": 0.12}
DRESS_LENGTHS = {"mini": 0.36, "knee": 0.25, "midi": 0.24, "maxi": 0.15}
OVERSIZE_SHARE, OVERSIZE = 0.25, (1.2, 2.2)
"""Of the tops that allow it, and how loose these are: 1 is as wide as a top is otherwise."""
_LENGTH_SHARES = {"mini": (0.1, 0.34), "knee": (0.36, 0.56), "midi": (0.58, 0.84), "maxi": (0.86, 1.0)}
SILHOUETTES = {"fitted": 0.3, "shift": 0.22, "a-line": 0.28, "full": 0.2}
JACKETS = {"cardigan": 0.26, "blazer": 0.22, "jacket": 0.2, "shirt": 0.16, "hoodie": 0.08, "coat": 0.08}


@dataclass(frozen=True)
class Opening:
    """The front edges of an open jacket: half its width (metres) at depths (metres) below the neck."""

    depths: tuple[float, ...]
    halves: tuple[float, ...]

    def inside(self, across: np.ndarray, below: np.ndarray) -> np.ndarray:
        """Metres from the front edge, positive on the cloth."""
        return np.abs(across) - np.interp(below, self.depths, self.halves)


@dataclass(frozen=True)
class Cut:
    """How a top is cut. Heights and lengths in metres of the wearer's rest pose.

    loose: 0 for what lies close, 1 for wide, more for oversize. silhouette: one of SILHOUETTES for
    dresses. jacket: one of JACKETS, or "" for what is worn closed.
    """

    sleeve: str
    sleeve_end: float
    sleeve_shape: str
    neck: str
    hem: str
    hem_height: float
    loose: float
    tucked: bool
    dress: bool
    collar: bool
    hood: bool
    silhouette: str = ""
    jacket: str = ""
    opening: Opening | None = None


def _pick(rng: np.random.Generator, shares: dict[str, float]) -> str:
    names = list(shares)
    return names[int(np.searchsorted(np.cumsum(list(shares.values())), rng.random() * 0.9999))]


def length_below(measures: Measures, rng: np.random.Generator, lengths: dict[str, float]) -> float:
    """Height (metres) of the hem of a dress or skirt of a random length."""
    low, high = _LENGTH_SHARES[_pick(rng, lengths)]
    return measures.crotch - (measures.crotch - measures.ankle) * rng.uniform(low, high)


def _sleeve_end(sleeve: str, measures: Measures, rng: np.random.Generator) -> float:
    upper, arm = measures.upper_arm, measures.upper_arm + measures.lower_arm
    return {
        "long": arm - rng.uniform(-0.015, 0.05),
        "short": upper * rng.uniform(0.4, 0.85),
        "none": rng.uniform(0.0, 0.05),
        "elbow": upper * rng.uniform(0.95, 1.2),
        "threeq": upper + measures.lower_arm * rng.uniform(0.35, 0.75),
        "cap": rng.uniform(0.06, 0.12),
        "strap": rng.uniform(-0.02, 0.02),
    }[sleeve]


def random_cut(measures: Measures, rng: np.random.Generator, dress: bool, under: bool = False) -> Cut:
    """Draw a cut as shops offer them; `under` an open jacket it is close-fitting."""
    sleeve = _pick(rng, DRESS_SLEEVES if dress else SLEEVES)
    neck = _pick(rng, NECKS)
    if sleeve == "strap":
        neck = _pick(rng, BARE_NECKS)
    elif sleeve in ("long", "short", "elbow") and rng.random() < 0.05:
        neck = "off-shoulder"
    shape = _pick(rng, SLEEVE_SHAPES) if sleeve in ("long", "short", "elbow", "threeq") and not under else "plain"
    hem = "dress" if dress else _pick(rng, HEMS)
    height = {
        "crop": measures.waist + rng.uniform(-0.01, 0.13),
        "waist": measures.waist - rng.uniform(0.02, 0.09),
        "hip": measures.hip - rng.uniform(-0.05, 0.07),
        "long": measures.hip - rng.uniform(0.07, 0.22),
        "dress": length_below(measures, rng, DRESS_LENGTHS),
    }[hem]
    tucked = (hem == "waist" and rng.random() < 0.5) or (hem in ("hip", "long") and rng.random() < 0.3)
    loose = float(rng.random() ** 1.2) * (0.25 if under else 1.0)
    if shape == "drop":
        loose = float(rng.uniform(0.7, 1.0))
    roomy = sleeve in ("long", "short", "elbow") and neck in ("crew", "v", "shirt", "turtle") and hem in ("hip", "long")
    if roomy and shape in ("plain", "drop") and not (dress or under) and rng.random() < OVERSIZE_SHARE:
        loose = float(rng.uniform(*OVERSIZE))
    silhouette = _pick(rng, SILHOUETTES) if dress else ""
    if silhouette == "fitted":
        loose *= 0.3
    hood = neck == "crew" and sleeve == "long" and loose > 0.3 and not dress and rng.random() < 0.35
    end = _sleeve_end(sleeve, measures, rng)
    return Cut(sleeve, end, shape, neck, hem, height, loose, tucked, dress, neck == "shirt", hood, silhouette)


def jacket_cut(measures: Measures, rng: np.random.Generator) -> Cut:
    """Draw an open cardigan, blazer, jacket, shirt, hoodie or coat."""
    kind = _pick(rng, JACKETS)
    sleeve = _pick(rng, {"long": 0.84, "threeq": 0.06, "elbow": 0.04, "short": 0.06})
    if kind != "shirt" and sleeve == "short":
        sleeve = "long"
    height = {
        "cardigan": measures.hip - rng.uniform(-0.12, 0.3),
        "blazer": measures.hip - rng.uniform(0.02, 0.16),
        "jacket": measures.hip - rng.uniform(-0.14, 0.05),
        "shirt": measures.hip - rng.uniform(0.0, 0.14),
        "hoodie": measures.hip - rng.uniform(-0.06, 0.08),
        "coat": measures.crotch - rng.uniform(0.05, 0.5),
    }[kind]
    wide, scale = rng.uniform(0.02, 0.11), measures.scale
    if kind == "blazer" and rng.random() < 0.5:
        halves = (0.065 * scale, 0.05, 0.002, rng.uniform(0.02, 0.07))
    else:
        halves = (0.065 * scale, 0.06 + 0.3 * wide, wide, wide + rng.uniform(-0.02, 0.05))
    depths = (0.0, 0.12, rng.uniform(0.3, 0.4), 0.7)
    collar = kind in ("shirt", "jacket", "coat") or (kind == "blazer" and rng.random() < 0.4)
    return Cut(
        sleeve,
        _sleeve_end(sleeve, measures, rng),
        _pick(rng, {"plain": 0.8, "wide": 0.1, "drop": 0.1}),
        "crew",
        "jacket",
        height,
        float(rng.uniform(0.25, 0.8)),
        False,
        False,
        collar,
        kind == "hoodie",
        jacket=kind,
        opening=Opening(depths, tuple(float(np.maximum(half, 0.002)) for half in halves)),
    )


def tucked_out(cut: Cut) -> Cut:
    """The same cut worn over the waistband."""
    return replace(cut, tucked=False)


def neckline(cut: Cut, measures: Measures, rng: np.random.Generator, points: np.ndarray) -> np.ndarray:
    """Metres below the neckline of rest points (N, 3): positive where the top covers."""
    neck, scale = measures.neck, measures.scale
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    crew = neck[2] + 0.02 * scale + rng.uniform(-0.02, 0.015) + np.where(y < neck[1], 0.9, 0.3) * (y - neck[1]) - z
    narrow = cut.sleeve in ("none", "strap")
    depth, behind = rng.uniform(0.05, 0.17) * scale, 4 * np.maximum(0, y - (neck[1] - 0.02))
    if cut.neck in ("v", "shirt"):
        depth = max(depth, 0.085 * scale)
        return np.minimum(crew, neck[2] - 0.02 - depth + rng.uniform(1.9 if narrow else 1.2, 2.6) * x - z + behind)
    if cut.neck == "scoop":
        return np.minimum(
            crew - 0.01, neck[2] - 0.03 - 0.8 * depth + rng.uniform(15 if narrow else 7, 22) * x * x - z + behind
        )
    if cut.neck == "square":
        half = rng.uniform(0.055, 0.075 if narrow else 0.12) * scale
        return np.minimum(crew - 0.02, np.maximum(x - half, neck[2] - 0.03 - 0.8 * depth - z) + behind)
    if cut.neck == "boat":
        return np.minimum(crew, neck[2] - 0.02 + rng.uniform(0, 0.2) * x - z)
    if cut.neck == "turtle":
        return neck[2] + rng.uniform(0.03, 0.08) * scale + 0.55 * (y - neck[1]) - z
    if cut.neck == "off-shoulder":
        return neck[2] - rng.uniform(0.085, 0.105) * scale - z
    if cut.neck == "one-shoulder":
        return neck[2] - 0.11 * scale + rng.choice([-1, 1]) * rng.uniform(0.9, 1.3) * points[:, 0] - z
    if cut.neck in ("camisole", "bandeau", "halter"):
        return _bare_neckline(cut, measures, rng, points)
    return crew


def _bare_neckline(cut: Cut, measures: Measures, rng: np.random.Generator, points: np.ndarray) -> np.ndarray:
    """A straight or heart-shaped edge above the breast, held by straps or by nothing."""
    neck, scale = measures.neck, measures.scale
    x, z = np.abs(points[:, 0]), points[:, 2]
    heart = rng.choice([0.0, 0.5, 0.8]) * (np.minimum(x, 0.13) - 0.05)
    if cut.neck == "bandeau":
        # Only the bust can hold it, and its picture shows nothing else that tells where it sits.
        return neck[2] - rng.uniform(0.118, 0.135) * scale + heart - z
    top = neck[2] - rng.uniform(0.1, 0.155) * scale + heart
    half, place = 0.003 + 0.017 * rng.random() ** 1.5, rng.uniform(0.07, 0.105) * scale
    if cut.neck == "halter":
        rise = np.clip((z - (neck[2] - 0.15 * scale)) / (0.14 * scale), 0, 1)
        place = place + (0.045 * scale - place) * rise
    return np.maximum(top - z, half - np.abs(x - place))


def before_cuff(
    cut: Cut, measures: Measures, rng: np.random.Generator, rest: np.ndarray, along: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """Metres before the sleeve's end, positive where there is cloth."""
    inside = cut.sleeve_end - along
    off_arm = 0.2 * (0.4 - share)
    if cut.neck in ("camisole", "bandeau", "halter"):
        return off_arm
    if cut.sleeve not in ("none", "strap"):
        return inside
    scale, shoulder = measures.scale, 0.215 * measures.scale
    edge = rng.uniform(0.115, 0.165) if cut.sleeve == "none" else rng.uniform(0.095, 0.125)
    depth = rng.uniform(0.09, 0.15) * scale
    across = (np.abs(rest[:, 0]) - shoulder) / (shoulder - edge * scale)
    upwards = (rest[:, 2] - (measures.neck[2] - 0.05 * scale)) / depth
    hole = (np.sqrt(across**2 + np.minimum(upwards, 0.3) ** 2) - 1) * depth
    return np.minimum(hole, off_arm)
