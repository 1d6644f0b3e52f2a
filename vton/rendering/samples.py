"""One rendered training sample: a body in two outfits, one garment's flat picture, and every truth about them."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from vton.labels import BOTTOM_LABELS, UPPER_LABELS, Parse
from vton.rendering.accessories import OBJECT
from vton.rendering.bodies import load_bodies
from vton.rendering.cuts import jacket_cut, random_cut
from vton.rendering.drape import drape_of
from vton.rendering.flat import FlatView, draw_flat
from vton.rendering.folds import Folds, crease, fold_depth, random_folds, worn_folds
from vton.rendering.garments import make_top
from vton.rendering.laying import random_look
from vton.rendering.measures import arm_chart, measure
from vton.rendering.paint import random_complexion
from vton.rendering.product import product_picture
from vton.rendering.rasteriser import EMPTY_DEPTH
from vton.rendering.scene import Canvas, Drawn, photograph, shade, smooth_edges
from vton.rendering.sewing import SewnTop, pose_top, sew
from vton.rendering.skeleton import Pose, flat_pose
from vton.rendering.styles import TopStyle, jacket_style, paint_top, random_style, under_opening
from vton.rendering.wearer import Layer, Wearer, draw_bottom, draw_wearer, face_camera, keypoints_of, make_wearer

DRESSES = {"neither": 0.7, "both": 0.18, "other": 0.07, "worn": 0.05}
"""Which of a sample's two pictures show a dress."""
BROAD_DRESS_SHARE = 0.15
"""How often these shares hold for people with broad shoulders, who wear none otherwise."""
BEARD_SHARES = {True: 0.32, False: 0.0}
"""Of people with and without broad shoulders."""
MATCHING_SKIRT_SHARE = 0.6
"""Of the people with a dress in one picture: in the other they wear its lower part as a skirt, as `methods` treats a
dress below the waist."""
JACKET_SHARES = (0.02, 0.16)
"""How often an open jacket is worn over the garment, and over the other top."""
SUIT_SHARE = 0.15


@dataclass(frozen=True)
class Sample:
    """What the dataset stores of one rendering; pictures uint8 RGB (H, W, 3), maps (H, W).

    image, parse: the person in the garment; other, other_parse: the same in another top. parse holds `labels.Parse`:
        an open jacket is COAT, bags and phones are BACKGROUND.
    cloth, cloth_mask (bool): the garment by itself.
    parts: uint8, DensePose ids of the unclothed body. keypoints: float32 (18, 3), pixels and confidence 0 or 1.
    flow: float32 (H, W, 2), pixel indices x, y of `cloth` that each pixel of `image` shows; valid: bool, where that is
        so: garment pixels whose place is visible in `cloth`.
    tucked: whether the garment's hem is in the trousers or skirt.
    """

    image: np.ndarray
    parse: np.ndarray
    other: np.ndarray
    other_parse: np.ndarray
    cloth: np.ndarray
    cloth_mask: np.ndarray
    parts: np.ndarray
    keypoints: np.ndarray
    flow: np.ndarray
    valid: np.ndarray
    tucked: bool = False


@dataclass(frozen=True)
class _Worn:
    """A sewn top, dress or jacket with its looks and folds."""

    sewn: SewnTop
    style: TopStyle
    folds: Folds


def render_sample(seed: int, index: int, size: tuple[int, int] = (512, 384)) -> Sample:
    """Render sample `index` of a dataset; the result depends on nothing but the three arguments.

    Args:
        size: (height, width) in pixels.
    """
    for attempt in range(20):
        rng = np.random.default_rng([seed, index, attempt])
        drawn = _render(rng, size)
        if np.isin(drawn.parse, UPPER_LABELS).mean() > 0.04 and drawn.valid.mean() > 0.02:
            return drawn
    raise RuntimeError(f"Sample {index} of seed {seed} shows no garment in 20 attempts.")


def _render(rng: np.random.Generator, size: tuple[int, int]) -> Sample:
    bodies = load_bodies()
    body = int(rng.integers(len(bodies.rest)))
    chart, measures = arm_chart(body), measure(bodies, body)
    look = random_complexion(rng, BEARD_SHARES[measures.broad], float(bodies.ages[body]))
    dresses = str(rng.choice(list(DRESSES), p=list(DRESSES.values())))
    if measures.broad and rng.random() > BROAD_DRESS_SHARE:
        dresses = "neither"
    dressed = [dresses in ("both", "worn"), dresses in ("both", "other")]
    jacketed = [bool(rng.random() < share) for share in JACKET_SHARES]
    cuts = [random_cut(measures, rng, *how) for how in zip(dressed, jacketed, strict=True)]
    tops = [make_top(bodies, body, chart, measures, cut, rng) for cut in cuts]
    styles = [random_style(cut, measures, look.skin, rng) for cut in cuts]
    skirt = None
    if dressed[0] != dressed[1] and rng.random() < MATCHING_SKIRT_SHARE:
        skirt = (cuts[dressed.index(True)].hem_height, styles[dressed.index(True)].cloth)
    may_sit = not any(dressed) and min(cut.hem_height for cut in cuts) > measures.hip - 0.02
    wearer = make_wearer(bodies, body, measures, styles[0].cloth, skirt, may_sit, look, rng, size)
    layouts = [random_look(cut, rng) for cut in cuts]
    laid = [flat_pose(bodies, body, layout.angles, layout.bend) for layout in layouts]
    worn = []
    for top, style, pose in zip(tops, styles, laid, strict=True):
        waistband = wearer.bottom.waist if top.cut.tucked else None
        worn.append(_Worn(sew(bodies, body, top, pose, waistband), style, random_folds(rng, min(top.cut.loose, 1.2))))
    jackets = [_jacket(wearer, laid[0], rng) if wanted else None for wanted in jacketed]
    base, parts, accessories = draw_wearer(wearer, rng)
    bottom = draw_bottom(wearer) if not all(dressed) else None
    flat = draw_flat(bodies, body, worn[0].sewn, laid[0], layouts[0], rng, size)
    camera_seed = int(rng.integers(1 << 62))
    pictures, flow, valid = [], None, None
    for which in (0, 1):
        canvas = base.copy()
        if not dressed[which]:
            bottom.lay(canvas)
        top = _dress(wearer, canvas, worn[which], flat if which == 0 else None)
        if jackets[which] is not None:
            _dress(wearer, canvas, jackets[which], None)
        for layer in accessories:
            layer.lay(canvas)
        if which == 0:
            flow, valid = _find(canvas, top, flat)
        pictures += [_photo_of(canvas, wearer, camera_seed), np.where(canvas.label == OBJECT, 0, canvas.label)]
    cloth = product_picture(flat, worn[0].sewn, styles[0], layouts[0], rng)
    return Sample(*pictures, cloth, flat.mask, parts, keypoints_of(wearer, size), flow, valid, cuts[0].tucked)


def _jacket(wearer: Wearer, laid: Pose, rng: np.random.Generator) -> _Worn:
    """An open jacket, sometimes of the cloth of the bottom."""
    bodies, body, measures = wearer.bodies, wearer.body, wearer.measures
    cut = jacket_cut(measures, rng)
    top = make_top(bodies, body, arm_chart(body), measures, cut, rng)
    style = jacket_style(cut, rng)
    if rng.random() < SUIT_SHARE:
        style = replace(style, cloth=wearer.bottom_style.cloth)
    return _Worn(sew(bodies, body, top, laid, None), style, random_folds(rng, cut.loose))


def _dress(wearer: Wearer, canvas: Canvas, worn: _Worn, flat: FlatView | None) -> Drawn:
    """Draw a garment onto the canvas; with its flat view, its values end with the place in the flat picture."""
    sewn, style, cut = worn.sewn, worn.style, worn.sewn.top.cut
    drape = drape_of(wearer.bodies, wearer.body, wearer.pose, wearer.measures, cut, wearer.bottom.waist)
    folds = worn_folds(worn.folds, drape, cut.sleeve_end)
    points = pose_top(wearer.bodies, wearer.body, sewn, wearer.pose, folds, cut.tucked)
    values = sewn.chart if flat is None else np.hstack([sewn.chart, flat.screen, flat.facing[:, None]])
    bias: np.ndarray | float = 0.05 if cut.jacket else 0.028
    if cut.tucked:
        above = np.clip((-sewn.chart[:, 1] - wearer.bottom.waist) / 0.05, 0, 1)
        bias = 0.003 + 0.02 * np.where(sewn.chart[:, 3] > 0.5, 1, above).astype(np.float32)
    drawn = wearer.draw_mesh(points, sewn.triangles, sewn.cover_worn, values, bias)
    face_camera(drawn.normals)
    chart = drawn.values[:, :8]
    scale = wearer.camera.focal / wearer.camera.distance
    depth = fold_depth(folds, chart, wearer.measures)
    crease(drawn.normals, depth, drawn.pixels, wearer.camera.size[1], scale)
    colours = paint_top(style, wearer.measures, wearer.look.skin, chart)
    labels: np.ndarray | int = int(Parse.DRESS if cut.dress else Parse.COAT if cut.jacket else Parse.UPPER)
    if style.opening is not None:
        labels = np.where(under_opening(style, wearer.measures, chart), Parse.UPPER, Parse.COAT).astype(np.uint8)
    over = () if cut.tucked else (*BOTTOM_LABELS, *((Parse.UPPER, Parse.DRESS) if cut.jacket else ()))
    Layer(drawn, colours, labels, style.cloth.gloss, over).lay(canvas)
    return drawn


def _find(canvas: Canvas, top: Drawn, flat: FlatView) -> tuple[np.ndarray, np.ndarray]:
    """The flow (H, W, 2) to the flat picture, and where it is valid (H, W)."""
    place = np.zeros((*canvas.size, 4), np.float32)
    place.reshape(-1, 4)[top.pixels] = top.values[:, 8:]
    seen = np.zeros(canvas.size, bool)
    seen.reshape(-1)[top.pixels[canvas.shows(top)]] = True
    flow = np.ascontiguousarray(place[..., :2]) - 0.5
    nearest = cv2.remap(flat.depth, flow, None, cv2.INTER_NEAREST, borderValue=float(EMPTY_DEPTH))
    inside = cv2.remap(flat.mask.astype(np.uint8), flow, None, cv2.INTER_NEAREST, borderValue=0) > 0
    return flow, seen & inside & (place[..., 2] < nearest + flat.tolerance) & (place[..., 3] < 0.15)


def _photo_of(canvas: Canvas, wearer: Wearer, seed: int) -> np.ndarray:
    """The lit picture before its background as a camera takes it, uint8 RGB."""
    picture = shade(canvas.colour, canvas.normal, canvas.depth, canvas.gloss, wearer.light)
    drawn = canvas.depth < EMPTY_DEPTH / 2
    picture = np.where(drawn[..., None], picture, _cast_shadow(wearer.background, drawn, seed))
    edges = np.where(drawn & (canvas.label == Parse.BACKGROUND), OBJECT, canvas.label).astype(np.uint8)
    return photograph(smooth_edges(picture, edges), wearer.light, np.random.default_rng(seed))


def _cast_shadow(background: np.ndarray, drawn: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if rng.random() > 0.4:
        return background
    height = len(drawn)
    shadow = cv2.GaussianBlur(drawn.astype(np.float32), (0, 0), height / 30)
    moved = np.roll(shadow, int(rng.integers(-20, 20)), 1)
    return background * (1 - 0.25 * rng.random() * moved)[..., None]
