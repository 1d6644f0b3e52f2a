"""Where DensePose's charts of the arms end, as a skeleton tells it better than a network that saw clothes."""

import numpy as np

from vton.labels import DENSEPOSE_PARTS, Joint

SEEN = 0.3
"""Confidence that shoulder, elbow and wrist need."""

ABOVE_ELBOW = 0.1
"""The charts of upper and lower arm meet this share of the upper arm above OpenPose's elbow."""

SHOULDER_RADIUS, ELBOW_RADIUS, WRIST_RADIUS = 0.18, 0.14, 0.09
"""Half the thickness of an arm, in shoulder widths; what lies further out is a sleeve."""

HANGING = 0.85
"""Cosine of the angle to straight down within which both halves of a hanging arm lie."""

UPPER_BORDER, LOWER_BORDER = (0.5, 0.3), (0.3, -0.9)
"""On an arm that hangs, how far out of its middle the front charts reach, in radii, at both ends of each half.

Relaxed forearms turn the backs of the hands ahead, so that towards the wrist the back chart alone is seen. Radii and
borders are those of a published DensePose picture of somebody who stands like that."""

_ARMS = (
    ("right", (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST)),
    ("left", (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST)),
)


def settle_arm_parts(parts: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Part the arms at the elbow, take off what only the sleeve fills, and turn the charts of hanging arms.

    Hands and everything that was no arm stay as they are, and so do arms whose joints are not all seen.

    Args:
        parts: uint8 (H, W), DensePose ids.
        keypoints: float (18, 3), x, y in its pixels and confidence.

    Returns:
        uint8 (H, W).
    """
    settled = parts.copy()
    points = keypoints[:, :2].astype(np.float32)
    unit = float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))
    torso = points[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER, Joint.RIGHT_HIP, Joint.LEFT_HIP]].mean(0)
    for side, joints in _ARMS:
        if keypoints[list(joints), 2].min() < SEEN:
            continue
        names = [f"{side} {half} arm {face}" for half in ("upper", "lower") for face in ("front", "back")]
        charts = np.array([DENSEPOSE_PARTS.index(name) for name in names], np.uint8).reshape(2, 2)
        rows, columns = np.nonzero(np.isin(parts, charts))
        if len(rows):
            found = np.isin(parts[rows, columns], charts[:, 1])
            places = np.stack([columns, rows], 1).astype(np.float32)
            settled[rows, columns] = _settle(places, found, charts, points[list(joints)], torso, unit)
    return settled


def _settle(
    places: np.ndarray, back: np.ndarray, charts: np.ndarray, joints: np.ndarray, torso: np.ndarray, unit: float
) -> np.ndarray:
    """Ids (N,) for the pixels (N, 2) of one arm.

    back: bool (N,), the network's choice of chart. charts: ids, upper and lower by front and back. joints: shoulder,
    elbow and wrist (3, 2).
    """
    shoulder, elbow, wrist = joints
    middle = elbow + ABOVE_ELBOW * (shoulder - elbow)
    upper, lower = _direction(shoulder, middle), _direction(middle, wrist)
    is_lower = (places - middle) @ (upper + lower) > 0
    out, along = np.empty(len(places), np.float32), np.empty(len(places), np.float32)
    for chosen, start, end, axis in ((~is_lower, shoulder, middle, upper), (is_lower, middle, wrist, lower)):
        across = np.array([axis[1], -axis[0]], np.float32)
        across *= np.sign(across @ ((start + end) / 2 - torso)) or 1.0
        out[chosen] = (places[chosen] - start) @ across
        along[chosen] = ((places[chosen] - start) @ axis / max(float(np.linalg.norm(end - start)), 1.0)).clip(0, 1)
    first = np.where(is_lower, ELBOW_RADIUS, SHOULDER_RADIUS)
    last = np.where(is_lower, WRIST_RADIUS, ELBOW_RADIUS)
    radius = unit * (first + (last - first) * along)
    if min(upper[1], lower[1]) > HANGING:
        first = np.where(is_lower, LOWER_BORDER[0], UPPER_BORDER[0])
        last = np.where(is_lower, LOWER_BORDER[1], UPPER_BORDER[1])
        back = out > radius * (first + (last - first) * along)
    ids = charts[is_lower.astype(int), back.astype(int)]
    return np.where(out > radius, 0, ids)


def _direction(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    return (end - start) / max(float(np.linalg.norm(end - start)), 1e-3)
