"""What the compact condition generator sees of a person and a garment; training and inference share it.

All maps lie in the network's 256×192 frame. Nothing here looks at the garment that is worn in the photo: its
silhouette would tell the network which sleeves and which hem to draw.
"""

import cv2
import numpy as np

from vton.labels import ARM_LABELS, REGION_OF_PARSE, UPPER_LABELS, Joint, Parse, Region, among, looked_up

FRAME_HEIGHT, FRAME_WIDTH = 256, 192
TORSO_SHARE = 1 / 2.3
"""Part of the frame's height that neck to mid-hip takes."""

GARMENT_SHARE = 0.92
WAIST_REACH = 1.1
"""How far down the torso (0 neck, 1 mid-hip) the waistband is hidden at test time."""

HAND_REACH = 0.75
"""How far beyond the wrist, in shoulder widths, arm pixels count as the hand."""

COMPACT_REGION_OF_PARSE = REGION_OF_PARSE.copy()
"""Parse id → Region id for the compact networks: torso skin is no background but takes the otherwise almost empty
NOISE, so that the target parse says where the neck is bare."""
COMPACT_REGION_OF_PARSE[Parse.NECK] = Region.NOISE

_ARMS = (
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST, Parse.RIGHT_ARM),
    (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST, Parse.LEFT_ARM),
)


def complete_keypoints(keypoints: np.ndarray) -> np.ndarray:
    """All 18 keypoints, with a guess from the others where OpenPose's (0, 0, 0) says that there is none.

    A missing shoulder mirrors the other at the neck; missing hips hang below the shoulders; missing elbows, wrists,
    knees and ankles continue straight down; a missing ear takes the place of the eye or nose. A point that has a place
    but no confidence (hidden, or beyond the picture's edge) keeps its place.

    Args:
        keypoints: float (18, 3), x, y and confidence.

    Returns:
        float32 (18, 3), confidences as they were. With neither neck nor shoulders the points stay where they were.
    """
    completed = keypoints.astype(np.float32).copy()
    points = completed[:, :2]
    known = keypoints.any(1)
    right, left, neck = Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER, Joint.NECK
    if known[right] and known[left]:
        if not known[neck]:
            points[neck] = (points[right] + points[left]) / 2
    elif known[neck] and (known[right] or known[left]):
        seen, lost = (right, left) if known[right] else (left, right)
        points[lost] = 2 * points[neck] - points[seen]
    else:
        return completed
    across = points[left] - points[right]
    width = max(float(np.linalg.norm(across)), 1e-3)
    down = np.array([-across[1], across[0]], np.float32) / width
    if down[1] < 0:
        down = -down
    _complete_hips(points, known, down, width)
    for shoulder, elbow, wrist, _ in _ARMS:
        _continue_limb(points, known, (shoulder, elbow, wrist), down, (0.75 * width, 0.65 * width))
    for hip, knee, ankle in (
        (Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE),
        (Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE),
    ):
        _continue_limb(points, known, (hip, knee, ankle), down, (1.2 * width, 1.2 * width))
    if not known[Joint.NOSE]:
        points[Joint.NOSE] = points[neck] - 0.65 * width * down
    for eye, ear in ((Joint.RIGHT_EYE, Joint.RIGHT_EAR), (Joint.LEFT_EYE, Joint.LEFT_EAR)):
        if not known[eye]:
            points[eye] = points[Joint.NOSE]
        if not known[ear]:
            points[ear] = points[eye]
    return completed


def _complete_hips(points: np.ndarray, known: np.ndarray, down: np.ndarray, width: float) -> None:
    right, left = Joint.RIGHT_HIP, Joint.LEFT_HIP
    half = (points[Joint.LEFT_SHOULDER] - points[Joint.RIGHT_SHOULDER]) * 0.3
    if not known[right] and not known[left]:
        middle = points[Joint.NECK] + 1.45 * width * down
        points[right], points[left] = middle - half, middle + half
    elif not known[right]:
        points[right] = points[left] - 2 * half
    elif not known[left]:
        points[left] = points[right] + 2 * half


def _continue_limb(
    points: np.ndarray, known: np.ndarray, joints: tuple[int, int, int], down: np.ndarray, lengths: tuple[float, float]
) -> None:
    root, middle, end = joints
    if not known[middle]:
        points[middle] = (points[root] + points[end]) / 2 if known[end] else points[root] + lengths[0] * down
    if not known[end]:
        along = points[middle] - points[root]
        points[end] = points[middle] + lengths[1] * along / max(float(np.linalg.norm(along)), 1e-3)


def _torso(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Neck, mid-hip, and the torso's length guarded by the shoulder width, which leaning leaves alone."""
    hips = (points[Joint.RIGHT_HIP] + points[Joint.LEFT_HIP]) / 2
    neck = points[Joint.NECK]
    shoulders = float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))
    return neck, hips, max(float(np.linalg.norm(hips - neck)), 1.03 * shoulders)


def torso_crop(keypoints: np.ndarray, height: int = FRAME_HEIGHT, width: int = FRAME_WIDTH) -> np.ndarray:
    """The matrix that brings the torso to the middle of the network's frame at constant size.

    Args:
        keypoints: float (18, 3) in pixels of the picture.
        height, width: size of the frame.

    Returns:
        float32 (2, 3), pixels of the picture → pixels of the frame (pixel centres at integers).
    """
    neck, hips, length = _torso(complete_keypoints(keypoints)[:, :2])
    return _centring((neck + hips) / 2, height * TORSO_SHARE / max(length, 1.0), height, width)


def garment_crop(mask: np.ndarray, height: int = FRAME_HEIGHT, width: int = FRAME_WIDTH) -> np.ndarray:
    """The matrix that centres a garment's bounding box in the network's frame and lets it fill 92 % of it.

    Args:
        mask: float or uint8 (H, W), covered where above half of its largest value; empty takes the whole picture.
        height, width: size of the frame.

    Returns:
        float32 (2, 3), pixels of the picture → pixels of the frame (pixel centres at integers).
    """
    left, top, wide, tall = cv2.boundingRect((mask > max(float(mask.max()) / 2, 1e-6)).view(np.uint8))
    if wide == 0:
        tall, wide = mask.shape
    scale = GARMENT_SHARE * min(height / tall, width / wide)
    return _centring(np.array([left + (wide - 1) / 2, top + (tall - 1) / 2]), scale, height, width)


def _centring(centre: np.ndarray, scale: float, height: int, width: int) -> np.ndarray:
    offset = np.array([(width - 1) / 2, (height - 1) / 2]) - scale * centre
    return np.array([[scale, 0, offset[0]], [0, scale, offset[1]]], np.float32)


def move_keypoints(keypoints: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Keypoints (18, 3), missing ones completed, under a 2×3 matrix; confidences stay."""
    moved = complete_keypoints(keypoints)
    moved[:, :2] = moved[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    return moved


def skeleton_map(keypoints: np.ndarray, height: int, width: int) -> np.ndarray:
    """The body as capsules along the skeleton and a quadrilateral for the torso, drawn from keypoints alone.

    Args:
        keypoints: float (18, 3) in pixels of the map.
        height, width: size of the map.

    Returns:
        float32 (H, W, 3) in [0, 1], 0 where there is no body: which part (from the person's right to the left), how
        far along it, and how far across it.
    """
    points = complete_keypoints(keypoints)[:, :2]
    neck, hips, length = _torso(points)
    unit = max(float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER])), 0.55 * length)
    canvas = np.zeros((height, width, 3), np.float32)
    if unit < 1:
        return canvas
    _capsule(canvas, points[Joint.RIGHT_HIP], points[Joint.RIGHT_KNEE], (0.26 * unit, 0.19 * unit), 0.25, (0.6, 1.0))
    _capsule(canvas, points[Joint.LEFT_HIP], points[Joint.LEFT_KNEE], (0.26 * unit, 0.19 * unit), 0.75, (0.6, 1.0))
    _torso_patch(canvas, points, neck, hips)
    head = (points[Joint.RIGHT_EAR] + points[Joint.LEFT_EAR]) / 2
    _capsule(canvas, neck, head, (0.2 * unit, 0.2 * unit), 0.4, (0.3, 0.1))
    _capsule(canvas, head, head + 1e-3, (0.34 * unit, 0.34 * unit), 0.6, (0.05, 0.05))
    for (shoulder, elbow, wrist, _), code in zip(_ARMS, (0.1, 0.9), strict=True):
        _capsule(canvas, points[shoulder], points[elbow], (0.17 * unit, 0.13 * unit), code, (0.1, 0.5))
        _capsule(canvas, points[elbow], points[wrist], (0.12 * unit, 0.09 * unit), code, (0.5, 0.95))
    return canvas


def _capsule(
    canvas: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    radii: tuple[float, float],
    code: float,
    along: tuple[float, float],
) -> None:
    height, width = canvas.shape[:2]
    reach = max(radii) + 1
    left, top = np.floor(np.minimum(start, end) - reach).clip(0, (width, height)).astype(int)
    right, bottom = np.ceil(np.maximum(start, end) + reach).clip(0, (width, height)).astype(int)
    if right <= left or bottom <= top:
        return
    axis = (end - start).astype(np.float32)
    length = max(float(np.linalg.norm(axis)), 1e-3)
    axis = axis / length
    x = np.arange(left, right, dtype=np.float32)[None] - float(start[0])
    y = np.arange(top, bottom, dtype=np.float32)[:, None] - float(start[1])
    forward, sideways = x * axis[0] + y * axis[1], y * axis[0] - x * axis[1]
    position = (forward / length).clip(0, 1)
    radius = radii[0] + (radii[1] - radii[0]) * position
    inside = sideways**2 + (forward - position * length) ** 2 < radius**2
    patch = canvas[top:bottom, left:right]
    patch[inside, 0] = code
    patch[inside, 1] = (along[0] + (along[1] - along[0]) * position)[inside]
    patch[inside, 2] = (0.5 + 0.45 * sideways / radius)[inside].clip(0.05, 0.95)


def _torso_patch(canvas: np.ndarray, points: np.ndarray, neck: np.ndarray, hips: np.ndarray) -> None:
    height, width = canvas.shape[:2]
    outward = (points[Joint.LEFT_SHOULDER] - points[Joint.RIGHT_SHOULDER]) * 0.09
    spread = (points[Joint.LEFT_HIP] - points[Joint.RIGHT_HIP]) * 0.35
    down = (hips - neck) * 0.08
    corners = np.float32(
        [
            points[Joint.RIGHT_SHOULDER] - outward - down,
            points[Joint.LEFT_SHOULDER] + outward - down,
            points[Joint.LEFT_HIP] + spread + down / 2,
            points[Joint.RIGHT_HIP] - spread + down / 2,
        ]
    )
    inside = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(inside, np.int32((corners * 16).clip(-3e4, 3e4)), 1, cv2.LINE_8, 4)
    rows, columns = np.nonzero(inside)
    if len(rows) == 0 or cv2.contourArea(corners) < 1:
        return
    unit_square = np.float32([[0, 0], [1, 0], [1, 1], [0, 1]])
    homography = cv2.getPerspectiveTransform(corners, unit_square)
    placed = np.stack([columns, rows, np.ones(len(rows))]).astype(np.float32)
    across, downward, weight = homography.astype(np.float32) @ placed
    weight = np.where(np.abs(weight) < 1e-6, 1e-6, weight)
    canvas[rows, columns, 0] = 0.5
    canvas[rows, columns, 1] = 0.1 + 0.8 * (downward / weight).clip(0, 1)
    canvas[rows, columns, 2] = 0.05 + 0.9 * (across / weight).clip(0, 1)


def compact_regions(parse: np.ndarray) -> np.ndarray:
    """Parse ids → Region ids, any shape, uint8, with the neck as `Region.NOISE`."""
    return looked_up(parse, COMPACT_REGION_OF_PARSE)


def hands(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """bool (H, W): arm pixels beyond the wrist and within 0.75 shoulder widths of it, in front of the torso or not.

    An arm whose wrist was not found has no hand.
    """
    points = complete_keypoints(keypoints)[:, :2]
    width = float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))
    columns = np.arange(parse.shape[1], dtype=np.float32)[None]
    rows = np.arange(parse.shape[0], dtype=np.float32)[:, None]
    kept = np.zeros(parse.shape, bool)
    for _, elbow, wrist, label in _ARMS:
        if keypoints[wrist, 2] <= 0:
            continue
        axis = points[wrist] - points[elbow]
        axis = axis / max(float(np.linalg.norm(axis)), 1e-3)
        x, y = columns - points[wrist][0], rows - points[wrist][1]
        beyond = x * axis[0] + y * axis[1] > 0.02 * width
        kept |= (parse == label) & beyond & (x**2 + y**2 < (HAND_REACH * width) ** 2)
    return kept


def hide_waistband(regions: np.ndarray, keypoints: np.ndarray, reach: float = WAIST_REACH) -> np.ndarray:
    """A copy of Region ids (H, W) without trousers and skirts above `reach` (0 at the neck, 1 at the mid-hip).

    Otherwise the condition network ties the new hem to where the old one happened to end.
    """
    neck, hips, _ = _torso(complete_keypoints(keypoints)[:, :2])
    axis = hips - neck
    columns = np.arange(regions.shape[1], dtype=np.float32)[None]
    rows = np.arange(regions.shape[0], dtype=np.float32)[:, None]
    depth = ((columns - neck[0]) * axis[0] + (rows - neck[1]) * axis[1]) / max(float(axis @ axis), 1e-3)
    hidden = regions.copy()
    hidden[(regions == Region.BOTTOM) & (depth < reach)] = Region.BACKGROUND
    return hidden


def agnostic_regions(parse: np.ndarray, keypoints: np.ndarray, reach: float | None = WAIST_REACH) -> np.ndarray:
    """The parse as the compact condition generator sees it: no garment, no neck, no arms but the hands, no waistband.

    Args:
        parse: uint8 (H, W), `labels.Parse` ids of the person as photographed, in the network's frame.
        keypoints: float (18, 3) in pixels of the parse.
        reach: see `hide_waistband`; None keeps the waistband.

    Returns:
        uint8 (H, W), `labels.Region` ids.
    """
    removed = among(parse, (*UPPER_LABELS, *ARM_LABELS, Parse.NECK)) & ~hands(parse, keypoints)
    regions = compact_regions(np.where(removed, np.uint8(Parse.BACKGROUND), parse))
    return regions if reach is None else hide_waistband(regions, keypoints, reach)
