"""Measures of label maps, warps, poses and pictures; plain numpy."""

from collections.abc import Iterable

import cv2
import numpy as np

from vton.labels import ARM_LABELS, BOTTOM_LABELS, UPPER_LABELS, Joint, Parse

PARSE_GROUPS = {
    "hair": (Parse.HAT, Parse.HAIR),
    "face": (Parse.SUNGLASSES, Parse.FACE),
    "upper": UPPER_LABELS,
    "bottom": BOTTOM_LABELS,
    "arms": ARM_LABELS,
}
"""Groups in which a parse of a real photograph is compared: label sets differ in what lies between."""

BODY_JOINTS = (
    Joint.NECK, Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER, Joint.RIGHT_ELBOW, Joint.LEFT_ELBOW,
    Joint.RIGHT_WRIST, Joint.LEFT_WRIST, Joint.RIGHT_HIP, Joint.LEFT_HIP,
)  # fmt: skip
UNKNOWN = 255


class OverlapTable:
    """Intersection and union of every label, over as many label maps as are added.

    Args:
        names: of the labels, by id.
    """

    def __init__(self, names: tuple[str, ...]):
        self.names = names
        self.intersection = np.zeros(len(names), np.int64)
        self.union = np.zeros(len(names), np.int64)

    def add(self, predicted: np.ndarray, truth: np.ndarray) -> None:
        """Count integer maps of equal shape; pixels whose truth is UNKNOWN are left out."""
        known = truth != UNKNOWN
        count = len(self.names)
        pairs = np.bincount(truth[known].astype(np.int64) * count + predicted[known], minlength=count**2)
        table = pairs.reshape(count, count)
        self.intersection += table.diagonal()
        self.union += table.sum(0) + table.sum(1) - table.diagonal()

    def by_name(self) -> dict[str, float]:
        """Intersection over union of every label that occurs."""
        return {
            name: float(i / u) for name, i, u in zip(self.names, self.intersection, self.union, strict=True) if u > 0
        }

    def mean(self, names: Iterable[str] | None = None) -> float:
        """Mean over the labels that occur, or those of them that are named; 0 when none does."""
        wanted = set(self.names if names is None else names)
        values = [value for name, value in self.by_name().items() if name in wanted]
        return float(np.mean(values)) if values else 0.0


def group_labels(parse: np.ndarray) -> np.ndarray:
    """Parse ids → 0 for the rest, 1, 2, … for PARSE_GROUPS in order; UNKNOWN stays. uint8, any shape."""
    groups = np.zeros(parse.shape, np.uint8)
    for number, labels in enumerate(PARSE_GROUPS.values(), 1):
        groups[np.isin(parse, labels)] = number
    groups[parse == UNKNOWN] = UNKNOWN
    return groups


def similarity_map(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Structural similarity at every pixel (Wang et al., 2004): 11×11 Gaussian window of σ 1.5, mean over channels.

    Args:
        a, b: uint8 (H, W, C) of equal shape; beyond the border they are mirrored.

    Returns:
        float64 (H, W), at most 1.
    """
    x, y = a.astype(np.float64), b.astype(np.float64)

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(values, (11, 11), 1.5)

    mean_x, mean_y = mean(x), mean(y)
    variance_x, variance_y = mean(x * x) - mean_x**2, mean(y * y) - mean_y**2
    covariance = mean(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    similarity = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    return (similarity / ((mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2))).mean(-1)


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Mean of `similarity_map` over all windows that lie within the pictures.

    Args:
        a, b: uint8 (H, W, C) of equal shape, sides of at least 11.
    """
    return float(similarity_map(a, b)[5:-5, 5:-5].mean())


def correlation(a: np.ndarray, b: np.ndarray, inside: np.ndarray) -> float:
    """Pearson's correlation of two pictures' colours, the values of all channels taken together.

    Args:
        a, b: (H, W, C) of equal shape.
        inside: bool (H, W), the pixels that count.

    Returns:
        -1 to 1; 0 where one picture has a single value or nothing counts.
    """
    if not inside.any():
        return 0.0
    x, y = (picture[inside].astype(np.float64).ravel() for picture in (a, b))
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / scale) if scale > 0 else 0.0


def keypoint_distances(predicted: np.ndarray, truth: np.ndarray, joints: tuple[Joint, ...] = BODY_JOINTS) -> np.ndarray:
    """Distances of the joints that the truth has, in shoulder widths of the truth.

    Args:
        predicted, truth: (18, 3) in the same pixels; a point of confidence 0 in the truth does not count, one without
            a place in the prediction is infinitely far away.
        joints: which ones.

    Returns:
        float (at most as many as joints,); empty when the truth has no shoulders.
    """
    shoulders = truth[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]]
    width = float(np.linalg.norm(shoulders[0, :2] - shoulders[1, :2]))
    if shoulders[:, 2].min() <= 0 or width == 0:
        return np.zeros(0)
    joints = [joint for joint in joints if truth[joint, 2] > 0]
    distances = np.linalg.norm(predicted[joints, :2] - truth[joints, :2], axis=1) / width
    return np.where(predicted[joints].any(1), distances, np.inf)


def hip_distances(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """`keypoint_distances` of the hips alone, which annotators and models place most differently."""
    return keypoint_distances(predicted, truth, (Joint.RIGHT_HIP, Joint.LEFT_HIP))


def pck(distances: np.ndarray, threshold: float = 0.2) -> float:
    """Percentage, from 0 to 1, of keypoints within `threshold` shoulder widths; 0 without any."""
    return float((distances < threshold).mean()) if len(distances) else 0.0
