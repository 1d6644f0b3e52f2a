"""Agreement of the predicted parse with the warped garment: one outline for both, with even borders and a straight hem.

The condition generator draws its parse coarsely and is unsure where a hem falls; and it may say "garment" where the
garment's picture, read along the flow, has none. What is shown needs a single answer for each pixel.
"""

import cv2
import numpy as np

from vton.labels import Joint, Parse, Region, among, likeliest
from vton.methods.bare_arms import arms_of_the_photo, forearms_in_front, what_stays
from vton.methods.compact_inputs import compact_regions, complete_keypoints
from vton.methods.continued import continued_flow
from vton.methods.lost_sleeves import long_sleeves_from_the_shoulder
from vton.methods.shoulders import on_the_shoulders
from vton.methods.sleeve_ends import even_cuffs
from vton.methods.sleeves import (
    ARM_REGIONS,
    SKIN,
    TRUNK_PARTS,
    bare_to_the_hand,
    disc,
    over_the_arms,
    shoulder_width,
    torso_length,
    without_bare_patches,
)
from vton.methods.waists import (
    around_the_hips,
    into_the_waistband,
    no_gap_at_the_waist,
    no_higher_than_worn,
    no_wider_below,
    without_a_trace,
)
from vton.methods.worn import worn_parse
from vton.types import CANVAS_HEIGHT, Garment, Person

CLOSED = 0.07
"""Gaps of the warped mask up to this width, in torso lengths, are closed where the parse says garment."""
SLIT, BESIDE_THE_TRUNK = 0.2, 0.3
"""Widest slit between a sleeve and the trunk, in torso lengths, that is closed where the body is behind it: laid out, a
garment's sleeves lie apart from it; and how far from the body's axis there are such slits, in shoulder widths."""
EVEN = 0.014
"""Unevenness of the parse's border that is smoothed away, in torso lengths."""
HEM_HALF, HEM_TOOTH, HEM_SHIFT = 0.75, 0.4, 0.3
"""In shoulder widths: how far to both sides of the axis a hem is looked for, what is narrower than this is no part of
its line, and how far it may be moved."""
HEM_SAG = 0.06
"""How much lower a hem may lie in front than at its ends, in shoulder widths: seen from above it seems round."""
STRAP = 0.4
"""Down to this part of the torso (0 neck, 1 mid-hip) what is thin is a strap, and stays."""
LEAST_STRAP = 0.06
"""Shortest strap, in torso lengths; what is shorter is unevenness."""
STRAP_WIDTH = 0.16
"""The widest strap, in shoulder widths."""
UP_THE_NECK = 0.1
"""How far above the base of the neck, in torso lengths, a neckline may come from the garment's picture."""
BESIDE_THE_NECK, NECK_FOOT = (0.22, 0.32), 0.2
"""In shoulder widths: how far from the neck's middle shoulders begin, and where there is nothing else; and how far
above its base the neck meets them."""
CLOTH = (0.6, 0.95)
"""Warped mask from which a bare neck becomes garment, and from which it does so wholly."""
TINY = 0.01
"""Share of the garment's area below which a piece of it, or a hole in it, is a mistake."""
SOFT = 2
"""How far the parse's border between arm and background is soft on either side, in its pixels."""
IN_FRONT = (Region.LEFT_ARM, Region.RIGHT_ARM, Region.HAIR, Region.FACE)


def settle(
    target: np.ndarray,
    mask: np.ndarray,
    flow: np.ndarray,
    person: Person,
    garment: Garment,
    ends: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Let parse, mask and flow agree on where the garment is.

    Args:
        target: float32 (13, h, w) in [0, 1], probabilities of `Region` on the canvas.
        mask: float32 (1024, 768) in [0, 1], the garment's mask read along the flow.
        flow: float32 (1024, 768, 2), canvas pixels of the garment picture.
        person: whose photo it is. garment: what is worn.
        ends: float32 (2, 2), x and y on the canvas of the neckline's ends, left and right; None where they are unknown.

    Returns:
        target and mask, which agree, and the flow, continued from the garment's edge where the mask had gaps.
    """
    size = target.shape[2], target.shape[1]
    before, foreground = (
        cv2.resize(plane, size, interpolation=cv2.INTER_NEAREST)
        for plane in (compact_regions(worn_parse(person)), (person.parse != Parse.BACKGROUND).astype(np.uint8))
    )
    points = complete_keypoints(person.keypoints)[:, :2] * (size[1] / CANVAS_HEIGHT)
    length = torso_length(points)
    covered = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    straps = covered
    parts = cv2.resize(person.parts, size, interpolation=cv2.INTER_NEAREST)
    covered = without_slits(cv2.morphologyEx(covered, cv2.MORPH_CLOSE, disc(CLOSED / 2 * length)), parts, points)
    target = necklines_as_cut(target, covered, points)
    said = target[Region.UPPER]
    guess = likeliest(target, but=Region.UPPER)
    labels = arms_of_the_photo(_continued_labels(guess, said < 0.5), before, foreground > 0, points)
    shape = even_cuffs(even_border(np.minimum(said, covered), points), said, labels, points)
    shape = with_straps(even_hem(shape, labels, points), straps, labels, foreground > 0, points)
    long = None not in long_sleeves_from_the_shoulder(garment)
    shape, labels = bare_to_the_hand(shape, labels, before, points, long)
    shape = over_the_arms(shape, labels, before, length)
    shape, labels = without_bare_patches(shape, labels, before, foreground > 0, points)
    shape, labels = bare_to_the_hand(even_border(shape, points), labels, before, points, long)
    labels = what_stays(shape, labels, before, (said >= 0.5) & (parts > 0), points)
    ends = None if ends is None else ends * (size[1] / CANVAS_HEIGHT)
    shape = on_the_shoulders(shape, labels, before, parts, points, ends)
    shape = (into_the_waistband if garment.tucked else around_the_hips)(shape, labels, before, points)
    shape = _whole(shape, labels)
    if not long:
        shape, labels = forearms_in_front(shape, labels, before, points)
    labels = no_gap_at_the_waist(shape, labels, said, points)
    # How wide and how high they are above the old hem, the photo of one who tucks a top in does not show.
    labels = labels if garment.tucked else no_higher_than_worn(no_wider_below(labels, before, length), before, points)
    agreed = without_a_trace(_agreed(target, shape, labels, guess), guess, labels)
    shown = np.maximum(mask, cv2.resize(shape, mask.shape[::-1], interpolation=cv2.INTER_LINEAR))
    return agreed, shown, continued_flow(flow, mask, shown, garment)


def _agreed(target: np.ndarray, shape: np.ndarray, labels: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """The target parse, float32 (13, h, w), with the garment where a shape says, and labels beside it.

    shape: float32 (h, w) in [0, 1]. labels, guess: uint8 (h, w), `Region` of what is there otherwise, settled and as it
    was said; where both are the same and the garment was not said to be, the parse keeps its soft borders.
    """
    said = target[Region.UPPER]
    total = target.sum(0) - said
    taken_from = (said >= 0.5) | (total < 0.5) | (labels != guess) | _within_arms(labels)
    beside = 1 - shape
    agreed = target * np.where(taken_from, np.float32(0), beside / np.maximum(total, np.float32(1e-3)))
    rows, columns = np.nonzero(taken_from)
    agreed[labels[rows, columns], rows, columns] = beside[rows, columns]
    agreed[Region.UPPER] = shape
    return agreed


def without_slits(covered: np.ndarray, parts: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The warped mask, closed from side to side beside the trunk; both float32 (h, w) in [0, 1].

    parts: uint8 (h, w), DensePose parts. points: (18, 2), complete, in their pixels.
    """
    across = np.ones((1, max(1, round(SLIT * torso_length(points)))), np.uint8)
    closed = cv2.morphologyEx(covered, cv2.MORPH_CLOSE, across)
    neck, hips = points[Joint.NECK], points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0)
    axis = np.interp(
        np.arange(len(covered)), *zip(*sorted([neck[::-1], hips[::-1]], key=lambda end: end[0]), strict=True)
    )
    # Nearer the middle it may be a neckline, and on somebody who stands turned beside it too.
    beside = np.abs(np.arange(covered.shape[1]) - axis[:, None]) > BESIDE_THE_TRUNK * shoulder_width(points)
    trunk = among(parts, TRUNK_PARTS)
    return np.where(trunk & beside & ~_at_the_neck(trunk & (covered < 0.5), points), closed, covered)


def _at_the_neck(bare: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The pieces of what no garment covers, bool (h, w), that reach the base of the neck."""
    _, pieces = cv2.connectedComponents(bare.view(np.uint8), connectivity=4)
    reach = BESIDE_THE_NECK[0] * shoulder_width(points)
    (left, _), (right, below) = ((points[Joint.NECK] + side * reach).clip(0).round().astype(int) for side in (-1, 1))
    return bare & np.isin(pieces, np.unique(pieces[:below, left:right]))


def necklines_as_cut(target: np.ndarray, covered: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Give bare neck and chest to the garment where the garment's own picture, read there, has cloth.

    How deep a neckline is, the picture tells; the parse guesses it. `covered` is 0 where the picture shows the inside
    of the garment's back. Up the neck itself no warp is to be trusted: collars are put there by `collars`. Over the
    shoulders beside it the warp is right again.

    Args:
        target: float32 (13, h, w), probabilities of `Region`, the neck as NOISE.
        covered: float32 (h, w) in [0, 1], the warped mask.
        points: (18, 2), complete, in its pixels.
    """
    cut = target.copy()
    rows = np.arange(len(covered), dtype=np.float32)[:, None]
    below = np.clip((rows - points[Joint.NECK, 1]) / torso_length(points) / UP_THE_NECK + 1, 0, 1)
    from_neck = np.abs(np.arange(covered.shape[1], dtype=np.float32) - points[Joint.NECK, 0]) / shoulder_width(points)
    beside = np.interp(from_neck, BESIDE_THE_NECK, (0, 1)).astype(np.float32)
    beside = beside * (rows > points[Joint.NECK, 1] - NECK_FOOT * shoulder_width(points))
    trusted = np.maximum(below, beside)
    cloth = ((covered - np.float32(CLOTH[0])) / np.float32(CLOTH[1] - CLOTH[0])).clip(0, 1)
    moved = target[Region.NOISE] * trusted * cloth
    cut[Region.UPPER] += moved
    cut[Region.NOISE] -= moved
    return cut


def even_border(shape: np.ndarray, points: np.ndarray) -> np.ndarray:
    """A shape without the unevenness of its border, float32 (h, w) in [0, 1]; straps stay as thin as they are.

    points: (18, 2), complete, in its pixels.
    """
    sigma = max(1.0, EVEN * torso_length(points))
    even = _sharp(cv2.GaussianBlur(shape, (0, 0), sigma))
    neck, hips = points[Joint.NECK, 1], points[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean()
    last = int(np.clip(neck + STRAP * (hips - neck), 0, len(shape)))
    if last == 0:
        return even
    thick = cv2.morphologyEx(shape[:last], cv2.MORPH_OPEN, disc(1.5 * sigma))
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(((shape[:last] > 0.5) & (thick < 0.5)).astype(np.uint8))
    long = stats[:, cv2.CC_STAT_HEIGHT] > LEAST_STRAP * torso_length(points)
    long[0] = False
    straps = cv2.dilate(long[pieces].astype(np.uint8), disc(1)) > 0
    even[:last] = np.maximum(even[:last], np.where(straps, _sharp(shape[:last]), 0))
    return even


def even_hem(shape: np.ndarray, labels: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Replace the lower border over the torso by a line without teeth.

    Args:
        shape: float32 (h, w) in [0, 1], where the garment is.
        labels: uint8 (h, w), `Region` of what is there otherwise; a border to what is in front of it is no hem.
        points: (18, 2) in pixels of the shape, complete.

    Returns:
        float32 (h, w) in [0, 1].
    """
    height, width = shape.shape
    neck, hips = points[Joint.NECK], points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0)
    unit = shoulder_width(points)
    start = int(np.clip(neck[1] + 0.55 * (hips[1] - neck[1]), 0, height - 1))
    left, right = (int(np.clip(hips[0] + side * HEM_HALF * unit, 0, width)) for side in (-1, 1))
    solid = shape[start:, left:right] > 0.5
    ends = len(solid) - np.argmax(solid[::-1], 0)
    below = labels[np.minimum(start + ends + 2, height - 1), np.arange(left, right)]
    known = solid.any(0) & ~solid[-1] & ~among(below, IN_FRONT)
    if known.sum() < HEM_TOOTH * unit:
        return shape
    columns = np.arange(right - left)
    line = np.interp(columns, columns[known], ends[known]).astype(np.float32)
    window = round(HEM_TOOTH * unit) | 1
    near = np.lib.stride_tricks.sliding_window_view(np.pad(line, window // 2, mode="edge"), window)
    smooth = cv2.GaussianBlur(np.median(near, 1).astype(np.float32)[None], (0, 0), window / 6)[0]
    smooth = _parabola(columns, smooth, known, HEM_SAG * unit)
    # What ends far from the line is no hem, as a sleeve that hangs beside the torso.
    known &= np.abs(line - smooth) < HEM_SHIFT * unit
    rows = np.arange(height - start, dtype=np.float32)[:, None]
    inside = (smooth - rows).clip(-0.5, 0.5) + 0.5
    between = known & (rows >= np.minimum(smooth, ends) - 2) & (rows <= np.maximum(smooth, ends) + 2)
    result = shape.copy()
    result[start:, left:right] = np.where(between, inside, shape[start:, left:right])
    notch = known & solid[0] & (rows < smooth - 2) & ~among(labels[start:, left:right], IN_FRONT)
    result[start:, left:right][notch] = 1
    return result


def with_straps(
    shape: np.ndarray, covered: np.ndarray, labels: np.ndarray, foreground: np.ndarray, points: np.ndarray
) -> np.ndarray:
    """The shape and the straps that the garment's picture has, and a coarse parse has not, up to the shoulders.

    Args:
        shape, covered: float32 (h, w) in [0, 1], where the garment is, and where its mask read along the flow is.
        labels: uint8 (h, w), `Region` of what is there otherwise; straps lie on skin.
        foreground: bool (h, w), where the person is in the photo.
        points: (18, 2) in pixels, complete.

    Returns:
        float32 (h, w) in [0, 1].
    """
    unit = shoulder_width(points)
    shoulders = points[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER], 1]
    first = int(np.clip(shoulders.min() - NECK_FOOT * unit, 0, len(shape)))
    last = int(np.clip(shoulders.max() + 0.7 * unit, 0, len(shape)))
    zone = np.s_[first:last]
    if last - first < 8:
        return shape
    thick = cv2.morphologyEx(covered[zone], cv2.MORPH_OPEN, disc(STRAP_WIDTH / 2 * unit))
    thin = (covered[zone] > 0.5) & (thick < 0.5) & foreground[zone]
    thin &= among(labels[zone], SKIN) & (shape[zone] < 0.5)
    beside = cv2.dilate((shape[zone] > 0.5).astype(np.uint8), disc(0.04 * unit)) > 0
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(thin.astype(np.uint8))
    result = shape.copy()
    for piece in range(1, count):
        here = pieces == piece
        ends_up = first + stats[piece, cv2.CC_STAT_TOP] < shoulders.max() + 0.1 * unit
        if ends_up and stats[piece, cv2.CC_STAT_HEIGHT] > 0.1 * unit and (here & beside).any():
            joined = cv2.dilate(here.astype(np.uint8), disc(1)) > 0
            result[zone] = np.where(joined & foreground[zone], np.maximum(result[zone], covered[zone]), result[zone])
    return result


def _parabola(places: np.ndarray, values: np.ndarray, known: np.ndarray, sag: float) -> np.ndarray:
    """The parabola through most of the known values (absolute differences, by weights), at all places; float32.

    Its middle lies at most `sag` above or below its ends.
    """
    middle, half = places.mean(), max(float(np.ptp(places)) / 2, 1.0)
    x = (places - middle) / half
    weights = known.astype(np.float64)
    for _ in range(6):
        bent = float(np.clip(np.polyfit(x, values, 2, w=np.sqrt(weights))[0], -sag, sag)) * x**2
        curve = np.polyval(np.polyfit(x, values - bent, 1, w=np.sqrt(weights)), x) + bent
        weights = known / np.maximum(np.abs(values - curve), 1.0)
    return curve.astype(np.float32)


def _continued_labels(labels: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Labels uint8 (h, w), those inside the garment replaced by that of the nearest pixel outside it, bool (h, w)."""
    if outside.all() or not outside.any():
        return labels
    _, nearest = cv2.distanceTransformWithLabels(
        (~outside).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    label_at = np.zeros(int(nearest.max()) + 1, np.uint8)
    label_at[nearest[outside]] = labels[outside]
    return label_at[nearest]


def _within_arms(labels: np.ndarray) -> np.ndarray:
    """Where labels, uint8 (h, w), say arm all around, bool (h, w): an outline that it had before is none any more."""
    arms = among(labels, ARM_REGIONS).view(np.uint8)
    return cv2.erode(arms, disc(SOFT)) > 0


def _whole(shape: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Without pieces and holes that are tiny beside the largest piece; holes in front of which something is stay."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats((shape > 0.3).view(np.uint8))
    if count < 2:
        return shape
    tiny = TINY * stats[1:, cv2.CC_STAT_AREA].max()
    shape = np.where((stats[:, cv2.CC_STAT_AREA] < tiny)[pieces], 0, shape)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats((shape < 0.7).view(np.uint8), connectivity=4)
    filled = stats[:, cv2.CC_STAT_AREA] < tiny
    filled[pieces[among(labels, IN_FRONT)]] = False
    return np.where(filled[pieces] & (shape < 0.7), 1, shape).astype(np.float32)


def _sharp(shape: np.ndarray) -> np.ndarray:
    """A border two pixels wide or so where a blurred shape crosses one half."""
    return ((shape - 0.5) * 4 + 0.5).clip(0, 1)
