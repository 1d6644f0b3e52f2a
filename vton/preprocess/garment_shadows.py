"""Shadows that a garment throws on the background of its picture.

In all functions `lighter` and `hue` are float32 (H, W), how much lighter than the background a pixel is and how far off
its hue (CIELAB), and `outside` is bool (H, W), what is background for certain.
"""

import cv2
import numpy as np

from vton.images import box_around
from vton.preprocess.regions import connected_to_border, middle_of, near

GAP, GAP_SHADE = 0.12, 30
"""Widest gap between a sleeve and the body, as a share of the garment's width, that is followed into its shadow; and
how much darker than elsewhere the background is there at most (CIELAB)."""
SHOULDERS, MOST_SHADOW = 0.3, 0.25
"""Of a garment of little contrast: the upper part of its height in which no soft shadow is looked for, and how large a
share of it may be one."""
RIM, LEFT_OVER, DEEPER = 0.95, 0.4, 3.0
"""A glow of shadow, as drawn around garments that were cut out: which share of the outline lies in it at least; which
share of what was found is left over as one piece; and how many times as dark it is there as at its outer edge.
"""
TEXTURED = 0.4
"""Which share of a garment's middle has edges at least where what is even beside it is no cloth."""
ALONG = 0.4
"""Which share of a soft shadow's rim lies at the background at least."""
OUTER, ONE_SIDED, LEAST_BESIDE = 0.4, 3, 0.003
"""Which share of its width on either side are a garment's outer sides, how many times as much shadow is on one of them,
and how much at least, as a share of the garment."""
TINTED, REFLECTION = 0.65, 0.02
"""Which share of the cloth's hue its reflection in a shadow has at most, and how wide it is at most, as a share of the
picture's longer side."""
DARK_CLOTH, BAND, LONG = -50, 0.04, 0.12
"""How much darker than the background a garment is, at least, that is dark beside its shadow (CIELAB); how wide that is
at most, as a share of the picture's longer side; and how long at least, as a share of the garment's height."""
FLOOR, HEM, LOWEST, EMPTY = 0.05, 0.35, 0.6, 0.7
"""How thick a shadow on the floor below a garment is at most, as a share of the garment's height; how wide the gap over
it is at least, as a share of the width, and below which share of the height it begins; and which share of it has the
background's colour at least."""
COLOURED, NEUTRAL, DARKEST, BESIDE, FADING = 5.0, 0.35, 45, 0.55, 1.15
"""How far a garment's middle is off the background's hue where hue tells it from its shadow, and which share of that a
shadow is off at most; how much darker than the background it is at most (all CIELAB), and below which share of the
garment's height it lies; and how many times as dark beside the garment as elsewhere."""


def textured(lightness: np.ndarray, inside: np.ndarray) -> bool:
    """Whether cloth, bool (H, W), has stripes, checks or knit nearly everywhere, so that what is even is none of it."""
    core = middle_of(inside)
    return bool((~_flat(cv2.GaussianBlur(lightness, (0, 0), 1.5))[core]).mean() > TEXTURED)


def _flat(lightness: np.ndarray) -> np.ndarray:
    return cv2.magnitude(*(cv2.Sobel(lightness, -1, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))) < 1.2


def soft_shadow(lightness: np.ndarray, lighter: np.ndarray, hue: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Pixels of the background's hue, a little darker and without edges or texture around them, that join it.

    lightness: float32 (H, W), CIELAB's L.
    """
    lightness = cv2.GaussianBlur(lightness, (0, 0), 1.5)
    flat = _flat(lightness)
    hueless = (lighter < 1) & (lighter > -22) & (hue < 3)
    reach = max(3, round(max(outside.shape) / 110)) | 1
    even = cv2.erode(flat.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    shadow = connected_to_border((hueless & even) | outside)
    shadow = cv2.dilate(shadow.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    shadow &= (hueless & flat) | outside
    # Between stripes the background's colour is cloth: what the garment left over would close up around stays.
    radius = (max(5, round(max(outside.shape) / 25)) | 1) // 2
    added = shadow & ~outside
    around = box_around(added, 2 * radius + 2)
    added[around] &= near(~near(~shadow[around], radius), radius)
    return added


def above_a_shadow(alike: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """What of the background the sleeves, the hem and the garment's shadow on the floor enclose, and that shadow.

    alike: bool (H, W), what has the background's colour.
    """
    found, inside = np.zeros_like(outside), ~outside
    _, top, width, height = cv2.boundingRect(inside.view(np.uint8))
    enclosed = cv2.morphologyEx((inside & alike).view(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(enclosed, connectivity=4)
    for piece, (x, y, wide, high, area) in enumerate(stats[1:], 1):
        if wide < HEM * width or y < top + LOWEST * height or area < EMPTY * wide * high:
            continue
        below = inside[y + high :, x : x + wide].sum(0)
        if np.percentile(below, 90) < FLOOR * height:
            found |= pieces == piece
            found[y + high // 2 :, x : x + wide] = True
    return found


def along_the_outside(shadow: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """The pieces of a soft shadow, bool (H, W), about half of whose rim lies at what is background for certain.

    A white panel of a coloured garment that is open to the background here and there has an outline elsewhere.
    """
    square = np.ones((3, 3), np.uint8)
    rim = shadow & (cv2.erode(shadow.view(np.uint8), square, borderValue=0) == 0)
    count, pieces = cv2.connectedComponents(shadow.view(np.uint8))
    length, shared = (
        np.bincount(pieces[region], minlength=count)
        for region in (rim, rim & (cv2.dilate(outside.view(np.uint8), square) > 0))
    )
    kept = shared > ALONG * length
    kept[0] = False
    return kept[pieces]


def no_pale_cloth(shadow: np.ndarray, inside: np.ndarray, contrast: float, lighter: np.ndarray) -> np.ndarray:
    """A soft shadow without what may be pale cloth: shoulders in the light, or a whole garment without folds.

    shadow, inside: bool (H, W), what was found and what it was taken from. contrast: the garment's to its background.
    """
    if _all_around(shadow, inside, lighter):
        return shadow
    shadow = shadow.copy()
    if contrast <= 15:
        rows = np.flatnonzero(inside.any(1))
        shadow[: int(rows[0] + SHOULDERS * (rows[-1] - rows[0]))] = False
    return shadow if shadow.sum() < MOST_SHADOW * inside.sum() else np.zeros_like(shadow)


def _all_around(shadow: np.ndarray, inside: np.ndarray, lighter: np.ndarray) -> bool:
    """Whether a soft shadow surrounds what is left over of the inside, and grows darker towards it."""
    square = np.ones((3, 3), np.uint8)
    rim = inside & (cv2.erode(inside.view(np.uint8), square) == 0)
    left_over = cv2.morphologyEx((inside & ~shadow).view(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(left_over)
    if len(stats) < 2 or not rim.any() or shadow[rim].mean() < RIM:
        return False
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    if stats[largest, cv2.CC_STAT_AREA] < LEFT_OVER * inside.sum():
        return False
    beside = shadow & (cv2.dilate((pieces == largest).view(np.uint8), np.ones((7, 7), np.uint8)) > 0)
    outer = shadow & (cv2.dilate((~inside).view(np.uint8), square) > 0)
    return bool(beside.any() and outer.any() and np.median(lighter[beside]) < DEEPER * np.median(lighter[outer]))


def neutral_shadow(lighter: np.ndarray, hue: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Below and beside a garment of another hue than the background's, whatever has that hue and is darker.

    Near its hem a garment's shadow is as dark as cloth, and ends at an edge. Above there may be white collars, straps
    and cuffs: there it is looked for at the outer sides, and found where it falls to one of them. Such a hard light's
    shadow is darkest beside the cloth, whose hue it reflects there.
    """
    rows, columns = np.flatnonzero((~outside).any(1)), np.flatnonzero((~outside).any(0))
    if len(rows) == 0:
        return np.zeros_like(outside)
    least = np.percentile(hue[middle_of(~outside)], 10)
    if least < COLOURED:
        return np.zeros_like(outside)
    first = int(rows[0] + BESIDE * (rows[-1] - rows[0]))
    dark = ~outside & (hue < min(NEUTRAL * least, 3)) & (lighter < -0.5) & (lighter > -DARKEST)
    left, right = (round(columns[0] + share * (columns[-1] - columns[0])) for share in (OUTER, 1 - OUTER))
    dark[:first, left:right] = False
    dark = cv2.morphologyEx(dark.view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    dark = connected_to_border(dark | outside) & ~outside
    fades = _fading(dark, lighter, outside)
    beside = sorted(int(half.sum()) for half in (fades[:first, :left], fades[:first, right:]))
    if beside[1] <= max(beside[0] * ONE_SIDED, LEAST_BESIDE * np.count_nonzero(~outside)):
        fades[:first] = False
        return fades
    return _up_to_the_cloth(fades, lighter, hue < TINTED * least, outside)


def _up_to_the_cloth(shadow: np.ndarray, lighter: np.ndarray, tinted: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """A neutral shadow with what joins it, is as dark, and has a little of the cloth's hue: the cloth's reflection."""
    dark = tinted & ~outside & (lighter < np.median(lighter[shadow])) & (lighter > -DARKEST)
    reach = max(1, round(max(shadow.shape) * REFLECTION))
    dark &= near(shadow, reach)
    return connected_to_border(outside | shadow | dark) & ~outside


def _fading(dark: np.ndarray, lighter: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """The pieces of what may be shadow, bool (H, W), that fade away from the garment; a grey hem does not."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    cloths_edge = cv2.dilate((~outside & ~dark).view(np.uint8), cross) > 0
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(dark.view(np.uint8))
    fades = np.zeros(len(stats), bool)
    for piece, (left, top, width, height, _) in enumerate(stats[1:], 1):
        box = np.s_[top : top + height, left : left + width]
        here = pieces[box] == piece
        close = lighter[box][here & cloths_edge[box]]
        fades[piece] = len(close) > 0 and np.median(close) < FADING * np.median(lighter[box][here])
    return fades[pieces]


def beside_dark_cloth(lighter: np.ndarray, hue: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """The narrow band between the background and much darker cloth that is its shadow: bool (H, W).

    A white trim, a stripe's end or a cuff in such a place is short, or does not grow darker towards the cloth.
    """
    inside = ~outside
    if not inside.any() or np.median(lighter[middle_of(inside)]) > DARK_CLOTH:
        return np.zeros_like(outside)
    dark = (inside & (lighter < DARK_CLOTH)).view(np.uint8)
    dark = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    to_both = [cv2.distanceTransform(1 - part, cv2.DIST_L2, 5) for part in (outside.view(np.uint8), dark)]
    between = sum(to_both) < max(4, round(BAND * max(outside.shape)))
    band = along_the_outside(inside & between & (lighter > DARK_CLOTH + 2) & (hue < 4), outside)
    band = _fading(band, lighter, outside)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(band.view(np.uint8))
    long = np.hypot(*stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].T) > LONG * np.ptp(np.flatnonzero(inside.any(1)))
    long[0] = False
    return long[pieces]


def up_the_gaps(lighter: np.ndarray, hue: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """What joins a gap between a sleeve and the body and is background in their shadow: darker, of the same hue.

    A gap is known by the part of it that is lit: it has cloth at both sides. White stripes that reach the hem join
    none, and those that reach a gap are low. What is nearer to the garment's colour and hue
    than to the background's is cloth.
    """
    found = np.zeros_like(outside)
    around = box_around(~outside, 0)
    outside = np.ascontiguousarray(outside[around])
    reach = max(3, round(GAP * outside.shape[1]))
    shaded = ~outside & (lighter[around] < 1) & (lighter[around] > -GAP_SHADE) & (hue[around] < 3)
    cloth, aside = (~outside & ~shaded).view(np.uint8), np.ones((1, reach + 1), np.uint8)
    between = (cv2.dilate(cloth, aside, anchor=(0, 0)) & cv2.dilate(cloth, aside, anchor=(reach, 0))) > 0
    lit = cv2.morphologyEx((outside & between).view(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) > 0
    tall = np.ones((max(3, len(hue) // 40), 1), np.uint8)
    shaded = cv2.morphologyEx((shaded & between).view(np.uint8), cv2.MORPH_OPEN, tall) > 0
    if not (lit.any() and shaded.any()):
        return found
    count, components, stats, _ = cv2.connectedComponentsWithStats((shaded | lit).view(np.uint8), connectivity=4)
    of_each = [np.bincount(components[region], minlength=count) for region in (lit, shaded)]
    joined = (of_each[0] > 0) & (of_each[1] > 0)
    joined &= stats[:, cv2.CC_STAT_HEIGHT] > stats[:, cv2.CC_STAT_WIDTH]
    joined[0] = False
    colours = np.dstack([lighter[around], hue[around]])
    of_cloth = np.median(colours[~outside], axis=0)
    for piece in np.flatnonzero(joined):
        own = np.median(colours[(components == piece) & shaded], axis=0)
        nearer = np.linalg.norm(own - of_cloth) < np.linalg.norm(own)
        joined[piece] = not (nearer and own[1] > of_cloth[1] / 2)
    found[around] = joined[components] & shaded
    return found
