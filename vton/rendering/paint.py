"""What surfaces look like before light falls on them: skin with a face, tops with prints and seams, bottoms, hair."""

from dataclasses import dataclass

import numpy as np

from vton.labels import Parse
from vton.rendering.garments import Cut, Measures
from vton.rendering.textures import (
    HAIR_COLOURS,
    HAIR_SHARES,
    Cloth,
    bottom_colour,
    chest_print,
    cloth_colour,
    denim,
    noise_bank,
    random_cloth,
    sample,
    skin_colour,
)


@dataclass(frozen=True)
class Complexion:
    """skin and hair colours, float32 (3,); lips and iris in [0, 1] from pale to strong."""

    skin: np.ndarray
    hair: np.ndarray
    lips: float
    iris: float


def random_complexion(rng: np.random.Generator) -> Complexion:
    """Draw skin, hair, lips and eyes."""
    skin = skin_colour(rng)
    hair = HAIR_COLOURS[rng.choice(len(HAIR_COLOURS), p=HAIR_SHARES)] * rng.uniform(0.7, 1.25)
    if skin.mean() < 0.5 and rng.random() < 0.85:
        hair = HAIR_COLOURS[0] * rng.uniform(0.7, 2)
    return Complexion(skin, np.clip(hair, 0.02, 1), float(rng.random()), float(rng.random()))


def paint_skin(look: Complexion, head: np.ndarray, face: np.ndarray) -> np.ndarray:
    """Colours (N, 3) of skin.

    Args:
        head: float32 (N, 3), head coordinates (see `bodies.eye_coordinates`).
        face: bool (N,), whether the pixel belongs to the face.
    """
    mottle = 1 + 0.02 * sample(noise_bank()["even"][0], head[:, 0] * 2 + 40, head[:, 2] * 2 + 40)
    colours = look.skin * mottle[:, None]
    near = np.flatnonzero(face & (head[:, 1] < 0.03))
    x, z = np.abs(head[near, 0]), head[near, 2]
    painted = colours[near]

    def stain(inside: np.ndarray, factor: np.ndarray | float, added: np.ndarray | float = 0.0) -> None:
        painted[inside] = painted[inside] * factor + added

    stain(((x - 0.03) / 0.024) ** 2 + ((z - 0.004) / 0.016) ** 2 < 1, 0.9)
    stain(((x - 0.052) / 0.022) ** 2 + ((z + 0.038) / 0.02) ** 2 < 1, np.array([1.02, 0.95, 0.95]))
    arch = 0.021 + 0.1 * np.clip(0.03 - x, 0, 0.1) * 0.5 - 0.15 * np.clip(x - 0.035, 0, 1)
    stain((np.abs(z - arch) < 0.0028 + 0.0018 * look.iris) & (x > 0.012) & (x < 0.05), 0.42, look.hair * 0.35)
    stain(((x - 0.03) / 0.0165) ** 2 + (z / 0.0078) ** 2 < 1, 0.5)
    stain(((x - 0.03) / 0.0145) ** 2 + (z / 0.0056) ** 2 < 1, 0.0, 0.84)
    stain((x - 0.03) ** 2 + z**2 < 0.0056**2, 0.0, np.array([0.16, 0.11, 0.08]) + 0.15 * look.iris)
    stain((x - 0.007) ** 2 * 2 + (z + 0.044) ** 2 < 0.0035**2, 0.72)
    lips = look.skin * np.array([1.0, 0.68, 0.66]) * (0.82 + 0.25 * look.lips)
    if look.lips > 0.75:
        lips = lips + np.array([0.2, -0.06, -0.04])
    stain((x / 0.025) ** 2 + ((z + 0.068) / 0.009) ** 2 < 1, 0.0, np.clip(lips, 0, 1))
    stain((x < 0.022) & (np.abs(z + 0.0675) < 0.0011), 0.6)
    colours[near] = painted
    return colours.astype(np.float32)


@dataclass(frozen=True)
class TopStyle:
    """Everything seen on a top that is not its shape. Lengths in metres; `None` where a feature is absent."""

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


def random_style(cut: Cut, skin: np.ndarray, rng: np.random.Generator) -> TopStyle:
    """Draw cloth, print, trim, buttons; open jackets show an inner top; a few tops are sheer."""
    colour = cloth_colour(rng, skin)
    cloth = random_cloth(rng, colour)
    buttoned = cut.neck == "shirt" or rng.random() < 0.06
    opened = cut.sleeve == "long" and not cut.tucked and not cut.dress and rng.random() < 0.18
    contrast = rng.random() < 0.2
    return TopStyle(
        cloth=cloth,
        sleeves=random_cloth(rng, cloth_colour(rng)) if rng.random() < 0.05 else None,
        lining=float(rng.uniform(0.55, 0.85)),
        chest=chest_print(rng) if rng.random() < 0.34 and not opened else None,
        chest_place=(
            float(rng.uniform(0.13, 0.34)),
            float(rng.uniform(-0.02, 0.02) if rng.random() < 0.75 else 0.08),
            float(rng.uniform(0.06, 0.11) if rng.random() < 0.25 else rng.uniform(0.14, 0.3)),
        ),
        trim_tone=(cloth_colour(rng) if contrast else colour * rng.uniform(0.8, 1.1)) if rng.random() < 0.5 else None,
        trim_width=float(rng.uniform(0.008, 0.024)),
        buttons=(np.full(3, rng.uniform(0.1, 0.95)) if rng.random() < 0.7 else colour * 0.6)
        if buttoned and not opened
        else None,
        opening=(float(rng.uniform(0.0, 0.06)), float(rng.uniform(-0.02, 0.15))) if opened else None,
        inner=random_cloth(rng, cloth_colour(rng), 0.85),
        sheer=float(rng.uniform(0.15, 0.45)) if rng.random() < 0.05 else 0.0,
        yoke_only=bool(rng.random() < 0.6),
    )


def paint_top(style: TopStyle, measures: Measures, skin: np.ndarray, chart: np.ndarray) -> np.ndarray:
    """Colours (N, 3) of a top at chart points (N, 8), see `sewing.CHART`."""
    across, down, behind, sleeve, along, around, trim, collar = chart.T
    on_sleeve, front = sleeve > 0.5, behind < measures.neck[1] + 0.01
    cloth = style.sleeves or style.cloth
    colours = np.where(on_sleeve[:, None], cloth.at(around, along), style.cloth.at(across, down))
    below = down + measures.neck[2]
    if style.chest is not None:
        _print_on(colours, style, measures, across, below, front & (collar < 0.5))
    if style.sheer:
        thin = (below < 0.17 * measures.scale) | (not style.yoke_only)
        share = np.where(thin, style.sheer, 0)[:, None]
        colours = colours * (1 - share) + skin * share
    body = front & ~on_sleeve & (collar < 0.5)
    if style.opening is not None:
        half = style.opening[0] + style.opening[1] * np.clip(below, 0, 0.6)
        distance = np.abs(across - 0.005) - half
        inside = body & (distance < 0)
        colours[inside] = style.inner.at(across[inside], down[inside])
        colours[body & (np.abs(distance) < 0.003)] *= 0.55
    if style.buttons is not None:
        place = body & (np.abs(across) < 0.015)
        colours[place] *= 0.96
        colours[body & (np.abs(np.abs(across) - 0.015) < 0.0013)] *= 0.72
        step = (down * 11) % 1 - 0.5
        colours[body & (across**2 + (step / 11) ** 2 < 0.0055**2)] = style.buttons
    if style.trim_tone is not None:
        edge = (trim < style.trim_width) & (collar < 0.5)
        colours[edge] = style.trim_tone
        colours[(np.abs(trim - style.trim_width) < 0.0012) & (collar < 0.5)] *= 0.75
    return np.clip(colours, 0, 1).astype(np.float32)


def _print_on(
    colours: np.ndarray, style: TopStyle, measures: Measures, across: np.ndarray, below: np.ndarray, where: np.ndarray
) -> None:
    side = len(style.chest)
    depth, offset, size = style.chest_place
    column = ((across - offset) / size + 0.5) * side
    row = ((below - depth * measures.scale) / size + 0.5) * side
    inside = np.flatnonzero(where & (column >= 0) & (column < side) & (row >= 0) & (row < side))
    ink = style.chest[row[inside].astype(int), column[inside].astype(int)]
    colours[inside] = colours[inside] * (1 - ink[:, 3:]) + ink[:, :3] * ink[:, 3:]


@dataclass(frozen=True)
class BottomStyle:
    """Cloth of trousers or a skirt, whether it is denim with seams, and the shoes' colour."""

    cloth: Cloth
    is_denim: bool
    shoes: np.ndarray


def random_bottom_style(rng: np.random.Generator, top: np.ndarray, skirt: bool) -> BottomStyle:
    """Draw the cloth of a bottom beside a top of a colour."""
    colour, is_denim = bottom_colour(rng, top)
    cloth = denim(rng, colour) if is_denim else random_cloth(rng, colour, 0.6 if skirt else 0.9)
    shoes = np.full(3, rng.choice([0.08, 0.9])) if rng.random() < 0.6 else cloth_colour(rng)
    return BottomStyle(cloth, is_denim, np.asarray(shoes, np.float32))


def paint_bottom(style: BottomStyle, rest: np.ndarray, waist: float, crotch: float) -> np.ndarray:
    """Colours (N, 3) of a bottom at rest positions (N, 3)."""
    x, y, z = rest.T
    colours = style.cloth.at(x + 0.7 * np.sign(x) * np.maximum(y, 0), -z)
    front = y < 0
    colours[front & (np.abs(x) < 0.0025) & (z > crotch)] *= 0.72
    colours[np.abs(z - (waist - 0.04)) < 0.0025] *= 0.75
    if style.is_denim:
        pocket = np.abs((np.abs(x) - 0.06) ** 2 + (z - waist + 0.01) ** 2 - 0.075**2) < 0.0004
        colours[front & pocket & (z < waist - 0.04) & (np.abs(x) > 0.05)] *= 0.7
        colours[(np.abs(x) < 0.012) & front & (np.abs(z - (waist - 0.02)) < 0.008)] = [0.55, 0.45, 0.3]
    return np.clip(colours, 0, 1).astype(np.float32)


def paint_hair(look: Complexion, strands: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Colours (N, 3) of hair at strand coordinates (N, 2), and the strands' noise (N,) that tilts its normals."""
    noise = sample(noise_bank()["strands"][1], strands[:, 0], strands[:, 1])
    return np.clip(look.hair * (1 + 0.22 * noise[:, None]), 0, 1).astype(np.float32), noise


LOWER_LABEL = {"trousers": Parse.PANTS, "shorts": Parse.PANTS, "skirt": Parse.SKIRT}
"""Parse label by kind of bottom."""
