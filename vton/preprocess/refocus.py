"""Which part of a photo a try-on looks at: 3:4, from the crown to above the knee, with the arms inside."""

import numpy as np

from vton.labels import Joint
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH

ASPECT = CANVAS_WIDTH / CANVAS_HEIGHT
MARGIN = 0.05
"""Space left around the person, as a share of the crop's height."""

ALREADY_FRAMED = 0.8
"""From this share of the whole photo on, a crop gains less than it risks."""

Box = tuple[float, float, float, float]


def refocus_box(keypoints: np.ndarray, silhouette: np.ndarray, size: tuple[int, int]) -> Box:
    """The crop of a photo in which the person is dressed.

    Args:
        keypoints: (18, 3), x, y in pixels of the photo and confidence; points of confidence 0 are used as estimates.
        silhouette: float (H, W) in [0, 1].
        size: (width, height) of the photo.

    Returns:
        (left, top, right, bottom) in pixels of the photo, exactly 3:4. It lies inside the photo where the photo is
        large enough, reaches beyond it where not, and holds the whole photo where that is framed well already.
    """
    height = size[1]
    whole = whole_box(size)
    left, top, right, bottom = _extent(keypoints, silhouette > 0.5, size)
    margin = MARGIN * (bottom - top)
    left, top, right, bottom = left - margin, top - margin, right + margin, min(bottom, height)
    if right - left < ASPECT * (bottom - top):
        box = _around(left, top, right, bottom)
    else:
        # A wide pose needs more height too: rather more of the legs than empty space above.
        box = (left, top, right, top + (right - left) / ASPECT)
    box = _shifted_inside(box, silhouette > 0.5)
    if _area(box) > ALREADY_FRAMED * _area(whole):
        return whole
    return box


def is_framed(size: tuple[int, int]) -> bool:
    """Whether a photo of (width, height) has the canvas's proportions, to half a percent."""
    return abs(size[0] / size[1] / ASPECT - 1) < 0.005


def whole_box(size: tuple[int, int]) -> Box:
    """The box of a whole photo of (width, height): the photo itself when it is 3:4, else with room on two sides."""
    if is_framed(size):
        return 0.0, 0.0, float(size[0]), float(size[1])
    return _around(0, 0, *size)


def _extent(keypoints: np.ndarray, person: np.ndarray, size: tuple[int, int]) -> Box:
    """Crown to above the knee, and from arm to arm between these."""
    width, height = size
    x, y = keypoints[:, 0], keypoints[:, 1]
    shoulders = [Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]
    arms = [*shoulders, Joint.RIGHT_ELBOW, Joint.LEFT_ELBOW, Joint.RIGHT_WRIST, Joint.LEFT_WRIST]
    hips, knees = [Joint.RIGHT_HIP, Joint.LEFT_HIP], [Joint.RIGHT_KNEE, Joint.LEFT_KNEE]
    breadth = float(np.hypot(x[shoulders[0]] - x[shoulders[1]], y[shoulders[0]] - y[shoulders[1]]))
    torso = float(np.hypot(x[hips].mean() - x[Joint.NECK], y[hips].mean() - y[Joint.NECK]))
    unit = max(breadth, 0.6 * torso)
    visible_arms = [joint for joint in arms if keypoints[joint, 2] > 0.3]
    top = min([_crown(keypoints, person, unit), *(y[joint] - 0.2 * unit for joint in visible_arms)])
    thigh = max(float((y[knees] - y[hips]).mean()), 0.6 * torso)
    bottom = max(float(y[hips].mean()) + 0.6 * thigh, *(y[joint] + 0.3 * unit for joint in visible_arms), top + unit)
    top, bottom = max(0.0, float(top)), float(min(bottom, height))
    # Other people's silhouettes may hang on; nobody's arms reach further than this.
    reach_left, reach_right = x[Joint.NECK] - 2.6 * unit, x[Joint.NECK] + 2.6 * unit
    columns = np.flatnonzero(person[int(top) : int(np.ceil(bottom))].sum(0) > 0.01 * (bottom - top))
    columns = columns[(columns >= reach_left) & (columns <= reach_right)]
    points = [x[joint] for joint in visible_arms] or [x[Joint.NECK]]
    left = min([*points, *columns[:1]])
    right = max([*points, *columns[-1:]])
    return max(0.0, float(left)), top, min(float(width), float(right) + 1), bottom


def _crown(keypoints: np.ndarray, person: np.ndarray, unit: float) -> float:
    """The highest silhouette row over the head, hair included; above the nose's estimate where there is none."""
    nose, neck = keypoints[Joint.NOSE], keypoints[Joint.NECK]
    centre = nose[0] if nose[2] > 0.3 else neck[0]
    columns = person[: max(1, int(neck[1])), max(0, int(centre - 0.35 * unit)) : max(1, int(centre + 0.35 * unit))]
    rows = np.flatnonzero(columns.any(axis=1)) if columns.size else np.empty(0, int)
    estimate = nose[1] - 0.55 * unit
    if not len(rows):
        return float(estimate)
    # A raised hand or somebody behind must not be taken for hair.
    return float(max(rows[0], nose[1] - 1.1 * unit)) if nose[2] > 0.3 else float(rows[0])


def _around(left: float, top: float, right: float, bottom: float) -> Box:
    """The smallest 3:4 box with the same centre that holds the given one."""
    height = max(bottom - top, (right - left) / ASPECT)
    x, y = (left + right) / 2, (top + bottom) / 2
    return x - height * ASPECT / 2, y - height / 2, x + height * ASPECT / 2, y + height / 2


def _shifted_inside(box: Box, person: np.ndarray) -> Box:
    """Moved into the photo along each axis.

    Along an axis too short for it, it reaches beyond the end that the person does not touch: background can be
    continued there, a body cannot. Evenly beyond both when neither or each is touched.
    """
    height, width = person.shape
    moved = []
    for low, high, length, touched in (
        (box[0], box[2], width, (person[:, 0].any(), person[:, -1].any())),
        (box[1], box[3], height, (person[0].any(), person[-1].any())),
    ):
        excess = high - low - length
        if excess > 0:
            before = 0.5 * excess if touched[0] == touched[1] else excess * (not touched[0])
            moved.append((-before, -before + high - low))
        else:
            start = min(max(low, 0.0), -excess)
            moved.append((start, start + high - low))
    return moved[0][0], moved[1][0], moved[0][1], moved[1][1]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
