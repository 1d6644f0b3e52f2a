"""Regions of a picture, and the length in which places on a person are measured."""

import cv2
import numpy as np

from vton.labels import Joint

MIDDLE = 0.4
"""From which share of its greatest depth on the middle of a region begins."""


def shoulder_width(keypoints: np.ndarray) -> float:
    """Distance between the shoulders in pixels; keypoints (18, 2) or (18, 3)."""
    return float(np.linalg.norm(keypoints[Joint.RIGHT_SHOULDER, :2] - keypoints[Joint.LEFT_SHOULDER, :2]))


def window(low: np.ndarray, high: np.ndarray, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """What of a picture (H, W) lies between two places, x and y."""
    (left, top), (right, bottom) = (ends.clip(0, shape[::-1]).astype(int) for ends in (np.floor(low), np.ceil(high)))
    return np.s_[top:bottom, left:right]


def extents(region: np.ndarray) -> np.ndarray:
    """From the first to the last pixel of a region, bool (H, W), in each row: float32 (H,); 0 where it has none."""
    reach = region.shape[1] - region.argmax(1) - region[:, ::-1].argmax(1)
    return np.where(region.any(1), reach, 0).astype(np.float32)


def near(region: np.ndarray, radius: float) -> np.ndarray:
    """What is at most `radius` pixels away from a region: bool (H, W); a dilation, fast for any radius."""
    if not region.any():
        return region
    # Discs of pixels reach a little farther than their radius.
    return cv2.distanceTransform((~region).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= radius + 0.3


def connected_to_border(region: np.ndarray) -> np.ndarray:
    """The part of a region, bool (H, W), that reaches the picture's border."""
    # A frame around the picture joins all that reaches its border.
    framed = cv2.copyMakeBorder(region.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), 2, flags=4)
    return framed[1:-1, 1:-1] == 2


def middle_of(region: np.ndarray) -> np.ndarray:
    """What lies deep within a region; bool (H, W) both."""
    depth = cv2.distanceTransform(region.view(np.uint8), cv2.DIST_L2, 5)
    return depth > MIDDLE * depth.max()


def large_pieces(region: np.ndarray, least: float) -> np.ndarray:
    """The connected pieces of a region, bool (H, W), that are at least so many times as large as its largest."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(region.view(np.uint8))
    if count < 3:
        return region
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    return (areas >= least * areas.max())[pieces]


def size_at(mask: np.ndarray, side: int) -> tuple[int, int]:
    """The picture's (width, height) at which a region, bool (H, W), has the area of a square with such sides."""
    scale = side / max(1.0, float(mask.sum())) ** 0.5
    return max(8, round(mask.shape[1] * scale)), max(8, round(mask.shape[0] * scale))


def at_size(mask: np.ndarray, side: int) -> np.ndarray:
    """A region, bool (H, W), at the size of `size_at`, bool (h, w)."""
    return cv2.resize(mask.view(np.uint8) * np.uint8(255), size_at(mask, side), interpolation=cv2.INTER_AREA) > 127


def lab_at(pixels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A picture, uint8 RGB (H, W, 3), in CIELAB at another size (h, w); float32 (h, w, 3)."""
    picture = cv2.resize(pixels, shape[::-1], interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def mirrored(plane: np.ndarray, axis: int) -> np.ndarray:
    """The mirror image of bool (h, w) about a column; False beyond what it shows."""
    result, width = np.zeros_like(plane), plane.shape[1]
    first, last = max(0, 2 * axis - width + 1), min(width, 2 * axis + 1)
    result[:, first:last] = plane[:, 2 * axis - last + 1 : 2 * axis - first + 1][:, ::-1]
    return result


def taken_away(mask: np.ndarray, thing: np.ndarray, margin: int) -> np.ndarray:
    """The largest piece that is left of a region, bool (H, W), without a thing and its margin.

    thing: (h, w) in {0, 1}, the same picture at another size, in whose pixels the margin is.
    """
    grown = cv2.dilate(thing.astype(np.uint8), np.ones((2 * margin + 1,) * 2, np.uint8)).astype(np.float32)
    large = cv2.resize(grown, mask.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    return large_pieces(mask & ~large, 1)


def tidy(mask: np.ndarray) -> np.ndarray:
    """Without specks, threads and pinholes; the largest piece and those of at least a twentieth of it."""
    size = max(3, round(max(mask.shape) / 340)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    tidy = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    tidy = cv2.morphologyEx(tidy, cv2.MORPH_OPEN, kernel)
    contours, _ = cv2.findContours(tidy, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if len(contours) == 1 and not any(edge.any() for edge in (tidy[0], tidy[-1], tidy[:, 0], tidy[:, -1])):
        # One piece without holes, as most are by now, that cuts nothing off from the border.
        return tidy > 0
    count, components, stats, _ = cv2.connectedComponentsWithStats(tidy)
    if count < 2:
        return tidy > 0
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    kept = (areas >= areas.max() / 20)[components]
    _, components, stats, _ = cv2.connectedComponentsWithStats((~kept).astype(np.uint8), connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < 4e-4 * areas.max()
    small[0] = True
    return small[components]
