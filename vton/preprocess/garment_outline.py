"""The classical way to find a garment: what differs from a plain background, or colour models where it is busy."""

import cv2
import numpy as np

from vton.images import box_around, coarsely_blurred
from vton.preprocess.garment_background import fit_background, nearest_shade, one_colour, refit_background
from vton.preprocess.garment_colours import by_colours, on_a_busy_background
from vton.preprocess.garment_shadows import (
    above_a_shadow,
    along_the_outside,
    beside_dark_cloth,
    neutral_shadow,
    no_pale_cloth,
    soft_shadow,
    textured,
    up_the_gaps,
)
from vton.preprocess.regions import connected_to_border, tidy

BUSY_NOISE = 9.0
"""Colour spread along the border (CIELAB units, 70th percentile) above which a background is not plain."""
SPOILT_NOISE = 1.0
"""Spread above which a background may be of a single colour and a garment that reaches the border have spoilt the fit.
"""
MOST_FITS, GAINED = 10, 0.005
"""How often an even background is fitted anew, and which share of the picture each but the last shows to belong to it:
a light in its middle is found step by step.
"""
EVEN_NOISE = 1.5
"""Spread up to which distance from the background's colour alone finds the outline."""
FAINT_CLOTH, SYMMETRIC = 8.0, 0.93
"""Contrast to the background below which a garment is compared with its mirror image, and how alike the two are."""
TRIM, LEAK = (0.012, 1.5e-3), 0.05
"""How wide a trim is at least, as a share of the picture's longer side, and how large, as a share of its area; and of
how much of its own a pinhole in the outline leads to at most."""
MOST_HOLES = 6
"""As many openings a garment has at most between its sleeves and its body: more are stripes of the background's
colour."""
MOST_OTHERS, TALLER = 8, 1.5
"""As much else of the background's colour is within a garment without letters at most; how many times as tall as any of
it holes are beside letters."""
NECK_ACROSS, NECK_DOWN, COLLAR, SAME_COLOUR = (0.2, 0.8), 0.25, 0.008, 4.0
"""Between which shares of a garment's width its neck is, and down to which share of its height; how wide half a collar
is at least, as a share of the picture's longer side; and how near its colour is to the other half's (CIELAB)."""


def outline_mask(pixels: np.ndarray) -> tuple[np.ndarray, bool]:
    """Where the garment is, by colour alone.

    Args:
        pixels: uint8 RGB (H, W, 3), of about a thousand pixels a side.

    Returns:
        bool (H, W), empty where nothing stands out; and whether the background is too busy to trust it.
    """
    lab = _lab(pixels)
    background, noise = fit_background(lab)
    if noise > SPOILT_NOISE:
        background, noise = one_colour(pixels, lab) or (background, noise)
    even, busy = noise < EVEN_NOISE, noise >= BUSY_NOISE
    if not even:
        background, noise = nearest_shade(lab, background)
    if noise >= BUSY_NOISE:
        return on_a_busy_background(pixels, None), True
    mask = _by_distance(lab, background, noise)
    if busy:
        return on_a_busy_background(pixels, mask), True
    return (mask if even else by_colours(pixels, mask)), False


def _lab(pixels: np.ndarray) -> np.ndarray:
    """CIELAB (L 0 to 100), a little blurred: single noisy pixels must neither leak nor stand out."""
    blurred = cv2.GaussianBlur(pixels, (0, 0), max(pixels.shape) / 1000)
    return cv2.cvtColor(blurred.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def _by_distance(lab: np.ndarray, background: np.ndarray, noise: float) -> np.ndarray:
    """Everything that the background's colour does not reach from the border."""
    lighter, hue, distance = _apart(lab, background)
    sure, faint = 1.1 + 1.8 * noise, 0.45 + 1.8 * noise
    outside = _flood(distance < sure)
    for _ in range(0 if noise <= 0.3 else MOST_FITS if noise < EVEN_NOISE else 1):
        known = np.count_nonzero(outside)
        lighter, hue, distance = _apart(lab, refit_background(lab - background, distance, background, outside))
        outside = _flood(distance < sure)
        if np.count_nonzero(outside) < known + GAINED * outside.size:
            break
    # White cloth on white differs from it by hardly more than a grey level, and so does the ringing around dark cloth:
    # the lower threshold counts for areas only, not for fringes.
    reach = max(5, round(max(lab.shape) / 90)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    brighter = _is_brighter(lighter, ~outside)
    doubtful = outside & ~_flood(distance < faint)
    if brighter:
        # Beside cloth that is lighter than the background, what is a little darker is its shadow.
        doubtful &= lighter > 0
    areas = cv2.morphologyEx(doubtful.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    outside = connected_to_border(outside & (areas == 0))
    inside = ~outside
    if not inside.any():
        return inside
    contrast = float(np.median(distance[inside]))
    if contrast > 20:
        fringes = _flood(distance < max(faint, min(2.2, 0.06 * contrast)), into_gaps=True) & ~outside
        outside |= fringes & ~_enclosed(fringes, outside, distance < sure)
    if contrast > 10 or brighter or textured(cv2.extractChannel(lab, 0), inside):
        shadow = soft_shadow(cv2.extractChannel(lab, 0), lighter, hue, outside)
        if brighter:
            # Folds of cloth that is lighter than the background are as dark and as soft as a shadow on it.
            shadow &= ~_opposite(~outside & ~shadow)
        elif contrast <= 20:
            shadow = no_pale_cloth(shadow, inside, contrast, lighter)
        outside |= along_the_outside(shadow, outside)
    outside |= neutral_shadow(lighter, hue, outside)
    outside |= above_a_shadow(distance < sure, outside)
    holes = _holes(distance, sure, ~outside) if contrast > 15 else []
    if len(holes) <= MOST_HOLES:
        if contrast > 10 and not brighter:
            outside |= up_the_gaps(lighter, hue, outside)
        for hole in holes:
            outside |= hole
    mask = tidy(_tighten(tidy(~outside), distance, sure))
    shadow = beside_dark_cloth(lighter, hue, ~mask)
    mask = tidy(mask & ~shadow) if shadow.any() else mask
    if contrast < FAINT_CLOTH or not mask.any():
        return tidy(_evened(mask))
    half = _half_a_collar(mask, lab)
    return tidy(mask | half) if half.any() else mask


def _apart(lab: np.ndarray, background: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How much lighter than the background pixels are, how far off its hue, and how far off it; float32 (H, W) each."""
    lighter, *hue = cv2.split(cv2.subtract(lab, background))
    hue = cv2.magnitude(*hue)
    return lighter, hue, cv2.magnitude(lighter, hue)


def _is_brighter(lighter: np.ndarray, inside: np.ndarray) -> bool:
    """Whether cloth is lighter than the background; its outer parts, which may be shadow, are not asked."""
    size = max(5, round(max(inside.shape) / 20)) | 1
    core = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5) > size // 2
    core = core if core.any() else inside
    return bool(core.any() and np.median(lighter[core]) > 2)


def _flood(region: np.ndarray, into_gaps: bool = False) -> np.ndarray:
    """The part of a region that a small disc can reach from the border: a pinhole in the outline lets nothing in.

    into_gaps: go on a little into gaps that are too narrow for the disc, as under the arms.
    """
    radius = max(1, round(max(region.shape) / 340))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    padded = cv2.copyMakeBorder(region.astype(np.uint8), *(radius + 1,) * 4, cv2.BORDER_CONSTANT, value=1)
    reached = connected_to_border(cv2.erode(padded, kernel, borderValue=1) > 0).astype(np.uint8)
    for _ in range(10 if into_gaps else 2):
        reached = cv2.dilate(reached, kernel) & padded
    inner = slice(radius + 1, -radius - 1)
    return reached[inner, inner] > 0


def _enclosed(found: np.ndarray, outside: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """Of what was found beyond an outline, areas as wide as a trim that nothing of the background's colour leads to.

    A white collar or cuff on white has the outline alone to tell it from the background; fringes are narrow, and into a
    gap under an arm there is a way. found, outside, alike: bool (H, W); the last, what has the background's colour.
    """
    side = max(3, round(TRIM[0] * max(found.shape)))
    wide = cv2.morphologyEx(found.view(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(wide)
    if count < 2:
        return np.zeros_like(found)
    # A few pixels of an outline may be missing.
    way = cv2.morphologyEx((alike | outside).view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    led_to = np.bincount(pieces[connected_to_border(way | outside)], minlength=count)
    area = stats[:, cv2.CC_STAT_AREA]
    kept = (area > TRIM[1] * found.size) & (led_to < LEAK * area)
    kept[0] = False
    return kept[pieces]


def _evened(mask: np.ndarray) -> np.ndarray:
    """A symmetric garment's mask with what it lacks at one side alone, where faint cloth was taken for background."""
    if (mask & _opposite(mask, 0)).sum() < SYMMETRIC * mask.sum():
        return mask
    # Not with what sticks out there, which may be as wrong.
    size = 2 * round(0.015 * max(mask.shape)) + 1
    other = cv2.morphologyEx(_opposite(mask).view(np.uint8), cv2.MORPH_OPEN, np.ones((size, size), np.uint8))
    return mask | (other > 0)


def _half_a_collar(mask: np.ndarray, lab: np.ndarray) -> np.ndarray:
    """What a symmetric garment's mask lacks at one side of its neck, and has at the other in the same colour.

    mask: bool (H, W). lab: float32 (H, W, 3). Returns bool (H, W).
    """
    half = np.zeros_like(mask)
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    first, last = (round(left + share * width) for share in NECK_ACROSS)
    box = np.s_[top : round(top + NECK_DOWN * height), first:last]
    mirrored, margin = _opposite(mask, COLLAR / 2), max(3, round(COLLAR * max(mask.shape)))
    lacking = cv2.morphologyEx(
        (mirrored & ~mask)[box].view(np.uint8), cv2.MORPH_OPEN, np.ones((margin, margin), np.uint8)
    )
    if not lacking.any() or (mask & _opposite(mask, 0)).sum() < SYMMETRIC * mask.sum():
        return half
    count, pieces = cv2.connectedComponents(lacking)
    rows, columns = np.nonzero(lacking)
    across = (_twice_the_axis(mask) - (columns + first)).clip(0, mask.shape[1] - 1)
    apart = np.linalg.norm(lab[box][rows, columns] - lab[rows + top, across], axis=1)
    alike = np.bincount(pieces[rows, columns], apart < SAME_COLOUR, count)
    kept = alike > 0.5 * np.bincount(pieces[rows, columns], minlength=count)
    half[box] = kept[pieces] & (lacking > 0)
    return half


def _opposite(cloth: np.ndarray, margin: float = 0.01) -> np.ndarray:
    """Where a symmetric garment has to have cloth because it has it at the other side; bool (H, W) both.

    margin: how far in from the other side's edges, as a share of the picture's longer side.
    """
    columns = np.flatnonzero(cloth.any(0))
    mirrored = np.zeros_like(cloth)
    if len(columns):
        axis = _twice_the_axis(cloth)
        first, last = max(0, axis - cloth.shape[1] + 1), min(cloth.shape[1], axis + 1)
        mirrored[:, first:last] = cloth[:, axis - last + 1 : axis - first + 1][:, ::-1]
    reach = 2 * round(margin / 2 * max(cloth.shape)) + 1
    return cv2.erode(mirrored.view(np.uint8), np.ones((reach, reach), np.uint8)) > 0


def _twice_the_axis(cloth: np.ndarray) -> int:
    """The sum of the columns of a pixel and its mirror image; cloth: bool (H, W), not empty."""
    return round(2 * np.average(np.arange(cloth.shape[1]), weights=cloth.sum(0)))


def _holes(distance: np.ndarray, threshold: float, inside: np.ndarray) -> list[np.ndarray]:
    """Background that the garment encloses, as between a sleeve and the body, piece by piece: bool (H, W) each.

    A white print on a dark shirt matches a white background as well as a hole does. A hole is as even as the
    background itself, not tiny, lies to a side, and is taller than wide, which a light stripe is not. Among letters of
    the background's colour a hole is taller than any of them.
    """
    like = cv2.morphologyEx((inside & (distance < 1.5 * threshold)).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3)))
    count, components, stats, centres = cv2.connectedComponentsWithStats(like, connectivity=4)
    area = cv2.countNonZero(inside.view(np.uint8))
    left, _, width, _ = cv2.boundingRect(inside.view(np.uint8))
    holes, others = [], []
    for index in range(1, count):
        sideways = abs(centres[index][0] - left - (width - 1) / 2) / (width - 1)
        upright = stats[index, cv2.CC_STAT_HEIGHT] > stats[index, cv2.CC_STAT_WIDTH]
        if stats[index, cv2.CC_STAT_AREA] > 4e-4 * area and sideways > 0.2 and upright:
            region = components == index
            if np.median(distance[region]) < 0.85 * threshold:
                holes.append(region)
                continue
        if stats[index, cv2.CC_STAT_AREA] > 2e-4 * area:
            others.append(stats[index, cv2.CC_STAT_HEIGHT])
    if len(holes) <= MOST_HOLES and len(others) > MOST_OTHERS:
        holes = [hole for hole in holes if np.ptp(np.flatnonzero(hole.any(1))) > TALLER * max(others)]
    return holes


def _tighten(mask: np.ndarray, distance: np.ndarray, threshold: float) -> np.ndarray:
    """Let go of pixels near the edge that are nearer the background than the cloth beside them: ringing, shadow."""
    reach = max(3, round(max(mask.shape) / 150))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    around = box_around(mask, 4 * reach)
    mask, distance = mask.copy(), distance[around]
    core = cv2.erode(mask[around].astype(np.uint8), kernel).astype(np.float32)
    weight = coarsely_blurred(core, reach, 2)
    local = coarsely_blurred(distance * core, reach, 2) / np.maximum(weight, 1e-3)
    needed = np.where(weight > 0.02, np.maximum(threshold, 0.35 * np.minimum(local, 50)), threshold)
    mask[around] &= (core > 0) | (distance >= needed)
    return mask
