"""Small parts sewn onto tops: seams, pockets, zips, drawstrings, bows and ties, lace."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from vton.rendering.cuts import Cut
from vton.rendering.measures import Measures
from vton.rendering.textures import cloth_colour, sample

WAIST_SEAMS = {"fitted": 0.5, "shift": 0.1, "a-line": 0.75, "full": 0.9}
"""How many dresses of a silhouette have one."""
LACE_SHARE = 0.06
LACE_PLACES = {"all": 0.25, "yoke": 0.25, "sleeves": 0.3, "hem": 0.2}
_LACE_SIZE = 256
_PATCH_SIZE = 192


@dataclass(frozen=True)
class Lace:
    """Openwork: which of `lace_bank()`, metres of its tile, one of LACE_PLACES, and how far (metres) it reaches."""

    which: int
    tile: float
    place: str
    reach: float

    def open_share(self, measures: Measures, chart: np.ndarray) -> np.ndarray:
        """What share (N,) of each chart point (N, 8) shows what is under it."""
        across, down, _, sleeve, along, around, trim, _ = chart.T
        on_sleeve = sleeve > 0.5
        inside = {
            "all": np.ones(len(chart), bool),
            "yoke": down + measures.neck[2] < self.reach * 1.6,
            "sleeves": on_sleeve,
            "hem": trim < self.reach * 0.5,
        }[self.place]
        u, v = np.where(on_sleeve, around, across) / self.tile + 8, np.where(on_sleeve, along, down) / self.tile + 8
        return np.where(inside, sample(lace_bank()[self.which], u, v), 0)


@dataclass(frozen=True)
class Patch:
    """A piece on the front: float32 RGBA (S, S, 4), its centre's depth below the neck, place across, and size."""

    picture: np.ndarray
    depth: float
    across: float
    size: float


@dataclass(frozen=True)
class Details:
    """What is sewn on; lengths in metres.

    seam: how far down the arm the sleeves begin, or None; waist: height of a dress's waist seam above the natural
    waist, or None; gathered: whether its skirt is gathered there; darts: whether they shape the bust; stitch: depth of
    the hems' seam; pocket: "", "chest" or "pouch"; zip: its colour; strings: a hood's; patches: bows and ties; lace.
    """

    seam: float | None
    waist: float | None
    gathered: bool
    darts: bool
    stitch: float
    pocket: str
    zip: np.ndarray | None
    strings: np.ndarray | None
    patches: tuple[Patch, ...]
    lace: Lace | None


@lru_cache(maxsize=1)
def lace_bank() -> np.ndarray:
    """Openness of lace, float32 (4, 256, 256) in [0, 1], tiling: flowers of dense cloth on a fine net."""
    rng = np.random.default_rng(9)
    down, across = np.mgrid[0:_LACE_SIZE, 0:_LACE_SIZE].astype(np.float32) / _LACE_SIZE
    bank = []
    for _ in range(4):
        count, petals = int(rng.integers(18, 30)), int(rng.integers(5, 9))
        net = (np.cos(2 * np.pi * count * (across + down)) > 0.55) | (
            np.cos(2 * np.pi * count * (across - down)) > 0.55
        )
        closed = np.where(net, 0.75, 0.12)
        cells = int(rng.integers(2, 4))
        for row in range(cells):
            for column in range(cells):
                x = (across - (column + 0.5 * (row % 2) + rng.normal() * 0.08) / cells + 0.5) % 1 - 0.5
                y = (down - (row + rng.normal() * 0.08) / cells + 0.5) % 1 - 0.5
                distance, angle = np.hypot(x, y) * cells, np.arctan2(y, x)
                edge = rng.uniform(0.3, 0.44) * (0.75 + 0.25 * np.cos(petals * angle + rng.uniform(0, 6)))
                closed = np.where(distance < edge, 0.8, closed)
                closed = np.where(np.abs(distance - edge) < 0.03, 1.0, closed)
                closed = np.where(np.abs(distance - 0.4 * edge) < 0.02, 0.3, closed)
        bank.append(1 - closed)
    return np.stack(bank).astype(np.float32)


def random_details(cut: Cut, colour: np.ndarray, rng: np.random.Generator) -> Details:
    """Draw what is sewn onto a top, dress or jacket of a colour (3,)."""
    sewn = cut.sleeve not in ("none", "strap") and cut.neck not in ("camisole", "bandeau", "halter", "off-shoulder")
    dropped = cut.sleeve_shape in ("drop", "batwing") or (cut.loose > 0.6 and rng.random() < 0.6)
    seam = float(rng.uniform(0.04, 0.09) if dropped else rng.normal() * 0.008) if sewn and rng.random() < 0.85 else None
    pocket = ""
    if cut.hood and rng.random() < 0.75:
        pocket = "pouch"
    elif rng.random() < (0.3 if cut.neck == "shirt" else 0.06):
        pocket = "chest"
    zipped = (cut.hood or cut.neck == "turtle") and not cut.jacket and rng.random() < 0.25
    zipped = zipped or (bool(cut.jacket) and cut.jacket in ("jacket", "hoodie") and rng.random() < 0.4)
    strings = None
    if cut.hood and rng.random() < 0.7:
        strings = np.full(3, rng.uniform(0.8, 0.95)) if rng.random() < 0.5 else colour * rng.uniform(0.5, 0.9)
    lace = None
    if not cut.jacket and not cut.hood and rng.random() < LACE_SHARE:
        place = str(rng.choice(list(LACE_PLACES), p=list(LACE_PLACES.values())))
        lace = Lace(int(rng.integers(4)), float(rng.uniform(0.07, 0.16)), place, float(rng.uniform(0.06, 0.12)))
    return Details(
        seam=seam,
        waist=float(rng.normal() * 0.012) if cut.dress and rng.random() < WAIST_SEAMS[cut.silhouette] else None,
        gathered=cut.silhouette == "full" or rng.random() < 0.2,
        darts=bool(cut.loose < 0.3 and not cut.jacket and rng.random() < 0.25),
        stitch=float(rng.uniform(0.01, 0.026)),
        pocket=pocket,
        zip=np.full(3, rng.uniform(0.1, 0.75)) if zipped else None,
        strings=strings,
        patches=_knots(cut, colour, rng),
        lace=lace,
    )


def _knots(cut: Cut, colour: np.ndarray, rng: np.random.Generator) -> tuple[Patch, ...]:
    """A tie below a shirt's collar, a bow at the neck, or one at the waist."""
    if cut.jacket or cut.hood:
        return ()
    own = np.clip(colour * rng.uniform(0.8, 1.0), 0, 1)
    tone = own if rng.random() < 0.6 else cloth_colour(rng)
    if cut.neck == "shirt" and cut.sleeve == "long" and rng.random() < 0.07:
        length = float(rng.uniform(0.38, 0.46))
        return (Patch(_tie(tone, rng), 0.03 + length / 2, 0.0, length),)
    if cut.neck in ("shirt", "turtle", "v", "crew") and rng.random() < 0.035:
        size = float(rng.uniform(0.14, 0.26))
        return (Patch(_bow(tone, rng), 0.06 + 0.3 * size, 0.0, size),)
    if rng.random() < 0.03:
        size = float(rng.uniform(0.18, 0.28))
        return (Patch(_bow(own, rng), float(rng.uniform(0.34, 0.42)), float(rng.choice([0.0, -0.09, 0.09])), size),)
    return ()


def _shaded(mask: np.ndarray, colour: np.ndarray, light: np.ndarray) -> np.ndarray:
    """A patch (S, S, 4) of one colour under a field of light, with darker edges."""
    alpha = cv2.GaussianBlur(mask, (3, 3), 0.7)
    edge = np.clip(cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 3) / 5, 0.55, 1)
    shade = np.clip(light * edge, 0.3, 1.15)[..., None]
    return np.concatenate([np.clip(colour * shade, 0, 1), alpha[..., None]], -1).astype(np.float32)


def _over(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    share = above[..., 3:]
    colour = below[..., :3] * (1 - share) + above[..., :3] * share
    return np.concatenate([colour, np.maximum(below[..., 3:], share)], -1)


def _bow(colour: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two loops, a knot and two hanging ends."""
    size, grid = _PATCH_SIZE, np.mgrid[0:_PATCH_SIZE, 0:_PATCH_SIZE].astype(np.float32)
    y, x = grid / size
    folds = 0.9 + 0.12 * np.sin(40 * (x - 0.5) * (y - 0.25) * 6 + 30 * np.abs(x - 0.5))
    patch, knot = np.zeros((size, size, 4), np.float32), np.array([0.5, 0.25])
    droop, wide = rng.uniform(-0.02, 0.12), rng.uniform(0.1, 0.15)
    for sign in (-1, 1):
        end = np.array([knot[0] + sign * rng.uniform(0.08, 0.24), rng.uniform(0.75, 0.98)])
        side = np.array([rng.uniform(0.03, 0.06), 0])
        corners = np.array([knot - side * 0.5, knot + side * 0.5, end + side + [0, -0.03], end - side]) * size
        mask = cv2.fillPoly(np.zeros((size, size), np.float32), [corners.astype(np.int32)], 1.0, cv2.LINE_AA)
        patch = _over(patch, _shaded(mask, colour, 0.85 * folds))
    for sign in (-1, 1):
        away = sign * (x - knot[0])
        half = wide * np.sqrt(np.clip(away / 0.42, 0, 1)) * np.sqrt(np.clip(1.05 - away / 0.42, 0, 1)) * 1.6
        mask = ((away > 0) & (np.abs(y - knot[1] - droop * away / 0.42) < half)).astype(np.float32)
        patch = _over(patch, _shaded(mask, colour, folds + 0.25 * (0.3 - np.abs(away - 0.25))))
    mask = ((np.abs(x - knot[0]) < 0.05) & (np.abs(y - knot[1]) < 0.06)).astype(np.float32)
    return _over(patch, _shaded(mask, colour, np.full_like(x, 0.95)))


def _tie(colour: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A necktie, plain or with slanting stripes: as long as its patch."""
    size = _PATCH_SIZE
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    half = np.interp(y, [0, 0.07, 0.09, 0.9, 1.0], [0.055, 0.04, 0.035, rng.uniform(0.075, 0.1), 0.0])
    mask = (np.abs(x - 0.5) < half).astype(np.float32)
    cloth = np.ones((size, size, 3)) * colour
    if rng.random() < 0.5:
        slanting = np.sin(2 * np.pi * (x + y) * rng.uniform(7, 18)) > rng.uniform(-0.2, 0.7)
        cloth = np.where(slanting[..., None], cloth_colour(rng), cloth)
    light = np.where(y < 0.085, 0.85, 1.0) * (1.05 - 3.5 * np.abs(x - 0.5))
    return _shaded(mask, cloth, light)


def paint_details(
    details: Details, measures: Measures, chart: np.ndarray, colours: np.ndarray, skin: np.ndarray
) -> None:
    """Paint colours (N, 3) in place at chart points (N, 8), see `sewing.CHART`; skin shows through lace."""
    across, down, behind, sleeve, along, _, trim, collar = chart.T
    below, cloth = down + measures.neck[2], collar < 0.5
    body = (behind < measures.neck[1] + 0.01) & (sleeve <= 0.5) & cloth
    if details.lace is not None:
        share = details.lace.open_share(measures, chart)[:, None] * cloth[:, None]
        colours[:] = colours * (1 - share) + skin * share
    colours[cloth & (np.abs(trim - details.stitch) < 0.0008)] *= 0.86
    if details.seam is not None:
        away = along - details.seam
        colours[cloth & (np.abs(away) < 0.0011)] *= 0.74
        colours[cloth & (away > 0) & (away < 0.006)] *= 0.95
    if details.waist is not None:
        drop = measures.waist + details.waist + down
        colours[cloth & (np.abs(drop) < 0.0012)] *= 0.7
        if details.gathered:
            gathers = np.sin(across * 260 + 2 * np.sin(across * 70)) * np.exp(-np.maximum(drop, 0) / 0.06) * (drop > 0)
            colours *= (1 - 0.09 * np.maximum(gathers, 0) * cloth)[:, None]
    if details.darts:
        level = below - (0.285 - 0.35 * (np.abs(across) - 0.1)) * measures.scale
        colours[body & (np.abs(level) < 0.0011) & (np.abs(across) > 0.095 * measures.scale)] *= 0.8
    if details.pocket:
        _pocket(details.pocket, measures, across, down, below, body, colours)
    if details.zip is not None:
        colours[body & (np.abs(across) < 0.009)] *= 0.9
        teeth = np.where((down * 220) % 1 < 0.5, 1.0, 0.6)[:, None]
        line = body & (np.abs(across) < 0.0032)
        colours[line] = (details.zip * teeth)[line]
    if details.strings is not None:
        away = np.abs(np.abs(across) - 0.032 - 0.06 * below)
        strings = body & (away < 0.0042) & (below > 0.03) & (below < 0.21 * measures.scale)
        colours[strings] = details.strings * (1 - 0.06 * (away[strings, None] / 0.0042) ** 2)
        colours[body & (away >= 0.0042) & (away < 0.0065) & (below > 0.03) & (below < 0.21 * measures.scale)] *= 0.8
    for patch in details.patches:
        lay_patch(patch.picture, patch.depth, patch.across, patch.size, across, below, body, colours)


def _pocket(
    kind: str, measures: Measures, across: np.ndarray, down: np.ndarray, below: np.ndarray, body: np.ndarray,
    colours: np.ndarray,
) -> None:  # fmt: skip
    if kind == "chest":
        x, y = np.abs(across - 0.075) - 0.046, np.abs(below - 0.2 * measures.scale) - 0.055
        inside = np.maximum(x, y)
        colours[body & (np.abs(y + 0.11 - 0.092) < 0.001) & (x < 0) & (below < 0.2 * measures.scale)] *= 0.8
    else:
        height = -down - measures.waist
        inside = np.maximum(np.abs(across) - 0.155 + 0.45 * np.clip(height + 0.09, 0, 1), np.abs(height + 0.05) - 0.085)
    colours[body & (inside < 0)] *= 1.015
    colours[body & (np.abs(inside) < 0.0014)] *= 0.72


def lay_patch(
    picture: np.ndarray, depth: float, offset: float, size: float, across: np.ndarray, below: np.ndarray,
    where: np.ndarray, colours: np.ndarray,
) -> None:  # fmt: skip
    """Lay an RGBA picture (S, S, 4) of `size` metres over colours (N, 3) in place, its centre at a depth and offset."""
    side = len(picture)
    column = ((across - offset) / size + 0.5) * side
    row = ((below - depth) / size + 0.5) * side
    inside = np.flatnonzero(where & (column >= 0) & (column < side) & (row >= 0) & (row < side))
    ink = picture[row[inside].astype(int), column[inside].astype(int)]
    colours[inside] = colours[inside] * (1 - ink[:, 3:]) + ink[:, :3] * ink[:, 3:]
