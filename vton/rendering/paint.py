"""What surfaces look like before light falls on them: skin with a face, bottoms, hair."""

from dataclasses import dataclass

import numpy as np

from vton.labels import Parse
from vton.rendering.textures import (
    HAIR_COLOURS,
    HAIR_SHARES,
    Cloth,
    bottom_colour,
    cloth_colour,
    denim,
    noise_bank,
    random_cloth,
    sample,
    skin_colour,
)


@dataclass(frozen=True)
class Complexion:
    """skin and hair colours, float32 (3,); lips and iris in [0, 1] from pale to strong; beard: 0 for none, up to 1;
    tights: colour of the legs, or None for bare ones."""

    skin: np.ndarray
    hair: np.ndarray
    lips: float
    iris: float
    beard: float
    tights: np.ndarray | None


def random_complexion(rng: np.random.Generator, bearded_share: float, age: float) -> Complexion:
    """Draw skin, hair, lips, eyes, and a beard as often as `bearded_share`; hair greys with age (of `BodySet.ages`)."""
    skin = skin_colour(rng)
    hair = HAIR_COLOURS[rng.choice(len(HAIR_COLOURS), p=HAIR_SHARES)] * rng.uniform(0.7, 1.25)
    if skin.mean() < 0.5 and rng.random() < 0.85:
        hair = HAIR_COLOURS[0] * rng.uniform(0.7, 2)
    if rng.random() < 0.75 * np.clip((age - 0.76) / 0.24, 0, 1):
        hair = HAIR_COLOURS[-1] * rng.uniform(0.75, 1.45)
    beard = float(rng.uniform(0.3, 1.0)) if rng.random() < bearded_share else 0.0
    tights = skin * rng.uniform(0.15, 0.6) if rng.random() < 0.06 else None
    lips = float(rng.random()) * (0.7 if beard else 1.0)
    return Complexion(skin, np.clip(hair, 0.02, 1), lips, float(rng.random()), beard, tights)


def paint_skin(look: Complexion, head: np.ndarray, face: np.ndarray, legs: np.ndarray) -> np.ndarray:
    """Colours (N, 3) of skin.

    Args:
        head: float32 (N, 3), head coordinates (see `bodies.eye_coordinates`).
        face, legs: bool (N,), whether the pixel belongs to the face or to the legs.
    """
    mottle = 1 + 0.02 * sample(noise_bank()["even"][0], head[:, 0] * 2 + 40, head[:, 2] * 2 + 40)
    colours = look.skin * mottle[:, None]
    if look.tights is not None:
        colours[legs] = look.tights
    near = np.flatnonzero(face & (head[:, 1] < (0.07 if look.beard else 0.03)))
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
    if look.beard:
        edge = np.interp(x, [0.0, 0.03, 0.05, 0.075], [-0.055, -0.055, -0.045, 0.01])
        share = (look.beard * np.clip((edge - z) / 0.008, 0, 1))[:, None]
        painted = painted * (1 - share) + look.hair * 0.9 * share
    lips = look.skin * np.array([1.0, 0.68, 0.66]) * (0.82 + 0.25 * look.lips)
    if look.lips > 0.75:
        lips = lips + np.array([0.2, -0.06, -0.04])
    stain((x / 0.025) ** 2 + ((z + 0.068) / 0.009) ** 2 < 1, 0.0, np.clip(lips, 0, 1))
    stain((x < 0.022) & (np.abs(z + 0.0675) < 0.0011), 0.6)
    colours[near] = painted
    return colours.astype(np.float32)


@dataclass(frozen=True)
class BottomStyle:
    """Cloth of trousers or a skirt, whether it is denim with seams, and the colours of belt and side stripe, if any."""

    cloth: Cloth
    is_denim: bool
    belt: np.ndarray | None
    stripe: np.ndarray | None


def random_bottom_style(rng: np.random.Generator, top: Cloth, skirt: bool) -> BottomStyle:
    """Draw the cloth of a bottom beside a top; now and then it is the top's own."""
    colour, is_denim = bottom_colour(rng, top.colour)
    cloth = denim(rng, colour) if is_denim else random_cloth(rng, colour, 0.6 if skirt else 0.85)
    if rng.random() < 0.05:
        cloth, is_denim = top, False
    belt = np.array([0.3, 0.19, 0.11]) * rng.uniform(0.1, 1.6) if rng.random() < 0.2 else None
    stripe = cloth_colour(rng) if rng.random() < 0.06 and not skirt and not is_denim else None
    return BottomStyle(cloth, is_denim, belt, stripe)


def paint_bottom(style: BottomStyle, rest: np.ndarray, waist: float, crotch: float) -> np.ndarray:
    """Colours (N, 3) of a bottom at rest positions (N, 3)."""
    x, y, z = rest.T
    colours = style.cloth.at(x + 0.7 * np.sign(x) * np.maximum(y, 0), -z)
    front = y < 0
    colours[front & (np.abs(x) < 0.0025) & (z > crotch)] *= 0.72
    colours[np.abs(z - (waist - 0.04)) < 0.0025] *= 0.75
    if style.stripe is not None:
        colours[(np.abs(y) < 0.018) & (np.abs(x) > 0.08)] = style.stripe
    if style.belt is not None:
        band = (z > waist - 0.037) & (z < waist - 0.006)
        colours[band] = style.belt
        colours[band & front & (np.abs(x) < 0.022)] = [0.7, 0.66, 0.55]
        colours[band & front & (np.abs(x) < 0.015) & (np.abs(z - waist + 0.021) < 0.009)] = style.belt
    if style.is_denim:
        pocket = np.abs((np.abs(x) - 0.06) ** 2 + (z - waist + 0.01) ** 2 - 0.075**2) < 0.0004
        colours[front & pocket & (z < waist - 0.04) & (np.abs(x) > 0.05)] *= 0.7
        if style.belt is None:
            colours[(np.abs(x) < 0.012) & front & (np.abs(z - (waist - 0.02)) < 0.008)] = [0.55, 0.45, 0.3]
    return np.clip(colours, 0, 1).astype(np.float32)


def paint_hair(look: Complexion, strands: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Colours (N, 3) of hair at strand coordinates (N, 2), and the strands' noise (N,) that tilts its normals."""
    noise = sample(noise_bank()["strands"][1], strands[:, 0], strands[:, 1])
    return np.clip(look.hair * (1 + 0.15 * noise[:, None]), 0, 1).astype(np.float32), noise


LOWER_LABEL = {"trousers": Parse.PANTS, "shorts": Parse.PANTS, "skirt": Parse.SKIRT}
"""Parse label by kind of bottom."""
