"""The two maps that hide the worn garment, as HR-VITON draws them: the agnostic parse and the agnostic image."""

from itertools import pairwise

import cv2
import numpy as np
from PIL import Image, ImageDraw

from vton.labels import ARM_LABELS, BOTTOM_LABELS, LEG_LABELS, SHOE_LABELS, UPPER_LABELS, Joint, Parse

GREY = 128
LEFT_ARM = (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST)
RIGHT_ARM = (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST)
TORSO = (Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP)
KEPT_LABELS = (Parse.SUNGLASSES, Parse.FACE, *BOTTOM_LABELS, *LEG_LABELS, *SHOE_LABELS)
PARSE_LINE_WIDTH, PARSE_RADIUS, PARSE_WRIST_RADIUS = 100, 150, 40
STAYING_LABELS = (Parse.HAT, Parse.HAIR, Parse.SUNGLASSES, Parse.FACE)
FRINGE, SEAM, LOOSE = 0.05, 0.03, 0.3
"""How far in shoulder widths a worn top may reach past its label: over background, over skin and trousers, and over
what the silhouette has but the parse does not."""
TORSO_LENGTH = 1.4
"""Neck to hips in shoulder widths, for the photos that end above the hips."""


def parse_agnostic(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """The parse without garment, neck and arms; of the arms only what lies far from their bones (the hands) stays.

    Lines and discs have the published sizes in pixels, which suit a canvas of 1024×768.

    Args:
        parse: uint8 (H, W), `Parse` ids.
        keypoints: (18, 3), x and y in pixels and confidence. Only points at (0, 0) count as missing, as published: of
            an arm that leaves the picture the part inside it is hidden too.

    Returns:
        uint8 (H, W).
    """
    result = parse.copy()
    for label, chain in (
        (Parse.LEFT_ARM, (Joint.RIGHT_SHOULDER, *LEFT_ARM)),
        (Parse.RIGHT_ARM, (Joint.LEFT_SHOULDER, *RIGHT_ARM)),
    ):
        drawing = Drawing(parse.shape)
        previous = chain[0]
        for joint in chain[1:]:
            if _missing(keypoints, previous) or _missing(keypoints, joint):
                continue
            drawing.line(keypoints, (previous, joint), PARSE_LINE_WIDTH)
            radius = PARSE_WRIST_RADIUS if joint == chain[-1] else PARSE_RADIUS
            drawing.ellipse(keypoints[joint], radius, radius)
            previous = joint
        result[drawing.covered() & (parse == label)] = Parse.BACKGROUND
    result[np.isin(parse, (*UPPER_LABELS, Parse.NECK))] = Parse.BACKGROUND
    return result


def agnostic_image(image: np.ndarray, parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """The image with torso, neck and arms painted grey; face, lower body and hands stay.

    Where the published drawing has no answer because a hip or shoulder is missing, `torso_keypoints` supplies one.

    Args:
        image: uint8 RGB (H, W, 3).
        parse: uint8 (H, W), `Parse` ids.
        keypoints: (18, 3), x and y in pixels and confidence. Only points at (0, 0) count as missing, as published: of
            an arm that leaves the picture the part inside it is hidden too.

    Returns:
        uint8 RGB (H, W, 3).
    """
    points = torso_keypoints(keypoints)
    unit = int(_distance(points, Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER) / 16) + 1
    hidden = _torso_and_arms(parse.shape, points, unit)
    for label, arm in ((Parse.LEFT_ARM, LEFT_ARM), (Parse.RIGHT_ARM, RIGHT_ARM)):
        hidden &= _arm(parse.shape, points, arm, unit) | (parse != label)
    hidden &= ~np.isin(parse, KEPT_LABELS)
    result = image.copy()
    result[hidden] = GREY
    return result


def widened_upper(parse: np.ndarray, silhouette: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """All that may belong to the worn top: more than the parse says of it, so that none of it stays behind.

    To the labelled top come the fringe around it, where its edge and its shadow lie, wider over the background than
    over skin and trousers; and what belongs to the person near it but has no label, as loose sleeves and hems do that
    the parse missed. Face, hair and hands stay out.

    Args:
        parse: uint8 (H, W), `Parse` ids; a dress that is to stay from the waist down no longer labelled as one.
        silhouette: float32 (H, W) in [0, 1].
        keypoints: (18, 3), x and y in pixels and confidence.

    Returns:
        bool (H, W).
    """
    top = np.isin(parse, UPPER_LABELS)
    if not top.any():
        return top
    unit = max(_distance(keypoints, Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER), parse.shape[0] / 10)
    away = cv2.distanceTransform((~top).astype(np.uint8), cv2.DIST_L2, 5)
    empty = parse == Parse.BACKGROUND
    wide = empty & ((away < FRINGE * unit) | ((silhouette > 0.3) & (away < LOOSE * unit)))
    narrow = ~empty & (away < SEAM * unit) & ~np.isin(parse, STAYING_LABELS)
    return top | wide | (narrow & ~_hands(parse, keypoints, unit))


def _hands(parse: np.ndarray, keypoints: np.ndarray, unit: float) -> np.ndarray:
    """Arm about the wrists and beyond, which may lie on the top."""
    hands = Drawing(parse.shape)
    for joint in (Joint.RIGHT_WRIST, Joint.LEFT_WRIST):
        if not _missing(keypoints, joint):
            hands.ellipse(keypoints[joint], round(0.4 * unit), round(0.4 * unit))
    return hands.covered() & np.isin(parse, ARM_LABELS)


def torso_keypoints(keypoints: np.ndarray) -> np.ndarray:
    """A copy of the keypoints with hips as far apart as the shoulders, about their own middle.

    A missing shoulder is the other one mirrored at the neck. Missing hips are put below the neck, at right angles to
    the shoulders.
    """
    points = keypoints.copy()
    right, left = points[Joint.RIGHT_SHOULDER, :2], points[Joint.LEFT_SHOULDER, :2]
    if not right.any():
        right[:] = 2 * points[Joint.NECK, :2] - left
    if not left.any():
        left[:] = 2 * points[Joint.NECK, :2] - right
    across = left - right
    hips = [Joint.RIGHT_HIP, Joint.LEFT_HIP]
    apart = _distance(points, *hips)
    if _missing(points, hips[0]) or _missing(points, hips[1]) or apart == 0:
        down = np.array([-across[1], across[0]])
        middle = points[Joint.NECK, :2] + TORSO_LENGTH * (down if down[1] > 0 else -down)
        points[hips, :2] = middle - across / 2, middle + across / 2
        return points
    middle = points[hips, :2].mean(0)
    points[hips, :2] = middle + (points[hips, :2] - middle) / apart * np.linalg.norm(across)
    return points


class Drawing:
    """A mask drawn with Pillow, whose rasterisation the published maps have."""

    def __init__(self, shape: tuple[int, int]):
        self.picture = Image.new("L", (shape[1], shape[0]))
        self.draw = ImageDraw.Draw(self.picture)

    def line(self, points: np.ndarray, joints: tuple[Joint, Joint], width: int) -> None:
        self.draw.line([tuple(points[joint, :2].tolist()) for joint in joints], 255, width)

    def ellipse(self, point: np.ndarray, radius_x: int, radius_y: int) -> None:
        x, y = point[:2].tolist()
        self.draw.ellipse((x - radius_x, y - radius_y, x + radius_x, y + radius_y), 255, 255)

    def covered(self) -> np.ndarray:
        return np.asarray(self.picture) > 0


def _torso_and_arms(shape: tuple[int, int], points: np.ndarray, unit: int) -> np.ndarray:
    drawing = Drawing(shape)
    for hip in (Joint.RIGHT_HIP, Joint.LEFT_HIP):
        drawing.ellipse(points[hip], 3 * unit, 6 * unit)
    drawing.line(points, (Joint.RIGHT_SHOULDER, Joint.RIGHT_HIP), 6 * unit)
    drawing.line(points, (Joint.LEFT_SHOULDER, Joint.LEFT_HIP), 6 * unit)
    drawing.line(points, (Joint.RIGHT_HIP, Joint.LEFT_HIP), 12 * unit)
    drawing.draw.polygon([tuple(points[joint, :2].tolist()) for joint in TORSO], 255, 255)
    x, y = points[Joint.NECK, :2].tolist()
    drawing.draw.rectangle((x - 5 * unit, y - 9 * unit, x + 5 * unit, y), 255, 255)
    drawing.line(points, (Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER), 12 * unit)
    for arm in (RIGHT_ARM, LEFT_ARM):
        drawing.ellipse(points[arm[0]], 5 * unit, 6 * unit)
        for previous, joint in pairwise(arm):
            if _missing(points, previous) or _missing(points, joint):
                continue
            drawing.line(points, (previous, joint), 10 * unit)
            drawing.ellipse(points[joint], 5 * unit, 5 * unit)
    return drawing.covered()


def _arm(shape: tuple[int, int], points: np.ndarray, arm: tuple[Joint, Joint, Joint], unit: int) -> np.ndarray:
    """One arm with a smaller disc at its end, so that the hand beyond it stays in the picture."""
    drawing = Drawing(shape)
    drawing.ellipse(points[arm[0]], 5 * unit, 6 * unit)
    last = arm[0]
    for previous, joint in pairwise(arm):
        if _missing(points, joint):
            break
        drawing.line(points, (previous, joint), 10 * unit)
        if joint != arm[-1]:
            drawing.ellipse(points[joint], 5 * unit, 5 * unit)
        last = joint
    drawing.ellipse(points[last], 4 * unit, 4 * unit)
    return drawing.covered()


def _missing(points: np.ndarray, joint: Joint) -> bool:
    return not points[joint, :2].any()


def _distance(points: np.ndarray, one: Joint, other: Joint) -> float:
    return float(np.linalg.norm(points[one, :2] - points[other, :2]))
