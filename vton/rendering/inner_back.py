"""The inside of a flat garment's back as its neckline shows it: what it is made of, its label and its shade."""

import cv2
import numpy as np

from vton.rendering.flat import FlatView
from vton.rendering.sewing import SewnTop
from vton.rendering.styles import TopStyle
from vton.rendering.textures import cloth_colour

LABEL_SHARE = 0.6
"""Of the garments whose inner back shows the maker's label."""
ALIKE_SHARE = 0.4
"""Of the garments whose inside is about as light as their outside: photographers fill shadows."""
PATTERN_SHARE = 0.5
"""Of the garments whose pattern shows on the inside too, weaker: it is woven, or has gone through."""
_FACING_AWAY = 0.05
"""Normals that look away by more than this belong to the inner back."""


def inner_back(flat: FlatView) -> np.ndarray:
    """Which of the mask's pixels show the garment from within: bool (N,)."""
    return flat.normals[:, 1] > _FACING_AWAY


def paint_inner_back(
    colours: np.ndarray, flat: FlatView, sewn: SewnTop, style: TopStyle, rng: np.random.Generator
) -> None:
    """Give the inner back its colours, in place: cloth, ribbing, tape, shade of the front and label.

    Args:
        colours: float32 (N, 3) over the mask's pixels, as the outside of the cloth has them.
    """
    inner, trim = inner_back(flat), flat.chart[:, 6]
    if not inner.any():
        return
    plain = style.cloth.colour
    tone = _tone(style, float(np.mean(plain)), rng)
    kept = rng.uniform(0.2, 1.0) if rng.random() < PATTERN_SHARE else 0.0
    ribbed = style.trim_tone is not None and rng.random() < 0.6
    inside = plain + kept * (colours[inner] - plain)
    if rng.random() < 0.04:
        inside = np.broadcast_to(cloth_colour(rng), inside.shape).copy()
    if ribbed:
        inside[trim[inner] < style.trim_width] = style.trim_tone
    if rng.random() < 0.3:
        start = rng.uniform(0.0, 0.024)
        taped = (trim[inner] > start) & (trim[inner] < start + rng.uniform(0.006, 0.014))
        inside[taped] = cloth_colour(rng) if rng.random() < 0.25 else inside[taped] * rng.uniform(0.75, 1.25)
    if rng.random() < 0.1:
        inside[trim[inner] < rng.uniform(0.04, 0.09)] *= rng.uniform(0.8, 1.2)
    colours[inner] = np.clip(inside * tone, 0, 1)
    _shade(colours, flat, inner, rng)
    if rng.random() < LABEL_SHARE:
        lay_label(colours, flat, inner, rng)


def _tone(style: TopStyle, lightness: float, rng: np.random.Generator) -> float:
    """How light the inside is beside the outside. That of dark cloth is often the lighter one: it is smoother."""
    if rng.random() > ALIKE_SHARE:
        return style.lining
    return float(rng.uniform(0.9, 1.35) if lightness < 0.2 and rng.random() < 0.5 else rng.uniform(0.84, 1.03))


def _shade(colours: np.ndarray, flat: FlatView, inner: np.ndarray, rng: np.random.Generator) -> None:
    """Where the front lies close by, less light comes in; in place."""
    if rng.random() < 0.3:
        return
    front = flat.mask.astype(np.float32)
    front[flat.mask] = ~inner
    near = cv2.GaussianBlur(front, (0, 0), float(rng.uniform(0.003, 0.025)) * len(front))[flat.mask][inner]
    colours[inner] *= (1 - rng.uniform(0.05, 0.5) * np.clip(2 * near, 0, 1))[:, None]


def lay_label(colours: np.ndarray, flat: FlatView, inner: np.ndarray, rng: np.random.Generator) -> None:
    """A maker's label on the inner back, in place: sewn in or only printed, dark or light, with lines for words, and
    sometimes another with the size below it."""
    rows, columns = np.nonzero(flat.mask)
    front = ~inner & (flat.chart[:, 3] < 0.3)
    if front.sum() < 100 or inner.sum() < 30:
        return
    metre = np.ptp(rows[front]) / max(float(np.ptp(flat.chart[front, 1])), 0.05)
    centre = float(np.median(columns[front])) + rng.normal() * 0.003 * metre
    middle = inner & (np.abs(columns - centre) < 0.02 * metre) & (rows < rows.min() + 0.25 * metre)
    if not middle.any():
        return
    top = rows[middle].min() + rng.choice([0.0, rng.uniform(0.0, 0.035)]) * metre
    turn = rng.normal() * 0.04
    across = (columns - centre + turn * (rows - top)) / metre
    down = (rows - top - turn * (columns - centre)) / metre
    half, high = rng.uniform(0.008, 0.036), rng.uniform(0.01, 0.06)
    cloth = float(colours[inner].mean())
    dark = np.clip(rng.uniform(0.02, 0.16) + rng.normal(size=3) * 0.02, 0, 1)
    light = np.clip(rng.uniform(0.8, 0.98) + rng.normal(size=3) * 0.03, 0, 1)
    ground, ink = (dark, light) if rng.random() < 0.5 else (light, dark)
    if rng.random() < 0.12:
        ground = cloth_colour(rng)
    if rng.random() < 0.15:
        ground, ink = None, light if cloth < 0.45 else dark
    _label(colours, inner, across, down, half, high, ground, ink, rng)
    if rng.random() < 0.25:
        _label(colours, inner, across, down - high, half * 0.4, rng.uniform(0.008, 0.02), ground, ink, rng)


def _label(
    colours: np.ndarray,
    inner: np.ndarray,
    across: np.ndarray,
    down: np.ndarray,
    half: float,
    high: float,
    ground: np.ndarray | None,
    ink: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """One label, half its width and its height in metres; without a ground only its words."""
    label = inner & (np.abs(across) < half) & (down > 0) & (down < high)
    if ground is not None:
        colours[label] = ground
    if rng.random() < 0.15:
        return
    for line in range(int(rng.integers(1, 4))):
        at, thick, reach = (
            (0.3 + 0.25 * line + 0.1 * rng.random()) * high,
            rng.uniform(0.05, 0.2) * high,
            rng.uniform(0.4, 0.85),
        )
        words = label & (np.abs(down - at) < thick) & (np.abs(across) < reach * half)
        spaced = ((across + 1) * rng.uniform(200, 900)).astype(int) % 3 > 0
        colours[words & spaced] = ink
