"""Product pictures: a flat garment lit on its background, with a neck label or a hanger."""

import cv2
import numpy as np

from vton.rendering.backgrounds import wall
from vton.rendering.flat import FlatView
from vton.rendering.folds import crease, fold_depth, random_folds
from vton.rendering.inner_back import inner_back, paint_inner_back
from vton.rendering.laying import FlatLook
from vton.rendering.scene import random_light, shade, smooth_edges
from vton.rendering.sewing import SewnTop
from vton.rendering.styles import TopStyle, paint_top
from vton.rendering.textures import cloth_colour

GROUNDS = {"white": 0.44, "off-white": 0.39, "coloured": 0.12, "table": 0.05}


def product_picture(
    flat: FlatView, sewn: SewnTop, style: TopStyle, look: FlatLook, rng: np.random.Generator
) -> np.ndarray:
    """The picture of a garment by itself, uint8 RGB (H, W, 3)."""
    measures, loose = sewn.top.measures, sewn.top.cut.loose
    size, chart, normals = flat.mask.shape, flat.chart, flat.normals.copy()
    inner = inner_back(flat)
    ground = random_ground(size, rng)
    colours = paint_top(style, measures, ground[flat.mask].mean(0) * 0.97, chart)
    paint_inner_back(colours, flat, sewn, style, rng)
    normals[inner] *= -1
    folds = random_folds(rng, loose * 0.6)
    shallow = 0.7 if look.laid else 0.5
    depth = shallow * fold_depth(folds, chart, measures)
    crease(normals, depth, np.flatnonzero(flat.mask), size[1], flat.scale)
    colour, normal = np.zeros((*size, 3), np.float32), np.zeros((*size, 3), np.float32)
    colour[flat.mask], normal[flat.mask] = colours, normals
    gloss = np.where(flat.mask, style.cloth.gloss * 0.5, 0).astype(np.float32)
    lit = shade(colour, normal, flat.depth, gloss, random_light(rng, studio=True))
    picture = np.where(flat.mask[..., None], lit, _shadowed(ground, flat.mask, rng))
    if look.kind == "hanger":
        behind = ~flat.mask
        behind[flat.mask] = inner
        picture = _hang(picture, flat, behind, rng)
    picture = smooth_edges(picture.astype(np.float32), flat.mask.astype(np.uint8))
    if rng.random() < 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.3, 0.7)))
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8)


def random_ground(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """What product pictures are taken on, float32 (H, W, 3): white, off-white, coloured paper, a table or floor."""
    kind = str(rng.choice(list(GROUNDS), p=list(GROUNDS.values())))
    if kind == "table":
        return np.clip(wall(size, rng), 0, 1).astype(np.float32)
    tone = np.ones(3)
    if kind == "off-white":
        tone = float(rng.choice([0.965, 0.93, 0.86])) * (1 - rng.uniform(0, 0.03, 3))
    elif kind == "coloured":
        warm = np.array([0.93, 0.9, 0.87]) * rng.uniform(0.85, 1.03)
        tone = warm if rng.random() < 0.5 else 0.75 + 0.2 * cloth_colour(rng)
    ground = np.ones((*size, 3), np.float32) * np.asarray(tone, np.float32)
    if kind != "white" and rng.random() < 0.3:
        corners = rng.uniform(0.9, 1.03, (2, 2)).astype(np.float32)
        ground *= cv2.resize(corners, size[::-1], interpolation=cv2.INTER_LINEAR)[..., None]
    return np.clip(ground, 0, 1)


def _shadowed(ground: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Sometimes with a soft shadow of the garment."""
    if rng.random() > 0.45:
        return ground
    shadow = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), float(rng.uniform(2, 10)))
    moved = np.roll(shadow, (int(rng.integers(0, 7)), int(rng.integers(-5, 6))), (0, 1))
    return ground * (1 - rng.uniform(0.05, 0.35) * moved)[..., None]


def _hang(picture: np.ndarray, flat: FlatView, behind: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The picture (H, W, 3) with a hanger that shows above the garment and in its neckline.

    Args:
        behind: bool (H, W), where the hanger is before what the picture shows: the ground and the inner back.
    """
    height, width = flat.mask.shape
    rows, columns = np.nonzero(flat.mask)
    trunk = flat.chart[:, 3] < 0.3
    middle = float(np.median(columns[trunk]))
    tall = np.ptp(rows)
    upper = trunk & (rows < rows.min() + 0.14 * tall)
    half = float(np.quantile(np.abs(columns[upper] - middle), 0.97))
    ends = np.abs(np.abs(columns - middle) - half) < 0.06 * half + 1
    shoulder = float(np.quantile(rows[ends & trunk], 0.02)) + 0.008 * height
    peak = shoulder - rng.uniform(0.22, 0.36) * half
    thick, radius = max(1, round(rng.uniform(0.004, 0.02) * height)), rng.uniform(0.022, 0.034) * height
    drawn = np.zeros((height, width), np.uint8)
    for sign in (-1, 1):
        corners = [
            (middle, peak),
            (middle + sign * half * 0.5, peak + 0.42 * (shoulder - peak)),
            (middle + sign * half, shoulder),
        ]
        cv2.polylines(drawn, [np.round(corners).astype(np.int32)], False, 255, thick, cv2.LINE_AA)
    colour = [np.array([0.62, 0.46, 0.3]) * rng.uniform(0.6, 1.3), np.full(3, rng.uniform(0.05, 0.95))][rng.integers(2)]
    hook = np.zeros_like(drawn)
    wire = max(1, round(0.005 * height))
    centre = (round(middle), round(peak - 1.7 * radius))
    cv2.ellipse(hook, centre, (round(radius), round(radius)), 0, -200, 80, 255, wire, cv2.LINE_AA)
    cv2.line(hook, (centre[0], round(centre[1] + radius)), (centre[0], round(peak)), 255, wire, cv2.LINE_AA)
    for mask, tone in ((hook, np.full(3, 0.55)), (drawn, np.clip(colour, 0, 1))):
        share = (mask.astype(np.float32) / 255 * behind)[..., None]
        picture = picture * (1 - share) + tone * share
    return picture
