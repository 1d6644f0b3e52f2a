"""What comes to light beside the worn garment, taken apart into skin, backdrop and lower body.

A generator paints at a fraction of the photo's resolution: its borders are soft and its colours a little off. So skin
gets the photo's colours at its border with the photo; the backdrop is continued from the photo; trousers and skirts
that the old garment covered are pulled up to the new hem; and the borders between them, drawn by the target parse, are
sharp again.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from vton.images import coarsely_blurred, to_tensor
from vton.labels import Region, among
from vton.methods.compose import BACKDROP, BODY, LOWER, SKIN, skin_likeness, spread
from vton.types import CANVAS_HEIGHT

WORKING_SIZE = (384, 512)
STEP = CANVAS_HEIGHT // WORKING_SIZE[1]
"""Pixels of the canvas for each of the working size."""
MARGIN = 4
"""How far beyond what they hold boxes reach, in pixels of the working size."""
KINDS = (SKIN, BACKDROP, LOWER)
SOFT_EDGE = 4
"""How far a generator's colours run over a border, in pixels of the working size."""
MEETING = 14
"""How near to what is painted anew the photo's skin tells its colour, in pixels of the working size."""
LARGEST_CORRECTION = 0.35
"""Of colours in [-1, 1]: what differs more was not the same surface."""
TRUST = 0.05
"""Weight of a pixel that colours are spread from: single pixels decide nothing."""
UNMOVED = 0.0002
"""Weight of a pixel of new skin for its colour to stay as the generator made it: far from the photo's skin, as on an
arm below a neck in the shade, it does."""
TURNED, TURNED_TINT = 0.22, (0.75, 1.0, 1.15)
"""How much darker new skin is at its edges, where it turns away; and the exponents of that for red, green and blue:
what light is left has been through skin and is redder."""
BESIDE = 4
"""How far from the backdrop's border its colours are read where they can be, in pixels of the working size."""
DETAIL, PLAIN, TEXTURED, EVENED = 12.0, 3.0, (2.0, 5.0), 6.0
"""Finer than the first, as a standard deviation in pixels of the working size, is a backdrop's texture; up to how much
of it, of 255, there is none; between which amounts around a place it comes in there; and over how far around the places
where it is read are averaged."""
PULLED = 3.0
"""How much of the trousers is stretched to fill a gap above them, as a multiple of the gap."""
LEAST_GAP = 2
A_STRIP, EVENED_ACROSS = 12, 24.0
"""Of trousers of which fewer rows of the working size are seen, and fewer than are missing, the texture would be drawn
out into streaks: over how far to the sides it is averaged, as a standard deviation in pixels of the canvas."""


@dataclass(frozen=True)
class Surroundings:
    """What the photo tells of what comes to light, before anything is generated.

    box: the part of the canvas that holds it.
    picture: float32 (h, w, 3) in [0, 255], backdrop and lower body there, times how much of each pixel they take.
    covered: float32 (h, w), how much they take.
    repaint: float32 (1024, 768) in [0, 1], what is painted anew, with the trousers that are stretched.
    skin: None where there is no new skin.
    """

    box: tuple[slice, slice]
    picture: np.ndarray
    covered: np.ndarray
    repaint: np.ndarray
    skin: "_NewSkin | None"


@dataclass(frozen=True)
class _NewSkin:
    """How a generator's skin is to meet the photo's.

    photo: (1, 3, h, w) in [-1, 1]. trusted: (1, 1, h, w), how much the generator's skin tells of new skin's colour.
    meeting: (1, 1, h, w), how much the photo's differences from it tell. light: (1, 3, h, w), how much is left of it at
    the skin's edges. All these at the working size. shape: float32, how much of each pixel of the box it takes.
    """

    photo: torch.Tensor
    trusted: torch.Tensor
    meeting: torch.Tensor
    light: torch.Tensor
    shape: np.ndarray


@torch.inference_mode()
def surroundings(
    image: np.ndarray, before: np.ndarray, target: np.ndarray, repaint: np.ndarray, round_off: float
) -> Surroundings:
    """Continue the photo's backdrop and trousers, and find where new skin is to be.

    Args:
        image: uint8 RGB (1024, 768, 3), the photo on the canvas.
        before: uint8 (1024, 768), `Region` of the photo.
        target: float32 (13, h, w) in [0, 1], on the whole canvas.
        repaint: float32 (1024, 768) in [0, 1], where the photo may not be looked at.
        round_off: how far in from its edges new skin turns away from the viewer, in pixels of the canvas.
    """
    photo = _small_picture(image)
    regions = cv2.resize(before, WORKING_SIZE, interpolation=cv2.INTER_NEAREST)
    fresh = cv2.resize(repaint, WORKING_SIZE, interpolation=cv2.INTER_AREA)
    shares = [_working(target[list(kind)].sum(0)) for kind in KINDS]
    bottom = _working(target[Region.BOTTOM]) > 0.5
    soft = [cv2.GaussianBlur(share, (0, 0), 2) for share in shares]
    total = np.maximum(sum(soft), 1e-3)
    box = _around((fresh > 0) | bottom | (regions == Region.BOTTOM))
    result = np.zeros((*repaint[box].shape, 3), np.float32)
    covered = np.zeros(repaint[box].shape, np.float32)
    repaint, skin = repaint.copy(), None
    for kind, share, smooth in zip(KINDS, shares, soft, strict=True):
        wanted, shown = share > 0.5, among(regions, kind) & (fresh < 0.02)
        if not (wanted & (fresh > 0)).any() or (kind is not SKIN and not shown.any()):
            continue
        shape = _sharp(_enlarged(smooth / total, box))
        if kind is SKIN:
            body = wanted | (among(regions, BODY) & (fresh < 0.02))
            light = _turning(body, _working(target[Region.UPPER]) > 0.5, round_off / STEP)
            trusted, meeting = _sources(photo, wanted, shown & wanted, fresh, regions == Region.FACE)
            skin = _NewSkin(photo, trusted, meeting, light, shape)
            continue
        layer = _backdrop(image, photo, shown, box) if kind is BACKDROP else _enlarged(_continued(photo, shown, 1), box)
        if kind is LOWER:
            stretched, valid, part = _pull_up(image, regions == Region.BOTTOM, bottom, fresh)
            within = (slice(s.start - whole.start, s.stop - whole.start) for s, whole in zip(part, box, strict=True))
            inner = layer[tuple(within)]
            inner += (stretched - inner) * _thrice(valid)
            repaint[part] = np.maximum(repaint[part], valid)
        result += layer * _thrice(shape)
        covered += shape
    return Surroundings(box, result, covered, repaint, skin)


@torch.inference_mode()
def painted_layers(generated: np.ndarray, around: Surroundings) -> np.ndarray:
    """What is painted anew where `around.repaint` says so: surroundings, and a generator's picture for all else.

    Both `generated` and what is returned are uint8 RGB (1024, 768, 3).
    """
    box, skin = around.box, around.skin
    picture = generated.copy()
    if not around.covered.size:
        return picture
    result, covered = around.picture, around.covered
    if skin is not None:
        result = result + _enlarged(_skin(_small_picture(generated), skin), box) * _thrice(skin.shape)
        covered = covered + skin.shape
    result = result + generated[box] * _thrice(1 - np.minimum(covered, 1))
    picture[box] = cv2.convertScaleAbs(result)
    return picture


def _around(shown: np.ndarray) -> tuple[slice, slice]:
    """The box of the canvas that holds what is shown at the working size, bool (h, w), with a margin."""
    left, top, width, height = cv2.boundingRect(shown.astype(np.uint8))
    if width == 0:
        return np.s_[0:0, 0:0]
    bottom, right = min(top + height + MARGIN, shown.shape[0]), min(left + width + MARGIN, shown.shape[1])
    return np.s_[max(top - MARGIN, 0) * STEP : bottom * STEP, max(left - MARGIN, 0) * STEP : right * STEP]


def _enlarged(values: np.ndarray, box: tuple[slice, slice]) -> np.ndarray:
    """A box of the canvas of what is given at the working size, float32 (h, w[, C])."""
    if box[0].stop == 0:
        return np.zeros((0, 0, *values.shape[2:]), np.float32)
    # With what lies beside the box, which bilinear interpolation looks at.
    first = [max(side.start // STEP - 1, 0) for side in box]
    part = values[tuple(slice(begin, side.stop // STEP + 1) for begin, side in zip(first, box, strict=True))]
    large = cv2.resize(part, None, fx=STEP, fy=STEP, interpolation=cv2.INTER_LINEAR)
    return large[
        tuple(
            slice(side.start - begin * STEP, side.stop - begin * STEP) for begin, side in zip(first, box, strict=True)
        )
    ]


def _sources(
    photo: torch.Tensor, wanted: np.ndarray, kept: np.ndarray, fresh: np.ndarray, face: np.ndarray
) -> tuple[torch.Tensor, torch.Tensor]:
    """How much each pixel tells of new skin's colour, the generator's and the photo's; each (1, 1, h, w) in [0, 1].

    photo: (1, 3, h, w) in [-1, 1]; wanted: where skin is to be; kept: where the photo's stays; fresh: float32 (h, w),
    where it is painted anew; face: bool (h, w), where the photo's face is, which tells a cuff from a wrist.
    """
    core = cv2.erode(wanted.astype(np.float32), square(SOFT_EDGE)) * (fresh > 0.9)
    meeting = cv2.dilate((fresh > 0.5).astype(np.float32), square(MEETING)) * cv2.erode(
        kept.astype(np.float32), square(2)
    )
    # A strip narrower than the soft edge has no core; it still tells more than what lies elsewhere.
    trusted = _plane(core + 0.002 * (wanted & (fresh > 0.5))).clamp(max=1)
    return trusted, TRUST * _plane(meeting) * skin_likeness(photo, _plane(face))


def _skin(made: torch.Tensor, new: _NewSkin) -> np.ndarray:
    """The generator's skin, (1, 3, h, w), continued beyond its border, meeting the photo's; float32 (h, w, 3) in
    [0, 255]."""
    colours = (spread(made, new.trusted) + 1) * new.light - 1
    difference = new.photo - colours
    same = (difference.abs().amax(1, keepdim=True) < LARGEST_CORRECTION).float()
    meeting = new.meeting * same
    return _pixels(colours + spread(difference * (meeting > 0), meeting + UNMOVED * new.trusted))


def _turning(body: np.ndarray, cloth: np.ndarray, reach: float) -> torch.Tensor:
    """How much light is left on new skin, (1, 3, h, w) in (0, 1]: less and less towards its edges.

    body: bool (h, w), the skin, new and old, and what is no edge of it: face and hair. cloth: bool (h, w), the garment;
    beside it skin loses half as much, to its shadow. reach: how far in from the edges it begins, in pixels.
    """
    edges = [cv2.distanceTransform(whole.view(np.uint8), cv2.DIST_L2, 5) for whole in (body, body | cloth)]
    near = [(1 - np.minimum(inside / max(reach, 1.0), 1)) ** 2 for inside in edges]
    left = 1 - cv2.GaussianBlur(TURNED / 2 * (near[0] + near[1]), (0, 0), 1.5)
    return torch.from_numpy(np.stack([cv2.pow(left, exponent) for exponent in TURNED_TINT]))[None]


def _continued(photo: torch.Tensor, shown: np.ndarray, distance: int) -> np.ndarray:
    """The photo's own surface spread from where it is shown, at a distance from its border where it can."""
    inner = cv2.erode(shown.astype(np.float32), square(distance), borderValue=1)
    return _pixels(spread(photo, TRUST * _plane(inner + 0.02 * shown)))


def _backdrop(image: np.ndarray, photo: torch.Tensor, shown: np.ndarray, box: tuple[slice, slice]) -> np.ndarray:
    """The photo's backdrop where it was hidden: smooth colours, and the texture on its border's other side, mirrored.

    Args:
        image: uint8 RGB (1024, 768, 3). photo: (1, 3, 512, 384) in [-1, 1], the same.
        shown: bool (512, 384), where the backdrop is.
        box: the part of the canvas that is asked for.

    Returns:
        float32 (h, w, 3) in [0, 255].
    """
    colours, known = _continued(photo, shown, BESIDE), cv2.erode(shown.view(np.uint8), square(BESIDE), borderValue=1)
    pixels, weight = _pixels(photo), known.astype(np.float32)
    smooth = coarsely_blurred(pixels * _thrice(weight), DETAIL, 4)
    smooth /= _thrice(np.maximum(coarsely_blurred(weight, DETAIL, 4), np.float32(1e-3)))
    near = known & cv2.dilate(1 - known, square(round(2 * DETAIL)))
    detail = np.abs(pixels - smooth).mean(2)
    if not near.any() or detail[near > 0].mean() < PLAIN:
        return _enlarged(colours, box)
    source, weight = _mirrored(known)
    # A wall may be plain here, and elsewhere end at a door.
    around, amount = (coarsely_blurred(plane, DETAIL, 4) for plane in (detail * near, near.astype(np.float32)))
    low, high = TEXTURED
    share = ((around / np.maximum(amount, np.float32(1e-3)) - low) / (high - low)).clip(0, 1)
    weight *= cv2.remap(share, source, None, cv2.INTER_LINEAR)
    colours = colours - cv2.remap(smooth, source, None, cv2.INTER_LINEAR) * _thrice(weight)
    reads = _enlarged(source, box) * STEP + np.float32((STEP - 1) / 2)
    texture = cv2.remap(image, reads, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _enlarged(colours, box) + texture * _thrice(_enlarged(weight, box))


def _mirrored(known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where pixels that are not known lie when mirrored at the nearest that are, and how much is known there.

    known: uint8 (h, w) in {0, 1}. Returns float32 (h, w, 2), x and y, and (h, w) in [0, 1], 0 where it is known.
    """
    away, nearest = cv2.distanceTransformWithLabels(1 - known, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    places = np.flatnonzero(known)
    place_of = np.zeros(int(nearest.max()) + 1, np.int32)
    place_of[nearest.ravel()[places]] = places
    rows, columns = (part.astype(np.float32) for part in np.divmod(place_of[nearest], np.int32(known.shape[1])))
    y, x = np.arange(known.shape[0], dtype=np.float32)[:, None], np.arange(known.shape[1], dtype=np.float32)
    source = cv2.merge([2 * columns - x, 2 * rows - y])
    # Away from a crooked border neighbours would read from far apart.
    even, apart = coarsely_blurred(source, EVENED, 2), np.minimum(away / np.float32(EVENED), 1)
    source += (even - source) * cv2.merge([apart, apart])
    weight = cv2.remap(known.astype(np.float32), source, None, cv2.INTER_LINEAR)
    return source, weight * (known == 0)


def _pull_up(
    image: np.ndarray, shown: np.ndarray, wanted: np.ndarray, fresh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[slice, slice]]:
    """Stretch the top of trousers or skirt, column by column, up to the new hem.

    Args:
        image: uint8 RGB (1024, 768, 3).
        shown, wanted: bool (h, w), where trousers or skirt are in the photo, and where they are to be.
        fresh: float32 (h, w), where the photo may not be looked at.

    Returns:
        The stretched part, uint8 RGB (H, W, 3), where it is to be seen, float32 (H, W) in [0, 1], and the box of the
        canvas that it takes, which is empty where nothing can be stretched.
    """
    nothing = np.zeros((0, 0, 3), np.uint8), np.zeros((0, 0), np.float32), np.s_[0:0, 0:0]
    height, width = shown.shape
    known = cv2.erode((shown & (fresh < 0.02)).astype(np.uint8), square(1)) > 0
    known[-(-_rows_shown(image) // STEP) :] = False
    rows = np.arange(height)[:, None]
    first, last = known.argmax(0), height - 1 - known[::-1].argmax(0)
    hem = np.where(wanted, rows, height).min(0)
    columns = known.any(0) & (hem < height)
    gap = first - hem
    if (gap[columns] > LEAST_GAP).mean() < 0.05 if columns.any() else True:
        return nothing
    place = np.flatnonzero(columns)
    everywhere = np.arange(width)
    sigma = max(2.0, 0.06 * len(place))
    start, gap, depth = (
        _smooth_line(np.interp(everywhere, place, values[place]), sigma)
        for values in (first, np.maximum(gap, 0), last - first)
    )
    reach = np.minimum(PULLED * np.maximum(gap, 1), depth)
    below = rows - (start - gap)
    source = np.where(below < reach + gap, start + below * reach / np.maximum(reach + gap, 1e-3), rows).astype(
        np.float32
    )
    moved = (source > rows + 0.25) & (below > -3) & (wanted | shown)
    if not moved.any():
        return nothing
    # Beside them, as behind a hand, the trousers go on as mirrored at their last column.
    nearest = place[np.abs(place[:, None] - everywhere).argmin(0)]
    across = (2 * nearest - everywhere).clip(place[0], place[-1])
    across = np.where(columns, everywhere, across).astype(np.float32)
    reads = np.dstack([np.broadcast_to(across, source.shape), source])
    valid = cv2.remap(known.astype(np.float32), reads, None, cv2.INTER_LINEAR) * moved
    part = _around(moved)
    reads = _enlarged((reads + 0.5) * STEP - 0.5, part)
    stretched = cv2.remap(image, reads, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    share = _sharp(_enlarged(cv2.GaussianBlur(valid, (0, 0), 1), part))
    if np.median(depth[place]) < A_STRIP and np.median((gap / np.maximum(reach, 0.5))[place]) > 1:
        stretched = _evened_across(stretched, share)
    return stretched, share, part


def _rows_shown(image: np.ndarray) -> int:
    """How many rows of the canvas show the photo; those below it repeat its last one."""
    changes = np.flatnonzero((image[1:] != image[:-1]).any((1, 2)))
    return int(changes[-1]) + 2 if len(changes) else 0


def _evened_across(picture: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Each row of a picture, uint8 RGB (H, W, 3), averaged from side to side, of what has a share, float32 (H, W)."""
    shares = _thrice(share + 1e-4)
    total, weight = (
        cv2.GaussianBlur(values, (0, 0), sigmaX=EVENED_ACROSS, sigmaY=0.5)
        for values in (picture.astype(np.float32) * shares, shares)
    )
    return (total / weight).round().clip(0, 255).astype(np.uint8)


def _smooth_line(values: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(values[None].astype(np.float32), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)[0]


def _thrice(share: np.ndarray) -> np.ndarray:
    """(h, w) → (h, w, 3): numpy multiplies whole pictures several times as fast as it repeats a share for each."""
    return cv2.merge([share] * 3) if share.size else np.zeros((*share.shape, 3), np.float32)


def _working(plane: np.ndarray) -> np.ndarray:
    return cv2.resize(plane, WORKING_SIZE, interpolation=cv2.INTER_LINEAR)


def _small_picture(pixels: np.ndarray) -> torch.Tensor:
    return to_tensor(cv2.resize(pixels, WORKING_SIZE, interpolation=cv2.INTER_AREA))


def _pixels(picture: torch.Tensor) -> np.ndarray:
    return cv2.merge(list(((picture[0] + 1) * 127.5).clamp(0, 255).numpy()))


def _plane(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))[None, None]


def square(radius: int) -> np.ndarray:
    """What a mask is dilated with to grow by a radius in pixels."""
    return np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)


def _sharp(share: np.ndarray) -> np.ndarray:
    """The border of an enlarged share, about three pixels of the canvas wide."""
    return ((share - 0.5) * 5 + 0.5).clip(0, 1)
