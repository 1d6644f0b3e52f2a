"""Framing and random changes that the trainers share: plain numpy, one sample at a time, chance handed in."""

import cv2
import numpy as np

from vton.labels import MIRRORED_KEYPOINTS, Joint

IGNORED = 255
"""Label of pixels that lie outside the rendered picture and teach nothing."""

LEAST_PRINTED = 24
"""Least width and height of cloth that gets a print, in pixels."""

Random = np.random.Generator


def compose(second: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The 2×3 matrix that applies `first`, then `second`."""
    linear = second[:, :2] @ first
    linear[:, 2] += second[:, 2]
    return linear.astype(np.float32)


def scaling(before: tuple[int, int], after: tuple[int, int]) -> np.ndarray:
    """The 2×3 matrix from pixels of a picture of (height, width) `before` to the same picture at `after`."""
    y, x = after[0] / before[0], after[1] / before[1]
    return np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5]], np.float32)


def mirroring(width: int) -> np.ndarray:
    """The 2×3 matrix that mirrors a picture left to right."""
    return np.array([[-1, 0, width - 1], [0, 1, 0]], np.float32)


def similarity(size: tuple[int, int], scale: float, degrees: float, shift: tuple[float, float]) -> np.ndarray:
    """The 2×3 matrix that scales and turns about the middle of (height, width) and then shifts, in pixels."""
    height, width = size
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, scale)
    matrix[:, 2] += shift
    return matrix.astype(np.float32)


def box_matrix(box: tuple[float, float, float, float], size: tuple[int, int]) -> np.ndarray:
    """The 2×3 matrix that brings a box (left, top, right, bottom, pixel edges) to a picture of (height, width)."""
    left, top, right, bottom = box
    x, y = size[1] / (right - left), size[0] / (bottom - top)
    return np.array([[x, 0, (0.5 - left) * x - 0.5], [0, y, (0.5 - top) * y - 0.5]], np.float32)


def person_box(parse: np.ndarray, keypoints: np.ndarray, random: Random) -> tuple[float, float, float, float]:
    """A 3:4 box like those in which photos arrive: the whole picture, from the crown to above the knees, or between.

    Args:
        parse: uint8 (H, W) of a 3:4 picture, 0 where nobody is.
        keypoints: (18, 3) in its pixels.
        random: where chance comes from.

    Returns:
        left, top, right, bottom; reaches a little beyond the picture at most.
    """
    height, width = parse.shape
    rows, columns = np.nonzero(parse)
    whole = np.array([width / 2, height / 2, height * random.uniform(0.9, 1.05)])
    if len(rows) == 0:
        return _box(*whole)
    hips = keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], :2].mean(0)
    neck = keypoints[Joint.NECK, :2]
    torso = max(float(np.linalg.norm(hips - neck)), height / 20)
    crown = float(np.percentile(rows, 0.2))
    bottom = hips[1] + torso * random.uniform(0.1, 1.2)
    tall = (bottom - crown) * random.uniform(1.02, 1.2)
    near = rows < bottom
    wide = float(np.ptp(columns[near])) * random.uniform(0.95, 1.1) / 0.75 if near.any() else tall
    tall = max(tall, min(wide, 1.5 * tall))
    middle = (crown + bottom) / 2 + random.normal() * 0.03 * tall
    close = np.array([neck[0] + random.normal() * 0.04 * tall, middle, tall])
    kind = random.random()
    share = 1.0 if kind < 0.6 else 0.0 if kind < 0.75 else random.random()
    x, y, tall = share * close + (1 - share) * whole
    tall = min(tall, 1.05 * height)
    slack = 0.02 * tall
    # What lies beyond the edge teaches nothing, and photos have little of it.
    y = np.clip(y, min(tall, height) / 2 - slack, height - min(tall, height) / 2 + slack)
    x = np.clip(x, 0.375 * min(tall, height) - slack, width - 0.375 * min(tall, height) + slack)
    return _box(x, y, tall)


def _box(x: float, y: float, height: float) -> tuple[float, float, float, float]:
    return x - 0.375 * height, y - height / 2, x + 0.375 * height, y + height / 2


def keypoints_in_frame(keypoints: np.ndarray, matrix: np.ndarray, size: tuple[int, int], mirrored: bool) -> np.ndarray:
    """Keypoints (18, 3) under a matrix; those that leave (height, width) lose their confidence, as in a photo.

    `mirrored` says that the matrix mirrors, so that left and right change places.
    """
    moved = keypoints.astype(np.float32).copy()
    moved[:, :2] = moved[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    inside = (moved[:, 0] >= 0) & (moved[:, 0] < size[1]) & (moved[:, 1] >= 0) & (moved[:, 1] < size[0])
    moved[:, 2] *= inside
    return moved[MIRRORED_KEYPOINTS] if mirrored else moved


def shoulder_width(keypoints: np.ndarray) -> float:
    """Distance of the shoulders in pixels, at least 8."""
    return max(float(np.linalg.norm(keypoints[Joint.RIGHT_SHOULDER, :2] - keypoints[Joint.LEFT_SHOULDER, :2])), 8.0)


def shake_keypoints(keypoints: np.ndarray, amount: float, random: Random) -> np.ndarray:
    """Add noise of `amount` shoulder widths to every point; the neck stays between the shoulders."""
    shaken = keypoints.copy()
    shaken[:, :2] += random.normal(size=(len(keypoints), 2)) * amount * shoulder_width(keypoints)
    shaken[Joint.NECK, :2] = shaken[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER], :2].mean(0)
    return shaken


def recolour(pixels: np.ndarray, random: Random, strength: float = 1.0) -> np.ndarray:
    """Another light and camera: gamma, gain per channel, brightness, sometimes grey, blurred or noisy. uint8 RGB."""
    colours = pixels.astype(np.float32) / 255
    if random.random() < 0.8:
        colours = colours ** np.exp(random.normal() * 0.2 * strength)
        gains = 1 + random.normal(size=3) * 0.06 * strength
        colours = colours * gains.astype(np.float32) + random.normal() * 0.04 * strength
    if random.random() < 0.06:
        colours = np.repeat(colours.mean(-1, keepdims=True), 3, -1)
    if random.random() < 0.15:
        colours = cv2.GaussianBlur(colours, (0, 0), random.uniform(0.4, 1.2))
    if random.random() < 0.2:
        colours = colours + random.standard_normal(colours.shape, np.float32) * random.uniform(0.005, 0.03)
    return (colours * 255).round().clip(0, 255).astype(np.uint8)


def lay_strap(pixels: np.ndarray, keypoints: np.ndarray, random: Random) -> np.ndarray:
    """A bag strap or another dark thing across the torso, which no render has; uint8 RGB (H, W, 3)."""
    laid = pixels.copy()
    unit = shoulder_width(keypoints)
    colour = tuple(int(v) for v in random.integers(0, 80, 3))
    torso = keypoints[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER, Joint.RIGHT_HIP, Joint.LEFT_HIP], :2]
    middle = torso.mean(0) + random.normal(size=2) * 0.3 * unit
    angle = random.uniform(0, np.pi)
    half = np.array([np.cos(angle), np.sin(angle)]) * unit * random.uniform(0.2, 1.5)
    start, end = (middle - half).round().astype(int), (middle + half).round().astype(int)
    thickness = max(1, round(unit * random.uniform(0.03, 0.2)))
    cv2.line(laid, tuple(map(int, start)), tuple(map(int, end)), colour, thickness, cv2.LINE_AA)
    return laid


def overprint(pixels: np.ndarray, inside: np.ndarray, random: Random) -> np.ndarray:
    """Lettering, stripes or shapes printed on cloth, which takes the light that the cloth has.

    Args:
        pixels: uint8 RGB (H, W, 3).
        inside: bool (H, W), where the cloth is.
        random: where chance comes from.

    Returns:
        uint8 RGB (H, W, 3), as before outside of the cloth.
    """
    left, top, width, height = cv2.boundingRect(inside.view(np.uint8))
    if width < LEAST_PRINTED or height < LEAST_PRINTED:
        return pixels
    light = pixels.mean(2) / max(float(np.median(pixels[inside])), 8.0)
    printed = pixels.astype(np.float32)
    for _ in range(int(random.integers(1, 4))):
        mask = np.zeros(inside.shape, np.uint8)
        _draw_print(mask, (left, top, width, height), random)
        share = (mask / np.float32(255) * inside * random.uniform(0.6, 1))[..., None]
        printed += share * (random.uniform(0, 255, 3) * light.clip(0.3, 1.8)[..., None] - printed)
    return printed.clip(0, 255).astype(np.uint8)


def _draw_print(mask: np.ndarray, box: tuple[int, int, int, int], random: Random) -> None:
    """Draw something into a mask, 255 where colour is; box: left, top, width and height of the cloth."""
    left, top, width, height = box
    middle = np.array([left + width * random.uniform(0.3, 0.7), top + height * random.uniform(0.2, 0.7)])
    kind = random.random()
    if kind < 0.4:
        text = "".join(random.choice(list("ABEHKMNORSTXYZaegs0258"), size=int(random.integers(1, 7))))
        font, scale = int(random.integers(0, 8)), width / (14.0 * len(text)) * random.uniform(0.5, 1.3)
        thickness = max(1, round(3 * scale * random.uniform(0.5, 1.6)))
        (wide, high), _ = cv2.getTextSize(text, font, scale, thickness)
        start = middle + np.array([-wide / 2, high / 2])
        cv2.putText(mask, text, tuple(map(int, start)), font, scale, 255, thickness, cv2.LINE_AA)
    elif kind < 0.6:
        _draw_stripes(mask, box, random)
    elif kind < 0.8:
        corners = middle + random.normal(size=(int(random.integers(3, 8)), 2)) * width * random.uniform(0.05, 0.25)
        cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 255, cv2.LINE_AA)
    else:
        axes = (max(2, round(width * random.uniform(0.04, 0.25))), max(2, round(height * random.uniform(0.04, 0.25))))
        cv2.ellipse(mask, tuple(map(int, middle)), axes, random.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)


def _draw_stripes(mask: np.ndarray, box: tuple[int, int, int, int], random: Random) -> None:
    """Stripes across, that slant and bend as they do on a body; in a third of the cases checks. As `_draw_print`."""
    left, top, width, height = box
    step = max(4, round(height * random.uniform(0.04, 0.2)))
    thick = max(2, round(step * random.uniform(0.2, 0.7)))
    places = np.linspace(-1, 1, 9)
    curve = width * (random.normal() * 0.06 * places + random.normal() * 0.04 * places**2)
    for row in range(top - height // 4 + int(random.integers(0, step)), top + height + height // 4, step):
        line = np.stack([left + width * (places + 1) / 2, row + curve], 1)
        cv2.polylines(mask, [np.round(line).astype(np.int32)], False, 255, thick, cv2.LINE_AA)
    if random.random() < 1 / 3:
        for column in range(left + int(random.integers(0, step)), left + width, step):
            cv2.line(mask, (column, top), (column, top + height), 255, thick)


def disturb_silhouette(silhouette: np.ndarray, random: Random) -> np.ndarray:
    """A person mask with another's softness and size; float32 (H, W) in [0, 1]."""
    mask = silhouette.astype(np.float32)
    if random.random() < 0.5:
        side = 3 if random.random() < 0.7 else 5
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        mask = cv2.dilate(mask, kernel) if random.random() < 0.5 else cv2.erode(mask, kernel)
    if random.random() < 0.7:
        mask = cv2.GaussianBlur(mask, (0, 0), random.uniform(0.5, 2.0))
        mask = (mask - 0.5) * random.uniform(0.8, 2.5) + 0.5 + random.normal() * 0.06
    if random.random() < 0.12:
        x, y, side = random.integers(mask.shape[1]), random.integers(mask.shape[0]), random.integers(6, 30)
        mask[y : y + side, x : x + side] = float(random.random() < 0.5)
    return mask.clip(0, 1)


def smooth_noise(size: tuple[int, int], cells: int, random: Random) -> np.ndarray:
    """A smooth random field, float32 (H, W, 2), of about unit deviation, with `cells` waves along the height."""
    columns = max(2, round(cells * size[1] / size[0]))
    coarse = random.standard_normal((cells, columns, 2), np.float32)
    return cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)


def wobble_labels(labels: np.ndarray, pixels: float, cells: int, random: Random) -> np.ndarray:
    """Move the borders of a label map by about `pixels`, as a parser misplaces them; uint8 (H, W)."""
    height, width = labels.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    field = smooth_noise((height, width), cells, random) * pixels
    return cv2.remap(
        labels, columns + field[..., 0], rows + field[..., 1], cv2.INTER_NEAREST, None, cv2.BORDER_REPLICATE
    )


def as_photographed(colours: np.ndarray, random: Random, faint: float = 0.35) -> np.ndarray:
    """Other dyes, light, sharpness, noise and compression: float32 (H, W, 3) in [0, 1] → uint8.

    faint: of the pictures, the share in which all colours are nearly the same dark or, less often, light one.
    """
    height, width = colours.shape[:2]
    if random.random() < 0.4:
        colours = colours[..., random.permutation(3)]
    if random.random() < 0.1:
        colours = np.repeat(colours.mean(-1, keepdims=True), 3, -1)
    colours = np.clip(colours, 0, 1) ** np.float32(np.exp(random.normal() * 0.3))
    chance, contrast = random.random(), 1.0
    if chance < 0.57 * faint:
        # Black velvet and white shirts: all that tells shapes lies within few levels.
        contrast = random.uniform(0.12, 0.5)
        colours = random.uniform(0.0, 0.06) + colours * contrast
    elif chance < faint:
        contrast = random.uniform(0.15, 0.6)
        colours = 1 - random.uniform(0.0, 0.08) - (1 - colours) * contrast
    colours = colours * (1 + random.normal(size=3) * 0.08) + random.normal() * 0.03
    if random.random() < 0.5:
        corners = random.uniform(0.75, 1.2, (2, 2)).astype(np.float32)
        colours = colours * cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)[..., None]
    if random.random() < 0.3:
        colours = cv2.GaussianBlur(colours, (0, 0), random.uniform(0.4, 1.3))
    elif random.random() < 0.3:
        colours = colours + random.uniform(0.3, 1.0) * (colours - cv2.GaussianBlur(colours, (0, 0), 1.0))
    if random.random() < 0.5:
        coarse = random.standard_normal((height // 2, width // 2, 1)) if random.random() < 0.4 else None
        grain = (
            random.standard_normal((height, width, 1))
            if coarse is None
            else cv2.resize(coarse, (width, height))[..., None]
        )
        colours = colours + grain * random.uniform(0.002, 0.025) * contrast
    pixels = (colours * 255).round().clip(0, 255).astype(np.uint8)
    if random.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(35, 95))]
        pixels = cv2.imdecode(cv2.imencode(".jpg", pixels, quality)[1], cv2.IMREAD_COLOR)
    return pixels
