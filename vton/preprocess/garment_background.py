"""What colours the background of a garment's picture has, as its border and what is known of it tell."""

import cv2
import numpy as np

ONE_COLOUR = (0.6, 0.4)
"""Shares of the whole border, and of its outermost pixels at each side, that have one colour where it is all there is.
"""
SHADES = 6
"""Colours that stand for a background that is not even."""


def ring(shape: tuple[int, int]) -> np.ndarray:
    """The border of a picture of that (height, width): bool (H, W)."""
    thickness = max(2, round(min(shape) / 60))
    ring = np.ones(shape, bool)
    ring[thickness:-thickness, thickness:-thickness] = False
    return ring


def border_colour(pixels: np.ndarray) -> tuple[int, int, int]:
    """The median colour along a picture's border. pixels: uint8 RGB (H, W, 3)."""
    return tuple(int(value) for value in np.median(pixels[ring(pixels.shape[:2])], axis=0))


def _lengths(colours: np.ndarray) -> np.ndarray:
    """The length of each vector: float32 (H, W, 3) → (H, W), or (N, 3) → (N,)."""
    squares = cv2.transform(np.square(colours).reshape(len(colours), -1, 3), np.ones((1, 3), np.float32))
    return cv2.sqrt(squares).reshape(colours.shape[:-1])


def fit_background(lab: np.ndarray) -> tuple[np.ndarray, float]:
    """A quadratic colour surface through the border, robust to a garment that reaches it, and the spread around it."""
    height, width = lab.shape[:2]
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    border = ring((height, width))
    along, down = (np.broadcast_to(values, border.shape)[border] for values in (x, y[:, None]))
    terms = np.stack([np.ones_like(along), along, down, along * down, along**2, down**2])
    colours = lab[border]
    distance = _lengths(colours - np.median(colours, axis=0))
    for _ in range(4):
        weighted = terms / (1 + (distance / (1 + np.median(distance))) ** 2)
        normal = weighted @ terms.T + 1e-3 * len(colours) * np.diag([0, 1, 1, 1, 1, 1])
        fit = np.linalg.solve(normal, weighted @ colours).astype(np.float32)
        distance = _lengths(colours - terms.T @ fit)
    # Along each row the powers of y count as much as the terms of x that stand beside them.
    by_power = (
        fit[0] + np.outer(x, fit[1]) + np.outer(x**2, fit[4]),
        fit[2] + np.outer(x, fit[3]),
        np.broadcast_to(fit[5], (width, 3)),
    )
    surface = np.stack([np.ones_like(y), y, y**2], axis=1) @ np.stack(by_power).reshape(3, -1)
    return surface.reshape(lab.shape), float(np.percentile(distance, 70))


def one_colour(pixels: np.ndarray, lab: np.ndarray) -> tuple[np.ndarray, float] | None:
    """The background of a picture that was cut out and set on a single colour, where a garment reaches its border.

    Args:
        pixels: uint8 RGB (H, W, 3). lab: float32 (H, W, 3), the same in CIELAB.

    Returns:
        That colour at each pixel, float32 (H, W, 3), and its spread; None where the border has no such colour.
    """
    border = pixels[ring(pixels.shape[:2])].astype(np.int32)
    codes, counts = np.unique(border @ (1 << 16, 1 << 8, 1), return_counts=True)
    code = int(codes[counts.argmax()])
    same = np.abs(pixels - np.int32([code >> 16, code >> 8 & 255, code & 255])).max(2) <= 1
    sides = same[0], same[-1], same[:, 0], same[:, -1]
    if same[ring(same.shape)].mean() < ONE_COLOUR[0] or min(side.mean() for side in sides) < ONE_COLOUR[1]:
        return None
    colour = np.median(lab[same], axis=0)
    return np.broadcast_to(colour, lab.shape).astype(np.float32), float(np.percentile(_lengths(lab[same] - colour), 70))


def nearest_shade(lab: np.ndarray, background: np.ndarray) -> tuple[np.ndarray, float]:
    """A background of several shades, such as planks or folds: at each pixel the shade that is most like it.

    A shade is one that the border shows on opposite sides, and that does not fill the picture's middle, as a garment
    does that the frame cuts. Returns the background (H, W, 3) and the spread of the border around it.
    """
    height, width = lab.shape[:2]
    excess = lab - background
    step = max(1, round(min(height, width) / 400))
    edges = (excess[:step:step], excess[-step::step], excess[:, :step:step], excess[:, -step::step])
    edges = [edge.reshape(-1, 3)[::step] for edge in edges]
    cv2.setRNGSeed(0)
    criteria = (cv2.TERM_CRITERIA_MAX_ITER, 12, 0.0)
    shades = cv2.kmeans(np.concatenate(edges), SHADES, None, criteria, 1, cv2.KMEANS_PP_CENTERS)[2]
    on = [np.bincount(_nearest(edge, shades), minlength=SHADES) / len(edge) > 0.04 for edge in edges]
    middle = excess[height // 3 : -height // 3 : 8, width // 3 : -width // 3 : 8].reshape(-1, 3)
    fills = np.bincount(_nearest(middle, shades), minlength=SHADES) / len(middle)
    shades = shades[((on[0] & on[1]) | (on[2] & on[3])) & (fills < 0.4)]
    if len(shades):
        background = background + shades[_nearest(excess.reshape(-1, 3), shades)].reshape(lab.shape)
    border = ring((height, width))
    return background, float(np.percentile(_lengths(lab[border] - background[border]), 70))


def _nearest(colours: np.ndarray, shades: np.ndarray) -> np.ndarray:
    """The index (N,) of the shade (K, 3) that is nearest to each colour (N, 3)."""
    best, nearest = np.zeros(len(colours), np.intp), np.full(len(colours), np.inf, np.float32)
    for index, shade in enumerate(shades):
        distance = ((colours - shade) ** 2).sum(axis=1)
        closer = distance < nearest
        best[closer], nearest[closer] = index, distance[closer]
    return best


def refit_background(
    excess: np.ndarray, distance: np.ndarray, background: np.ndarray, outside: np.ndarray
) -> np.ndarray:
    """The background's colours where they are seen, spread smoothly: where floor and wall meet, no surface fits.

    excess: float32 (H, W, 3), how colours differ from the background's, and distance (H, W) its length.
    """
    height, width = outside.shape
    known = (outside | (ring(outside.shape) & (distance < 12))).astype(np.float32)
    size = (width // 8, height // 8)
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    excess = cv2.resize(cv2.multiply(excess, cv2.merge([known] * 3)), size, interpolation=cv2.INTER_AREA)
    spread_weight, spread_excess = np.zeros_like(weight), np.zeros_like(excess)
    for step, reach in enumerate((0.01, 0.03, 0.09)):
        # What lies near counts a hundred times what lies three times as far.
        sigma = max(0.8, reach * size[0])
        spread_weight += 100.0**-step * cv2.GaussianBlur(weight, (0, 0), sigma)
        spread_excess += 100.0**-step * cv2.GaussianBlur(excess, (0, 0), sigma)
    correction = spread_excess / (spread_weight[..., None] + 1e-6)
    return cv2.add(background, cv2.resize(correction, (width, height), interpolation=cv2.INTER_LINEAR))
