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

SURE, LIKELY = 0.85, 0.7
"""How probable garment or background is at least where the network is asked, and where it confirms the rules."""
UNDECIDED = 0.3
"""How much is neither at most, as a share of the garment, for the network to be asked at all."""
AROUND = 2.0
"""How far about a piece that it is asked about the outline is drawn anew, in pixels of its frame."""
OPPOSITE = 0.6
"""Which share of a piece's mirror image tells what it is."""
INNER, OUTER = 1, 2


@dataclass(frozen=True)
class Size:
    """The least size of what the network is asked about: wide, in pixels of its frame; area, as a share of the
    garment's."""

    wide: float
    area: float


TOO_MUCH, LACKING = Size(2.0, 0.002), Size(3.5, 0.01)
"""What rules took for garment, and what they left out: the network closes gaps that are as narrow as its edges."""
PAPER, DYE = 8.0, 5.0
"""Up to how many grey levels from the background's colour something has that colour, and up to how many from the
garment's the garment's: white cloth on white paper is found by its edges alone, by which rules go."""


def agreed_outline(mask: np.ndarray, seen: Seen, pixels: np.ndarray, busy: bool = False) -> np.ndarray:
    """A garment's mask by rules, put right where the network is sure of something else.

    Args:
        mask: bool (H, W). seen: of `outline_frame.look_for_garment`. pixels: uint8 RGB (H, W, 3).
        busy: whether the background is, so that what lies there may look like a garment.

    Returns:
        bool (H, W); `mask` itself where there is nothing to put right.
    """
    garment = max(np.count_nonzero(seen.probability > 0.5), 1)
    if np.count_nonzero(np.abs(seen.probability - 0.5) < SURE - 0.5) > UNDECIDED * garment:
        return mask
    inside, outside = seen.probability > SURE, seen.probability < 1 - SURE
    agreed = mask & inside
    ground = border_colour(pixels)
    axes = [_twice_the_axis(cloth) for cloth in (agreed, mask) if cloth.any()]
    cloth = np.median(pixels[agreed], axis=0) if agreed.any() else None
    wrong = []
    for piece in _pieces(mask & outside, seen.step, garment, TOO_MUCH):
        another = _apart(pixels[piece], ground) > PAPER and (cloth is None or _apart(pixels[piece], cloth) > DYE)
        if another and _is_open(piece, mask) and not _mirrored(piece, agreed, axes):
            wrong.append((piece, False))
    for piece in _pieces(~mask & inside, seen.step, garment, LACKING) if not busy else []:
        of_paper = agreed.any() and _apart(pixels[piece], ground) <= PAPER
        if _mirrored(piece, agreed, axes) if of_paper else not _mirrored(piece, ~mask & outside, axes):
            wrong.append((piece, True))
    if not wrong:
        return mask
    result = mask.copy()
    for piece, is_garment in wrong:
        box = box_around(piece, round((AROUND + 4) * seen.step))
        drawn = _at_edges(mask[box], seen.probability[box], np.ascontiguousarray(pixels[box]), seen.step)
        result[box][~_away(piece[box], AROUND * seen.step) & (drawn == is_garment)] = is_garment
    return tidy(result)


def _pieces(differs: np.ndarray, step: float, garment: int, least: Size) -> list[np.ndarray]:
    """Of what differs, bool (H, W), the pieces that are large enough, one by one. garment: its area in pixels."""
    wide = max(3, round(least.wide * step))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
    opened = cv2.morphologyEx(differs.view(np.uint8), cv2.MORPH_OPEN, kernel)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(opened)
    large = stats[:, cv2.CC_STAT_AREA] > least.area * garment
    return [pieces == index for index in range(1, count) if large[index]]


def _twice_the_axis(cloth: np.ndarray) -> int:
    """The sum of the columns of a pixel and its mirror image, about the column with half of the cloth, bool (H, W), at
    either side: a sleeve more or less moves it little."""
    per_column = np.cumsum(cloth.sum(0))
    return 2 * int(np.searchsorted(per_column, per_column[-1] / 2))


def _mirrored(piece: np.ndarray, agreed: np.ndarray, axes: list[int]) -> bool:
    """Whether a piece's mirror image about one of the axes lies in what both agree on, bool (H, W): garments are
    symmetric, and the network sees a pale sleeve or a narrow gap on one side alone."""
    rows, columns = np.nonzero(piece)
    for axis in axes:
        opposite = axis - columns
        seen = (opposite >= 0) & (opposite < piece.shape[1])
        if agreed[rows[seen], opposite[seen]].sum() > OPPOSITE * len(rows):
            return True
    return False


def _apart(colours: np.ndarray, colour: np.ndarray) -> float:
    """How far the median of colours, uint8 (N, 3), is from a colour, in grey levels."""
    return float(np.abs(np.median(colours, axis=0) - colour).max())


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
