"""What the body network gets wrong about clothes, and colours, places and shapes can tell: dresses, straps, islands."""

import cv2
import numpy as np

from vton.labels import ARM_LABELS, BOTTOM_LABELS, UPPER_LABELS, Joint, Parse
from vton.preprocess.colour_shares import COARSE, colour_bins, likeness, shares
from vton.preprocess.regions import shoulder_width

CLOTHES = (*UPPER_LABELS, *BOTTOM_LABELS, Parse.SCARF)
SKIN_LABELS = (Parse.NECK, *ARM_LABELS)
HEAD_LABELS, BELOW_THE_HEAD = (Parse.HAT, Parse.FACE), (*UPPER_LABELS, Parse.NECK)
ISLAND_SHARE, ISLAND_RIM = 0.25, 0.75
"""Cloth smaller than this share of the cloth around it, which makes up this much of its rim, is part of it."""
TWO_CLOTHS, ONE_CLOTH = 0.6, 0.8
"""Likeness of colours (Bhattacharyya coefficient) below which two pieces of cloth differ, above which they do not."""
UNLIKE, CLEAR = 0.4, 0.8
"""Likeness of top and trousers below which colours tell them apart, and how much of a colour one of them has then."""
LONG_TOP = (25, 60)
"""Percentiles of the rows below the hips that show trousers or skirt: a long top reaches below the first, and not below
the second."""
BELOW_THE_HIPS = 0.05
"""How far below the hips a photo shows something that is no top for certain, in torso lengths."""
HIPS_SEEN, WAIST = 0.1, 0.75
"""How far above the hips a photo ends at most that shows a waist, in torso lengths, and down to which part of the torso
(0 neck, 1 mid-hip) trousers or a skirt begin there."""
BAND = 0.4
"""How far above and below a dress's waist its colours are compared, in torso lengths."""
MOUTH, ABOVE_SHOULDERS = 0.12, 0.4
"""How far below the nose a mouth is, and above the middle of the shoulders nothing that lies on them, in shoulder
widths."""
LEAST_DRESS = 0.15
"""Share of all the cloth that a dress takes at least."""
LINE_WIDTH, LINE_LENGTH, LINE_AREA, LINE_RIM = 0.06, 0.12, 0.004, 0.6
"""The widest line that is no hair, the shortest and the smallest, in shoulder widths; and how much of its rim is top at
least."""
ON_SKIN = 0.9
"""How much of the rim of a piece is neck at least, for it to be neck too, in the same colours, and no hair or jewel."""
STRAP_WIDTH, STRAP_LENGTH, STRAP_REACH = 0.09, 0.1, 0.2
"""In shoulder widths: the widest strap, the shortest, and how far from the neck's middle it lies at least."""
STRAP_INSIDE = 0.035
"""In shoulder widths: nearer to the backdrop the colour around is not that of skin."""
SKIN_RANGE = 20
"""How far skin may be from its median colour (CIE76 with lightness counting less)."""
STRAP_RIM = 0.1
"""Which share of a strap's rim is the arm beside it, at least."""
STRAP_CONTRAST = 16
"""Difference (CIE76) between a strap and the skin around it."""


def absorb_islands(parse: np.ndarray) -> np.ndarray:
    """Pieces of cloth that other cloth surrounds, such as a pocket, a print or a buckle, belong to it.

    parse: uint8 (H, W), `Parse` ids. Returns the same.
    """
    result = parse.copy()
    areas = np.bincount(parse.ravel(), minlength=len(Parse))
    for label in CLOTHES:
        count, pieces, stats, _ = cv2.connectedComponentsWithStats((parse == label).astype(np.uint8))
        for piece in range(1, count):
            inside, around = _cut_out(pieces == piece, stats[piece], parse.shape)
            rim = cv2.dilate(inside.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool) & ~inside
            seen = np.bincount(parse[around][rim], minlength=len(Parse))
            outside = int(seen[Parse.BACKGROUND]) + 7 * _at_the_border(stats[piece], parse.shape)
            seen[[Parse.BACKGROUND, label]] = 0
            other = int(seen.argmax())
            # A waist that shows above trousers is no island in the top.
            if (label in BOTTOM_LABELS) != (other in BOTTOM_LABELS):
                seen[Parse.BACKGROUND] = outside
            small = stats[piece, cv2.CC_STAT_AREA] < ISLAND_SHARE * areas[other]
            if other in CLOTHES and small and seen[other] > ISLAND_RIM * seen.sum():
                result[around][inside] = other
    return result


def no_hair_in_tops(parse: np.ndarray) -> np.ndarray:
    """Pieces of hair that a top or the bare chest surrounds, apart from the head, are stripes, seams and shadows, or a
    dark top that shows beneath another, up to the neck.

    parse: uint8 (H, W), `Parse` ids. Returns the same.
    """
    result, hair = parse.copy(), parse == Parse.HAIR
    # Several pieces may lie close together.
    groups = cv2.dilate(hair.view(np.uint8), np.ones((7, 7), np.uint8))
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(groups)
    for piece in range(1, count):
        left, top, width, height = stats[piece, :4]
        around = np.s_[top : top + height, left : left + width]
        rim = (pieces[around] == piece) & ~hair[around]
        seen = np.bincount(parse[around][rim], minlength=len(Parse))
        below = seen[list(BELOW_THE_HEAD)]
        # At the edge of a top, and away from the neck, it is the strap of a bag.
        least = ISLAND_RIM if seen[Parse.NECK] else LINE_RIM
        if below.sum() > least * seen.sum() and not seen[list(HEAD_LABELS)].any():
            result[around][(pieces[around] == piece) & hair[around]] = BELOW_THE_HEAD[int(below.argmax())]
    return result


def no_strands_on_tops(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Long thin lines of hair that lie on a top below the neck are its placket, a strap or a cord.

    Strands so thin and long, alone on a top, were found on none of 100 photographed people.

    parse: uint8 (H, W), `Parse` ids. keypoints: (18, 3) in its pixels. Returns uint8 (H, W).
    """
    unit = shoulder_width(keypoints)
    side = int(LINE_WIDTH * unit) | 1
    first = max(0, int(keypoints[Joint.NECK, 1] - 0.1 * unit))
    # What lies above tells only how thick the hair is.
    result, below = parse.copy(), parse[max(0, first - side) :]
    hair = below == Parse.HAIR
    if unit < 60 or not hair.any():
        return parse
    thick = cv2.morphologyEx(hair.view(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    thin = hair & (cv2.dilate(thick, np.ones((5, 5), np.uint8)) == 0)
    thin[: min(first, side)] = False
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(thin.view(np.uint8))
    for piece in range(1, count):
        inside, around = _cut_out(pieces == piece, stats[piece], below.shape)
        long = stats[piece, cv2.CC_STAT_HEIGHT] > LINE_LENGTH * unit
        if not long or stats[piece, cv2.CC_STAT_AREA] < LINE_AREA * unit**2:
            continue
        rim = cv2.dilate(inside.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool) & ~inside
        seen = np.bincount(below[around][rim], minlength=len(Parse))
        tops = seen[list(UPPER_LABELS)]
        if tops.sum() > LINE_RIM * seen.sum():
            result[len(parse) - len(below) :][around][inside] = UPPER_LABELS[int(tops.argmax())]
    return result


def hair_not_top(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Pieces of top beside the neck and the head, apart from the rest of it and not below the shoulders, are hair.

    Beside an arm they are straps; on the neck, in its colour, neck. What is higher than mouth and shoulders is hair, or
    a hood, which stays too.

    Args:
        parse: uint8 (H, W), `Parse` ids.
        image: uint8 RGB (H, W, 3).
        keypoints: (18, 3) in its pixels.

    Returns:
        uint8 (H, W).
    """
    unit = shoulder_width(keypoints)
    wrists = keypoints[[Joint.RIGHT_WRIST, Joint.LEFT_WRIST, Joint.RIGHT_ELBOW, Joint.LEFT_ELBOW]]
    lowest = keypoints[Joint.NECK, 1] + 0.1 * unit
    if (wrists[wrists[:, 2] > 0.3, 1] < lowest).any():
        return parse
    result = parse.copy()
    nose = keypoints[Joint.NOSE]
    if nose[2] > 0.3:
        # Of a head that is bowed the mouth is not above the shoulders.
        end = min(nose[1] + MOUTH * unit, keypoints[Joint.NECK, 1] - ABOVE_SHOULDERS * unit)
        head = np.s_[: int(np.clip(end, 0, len(parse)))]
        result[head][np.isin(parse[head], UPPER_LABELS)] = Parse.HAIR
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(np.isin(result, UPPER_LABELS).astype(np.uint8))
    for piece in range(1, count):
        if stats[piece, cv2.CC_STAT_TOP] + stats[piece, cv2.CC_STAT_HEIGHT] >= lowest:
            continue
        inside = pieces == piece
        rim = cv2.dilate(inside.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool) & ~inside
        if np.isin(parse[rim], ARM_LABELS).mean() < STRAP_RIM:
            on_neck = (parse[rim] == Parse.NECK).mean() > ON_SKIN
            skin = on_neck and likeness(colour_bins(image, COARSE), inside, rim) > ONE_CLOTH
            result[inside] = Parse.NECK if skin else Parse.HAIR
    return result


def settle_dresses(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """A dress of two cloths, one above the other, is a top and a skirt; cloth like a dress's that meets it is dress.

    Args:
        parse: uint8 (H, W), `Parse` ids.
        image: uint8 RGB (H, W, 3).
        keypoints: (18, 3) in its pixels.

    Returns:
        uint8 (H, W).
    """
    dress, cloth = parse == Parse.DRESS, np.isin(parse, CLOTHES)
    if dress.sum() < LEAST_DRESS * max(int(cloth.sum()), 1):
        return parse
    bins = _colour_bins(image)
    neck, hips = keypoints[Joint.NECK, 1], keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean()
    length = hips - neck
    rows = np.arange(len(parse))[:, None]
    whole = dress | np.isin(parse, UPPER_LABELS)
    least, split = min(
        (
            likeness(
                bins,
                whole & _rows(rows, split - BAND * length, split),
                dress & _rows(rows, split, split + BAND * length),
            ),
            split,
        )
        for split in np.linspace(neck + 0.45 * length, hips + 0.3 * length, 9)
    )
    if 0 < least < TWO_CLOTHS:
        is_upper = _share_of_first(bins, whole & (rows < split), dress & (rows >= split), len(parse)) > 0.5
        return np.where(dress, np.where(is_upper, np.uint8(Parse.UPPER), np.uint8(Parse.SKIRT)), parse)
    result = parse.copy()
    for label in (Parse.UPPER, *BOTTOM_LABELS):
        part = parse == label
        if part.sum() > parse.size / 2000 and likeness(bins, part, dress) > ONE_CLOTH:
            result[part] = Parse.DRESS
    return result


def waist_by_colour(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """About the waist, cloth in the colours of the top alone is top, and of trousers or skirt alone theirs.

    parse: uint8 (H, W). image: uint8 RGB (H, W, 3). keypoints: (18, 3) in its pixels. Returns uint8 (H, W).
    """
    upper, bottom = np.isin(parse, UPPER_LABELS), np.isin(parse, BOTTOM_LABELS)
    neck, hips = keypoints[Joint.NECK, 1], keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean()
    length = hips - neck
    rows = np.arange(len(parse))[:, None]
    top, skirt = upper & (rows < hips - 0.35 * length), bottom & (rows > hips + 0.1 * length)
    if min(top.sum(), skirt.sum()) < parse.size / 100:
        return parse
    bins = _colour_bins(image)
    # What is taken for trousers or skirt may be the lower part of a long top for the most part; below that they tell.
    higher, lower = np.percentile(np.flatnonzero(skirt.any(1)), LONG_TOP)
    below = skirt & (rows > lower)
    if likeness(bins, top, skirt & (rows < higher)) > TWO_CLOTHS and likeness(bins, top, below) < UNLIKE:
        skirt = below
    if likeness(bins, top, skirt) > UNLIKE:
        return parse
    share = _share_of_first(bins, top, skirt, len(parse))
    waist = _rows(rows, hips - 0.45 * length, hips + 0.45 * length)
    names = [most_seen(parse, labels) for labels in (UPPER_LABELS, BOTTOM_LABELS)]
    settled = np.where(bottom & waist & (share > CLEAR), np.uint8(names[0]), parse)
    return np.where(upper & waist & (share < 1 - CLEAR), np.uint8(names[1]), settled)


def top_to_the_end(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Where a photo ends at the hips, trousers or a skirt in the colours of the top are the rest of it, unless they
    begin at the waist.

    parse: uint8 (H, W). image: uint8 RGB (H, W, 3). keypoints: (18, 3) in its pixels. Returns uint8 (H, W).
    """
    upper, bottom = np.isin(parse, UPPER_LABELS), np.isin(parse, BOTTOM_LABELS)
    neck, hips = keypoints[Joint.NECK, 1], keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean()
    if not bottom.any() or not upper.any():
        return parse
    end, begin = np.flatnonzero((parse > 0).any(1))[-1], np.median(bottom.argmax(0)[bottom.any(0)])
    if end > hips + BELOW_THE_HIPS * (hips - neck):
        return parse
    if end > hips - HIPS_SEEN * (hips - neck) and begin < neck + WAIST * (hips - neck):
        return parse
    if likeness(_colour_bins(image), upper, bottom) < TWO_CLOTHS:
        return parse
    return np.where(bottom, np.uint8(most_seen(parse, UPPER_LABELS)), parse)


def scarf_by_colour(parse: np.ndarray, image: np.ndarray) -> np.ndarray:
    """A scarf in the colours of the top is its collar, or the front of a jacket that closes high.

    parse: uint8 (H, W), `Parse` ids. image: uint8 RGB (H, W, 3). Returns uint8 (H, W).
    """
    scarf, upper = parse == Parse.SCARF, np.isin(parse, UPPER_LABELS)
    if not scarf.any() or not upper.any() or likeness(_colour_bins(image), scarf, upper) < ONE_CLOTH:
        return parse
    worn = most_seen(parse, UPPER_LABELS)
    return np.where(scarf, np.uint8(worn), parse)


def restore_straps(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Thin lines over bare shoulders that end at the top, and stand out from the skin, are its straps.

    parse: uint8 (H, W). image: uint8 RGB (H, W, 3). keypoints: (18, 3) in its pixels. Returns uint8 (H, W).
    """
    points = keypoints[:, :2]
    unit = float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))
    shoulders, neck = points[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]], points[Joint.NECK]
    top, bottom = (int(np.clip(neck[1] + share * unit, 0, len(parse))) for share in (-0.35, 0.6))
    left, right = (
        int(np.clip(side, 0, parse.shape[1]))
        for side in (shoulders[:, 0].min() - unit / 4, shoulders[:, 0].max() + unit / 4)
    )
    around = np.s_[top:bottom, left:right]
    local = parse[around]
    tops = np.isin(local, UPPER_LABELS)
    if unit < 40 or not tops.any() or not np.isin(local, SKIN_LABELS).any():
        return parse
    near = image[around]
    lab = cv2.cvtColor(near, cv2.COLOR_RGB2LAB)
    plain = cv2.medianBlur(lab, round(2 * STRAP_WIDTH * unit) | 1)
    contrast = np.linalg.norm((lab.astype(np.float32) - plain) * np.float32([100 / 255, 1, 1]), axis=-1)
    inner = cv2.distanceTransform((local != Parse.BACKGROUND).astype(np.uint8), cv2.DIST_L2, 5) > STRAP_INSIDE * unit
    weights = np.float32([0.4, 1, 1])
    on_skin = np.isin(local, SKIN_LABELS)
    skin = np.median(lab[on_skin], axis=0)
    over_skin = np.linalg.norm((plain - skin) * weights, axis=-1) < SKIN_RANGE
    thin = (contrast > STRAP_CONTRAST) & over_skin & on_skin & inner
    thin = cv2.morphologyEx(thin.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    beside_top = cv2.dilate(tops.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    beside_hair = cv2.dilate((local == Parse.HAIR).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    count, pieces, stats, centres = cv2.connectedComponentsWithStats(thin)
    worn = most_seen(local, UPPER_LABELS)
    result = parse.copy()
    for piece in range(1, count):
        here = pieces == piece
        tall = stats[piece, cv2.CC_STAT_HEIGHT]
        slim = stats[piece, cv2.CC_STAT_AREA] < STRAP_WIDTH * unit * 1.5 * tall
        aside = abs(centres[piece][0] + left - neck[0]) > STRAP_REACH * unit
        hair = (here & beside_hair).sum() > 0.2 * here.sum()
        # What runs along the top is the edge of an arm beside it.
        ends_there = 0 < (here & beside_top).sum() < 0.5 * here.sum()
        if tall > STRAP_LENGTH * unit and slim and aside and not hair and ends_there:
            result[around][cv2.dilate(here.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = worn
    return result


def most_seen(parse: np.ndarray, labels: tuple[Parse, ...]) -> Parse:
    """Which of some labels a parse, uint8 (H, W), has most of; the first of them where it has none."""
    return labels[int(np.argmax([(parse == label).sum() for label in labels]))]


def _at_the_border(stat: np.ndarray, shape: tuple[int, ...]) -> int:
    """Pixels of the picture's border that the box of a piece touches."""
    x, y, width, height = stat[: cv2.CC_STAT_AREA]
    across, down = (y == 0) + (y + height == shape[0]), (x == 0) + (x + width == shape[1])
    return int(across * width + down * height)


def _cut_out(piece: np.ndarray, stat: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, tuple[slice, slice]]:
    """A piece within its box, some pixels wider, and the box."""
    x, y, width, height = stat[: cv2.CC_STAT_AREA]
    around = np.s_[max(0, y - 5) : min(shape[0], y + height + 5), max(0, x - 5) : min(shape[1], x + width + 5)]
    return piece[around], around


def _colour_bins(image: np.ndarray) -> np.ndarray:
    return colour_bins(cv2.GaussianBlur(image, (0, 0), 2), COARSE)


def _rows(rows: np.ndarray, first: float, end: float) -> np.ndarray:
    return (rows >= first) & (rows < end)


def _share_of_first(bins: np.ndarray, one: np.ndarray, other: np.ndarray, height: int) -> np.ndarray:
    """How far the colours about each pixel are those of the first part and not of the other, float32 in [0, 1]."""
    return cv2.GaussianBlur(shares(bins, one, other), (0, 0), 0.006 * height)
