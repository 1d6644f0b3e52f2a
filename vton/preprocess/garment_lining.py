"""Which part of a garment's picture shows the inside of its back through the neckline: it lies behind the wearer."""

from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from torch import nn

from vton.beside import beside
from vton.preprocess.collar_outline import collar_outline
from vton.preprocess.lining_band import band_widths, without_band
from vton.preprocess.lining_bowl import shaded_bowl
from vton.preprocess.lining_frame import (
    EDGE,
    agree,
    at_the_neck,
    both_sides,
    grown,
    into_frame,
    look_for_inside,
    more_pointed,
    neck_frame,
    on_both_sides,
    out_of_frame,
    runs_over,
    up_to_the_neck_points,
)
from vton.preprocess.lining_hint import hinted_inside
from vton.preprocess.lining_label import labelled_edge

SIDE = 200
"""Pixels of the square with the garment's area, at the size on which the neckline is looked for."""
APART = 3.5
"""Distance of the two colours that are compared from the edge between them, in pixels at that size."""
WIDTHS = np.arange(20, 80, 4.0)
DEPTHS = np.array([5, 7, 9, 11, 13, 16, 19, 22, 26, 30, 35, 40, 46, 53, 61, 70, 80.0])
SHIFTS = np.array([-8, -4, 0, 4, 8.0])
SHAPES = ((1, 1, 0), (1, 1, 0.3), (1, 1, -0.3), (1.4, 1.1, 0), (2, 1, 0), (2, 2, 0), (3, 2, 0))
"""Half widths, depths and shifts to the side of the arcs that are tried; exponents of their superellipses, and how far
the lowest point lies to the side: straight sides as of a V or of cloth wrapped over, nearly straight ones, a parabola,
an ellipse, and a scoop with steep sides."""
CLEAR = 0.66
"""How consistent the change of colour along a neckline is at least; see `agreement`."""
ALONG = np.linspace(0.06, 0.94, 37) * np.pi


@dataclass(frozen=True)
class Collar:
    """The garment at the size on which its neckline is looked for.

    lab: float32 (H, W, 3). cloth: bool (H, W), not near the outline. top: float (W,), the first row of the garment.
    middle: the collar's column. body: float32 (3,), the chest's colour. noise: how much colours vary on the chest over
    the distance compared. scale: of the picture's pixels to these.
    """

    lab: np.ndarray
    cloth: np.ndarray
    top: np.ndarray
    middle: int
    body: np.ndarray
    noise: float
    scale: float


def lining_mask(pixels: np.ndarray, mask: np.ndarray, network: nn.Module | None = None) -> np.ndarray:
    """The inside of the garment's back that the neckline shows, with the label in it.

    Args:
        pixels: uint8 RGB (H, W, 3).
        mask: float32 (H, W) in [0, 1], where the garment is, the inside of its back included.
        network: a `networks.lining.LiningNet`. It says whether there is an inside; its edge is that of `arc_mask` where
            that means the same place, since rules follow an edge more closely. Without a network rules say everything.

    Returns:
        float32 (H, W) in [0, 1], at most the mask; zeros where no inside was found.
    """
    if network is None:
        return arc_mask(pixels, mask)
    if not (mask > 0.5).any():
        return np.zeros(mask.shape, np.float32)
    matrix = neck_frame(mask)
    with beside(arc_mask, pixels, mask) as ruled_arc:
        framed = into_frame(pixels, matrix), into_frame(mask, matrix)
        inside = look_for_inside(network, *framed)
    sure = at_the_neck(inside)
    if not sure.any():
        for look in (shaded_bowl, labelled_edge, partial(hinted_inside, inside)):
            told = look(*framed)
            if told.any():
                break
        return np.minimum(out_of_frame(told, matrix, mask.shape), mask)
    arc, collar = ruled_arc.result(), collar_outline(mask) is not None
    if collar:
        inside = on_both_sides(inside, framed[1])
        sure = at_the_neck(inside)
    framed_arc = into_frame(arc, matrix)
    if collar and agree(sure, framed_arc) and runs_over(framed_arc, sure):
        return np.minimum(out_of_frame(sure, matrix, mask.shape), mask)
    ruled = agree(inside, framed_arc) and not more_pointed(sure, framed_arc)
    band = band_widths(sure > EDGE, framed_arc > 0.5, framed[1] > 0.5) if ruled else None
    ruled = ruled and band is None
    # What is alike beside a collar's inside is the collar.
    seen = framed_arc if ruled else inside if collar else grown(inside, *framed)
    whole = seen if collar else up_to_the_neck_points(seen, framed[1])
    if ruled and whole is seen:
        return arc
    found = np.minimum(out_of_frame(both_sides(whole, framed[1]), matrix, mask.shape), mask)
    if band is None or collar:
        return found
    # Of ribbing's two edges rules follow the outer one, which is the clearer; the inner one has the same shape.
    narrow, wide = (without_band(arc, width / matrix[0, 0]) for width in band)
    return np.maximum(np.minimum(found, narrow), wide)


def arc_mask(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """What `lining_mask` returns, by rules.

    Looks for the front edge of the neckline: an arc hung from the garment's upper edge along which the cloth on the
    inner side is a darker version of the cloth on the outer side. Without such an arc nothing is marked: a collar, a
    hood, a high neck or a print is not to be taken for the inside.
    """
    collar = look_at(pixels, mask)
    edge = None if collar is None else front_edge(collar)
    if edge is None:
        return np.zeros(mask.shape, np.float32)
    edge = (edge + 0.5) / collar.scale - 0.5
    outline = np.concatenate([edge, [[edge[-1, 0], 0], [edge[0, 0], 0]]])
    drawn = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(drawn, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return np.minimum(cv2.GaussianBlur(drawn.astype(np.float32) / 255, (0, 0), 1.0), mask)


@dataclass(frozen=True)
class Arc:
    """A curve float32 (M, 2) across the collar, how clear it is in [0, 1], the area above it in pixels, and the colours
    (CIELAB) on its two sides."""

    curve: np.ndarray
    clear: float
    area: float
    inside: np.ndarray
    outside: np.ndarray


def look_at(pixels: np.ndarray, mask: np.ndarray) -> Collar | None:
    """Bring a garment to the size on which its neckline is looked for; None where it is no garment with a chest."""
    solid = mask > 0.5
    scale = SIDE / max(1.0, float(solid.sum())) ** 0.5
    size = (round(mask.shape[1] * scale), round(mask.shape[0] * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    solid = cv2.resize(solid.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    # Blurred within the garment only, so that the background does not colour its edge.
    share = cv2.GaussianBlur(solid.astype(np.float32), (0, 0), 1.2)[..., None]
    blurred = cv2.GaussianBlur(small.astype(np.float32) * solid[..., None], (0, 0), 1.2) / np.maximum(share, 0.01)
    lab = cv2.cvtColor(blurred.clip(0, 255) / 255, cv2.COLOR_RGB2LAB)
    rows = np.flatnonzero(solid.any(axis=1))
    highest = np.flatnonzero(solid[rows[0] : rows[0] + max(4, len(rows) // 16)].any(axis=0))
    middle = int(highest[0] + highest[-1]) // 2
    top = np.where(solid.any(axis=0), solid.argmax(axis=0), solid.shape[0])
    first = int(top[middle])
    chest = (slice(first + 60, first + 130), slice(max(0, middle - 45), middle + 45))
    if solid[chest].sum() < 1500:
        return None
    colours = lab[chest]
    steps = np.linalg.norm(colours[:-7] - colours[7:], axis=2)
    body = np.median(colours[solid[chest]], axis=0)
    cloth = cv2.erode(solid.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return Collar(lab, cloth, top.astype(np.float32), middle, body, float(np.percentile(steps, 25)), scale)


def arcs(collar: Collar) -> np.ndarray:
    """Every arc that is tried, hung from the garment's upper edge: float32 (N, len(ALONG), 2), x and y."""
    curves = []
    width = len(collar.top)
    half, depth, shift = (grid.reshape(-1, 1) for grid in np.meshgrid(WIDTHS, DEPTHS, SHIFTS, indexing="ij"))
    sound = (depth > 0.28 * half) & (depth < 2.2 * half)
    half, depth, shift = (grid[sound][:, None].astype(np.float32) for grid in (half, depth, shift))
    centre = collar.middle + shift
    for a, b, skew in SHAPES:
        across = (np.sign(np.cos(ALONG)) * np.abs(np.cos(ALONG)) ** (2 / a)).astype(np.float32)
        down = (np.sin(ALONG) ** (2 / b)).astype(np.float32)
        ends = [collar.top[np.clip(centre + side * half, 0, width - 1).astype(int)] for side in (-1, 1)]
        base = (ends[0] + ends[1]) / 2 + (ends[1] - ends[0]) / 2 * across
        curves.append(np.stack([centre + half * (across + skew * down), base + depth * down], axis=2))
    return np.concatenate(curves)


def front_edge(collar: Collar) -> np.ndarray | None:
    """The neckline's front edge: x and y on the collar's picture, float32 (M, 2), or None without one."""
    curves = arcs(collar)
    inner, outer, both = compare(collar, curves)
    direction = agreement(collar, inner, outer, both)
    clear = np.linalg.norm(direction, axis=1)
    promising = [
        index for sign in (1, -1) for index in _distinct(curves, np.where(sign * direction[:, 0] > 0, clear, 0))
    ]
    if not promising:
        return None
    arcs_found = (_arc(collar, curve) for curve in refine(collar, curves[promising]))
    found = [arc for arc in arcs_found if arc.clear > CLEAR and looks_inside(collar, arc)]
    if not found:
        return None
    best = max(found, key=lambda arc: arc.clear + 0.1 * np.log(arc.area))
    smaller = sorted((arc for arc in found if 0.25 * best.area < arc.area < best.area), key=lambda arc: -arc.area)
    return next((arc for arc in smaller if _is_nearer(arc, best)), best).curve


def _is_nearer(arc: Arc, best: Arc) -> bool:
    """Whether an arc within another one shows that there is still front between them.

    Ribbing has two edges a little apart: between them both arcs see its colour. Outside a collar's edges lies the same
    front as outside the larger arc.
    """
    apart = np.linalg.norm(arc.curve[:, None] - best.curve[None], axis=2).min(axis=1)
    same_band = np.linalg.norm(best.inside - arc.outside) < 0.7 * np.linalg.norm(best.inside - arc.inside)
    if same_band and arc.area > 0.4 * best.area and np.percentile(apart, 90) < 12:
        return True
    same_front = np.linalg.norm(arc.outside - best.outside) < 0.4 * np.linalg.norm(arc.inside - best.outside)
    return bool(same_front and (apart > 4).mean() > 0.6)


def _arc(collar: Collar, curve: np.ndarray) -> Arc:
    inner, outer, both = compare(collar, curve[None])
    clear = float(np.linalg.norm(agreement(collar, inner, outer, both)))
    seen = both if both.any() else np.ones_like(both)
    inside, outside = np.median(inner[seen], axis=0), np.median(outer[seen], axis=0)
    deep, _, both = compare(collar, curve[None], 2.5 * APART)
    # A seam is a line with the same cloth on both sides.
    if both.mean() > 0.4:
        deeper = np.linalg.norm(np.median(deep[both], axis=0) - outside)
        clear *= float(deeper > 0.4 * np.linalg.norm(inside - outside))
    return Arc(curve, clear, float(cv2.contourArea(curve)), inside, outside)


def compare(collar: Collar, curves: np.ndarray, inwards: float = APART) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Colours on both sides of curves (N, M, 2): inner and outer float32 (N, M, 3), and whether both are cloth."""
    (x, y), (across, down) = cv2.split(curves), _normals(curves)
    # Beyond the picture its edge goes on, but below it there is no cloth.
    cloth = cv2.copyMakeBorder(collar.cloth.view(np.uint8), 0, 1, 0, 0, cv2.BORDER_CONSTANT, value=0)
    (inner, here), (outer, there) = (
        [
            cv2.remap(values, *places, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
            for values in (collar.lab, cloth)
        ]
        for places in ((x + distance * across, y + distance * down) for distance in (-inwards, APART))
    )
    return inner, outer, (here & there).view(bool)


def _normals(curves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x and y of the normals of curves float32 (N, M, 2), away from their inner side; float32 (N, M) each."""
    along, down = (np.gradient(plane, axis=1) for plane in cv2.split(curves))
    length = cv2.magnitude(along, down) + np.float32(1e-6)
    return down / length, -along / length


def agreement(collar: Collar, inner: np.ndarray, outer: np.ndarray, both: np.ndarray) -> np.ndarray:
    """How colours change from inside to outside all along each curve: (N, 3), of length 0 for no agreement up to 1.

    Each step counts by its direction more than by its size: a label's edge is far stronger than a neckline's.
    """
    step = outer - inner
    weight = both / _damped(collar, step)
    known = np.count_nonzero(both, axis=1)
    return (weight[:, None] @ step)[:, 0] / np.maximum(known, 0.75 * both.shape[1])[:, None]


def _damped(collar: Collar, step: np.ndarray) -> np.ndarray:
    """The lengths of steps between colours, float32 (N, M, 3) → (N, M), with as much again as is little."""
    squares = cv2.transform(np.square(step), np.ones((1, 3), np.float32))
    return cv2.sqrt(squares).reshape(step.shape[:2]) + np.float32(max(2.0, 2 * collar.noise))


def _distinct(curves: np.ndarray, score: np.ndarray) -> list[int]:
    """The best curves that differ by some pixels from each other."""
    chosen: list[int] = []
    left = np.argsort(-score)[:600]
    left = left[score[left] >= 0.8 * CLEAR]
    while len(left) and len(chosen) < 8:
        chosen.append(int(left[0]))
        apart = cv2.magnitude(*cv2.split(curves[left] - curves[chosen[-1]]))
        left = left[apart.mean(axis=1) > 4]
    return chosen


def refine(collar: Collar, curves: np.ndarray) -> np.ndarray:
    """Move each point of curves (N, M, 2) along its normal to where the colours change most, smoothly."""
    normals = np.stack(_normals(curves), axis=2)
    offsets = np.arange(-7, 8)
    tubes = (curves[:, None] + offsets[:, None, None] * normals[:, None]).astype(np.float32)
    size = tubes.shape[:3]
    inner, outer, both = compare(collar, tubes.reshape(-1, *size[2:], 2))
    step = outer - inner
    step = (step * (both / _damped(collar, step))[..., None]).reshape(*size, 3)
    direction = step[:, 7].mean(axis=1)
    direction = direction / (np.linalg.norm(direction, axis=1, keepdims=True) + 1e-6)
    gain = (step @ direction[:, None, :, None])[..., 0] - 0.01 * np.abs(offsets)[:, None]
    best = _smoothest(gain.swapaxes(1, 2))
    moved = cv2.GaussianBlur(offsets[best].T.astype(np.float32), (1, 0), 0.1, sigmaY=1.2).reshape(size[2], -1).T
    return (curves + moved[..., None] * normals).astype(np.float32)


def _smoothest(gain: np.ndarray) -> np.ndarray:
    """The column in each row of gains (N, M, K) whose sum is largest while neighbours differ by one at most; (N, M)."""
    each, columns = np.arange(len(gain)), np.arange(gain.shape[2])
    came = np.zeros(gain.shape, int)
    total = np.full((len(gain), gain.shape[2] + 2), -1e6)
    total[:, 1:-1] = gain[:, 0]
    for row in range(1, gain.shape[1]):
        options = np.stack([total[:, :-2] - 0.08, total[:, 1:-1], total[:, 2:] - 0.08])
        total[:, 1:-1] = gain[:, row] + options.max(axis=0)
        came[:, row] = columns + options.argmax(axis=0) - 1
    path = np.zeros(gain.shape[:2], int)
    path[:, -1] = total[:, 1:-1].argmax(axis=1)
    for row in range(gain.shape[1] - 1, 0, -1):
        path[:, row - 1] = came[each, row, path[:, row]]
    return path


def looks_inside(collar: Collar, arc: Arc) -> bool:
    """Whether the inner side of an arc is the outer side's cloth in shadow, or, within ribbing, the chest's."""
    lowest = arc.curve[arc.curve[:, 1].argmax()]
    height = lowest[1] - arc.curve[[0, -1], 1].mean()
    if lowest[1] - collar.top[int(np.clip(lowest[0], 0, len(collar.top) - 1))] < 0.6 * height:
        return False
    darker = arc.outside[0] - arc.inside[0] > max(1.5, 0.03 * arc.outside[0])
    if darker and is_shaded(arc.inside, arc.outside):
        return True
    ribbing = not is_shaded(arc.outside, collar.body)
    return (darker or ribbing) and arc.inside[0] < collar.body[0] - 1 and is_shaded(arc.inside, collar.body)


def is_shaded(inside: np.ndarray, cloth: np.ndarray) -> bool:
    """Whether a CIELAB colour can be the other one with less light on it.

    Less light divides L + 16, a and b by the same number. Light that has passed through cloth, or been reflected by it,
    is more saturated. Of a light neutral cloth too little left is ribbing of another colour, not shade.
    """
    share = (inside[0] + 16) / (cloth[0] + 16)
    chroma = float(np.linalg.norm(cloth[1:]))
    if share > 1.03 or (share < 0.5 and cloth[0] > 60 and chroma < 15):
        return False
    apart = inside[1:] - share * cloth[1:]
    if chroma < 5:
        return float(np.linalg.norm(apart)) < 8
    hue = cloth[1:] / chroma
    more = float(apart @ hue)
    across = float(np.linalg.norm(apart - more * hue))
    return across < 8 and -8 < more < (18 if share > 0.75 else 8)
