"""Trousers, shorts and skirts laid beside a garment, as pictures of sets show them; what they show is no part of it."""

import cv2
import numpy as np

from vton.training.augment import Random
from vton.training.grounds import laid_on_cloth

KINDS = {"trousers": 0.75, "shorts": 0.15, "skirt": 0.1}
SAME_CLOTH, PRINTED = 0.4, 0.35
"""Of them: in the garment's colour, as sets are; with shapes laid on the cloth."""
WIDE, SHORT = (0.38, 0.62), 0.4
"""How wide the waist is, as a share of the garment's width; which share of the length shorts and skirts have."""
WAISTBAND = 1 / 15
"""How far a waistband reaches, as a share of the way down to a knee or to a skirt's hem."""
ACROSS, DOWN, TURNED = 0.3, (0.72, 1.1), 16.0
"""How far to the side the waist lies, and where below the garment's top, as shares of its width and height, deviation
and range; deviation in degrees."""


def random_trousers(mask: np.ndarray, cloth: np.ndarray, random: Random) -> tuple[np.ndarray, np.ndarray]:
    """A piece of clothing for the legs that lies below a garment, to a side of it or partly on it.

    Args:
        mask: float32 (H, W) in [0, 1], the garment, not empty. cloth: (3,), its usual colour.

    Returns:
        Its colours, float32 (H, W, 3) in [0, 1], and where it is, float32 (H, W) in [0, 1].
    """
    left, top, width, height = cv2.boundingRect((mask > 0.5).view(np.uint8))
    kind = str(random.choice(list(KINDS), p=list(KINDS.values())))
    waist = width * random.uniform(*WIDE)
    corners = _outline(kind, waist, random)
    degrees = random.normal() * TURNED
    place = np.array([left + width * (0.5 + random.normal() * ACROSS), top + height * random.uniform(*DOWN)])
    turned = cv2.getRotationMatrix2D((0.0, 0.0), degrees, 1.0)[:, :2]
    points = corners @ turned.T + place
    where = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(where, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    colour = cloth if random.random() < SAME_CLOTH else random.uniform(0, 1, 3) * random.uniform(0.2, 1)
    colours = _with_folds(where, np.clip(colour, 0.02, 1), random)
    if random.random() < PRINTED and where.any():
        colours = laid_on_cloth(colours, where.astype(np.float32) / 255, random.uniform(0, 1, 3), random)
    _draw_seams(colours, points, random)
    return colours.clip(0, 1), where.astype(np.float32) / 255


def _outline(kind: str, waist: float, random: Random) -> np.ndarray:
    """Points (N, 2), x and y from the middle of the waist; the two of the waist come first."""
    length = waist * random.uniform(1.5, 2.7) * (1 if kind == "trousers" else SHORT)
    half, hip = waist / 2, waist * random.uniform(0.52, 0.68)
    if kind == "skirt":
        hem = hip * random.uniform(1.0, 1.8)
        return np.array([(-half, 0), (half, 0), (hem, length), (0, length * random.uniform(1, 1.06)), (-hem, length)])
    crotch = min(waist * random.uniform(0.5, 0.8), 0.85 * length)
    leg, apart = hip * random.uniform(0.45, 0.95), hip * random.uniform(0.0, 0.5)
    sides = []
    for side in (-1, 1):
        # Legs are bent at the knee, each by itself.
        knee = np.array([side * (apart + leg) / 2 + random.normal() * 0.08 * waist, (crotch + length) / 2])
        foot = np.array([side * (apart + leg / 2) + random.normal() * 0.14 * waist, length * random.uniform(0.9, 1.0)])
        across = np.array([leg / 2 * random.uniform(0.8, 1.1), random.normal() * 0.04 * waist])
        outer = [np.array([side * hip, 0.6 * crotch]), knee + side * across * 1.1, foot + side * across]
        inner = [foot - side * across, knee - side * across]
        sides.append((outer, inner))
    (left_outer, left_inner), (right_outer, right_inner) = sides
    middle = [np.array([random.normal() * 0.03 * waist, crotch])]
    waistline = [np.array([-half, 0]), np.array([half, 0])]
    return np.array([*waistline, *right_outer, *right_inner, *middle, *left_inner[::-1], *left_outer[::-1]])


def _with_folds(where: np.ndarray, colour: np.ndarray, random: Random) -> np.ndarray:
    """Cloth of one colour with folds along the legs and shade at its edges, float32 (H, W, 3)."""
    height, width = where.shape
    coarse = random.normal(size=(max(2, height // 24), max(2, width // 7))).astype(np.float32)
    folds = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    inner = cv2.GaussianBlur(where, (0, 0), random.uniform(1.5, 5)).astype(np.float32) / 255
    shade = (1 + random.uniform(0.02, 0.12) * folds) * (1 - random.uniform(0, 0.4) * (1 - inner))
    return (shade[..., None] * colour).astype(np.float32)


def _draw_seams(colours: np.ndarray, points: np.ndarray, random: Random) -> None:
    """A waistband, and the edges in shade. points: (N, 2), in the order of `_outline`."""
    shade = random.uniform(0.4, 0.9)
    dark = tuple((colours[colours.shape[0] // 2, colours.shape[1] // 2] * shade).tolist())
    down = WAISTBAND * (points[len(points) // 2] - points[:2].mean(0))
    ends = np.round((points[:2] + down) * 16).astype(np.int32)
    if random.random() < 0.7:
        cv2.line(colours, tuple(ends[0].tolist()), tuple(ends[1].tolist()), dark, 1, cv2.LINE_AA, 4)
    if random.random() < 0.6:
        cv2.polylines(colours, [np.round(points * 16).astype(np.int32)], True, dark, 1, cv2.LINE_AA, 4)
