"""What tops, dresses and jackets look like: cloth, prints, seams, buttons, belts, lapels."""

from dataclasses import dataclass

import numpy as np

from vton.rendering.cuts import Cut, Opening
from vton.rendering.details import Details, lay_patch, paint_details, random_details
from vton.rendering.measures import Measures
from vton.rendering.textures import Cloth, chest_print, cloth_colour, denim, random_cloth

PAINTED_OPENING_SHARE = 0.06
"""Of the long-sleeved tops: jackets whose flat picture shows what is under them."""


@dataclass(frozen=True)
class TopStyle:
    """Everything seen on a top that is not its shape. Lengths in metres; `None` where a feature is absent.

    block: depth below the neck from where the second cloth begins; belt: height, half its width and colour; lapel: the
    width of an open jacket's lapels beside its front edge; wrap: depth and slope of the edge that crosses the chest.
    """

    cloth: Cloth
    sleeves: Cloth | None
    lining: float
    chest: np.ndarray | None
    chest_place: tuple[float, float, float]
    trim_tone: np.ndarray | None
    trim_width: float
    buttons: np.ndarray | None
    opening: tuple[float, float] | None
    inner: Cloth
    sheer: float
    yoke_only: bool
    details: Details
    block: tuple[float, Cloth] | None = None
    belt: tuple[float, float, np.ndarray] | None = None
    edge: Opening | None = None
    lapel: float = 0.0
    wrap: tuple[float, float] | None = None


def random_style(cut: Cut, measures: Measures, skin: np.ndarray, rng: np.random.Generator) -> TopStyle:
    """Draw cloth, print, trim, buttons, belt; a few tops are sheer."""
    colour = cloth_colour(rng, skin)
    cloth = random_cloth(rng, colour, 0.5 if cut.dress else 0.58)
    buttoned = cut.neck == "shirt" or rng.random() < 0.06
    opened = cut.sleeve == "long" and not cut.tucked and not cut.dress and rng.random() < PAINTED_OPENING_SHARE
    contrast = rng.random() < 0.2
    big = rng.random() < 0.25
    printed = rng.random() < (0.1 if cut.dress else 0.36) and not opened
    belt = None
    if cut.dress and rng.random() < 0.3:
        tone = colour * rng.uniform(0.7, 1.0) if rng.random() < 0.5 else cloth_colour(rng)
        belt = (measures.waist + rng.uniform(-0.01, 0.05), rng.uniform(0.008, 0.028), tone)
    return TopStyle(
        cloth=cloth,
        sleeves=random_cloth(rng, cloth_colour(rng)) if rng.random() < 0.05 else None,
        lining=float(rng.uniform(0.55, 0.85)),
        chest=chest_print(rng) if printed else None,
        chest_place=(
            float(rng.uniform(0.18, 0.3) if big else rng.uniform(0.13, 0.34)),
            float(rng.uniform(-0.02, 0.02) if big or rng.random() < 0.75 else 0.08),
            float(rng.uniform(0.28, 0.4) if big else rng.choice([rng.uniform(0.05, 0.1), rng.uniform(0.13, 0.28)])),
        ),
        trim_tone=(cloth_colour(rng) if contrast else colour * rng.uniform(0.8, 1.1)) if rng.random() < 0.5 else None,
        trim_width=float(rng.uniform(0.008, 0.024)),
        buttons=(np.full(3, rng.uniform(0.1, 0.95)) if rng.random() < 0.7 else colour * 0.6)
        if buttoned and not opened
        else None,
        opening=(float(rng.uniform(0.0, 0.06)), float(rng.uniform(-0.02, 0.15))) if opened else None,
        inner=random_cloth(rng, cloth_colour(rng), 0.85),
        sheer=float(rng.uniform(0.15, 0.5)) if rng.random() < 0.06 else 0.0,
        yoke_only=bool(rng.random() < 0.6),
        details=random_details(cut, colour, rng),
        block=(float(rng.uniform(0.12, 0.4)), random_cloth(rng, cloth_colour(rng))) if rng.random() < 0.05 else None,
        belt=belt,
        wrap=(float(rng.uniform(0.1, 0.2)), float(rng.uniform(0.5, 0.9)) * rng.choice([-1, 1]))
        if cut.neck == "v" and rng.random() < (0.5 if cut.dress else 0.12)
        else None,
    )


def jacket_style(cut: Cut, rng: np.random.Generator) -> TopStyle:
    """Draw the looks of an open jacket: wool, denim, leather, checked shirting, jersey."""
    colour = cloth_colour(rng)
    if cut.jacket in ("blazer", "coat", "jacket") and rng.random() < 0.5:
        colour = np.clip(rng.choice([0.06, 0.12, 0.3, 0.75]) + rng.normal(size=3) * 0.02, 0.03, 0.95)
    cloth = random_cloth(rng, colour, {"shirt": 0.35, "cardigan": 0.6}.get(cut.jacket, 0.8))
    if cut.jacket == "jacket" and rng.random() < 0.5:
        cloth = denim(rng, np.array([0.3, 0.4, 0.55]) * rng.uniform(0.4, 1.5))
    elif cut.jacket == "jacket" and rng.random() < 0.5:
        cloth = Cloth(cloth.picture, cloth.tile, float(rng.uniform(0.2, 0.5)), cloth.shift)
    ribbed = cut.jacket in ("cardigan", "hoodie", "jacket") and rng.random() < 0.7
    return TopStyle(
        cloth=cloth,
        sleeves=None,
        lining=float(rng.uniform(0.5, 0.8)),
        chest=None,
        chest_place=(0.2, 0.0, 0.2),
        trim_tone=(cloth_colour(rng) if rng.random() < 0.25 else cloth.colour * rng.uniform(0.75, 0.95))
        if ribbed
        else None,
        trim_width=float(rng.uniform(0.012, 0.035)),
        buttons=None,
        opening=None,
        inner=cloth,
        sheer=0.0,
        yoke_only=False,
        details=random_details(cut, cloth.colour, rng),
        edge=cut.opening,
        lapel=float(rng.uniform(0.04, 0.085)) if cut.jacket in ("blazer", "coat") else 0.0,
    )


def paint_top(style: TopStyle, measures: Measures, skin: np.ndarray, chart: np.ndarray) -> np.ndarray:
    """Colours (N, 3) of a top at chart points (N, 8), see `sewing.CHART`."""
    across, down, behind, sleeve, along, around, trim, collar = chart.T
    on_sleeve, front = sleeve > 0.5, behind < measures.neck[1] + 0.01
    cloth = style.sleeves or style.cloth
    body = front & ~on_sleeve & (collar < 0.5)
    below = down + measures.neck[2]
    flipped = across
    if style.wrap is not None:
        depth, slope = style.wrap
        beyond = across * np.sign(slope) - (below - depth) * abs(slope) * 0.5
        flipped = np.where(body & (beyond > 0), 0.31 - across, across)
    colours = np.where(on_sleeve[:, None], cloth.at(around, along), style.cloth.at(flipped, down))
    if style.block is not None:
        lower = (below > style.block[0]) & ~on_sleeve
        colours[lower] = style.block[1].at(across[lower], down[lower])
    if style.chest is not None:
        depth, offset, size = style.chest_place
        where = front & (collar < 0.5)
        lay_patch(style.chest, depth * measures.scale, offset, size, across, below, where, colours)
    if style.sheer:
        thin = (below < 0.17 * measures.scale) | (not style.yoke_only)
        share = np.where(thin, style.sheer, 0)[:, None]
        colours = colours * (1 - share) + skin * share
    if style.opening is not None:
        inside = under_opening(style, measures, chart)
        colours[inside] = style.inner.at(across[inside], down[inside])
        colours[body & (np.abs(_to_opening(style, across, below)) < 0.003)] *= 0.55
    if style.wrap is not None:
        colours[body & (np.abs(beyond) < 0.0022) & (-down > measures.waist - 0.02)] *= 0.6
    paint_details(style.details, measures, chart, colours, skin)
    _details(colours, style, body, across, down, below)
    if style.trim_tone is not None:
        edge = (trim < style.trim_width) & (collar < 0.5)
        colours[edge] = style.trim_tone
        colours[(np.abs(trim - style.trim_width) < 0.0012) & (collar < 0.5)] *= 0.75
    return np.clip(colours, 0, 1).astype(np.float32)


def _details(
    colours: np.ndarray, style: TopStyle, body: np.ndarray, across: np.ndarray, down: np.ndarray, below: np.ndarray
) -> None:
    """Buttons, belt and lapels, painted in place."""
    if style.buttons is not None:
        colours[body & (np.abs(across) < 0.015)] *= 0.96
        colours[body & (np.abs(np.abs(across) - 0.015) < 0.0013)] *= 0.72
        step = (down * 11) % 1 - 0.5
        colours[body & (across**2 + (step / 11) ** 2 < 0.0055**2)] = style.buttons
    if style.belt is not None:
        height, half, tone = style.belt
        away = np.abs(-down - height)
        colours[away < half] = tone
        colours[np.abs(away - half) < 0.0015] *= 0.6
        colours[body & (away < half * 0.8) & (np.abs(np.abs(across - 0.03) - 0.02) < 0.003)] *= 0.6
    if style.lapel:
        inside = style.edge.inside(across, below)
        width = style.lapel * np.interp(below, [0.0, 0.12, 0.34], [0.6, 1.0, 0.0])
        fold = body & (inside < width)
        colours[fold] *= 1.07
        colours[body & (np.abs(inside - width) < 0.003) & (width > 0)] *= 0.5
        colours[fold & (np.abs(below - 0.1 - 0.4 * inside) < 0.003)] *= 0.5


def _to_opening(style: TopStyle, across: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.abs(across - 0.005) - style.opening[0] - style.opening[1] * np.clip(below, 0, 0.6)


def under_opening(style: TopStyle, measures: Measures, chart: np.ndarray) -> np.ndarray:
    """Where a top with a painted opening shows what is under it, bool (N,) at chart points (N, 8)."""
    across, down, behind, sleeve, collar = (chart[:, i] for i in (0, 1, 2, 3, 7))
    body = (behind < measures.neck[1] + 0.01) & (sleeve <= 0.5) & (collar < 0.5)
    return body & (_to_opening(style, across, down + measures.neck[2]) < 0)
