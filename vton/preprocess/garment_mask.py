"""Picture → Garment: where the garment is in its picture, what of it is its inside, and what is doubtful about it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import cv2
import numpy as np
from torch import nn

from vton.beside import beside
from vton.images import PictureError, pad_to_canvas, resize
from vton.preprocess.findings import FINDINGS, sentences
from vton.preprocess.garment_agreed import agreed_outline
from vton.preprocess.garment_background import border_colour
from vton.preprocess.garment_beside import without_neighbours
from vton.preprocess.garment_checks import garment_findings
from vton.preprocess.garment_clicks import Click, Segmenter, refine_mask
from vton.preprocess.garment_gaps import with_open_gaps
from vton.preprocess.garment_hanger import without_hanger
from vton.preprocess.garment_hood import laid_down, opening, standing_hood
from vton.preprocess.garment_lining import lining_mask
from vton.preprocess.garment_mannequin import without_mannequin
from vton.preprocess.garment_outline import outline_mask
from vton.preprocess.garment_page import picture_within, within_frame
from vton.preprocess.garment_sets import without_trousers
from vton.preprocess.garment_stripes import with_stripe_ends
from vton.preprocess.garment_turn import lean, turned
from vton.preprocess.lining_width import no_wider_than_the_neck
from vton.preprocess.lying_hood import neck_in_hood
from vton.preprocess.open_front import about_the_neck
from vton.preprocess.outline_frame import Seen, look_for_garment
from vton.preprocess.regions import tidy
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Photo

WORKING_SIDE = 1024
"""Longer side, in pixels, up to which the garment is looked for."""

FRAMED = 0.8
"""Of what a frame encloses, the share that a garment in it takes at most."""

EDGE_RADIUS, TILE = 3, 24
HALO = 2 * EDGE_RADIUS
SIDE = TILE + 2 * HALO
"""The guided filter's windows; the tiles in which it works, how far beyond one it looks, and their side with that."""


@dataclass(frozen=True)
class GarmentNetworks:
    """The networks that look at garments' pictures besides rules; None where rules are to decide alone.

    outline: a `networks.outline.OutlineNet` that tells a garment from its shadow and its background.
    lining: a `networks.lining.LiningNet` that tells where the inside of its back shows.
    """

    outline: nn.Module | None = None
    lining: nn.Module | None = None


NO_NETWORKS = GarmentNetworks()

CutOut = Callable[[np.ndarray], np.ndarray]
"""Another way to find a garment, such as a `garment_rembg.Rembg`: uint8 RGB (H, W, 3) → float32 (H, W) in [0, 1]."""


def prepare_garment(
    photo: Photo,
    clicks: Sequence[Click] = (),
    cut_out: CutOut | None = None,
    segmenter: Segmenter | None = None,
    timings: dict[str, float] | None = None,
    networks: GarmentNetworks = NO_NETWORKS,
) -> Garment:
    """Find the garment and set its picture on the canvas, on more of its own background.

    Args:
        photo: the whole picture.
        clicks: what the visitor said about the mask; shares of the picture, set upright as `Garment.photo` has it.
        cut_out: finds the garment instead of the classical method.
        segmenter: follows the clicks instead of GrabCut.
        timings: takes the seconds of the stages garment_mask, garment_clicks, garment_lining and garment_checks.
        networks: what looks at it besides rules.

    Raises:
        PictureError: nothing in the picture stands out from its background, and no click says where the garment is.
    """
    timings = {} if timings is None else timings
    with _stage(timings, "garment_mask"):
        small = _reduced(photo.pixels)
        try:
            mask, findings = find_garment(small, cut_out, networks.outline)
        except PictureError:
            if not any(click.inside for click in clicks):
                raise
            mask, findings = np.zeros(small.shape[:2], np.float32), []
    with _stage(timings, "garment_checks"):
        photo, small, mask, doubts = _upright(photo, small, mask)
    if clicks:
        with _stage(timings, "garment_clicks"):
            mask, findings = refine_mask(small, mask, clicks, segmenter), []
        with _stage(timings, "garment_checks"):
            doubts = _doubts(mask)
    with _stage(timings, "garment_lining"):
        image, to_canvas = pad_to_canvas(photo.pixels, border_colour(small))
        on_canvas = _padded(mask, to_canvas, photo.size)
        # Whoever clicked decides what is part of it.
        hood = None if clicks else standing_hood(on_canvas)
        if hood:
            image, on_canvas = laid_down(image, hood), laid_down(on_canvas, hood)
            inside = opening(on_canvas, hood)
        else:
            inside = no_wider_than_the_neck(lining_mask(image, on_canvas, networks.lining), on_canvas)
            inside = neck_in_hood(about_the_neck(inside, on_canvas), on_canvas)
    return Garment(photo, image, on_canvas, sentences([*findings, *doubts]), inside, redrawn=hood.base if hood else 0)


def garment_mask(pixels: np.ndarray, cut_out: CutOut | None = None) -> np.ndarray:
    """How surely each pixel belongs to the garment.

    The inner back of the neckline counts as garment; a hanger does not, nor does the background seen between sleeve and
    body.

    Args:
        pixels: uint8 RGB (H, W, 3), one garment on a background.
        cut_out: finds the garment instead of the classical method.

    Returns:
        float32 (H, W) in [0, 1].

    Raises:
        PictureError: nothing stands out from the background.
    """
    height, width = pixels.shape[:2]
    mask, _ = find_garment(_reduced(pixels), cut_out)
    return cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR).clip(0, 1)


def find_garment(
    pixels: np.ndarray, cut_out: CutOut | None = None, outline: nn.Module | None = None
) -> tuple[np.ndarray, list[str]]:
    """`garment_mask` at the picture's own size, and what stood in its way as codes of `findings.FINDINGS`.

    outline: a `networks.outline.OutlineNet` that puts the classical method right.
    """
    box = picture_within(pixels)
    if box is not None:
        with suppress(PictureError):
            return _find_within(pixels, box, cut_out, outline)
    findings = []
    if cut_out is None:
        with beside(_seen, outline, pixels) as seen:
            mask, busy = outline_mask(pixels)
        findings = ["garment_background_busy"] if busy else []
        box = within_frame(pixels, mask)
        if box is not None:
            with suppress(PictureError):
                inner, found = _find_within(pixels, box, cut_out, outline)
                if inner[box].mean() < FRAMED:
                    return inner, found
        if seen.result() is not None:
            mask, in_a_set = without_trousers(mask, seen.result(), pixels)
            findings += ["several_garments"] if in_a_set else []
            mask = agreed_outline(mask, seen.result(), pixels, busy)
    else:
        mask = tidy(cut_out(pixels) > 0.5)
    if mask.mean() < 0.01 or mask.mean() > 0.97:
        raise PictureError(FINDINGS["no_garment"].english)
    mask = without_mannequin(pixels, without_neighbours(pixels, without_hanger(pixels, mask)))
    mask = with_stripe_ends(pixels, mask)
    return _soften(with_open_gaps(pixels, mask), pixels), findings


def _seen(outline: nn.Module | None, pixels: np.ndarray) -> Seen | None:
    """`look_for_garment`, where there is a network."""
    return None if outline is None else look_for_garment(outline, pixels)


def _find_within(
    pixels: np.ndarray, box: tuple[slice, slice], cut_out: CutOut | None, outline: nn.Module | None
) -> tuple[np.ndarray, list[str]]:
    """`find_garment` in a part of a picture, on the whole picture."""
    inner, findings = find_garment(pixels[box], cut_out, outline)
    mask = np.zeros(pixels.shape[:2], np.float32)
    mask[box] = inner
    return mask, findings


def _reduced(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    scale = min(1.0, WORKING_SIDE / max(height, width))
    return resize(pixels, (max(1, round(width * scale)), max(1, round(height * scale)))) if scale < 1 else pixels


def _upright(photo: Photo, small: np.ndarray, mask: np.ndarray) -> tuple[Photo, np.ndarray, np.ndarray, list[str]]:
    """A picture, the same reduced and its mask, turned where the garment lies askew in it; and what is doubtful."""
    doubts = _doubts(mask)
    degrees = lean(mask) if "garment_not_frontal" in doubts else 0.0
    if not degrees:
        return photo, small, mask, doubts
    photo = replace(photo, pixels=turned(photo.pixels, degrees, border_colour(small)))
    small = _reduced(photo.pixels)
    mask = resize(turned(mask, degrees, 0.0), small.shape[1::-1]).clip(0, 1)
    return photo, small, mask, _doubts(mask)


def _doubts(mask: np.ndarray) -> list[str]:
    return garment_findings(mask) if (mask > 0.5).any() else []


def _padded(mask: np.ndarray, to_canvas: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A picture's mask on the canvas, float32 (1024, 768) in [0, 1], 0 in the padding.

    to_canvas: the matrix of `pad_to_canvas` for the picture. size: the picture's (width, height).
    """
    left, top = to_canvas[:, 2].astype(int)
    width, height = (round(float(to_canvas[axis, axis]) * size[axis]) for axis in (0, 1))
    canvas = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    canvas[top : top + height, left : left + width] = resize(mask, (width, height)).clip(0, 1)
    return canvas


def _soften(mask: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """A soft edge that follows the picture's own, inside a band of a few pixels.

    The guided filter changes nothing where the mask is even, and is slow: only tiles at an edge pass through it.
    """
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)
    uneven = cv2.dilate(((soft > 0) & (soft < 1)).astype(np.uint8), np.ones((2 * HALO + 1,) * 2, np.uint8))
    margins = (HALO, HALO + -mask.shape[0] % TILE, HALO, HALO + -mask.shape[1] % TILE)
    guide, softer, uneven = (cv2.copyMakeBorder(each, *margins, cv2.BORDER_REFLECT) for each in (pixels, soft, uneven))
    inner = uneven[HALO:-HALO, HALO:-HALO]
    cells = inner.reshape(inner.shape[0] // TILE, TILE, -1, TILE).any(axis=(1, 3))
    if not cells.any():
        return soft
    boxes = [np.s_[y : y + SIDE, x : x + SIDE] for y, x in np.argwhere(cells) * TILE]
    column, under = (np.concatenate([plane[box] for box in boxes]) for plane in (guide, softer))
    filtered = cv2.ximgproc.guidedFilter(column, under, EDGE_RADIUS, 40.0).clip(0, 1)
    for tile, box in zip(filtered.reshape(-1, SIDE, SIDE), boxes, strict=True):
        softer[box][HALO:-HALO, HALO:-HALO] = tile[HALO:-HALO, HALO:-HALO]
    return softer[HALO : HALO + mask.shape[0], HALO : HALO + mask.shape[1]].copy()


@contextmanager
def _stage(timings: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[name] = timings.get(name, 0.0) + time.perf_counter() - started
