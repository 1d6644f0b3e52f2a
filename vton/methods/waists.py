"""Where a top meets trousers or a skirt: no backdrop between them, and a top that hangs out lies around the hips."""

import cv2
import numpy as np

from vton.labels import Joint, Region, among
from vton.methods.sleeves import ARM_REGIONS, disc, shoulder_width, torso_length
from vton.preprocess.regions import large_pieces

WIDER_BELOW = 4
"""How much wider than in the photo trousers or skirt may be on each side, in pixels of the target parse."""
SPECK = 0.05
"""Which part of trousers or skirt is none, for each of the largest."""
LOOK_AHEAD = 0.25
"""How far below the old hem the width of trousers or skirt is looked for, in torso lengths."""
RAISED = 0.1
"""How much higher than in the photo trousers or skirt may reach above the waist, in torso lengths."""
WAIST = 0.8
"""How far down the torso (0 neck, 1 mid-hip) the waist is; up to it trousers or skirt may always reach."""
WAIST_GAP, BODY_GAP, BODY = 0.12, 0.5, 0.2
"""Highest gap between garment and trousers that is closed, beside the body and before it, in torso lengths; and how far
from its axis the body is for certain, in shoulder widths."""
HIPS, AROUND, TRUNK = 0.5, 0.2, 1.0
"""From which part of the torso (0 neck, 1 mid-hip) on a top lies around the hips; in shoulder widths, by how much it
is made wider on each side for that at most; and how far from the axis the trunk reaches."""
FLARE, STEEP = 0.3, 0.6
"""How much wider it grows with each row, and beside an arm that is to be painted."""
UNEVEN, TEETH = 0.04, 2
"""Along how much of an outline of trousers its teeth are evened out, in shoulder widths; and how long they are at most,
in pixels of the target parse."""
TRACE = 6
"""How wide the soft edge of a guess is, in pixels of the target parse."""
UNDER = 2
"""How far a top goes on below the edge of an arm before it, in pixels of the target parse."""
TUCKED_GAP = 0.2
"""Up to how far above trousers that the photo shows a tucked top goes on down into them, in torso lengths."""
BETWEEN = 0.025
"""Half the widest line between a top and trousers that belongs to neither, in shoulder widths."""


def around_the_hips(shape: np.ndarray, labels: np.ndarray, before: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The garment, above its hem no narrower than the trousers or skirt that it hangs over.

    Args:
        shape: float32 (h, w) in [0, 1], where the garment is.
        labels, before: uint8 (h, w), `Region` of what is there otherwise, and of the photo.
        points: (18, 2), complete, in their pixels.

    Returns:
        float32 (h, w) in [0, 1].
    """
    height, width = shape.shape
    neck, hips = points[Joint.NECK], points[[Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0)
    unit, axis = shoulder_width(points), float(neck[0] + hips[0]) / 2
    first = int(np.clip(neck[1] + HIPS * (hips[1] - neck[1]), 0, height - 1))
    left, right = (int(np.clip(axis + side * TRUNK * unit, 0, width)) for side in (-1, 1))
    part = np.s_[first:, left:right]
    worn, bottom = shape[part] > 0.5, (labels[part] == Region.BOTTOM) | (before[part] == Region.BOTTOM)
    if not worn.any():
        return shape
    # An outline that is drawn twice leaves a line of something else between both.
    line = 2 * max(1, round(BETWEEN * unit)) + 1
    bottom |= _closed(worn | bottom, 1, line) & ~worn
    hem = int(np.median((len(worn) - worn[::-1].argmax(0))[worn.any(0)]))
    seen, made = (among(plane[part], ARM_REGIONS) for plane in (before, labels))
    made = seen | (made & ~bottom)
    planes = (worn, bottom, seen, made)
    wider = np.maximum(*(_beside(*(plane[:hem, ::turn] for plane in planes), unit)[:, ::turn] for turn in (1, -1)))
    # Where an arm lies along the garment, what is between both is too narrow to be seen as trousers.
    cloth_or_arm = (worn | seen)[:hem]
    wider = np.maximum(wider, _closed(cloth_or_arm, 1, 2 * line) & ~cloth_or_arm & bottom[:hem])
    zone = np.s_[first : first + hem, left:right]
    joined = np.maximum(shape[zone], wider)
    # Where both meet, the soft edges of neither.
    seam = cv2.dilate((wider > 0.9).view(np.uint8), np.ones((3, 5), np.uint8)) > 0
    closed = cv2.morphologyEx(joined, cv2.MORPH_CLOSE, np.ones((5, 7), np.uint8))
    result = shape.copy()
    result[zone] = np.where(seam, closed, joined)
    return result


def into_the_waistband(shape: np.ndarray, labels: np.ndarray, before: np.ndarray, points: np.ndarray) -> np.ndarray:
    """A tucked garment, which ends where the photo shows trousers or skirt begin, if it is said to end near there.

    Where the old top hung out far over them they begin higher than the photo shows, as the parse says.

    Args:
        shape: float32 (h, w) in [0, 1], where the garment is.
        labels, before: uint8 (h, w), `Region` of what is there otherwise, and of the photo.
        points: (18, 2), complete, in their pixels.

    Returns:
        float32 (h, w) in [0, 1].
    """
    shown, worn = large_pieces(before == Region.BOTTOM, SPECK), shape > 0.5
    gap = _closed(worn | shown, max(1, round(TUCKED_GAP * torso_length(points))), 1) & ~worn & ~shown
    gap &= among(labels, (Region.BOTTOM, Region.BACKGROUND)) & _between(worn, shown)
    return np.where(shown, 0, np.where(gap, 1, shape)).astype(np.float32)


def _between(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """What has one mask above it and the other below it in its column, bool (h, w)."""
    return np.logical_or.accumulate(upper) & np.logical_or.accumulate(lower[::-1])[::-1]


def _closed(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """A mask, bool (h, w), with gaps up to that size closed; beyond its edges is nothing."""
    size = np.ones((height, width), np.uint8)
    closed = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_CLOSE, size, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return (closed > 0) | mask


def _beside(worn: np.ndarray, bottom: np.ndarray, seen: np.ndarray, made: np.ndarray, unit: float) -> np.ndarray:
    """How much wider a garment becomes at its left in each row to cover trousers there, float32 (h, w) in [0, 1].

    worn, bottom, seen, made: bool (h, w), where the garment, trousers, the photo's arms, and these with the parts of
    arms that are to be painted are. unit: width of the shoulders in pixels.
    """
    edge, places = worn.argmax(1), np.arange(worn.shape[1])
    # A sleeve that hangs before trousers stays as it is.
    over = worn.any(1) & ~_touches(made, edge, unit)
    # The last column before the garment that shows no trousers.
    beside = np.where(~bottom & (places < edge[:, None]), places, -1).max(1)
    room = np.minimum(np.where(over, edge - beside - 1, 0), AROUND * unit)
    outline = np.where(room > 0, edge - room, np.float64(len(places)))
    cover = np.zeros(worn.shape, np.float32)
    # An arm that is to be painted may lie a little differently too, so that no step is needed beside it.
    for arms, slope in ((made, FLARE), (seen, STEEP)):
        # From nothing at the top, where it would be a step.
        line = np.maximum(_flaring(outline, slope), edge - STEEP * np.arange(len(edge)))
        wider = worn.any(1) & ~_touches(arms, edge, unit) & (line < edge)
        start = np.maximum(_even_line(line, wider, UNEVEN * unit), line - TEETH) - 1
        # Some pixels more, below the edge of what is in front: trousers would glimmer between both.
        inner = cv2.erode(arms.astype(np.uint8), np.ones((1, 2 * UNDER + 1), np.uint8)) > 0
        shown = (places - start[:, None] + 0.5).clip(0, 1) * (places < edge[:, None]) * ~inner
        cover = np.maximum(cover, shown * wider[:, None])
    return cover.astype(np.float32)


def _touches(arms: np.ndarray, edge: np.ndarray, unit: float) -> np.ndarray:
    """Whether the edge, columns (h,), lies on or at the arms, bool (h, w); bool (h,)."""
    near = cv2.dilate(arms.astype(np.uint8), np.ones((1, 2 * max(1, round(BETWEEN * unit)) + 1), np.uint8)) > 0
    return np.take_along_axis(near, edge[:, None], 1)[:, 0]


def _flaring(outline: np.ndarray, slope: float) -> np.ndarray:
    """Columns (n,), at most those given, of which none differs by more than a slope from the next, float."""
    steps = slope * np.arange(len(outline))
    down = np.minimum.accumulate(outline - steps) + steps
    up = (np.minimum.accumulate((outline + steps)[::-1]) - steps[::-1])[::-1]
    return np.minimum(down, up)


def _even_line(line: np.ndarray, known: np.ndarray, reach: float) -> np.ndarray:
    """Numbers (n,), smoothed over some of their neighbours that are known, bool (n,); float32."""
    sigma, weight = max(1.0, reach), known.astype(np.float32)[:, None]
    total = cv2.GaussianBlur(line.astype(np.float32)[:, None] * weight, (0, 0), sigma)
    return (total / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3))[:, 0]


def no_gap_at_the_waist(shape: np.ndarray, labels: np.ndarray, said: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Trousers or skirt up to the garment: over backdrop between them, and where it said to reach them.

    Before the body there is no backdrop; beside it, a little is closed too, but not between raised arms and the head.

    Args:
        shape, said: float32 (h, w) in [0, 1], where the garment is and was said to be.
        labels: uint8 (h, w), `Region` of what is there otherwise.
        points: (18, 2), complete, in their pixels.

    Returns:
        uint8 (h, w), `Region`.
    """
    bottom, length = labels == Region.BOTTOM, torso_length(points)
    both, reach = (shape > 0.5) | bottom, max(1, round(WAIST_GAP * length))
    small, large = (
        _closed(both, tall, 1) & ~both & (labels == Region.BACKGROUND)
        for tall in (reach, max(1, round(BODY_GAP * length)))
    )
    small &= cv2.dilate(bottom.view(np.uint8), np.ones((2 * reach + 1, 1), np.uint8)) > 0
    _, pieces = cv2.connectedComponents(large.view(np.uint8))
    axis = points[[Joint.RIGHT_HIP, Joint.LEFT_HIP, Joint.NECK], 0].mean()
    body = np.abs(np.arange(shape.shape[1]) - axis) < BODY * shoulder_width(points)
    rows = np.arange(len(shape))[:, None]
    gap = (small | (large & np.isin(pieces, np.unique(pieces[:, body])))) & (rows > points[Joint.NECK, 1])
    worn = shape > 0.5
    under = ~np.logical_or.accumulate(worn[::-1], 0)[::-1]
    # The row at which what the parse called garment ends below each pixel.
    end = np.minimum.accumulate(np.where(said < 0.5, rows, len(shape))[::-1], 0)[::-1].clip(max=len(shape) - 1)
    reached = under & (said >= 0.5) & np.take_along_axis(bottom & (said < 0.5), end, 0)
    return np.where(gap | reached, np.uint8(Region.BOTTOM), labels)


def no_higher_than_worn(labels: np.ndarray, before: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Skin in place of trousers or skirt above the waist, if the photo shows them lower: a crop top leaves it bare.

    Args:
        labels, before: uint8 (h, w), `Region` beside the garment and of the photo.
        points: (18, 2), complete, in their pixels.

    Returns:
        uint8 (h, w), `Region`.
    """
    shown = before == Region.BOTTOM
    if not shown.any():
        return labels
    # The hem of the old top is nowhere straight: one row for all columns, so that the new waistband is.
    top = int(np.median(shown.argmax(0)[shown.any(0)]))
    neck, hips = points[Joint.NECK, 1], points[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean()
    limit = min(top - RAISED * torso_length(points), neck + WAIST * (hips - neck))
    above = np.arange(len(labels))[:, None] < limit
    return np.where(above & (labels == Region.BOTTOM) & (before == Region.UPPER), np.uint8(Region.NOISE), labels)


def no_wider_below(labels: np.ndarray, before: np.ndarray, length: float) -> np.ndarray:
    """Trousers or skirt no wider than the photo shows them, in each row and a little below it; uint8 (h, w).

    Where an open jacket hangs over them, their outline is not seen; then that of the next rows that show it counts.

    labels, before: uint8 (h, w), `Region` beside the garment and of the photo. length: of the torso in pixels.
    """
    # A speck of trousers at the end of an open jacket would make them as wide as it.
    shown = large_pieces(before == Region.BOTTOM, SPECK)
    if not shown.any():
        return labels
    # The first rows that show trousers below a curved hem show little of their width.
    ahead = np.ones((2 * max(1, round(LOOK_AHEAD * length)) + 1, 1), np.uint8)
    widest, top = cv2.dilate(shown.view(np.uint8), ahead), before == Region.UPPER
    first = _outline_from_the_left(shown, widest, top)
    last = shown.shape[1] - 1 - _outline_from_the_left(*(plane[:, ::-1] for plane in (shown, widest, top)))
    columns = np.arange(shown.shape[1])
    beside = (columns < first[:, None] - WIDER_BELOW) | (columns > last[:, None] + WIDER_BELOW)
    return np.where(beside & (labels == Region.BOTTOM) & ~shown, np.uint8(Region.BACKGROUND), labels)


def _outline_from_the_left(shown: np.ndarray, widest: np.ndarray, top: np.ndarray) -> np.ndarray:
    """The first column of trousers in each row or the next that shows their outline, int (h,); all where none does.

    shown, widest: (h, w), trousers, and the same with those of the rows around. top: bool (h, w), what may hide them.
    """
    rows, first = np.flatnonzero(shown.any(1)), shown.argmax(1)
    covered = np.logical_or.reduce([top[rows, (first[rows] - by).clip(0)] for by in range(1, WIDER_BELOW + 1)])
    seen = rows[~covered] if not covered.all() else rows
    following = seen[np.searchsorted(seen, np.arange(len(shown))).clip(0, len(seen) - 1)]
    return widest[following].argmax(1)


def without_a_trace(target: np.ndarray, guess: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Where trousers or a skirt were guessed and are not, nor does their soft edge stay, as a dark line across a waist.

    Args:
        target: float32 (13, h, w), probabilities of `Region`. guess, labels: uint8 (h, w), `Region` before and after.

    Returns:
        float32 (13, h, w).
    """
    gone = ((guess == Region.BOTTOM) & (labels != Region.BOTTOM)).view(np.uint8)
    if not gone.any():
        return target
    beside = (cv2.dilate(gone, disc(TRACE)) > 0) & (labels != Region.BOTTOM) & (target[Region.BOTTOM] > 0)
    rows, columns = np.nonzero(beside)
    cleared = target.copy()
    cleared[labels[rows, columns], rows, columns] += target[Region.BOTTOM, rows, columns]
    cleared[Region.BOTTOM, rows, columns] = 0
    return cleared
