"""What a network gets wrong about a person's parse, and a skeleton, colours and common sense can tell."""

import cv2
import numpy as np

from vton.images import box_around
from vton.labels import (
    BOTTOM_LABELS,
    LEG_LABELS,
    UPPER_LABELS,
    Joint,
    Parse,
)
from vton.preprocess.bare_skin import (
    bare_belly,
    bare_skin_not_top,
    belly_not_arm,
    distance_to_bones,
    hem_not_belly,
    with_hand,
)
from vton.preprocess.clothes import (
    absorb_islands,
    hair_not_top,
    no_hair_in_tops,
    no_strands_on_tops,
    restore_straps,
    scarf_by_colour,
    settle_dresses,
    top_to_the_end,
    waist_by_colour,
)
from vton.preprocess.cuffs import restore_cuffs
from vton.preprocess.hair_edges import top_between_hair
from vton.preprocess.held_things import with_held_things
from vton.preprocess.regions import shoulder_width
from vton.preprocess.skin_edges import no_hands_of_cloth, top_about_the_neck, top_between_fingers
from vton.preprocess.sleeve_colours import restore_sleeves, stripes_not_arms
from vton.preprocess.top_edges import no_stray_tops, top_up_to_the_arms

SEEN = 0.3
"""Confidence above which a keypoint says something about the parse."""

HAND, PALM, WRIST = 0.3, 0.01, 0.025
"""How far from a hand's bones the middle of what is one may lie at most; its least area, and half the width of what
joins it to the neck at most: in shoulder widths, and their square."""
UP_THE_NECK, CHEST = 0.6, 0.62
"""How far up the line from the neck's base to the nose what covers it is neck; how far down to the hips is chest."""

NEARER = 0.5
"""How much nearer to a top's colour than to that of trousers a piece of cloth is that belongs to the top."""

RIGHT_ARM = (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST)
LEFT_ARM = (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST)
RIGHT_LEG = (Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE)
LEFT_LEG = (Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE)
SIDES = (
    (Parse.RIGHT_ARM, Parse.LEFT_ARM, RIGHT_ARM, LEFT_ARM),
    (Parse.RIGHT_LEG, Parse.LEFT_LEG, RIGHT_LEG, LEFT_LEG),
    (Parse.RIGHT_SHOE, Parse.LEFT_SHOE, RIGHT_LEG[1:], LEFT_LEG[1:]),
)
"""Pairs of labels and the bones by which right and left can be told."""


def clean_parse(parse: np.ndarray, image: np.ndarray, silhouette: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Correct what a network gets wrong and a skeleton, colours and common sense can tell.

    Args:
        parse: uint8 (H, W), ids of `labels.Parse`.
        image: uint8 RGB (H, W, 3).
        silhouette: float32 (H, W) in [0, 1].
        keypoints: (18, 3) in pixels.

    Returns:
        uint8 (H, W).
    """
    cleaned = limit_to_silhouette(parse, silhouette)
    cleaned = hands_not_legs(cleaned, keypoints)
    cleaned = settle_sides(cleaned, keypoints)
    cleaned = stripes_not_arms(restore_sleeves(cleaned, image, keypoints), image, keypoints)
    cleaned = bare_skin_not_top(belly_not_arm(cleaned, keypoints), image, keypoints)
    cleaned = hands_not_neck(cleaned, keypoints)
    cleaned = hand_down_stray_tops(cleaned, image, keypoints)
    cleaned = name_hats(cleaned, keypoints)
    cleaned = name_collars(cleaned, keypoints)
    cleaned = close_tops(no_hair_in_tops(top_between_hair(cleaned, image, keypoints)))
    cleaned = no_strands_on_tops(cleaned, keypoints)
    cleaned = hair_not_top(settle_dresses(cleaned, image, keypoints), image, keypoints)
    cleaned = top_to_the_end(one_bottom(cleaned), image, keypoints)
    cleaned = scarf_by_colour(waist_by_colour(cleaned, image, keypoints), image)
    cleaned = absorb_islands(cleaned)
    cleaned = hem_not_belly(cleaned, image, keypoints)
    cleaned = absorb_specks(restore_cuffs(cleaned, image, keypoints, silhouette))
    cleaned = top_up_to_the_arms(no_stray_tops(cleaned, image, keypoints), image, keypoints)
    cleaned = top_between_fingers(no_hands_of_cloth(cleaned, image, keypoints), image, keypoints)
    cleaned = with_held_things(top_about_the_neck(cleaned, image, keypoints), image, keypoints)
    return bare_belly(restore_straps(cleaned, image, keypoints), image, keypoints)


def limit_to_silhouette(parse: np.ndarray, silhouette: np.ndarray) -> np.ndarray:
    """Nothing but background well outside the silhouette, which is coarse and so gets some room."""
    reach = max(3, round(parse.shape[1] / 40))
    small = cv2.resize(silhouette, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    room = cv2.dilate((small > 0.15).astype(np.uint8), np.ones((reach // 2 | 1,) * 2, np.uint8))
    inside = cv2.resize(room, parse.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    return np.where(inside, parse, np.uint8(Parse.BACKGROUND))


def settle_sides(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Give each piece of an arm, leg or shoe to the side whose bones it clearly lies nearer to."""
    result = parse.copy()
    unit = max(1.0, shoulder_width(keypoints))
    for right, left, right_bones, left_bones in SIDES:
        if keypoints[[*right_bones[:2], *left_bones[:2]], 2].min() < SEEN:
            continue
        for label, other, own, others in (
            (right, left, right_bones, left_bones),
            (left, right, left_bones, right_bones),
        ):
            count, pieces = cv2.connectedComponents((parse == label).astype(np.uint8))
            for piece in range(1, count):
                rows, columns = np.nonzero(pieces == piece)
                points = np.stack([columns, rows], axis=1)[:: max(1, len(rows) // 200)].astype(np.float32)
                near, far = (np.median(distance_to_bones(points, _with_hand(keypoints, b))) for b in (others, own))
                if near < 0.5 * far and far > 0.2 * unit:
                    result[rows, columns] = other
    return result


def _with_hand(keypoints: np.ndarray, bones: tuple[Joint, ...]) -> np.ndarray:
    """The places of an arm's joints, (n, 2), and the end of its hand; of other bones only the joints'."""
    places = keypoints[list(bones), :2]
    return with_hand(places) if bones in (RIGHT_ARM, LEFT_ARM) else places


def hands_not_legs(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Pieces of bare leg that lie about a wrist, away from the leg's own bones, are that arm's hand."""
    result = parse.copy()
    unit = max(1.0, shoulder_width(keypoints))
    hands = [
        (label, keypoints[wrist, :2])
        for label, wrist in ((Parse.RIGHT_ARM, Joint.RIGHT_WRIST), (Parse.LEFT_ARM, Joint.LEFT_WRIST))
        if keypoints[wrist, 2] > SEEN
    ]
    count, pieces = cv2.connectedComponents(np.isin(parse, LEG_LABELS).astype(np.uint8))
    for piece in range(1, count if hands else 1):
        rows, columns = np.nonzero(pieces == piece)
        points = np.stack([columns, rows], axis=1)[:: max(1, len(rows) // 200)].astype(np.float32)
        to_legs = min(np.median(distance_to_bones(points, keypoints[list(leg), :2])) for leg in (RIGHT_LEG, LEFT_LEG))
        to_hand, label = min(
            (float(np.median(np.linalg.norm(points - place, axis=1))), label) for label, place in hands
        )
        if to_hand < 0.4 * unit and to_hand < to_legs:
            result[rows, columns] = label
    return result


def hands_not_neck(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Bare skin about a wrist before the chest, and not between neck and nose, is that arm's hand."""
    unit = shoulder_width(keypoints)
    hands = [
        (label, with_hand(keypoints[list(bones), :2])[2:])
        for label, bones in ((Parse.RIGHT_ARM, RIGHT_ARM), (Parse.LEFT_ARM, LEFT_ARM))
        if keypoints[list(bones), 2].min() > SEEN
    ]
    skin = (parse == Parse.NECK).view(np.uint8)
    if unit < 1 / WRIST or not hands or not skin.any():
        return parse
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(WRIST * unit) + 1,) * 2)
    box = box_around(skin, len(kernel))
    skin, corner = np.ascontiguousarray(skin[box]), np.array([box[1].start, box[0].start])
    count, pieces, stats, middles = cv2.connectedComponentsWithStats(cv2.morphologyEx(skin, cv2.MORPH_OPEN, kernel))
    middles += corner
    neck, nose = keypoints[[Joint.NECK, Joint.NOSE], :2]
    lowest = neck[1] + CHEST * (keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean() - neck[1])
    up = np.zeros(skin.shape, np.uint8)
    ends = (neck, neck + UP_THE_NECK * (nose - neck))
    cv2.line(up, *(tuple((end - corner).clip(-4000, 4000).astype(int).tolist()) for end in ends), 1, 3)
    result = parse
    for piece in range(1, count):
        own = pieces == piece
        far, label = min((float(distance_to_bones(middles[piece][None], bones)[0]), label) for label, bones in hands)
        large = stats[piece, cv2.CC_STAT_AREA] > PALM * unit**2
        if large and far < HAND * unit and middles[piece, 1] < lowest and not (up[own] > 0).any():
            result = parse.copy() if result is parse else result
            result[box][(cv2.dilate(own.view(np.uint8), kernel) > 0) & (skin > 0) & ((pieces == 0) | own)] = label
    return result


def hand_down_stray_tops(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Pieces of top that begin only at the hips, apart from the torso, belong to trousers or skirt.

    Beside an arm that hangs before it a top may be seen there, too: then it has the top's colour.
    """
    hips = keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean()
    limit = hips - 0.15 * (hips - keypoints[Joint.NECK, 1])
    bottoms = [int((parse == label).sum()) for label in BOTTOM_LABELS]
    if max(bottoms) == 0:
        return parse
    result, tops = parse.copy(), np.isin(parse, UPPER_LABELS)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(tops.astype(np.uint8))
    stray = [piece for piece in range(1, count) if stats[piece, cv2.CC_STAT_TOP] > limit]
    if not stray:
        return parse
    if len(stray) == count - 1:
        return np.where(tops, np.uint8(BOTTOM_LABELS[int(np.argmax(bottoms))]), parse)
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float32)
    bottom = BOTTOM_LABELS[int(np.argmax(bottoms))]
    of_top, of_bottom = (np.median(lab[where], axis=0) for where in (tops & ~np.isin(pieces, stray), parse == bottom))
    for piece in stray:
        own = pieces == piece
        to_top, to_bottom = (np.linalg.norm(np.median(lab[own], axis=0) - other) for other in (of_top, of_bottom))
        if to_top > NEARER * to_bottom:
            result[own] = bottom
    return result


def name_hats(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Cloth on top of the head is a hat, unless an arm is raised there."""
    seen = keypoints[:, 2] > SEEN
    raised = [Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST, Joint.LEFT_ELBOW, Joint.LEFT_WRIST]
    nose = keypoints[Joint.NOSE]
    if nose[2] <= SEEN or (seen[raised] & (keypoints[raised, 1] < nose[1])).any():
        return parse
    ears = np.linalg.norm(keypoints[Joint.RIGHT_EAR, :2] - keypoints[Joint.LEFT_EAR, :2])
    eyes = keypoints[[Joint.RIGHT_EYE, Joint.LEFT_EYE], 1].mean()
    rows, columns = np.nonzero(np.isin(parse, (*UPPER_LABELS, *BOTTOM_LABELS)))
    hat = (rows < eyes) & (np.abs(columns - nose[0]) < 1.2 * ears)
    result = parse.copy()
    result[rows[hat], columns[hat]] = Parse.HAT
    return result


def name_collars(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Small pieces of hair about the neck, apart from the head's, and small scarves are the top's collar or lace."""
    points = keypoints[:, :2]
    unit = float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))
    highest, lowest = points[Joint.NOSE, 1] + 0.15 * unit, points[Joint.NECK, 1] + 0.3 * unit
    worn = UPPER_LABELS[int(np.argmax([(parse == label).sum() for label in UPPER_LABELS]))]
    result = parse.copy()
    for label, further, largest in ((Parse.HAIR, 0.0, 0.012), (Parse.SCARF, 0.3 * unit, 0.02)):
        count, pieces, stats, _ = cv2.connectedComponentsWithStats((parse == label).astype(np.uint8))
        for piece in range(1, count):
            top, height = stats[piece, cv2.CC_STAT_TOP], stats[piece, cv2.CC_STAT_HEIGHT]
            small = stats[piece, cv2.CC_STAT_AREA] < largest * parse.size
            if small and top > highest and top + height < lowest + further:
                result[pieces == piece] = worn
    return result


def close_tops(parse: np.ndarray) -> np.ndarray:
    """Islands of neck within a top, such as a pendant, lace or a print, are the top; only the largest piece is neck."""
    result = parse.copy()
    count, pieces, stats, _ = cv2.connectedComponentsWithStats((parse == Parse.NECK).astype(np.uint8))
    largest = int(stats[1:, cv2.CC_STAT_AREA].argmax()) + 1 if count > 1 else 0
    for piece in range(1, count):
        if piece == largest:
            continue
        inside = pieces == piece
        rim = cv2.dilate(inside.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool) & ~inside
        worn = np.bincount(parse[rim], minlength=len(Parse))
        if worn[list(UPPER_LABELS)].sum() > 0.95 * rim.sum():
            result[inside] = UPPER_LABELS[int(worn[list(UPPER_LABELS)].argmax())]
    return result


def one_bottom(parse: np.ndarray) -> np.ndarray:
    """Trousers and a skirt at once are rarer than one taken for the other: the larger takes both."""
    areas = [int((parse == label).sum()) for label in BOTTOM_LABELS]
    return np.where(np.isin(parse, BOTTOM_LABELS), np.uint8(BOTTOM_LABELS[int(np.argmax(areas))]), parse)


def absorb_specks(parse: np.ndarray) -> np.ndarray:
    """Pieces of a label that are tiny, or small beside its largest one, become what lies nearest to them."""
    stray = np.zeros(parse.shape, bool)
    for label in np.unique(parse):
        count, pieces, stats, _ = cv2.connectedComponentsWithStats((parse == label).astype(np.uint8))
        areas = stats[1:count, cv2.CC_STAT_AREA]
        # What is worn may be seen on both sides of an arm.
        worn = label in UPPER_LABELS or label in BOTTOM_LABELS
        share = 0.002 if label == Parse.BACKGROUND else 0.01 if worn else 0.03
        smallest = max(parse.size / 8000, share * areas.max())
        stray |= np.isin(pieces, 1 + np.flatnonzero(areas < smallest))
    if not stray.any() or stray.all():
        return parse
    _, nearest = cv2.distanceTransformWithLabels(stray.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    label_at = np.zeros(int(nearest.max()) + 1, np.uint8)
    label_at[nearest[~stray]] = parse[~stray]
    return label_at[nearest]
