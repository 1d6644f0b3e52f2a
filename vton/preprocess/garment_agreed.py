"""Where rules and the outline network disagree about a garment's outline: shadows, pale cloth, openings in a print.

Rules follow an edge to the pixel, and take a soft shadow for grey cloth or white cloth for the wall. The network sees
shapes, a few pixels coarse. So its word counts where it is sure and means more than the place of an edge, and the edge
itself is found anew there, at the strongest step of colours.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.images import box_around
from vton.preprocess.garment_background import border_colour
from vton.preprocess.outline_frame import Seen
from vton.preprocess.regions import tidy

SURE, LIKELY = 0.93, 0.7
"""How probable garment or background is at least where the network is asked, and where it confirms the rules."""
UNDECIDED = 0.3
"""How much is neither at most, as a share of the garment, for the network to be asked at all."""
RIM, LEAST_RIM, MUCH = 5.0, 20, 60.0
"""How wide the rim of a shadow is at most, in pixels of the network's frame, and how large at least, in pixels of half
the picture's size; and by how many grey levels cloth differs from it at least."""
AROUND = 2.0
"""How far about a piece that it is asked about the outline is drawn anew, in pixels of its frame."""
OPPOSITE = 0.6
"""Which share of what is added has garment at the other side at least."""
SPARSE, OFF_CENTRE = 4, 0.3
"""Of how many columns and rows one is looked at to find the axis, and how far it is from the middle at most, as a share
of twice the width."""
INNER, OUTER = 1, 2


@dataclass(frozen=True)
class Size:
    """The least size of what the network is asked about: wide, in pixels of its frame; area, as a share of the
    garment's."""

    wide: float
    area: float


TOO_MUCH, LACKING = Size(2.0, 0.002), Size(3.5, 0.01)
"""What rules took for garment, and what they left out: the network closes gaps that are as narrow as its edges."""
PAPER, DYE, PALE = 5.0, 5.0, 30.0
"""Up to how many grey levels from the background's colour something has that colour, from the garment's the garment's,
and up to how many it may be pale cloth."""
SMALL, EDGE, STEP = 0.05, 5, 0.5
"""Up to which share of the garment what is lighter than the paper is cloth: larger panels are the page's; how many
pixels on both sides of an edge are compared; and which share of the way to the background's colour they are apart at
least where cloth ends."""


def agreed_outline(mask: np.ndarray, seen: Seen, pixels: np.ndarray, busy: bool = False) -> np.ndarray:
    """A garment's mask by rules, put right where the network is sure of something else.

    Args:
        mask: bool (H, W). seen: of `outline_frame.look_for_garment`. pixels: uint8 RGB (H, W, 3).
        busy: whether the background is, so that what lies there may look like a garment.

    Returns:
        bool (H, W); `mask` itself where there is nothing to put right.
    """
    probability = seen.probability
    garment = max(np.count_nonzero(probability > 0.5), 1)
    if np.count_nonzero(np.abs(probability - 0.5) < SURE - 0.5) > UNDECIDED * garment:
        return mask
    inside, outside = probability > SURE, probability < 1 - SURE
    agreed = mask & inside
    opposite = _mirrored(agreed, _twice_the_axis(agreed))
    wrong = [
        (piece, False)
        for piece in _pieces(mask & outside & ~opposite, seen.step, garment, TOO_MUCH)
        if _is_open(piece, mask) and not _is_cloth(piece, mask, agreed, pixels)
    ]
    wrong += [
        (piece, True)
        for piece in _pieces(~mask & inside, seen.step, garment, LACKING)
        if not agreed.any() or (not busy and opposite[piece].mean() > OPPOSITE)
    ]
    rim = _pale_rim(mask, seen, pixels, agreed)
    if not wrong and not rim.any():
        return mask
    result = mask & ~rim
    for piece, is_garment in wrong:
        box = box_around(piece, round((AROUND + 4) * seen.step))
        drawn = _at_edges(mask[box], probability[box], np.ascontiguousarray(pixels[box]), seen.step)
        near = ~_away(piece[box], AROUND * seen.step)
        if is_garment:
            result[box] |= near & drawn
        else:
            result[box] &= ~near | drawn | _away(~opposite[box], seen.step)
            # Of a shadow's rim no threads are left.
            result[box] &= ~near | (probability[box] > 0.5) | _opened(result[box], 2 * seen.step)
    return tidy(result)


def _pale_rim(mask: np.ndarray, seen: Seen, pixels: np.ndarray, agreed: np.ndarray) -> np.ndarray:
    """The shadow along cloth of quite another colour, as wide as the network's edges: bool (H, W).

    It has nearly the background's colour, and ends softly at what rules call background; a white cuff ends in a step.
    """
    colours, own, inner = (np.ascontiguousarray(each[::2, ::2]) for each in (pixels, mask, agreed))
    probability = seen.probability[::2, ::2]
    outer = own & (probability < 1 - LIKELY)
    if np.count_nonzero(outer) < LEAST_RIM:
        return np.zeros_like(mask)
    size, places = (round(2 * RIM * seen.step),) * 2, np.nonzero(outer)
    share = cv2.blur(inner.astype(np.float32), size)[places]
    usual = cv2.boxFilter(cv2.copyTo(colours, inner.view(np.uint8)), cv2.CV_32F, size)[places]
    usual /= np.maximum(share, 1e-3)[:, None]
    from_cloth = np.abs(colours[places] - usual).max(1)
    from_paper = np.full(own.shape, np.inf, np.float32)
    from_paper[places] = np.abs(colours[places] - np.float32(border_colour(pixels))).max(1)
    pale = outer & ~_away(probability > 0.5, RIM * seen.step / 2) & (from_paper < PALE)
    pale[places] &= (share > 0) & (from_cloth > MUCH) & (from_cloth > 4 * from_paper[places])
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(pale.view(np.uint8))
    square, kept = np.ones((3, 3), np.uint8), np.zeros(count, bool)
    for index in 1 + np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= LEAST_RIM):
        left, top, width, height = stats[index, :4]
        box = np.s_[max(top - 2, 0) : top + height + 2, max(left - 2, 0) : left + width + 2]
        piece = pieces[box] == index
        rim = (cv2.dilate(piece.view(np.uint8), square) > 0) & ~piece
        beside = rim & ~own[box]
        goes_on = rim & (from_paper[box] < PALE)
        if np.count_nonzero(beside) <= 2 * np.count_nonzero(goes_on):
            continue
        edge = piece & (cv2.dilate(beside.view(np.uint8), square) > 0)
        step = np.abs(colours[box][edge].mean(0) - colours[box][beside].mean(0)).max()
        kept[index] = step < STEP * from_paper[box][piece].mean()
    if not kept.any():
        return np.zeros_like(mask)
    small = kept[pieces].view(np.uint8)
    return (cv2.resize(small, mask.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0) & mask


def _pieces(differs: np.ndarray, step: float, garment: int, least: Size) -> list[np.ndarray]:
    """Of what differs, bool (H, W), the pieces that are large enough, one by one. garment: its area in pixels."""
    # At half the size: they are all wider than that.
    opened = _opened(np.ascontiguousarray(differs[::2, ::2]), least.wide * step / 2).view(np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(opened)
    large = 1 + np.flatnonzero(4 * stats[1:, cv2.CC_STAT_AREA] > least.area * garment)
    size = differs.shape[1::-1]
    return [
        (cv2.resize((pieces == index).view(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0) & differs
        for index in large
    ]


def _opened(region: np.ndarray, wide: float) -> np.ndarray:
    """What of a region, bool (H, W), a disc of that width fits into."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, round(wide)),) * 2)
    return cv2.morphologyEx(region.view(np.uint8), cv2.MORPH_OPEN, kernel) > 0


def _twice_the_axis(cloth: np.ndarray) -> int:
    """The sum of the columns of a pixel and its mirror image, about the axis about which most of the cloth, bool
    (H, W), lies on cloth: with a sleeve more or less it is the same."""
    small = np.packbits(cloth[::SPARSE, ::SPARSE].T, axis=1)
    columns = np.flatnonzero(small.any(1))
    if len(columns) == 0:
        return cloth.shape[1] - 1
    ends = columns[0] + columns[-1]
    reach = round(OFF_CENTRE * (columns[-1] - columns[0]))
    covered = []
    for axis in range(ends - reach, ends + reach + 1):
        first, last = max(0, axis - len(small) + 1), min(len(small), axis + 1)
        both = small[first:last] & small[axis - last + 1 : axis - first + 1][::-1]
        covered.append(int(np.unpackbits(both).sum()))
    return round(SPARSE * (ends - reach + float(np.mean(np.flatnonzero(np.array(covered) == max(covered))))))


def _mirrored(cloth: np.ndarray, axis: int) -> np.ndarray:
    """The mirror image of cloth, bool (H, W) both: garments are symmetric, and the network sees a pale sleeve or a
    narrow gap on one side alone."""
    mirrored = np.zeros_like(cloth)
    first, last = max(0, axis - cloth.shape[1] + 1), min(cloth.shape[1], axis + 1)
    mirrored[:, first:last] = cloth[:, axis - last + 1 : axis - first + 1][:, ::-1]
    return mirrored


def _is_cloth(piece: np.ndarray, mask: np.ndarray, agreed: np.ndarray, pixels: np.ndarray) -> bool:
    """Whether a piece of a mask that the network calls background is cloth of nearly the background's colour.

    White cloth on white paper is found by its edges alone, by which rules go. Lighter than the paper is no shadow, nor
    is what ends in a step, however large.

    piece, mask, agreed: bool (H, W), the last what both call garment. pixels: uint8 RGB (H, W, 3).
    """
    own, ground = np.median(pixels[piece], axis=0), np.float64(border_colour(pixels))
    if agreed.any() and np.abs(own - np.median(pixels[agreed], axis=0)).max() <= DYE:
        return True
    apart = np.abs(own - ground).max()
    if apart <= PAPER:
        return True
    if apart > PALE:
        return False
    if own.mean() > ground.mean():
        return np.count_nonzero(piece) <= SMALL * max(np.count_nonzero(agreed), 1)
    box = box_around(piece, 2 * EDGE)
    kernel = np.ones((EDGE, EDGE), np.uint8)
    beside = cv2.dilate(piece[box].view(np.uint8), kernel) & ~mask[box]
    rim = cv2.dilate(beside, kernel) & piece[box]
    beside &= cv2.dilate(rim, kernel)
    colours = pixels[box].astype(np.float32)
    steps = np.abs(colours[rim > 0].mean(0) - colours[beside > 0].mean(0)).max() if beside.any() and rim.any() else 0.0
    return bool(steps > STEP * apart)


def _is_open(piece: np.ndarray, mask: np.ndarray) -> bool:
    """Whether a piece of a mask, bool (H, W) both, lies at its outline: a part of a print does not."""
    return bool((cv2.dilate(piece.view(np.uint8), np.ones((5, 5), np.uint8)) > mask.view(np.uint8)).any())


def _away(region: np.ndarray, radius: float) -> np.ndarray:
    """What lies further than so many pixels from a region, bool (H, W)."""
    return cv2.distanceTransform((~region).view(np.uint8), cv2.DIST_L2, 5) > radius


def _at_edges(mask: np.ndarray, probability: np.ndarray, pixels: np.ndarray, step: float) -> np.ndarray:
    """The garment, bool (H, W), whose outline lies at the picture's strongest edges where nothing else tells it.

    By flooding from what is garment and from what is background (Meyer, "Color image segmentation", 1992): a shadow
    rises softly, cloth in a step. What both say counts to the pixel, what the network says alone a few pixels in.
    """
    markers = np.zeros(mask.shape, np.int32)
    for value, own, likely in ((OUTER, ~mask, 1 - probability), (INNER, mask, probability)):
        markers[_away(~(own & (likely > LIKELY)), 2) | _away(likely < SURE, step)] = value
    if not ((markers == INNER).any() and (markers == OUTER).any()):
        return probability > 0.5
    flooded = cv2.watershed(cv2.GaussianBlur(pixels, (0, 0), 1.0), markers)
    # Of the line between both, a pixel wide, and the picture's rim nothing is said.
    inner = cv2.dilate((flooded == INNER).view(np.uint8), np.ones((3, 3), np.uint8)) & (flooded != OUTER)
    return cv2.medianBlur(inner, 5) > 0
