"""Camera, light, the depth-composed picture, and what a photo camera adds to it."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from vton.labels import Parse
from vton.rendering.rasteriser import EMPTY_DEPTH, interpolate, light_pixels, rasterise
from vton.rendering.textures import grain_bank

FRAMINGS = {"half": 0.4, "full": 0.31, "knee": 0.08, "headless": 0.12, "close": 0.09}
"""What part of a person pictures show; half of the headless ones reach down to the feet."""

PHONE_SHARE = 0.22
"""Of the pictures that look taken by a phone."""
OVERHANG = 0.07
"""Metres by which a top that hangs out may lie within the skirt under it: their folds know nothing of each other."""


@dataclass(frozen=True)
class Camera:
    """A level camera before the person. Pixels: x right, y down, pixel centres at .5.

    focal: pixels; distance: metres from the world's origin; across: metres of the optical axis along x; above: height
    (metres) of the camera; rise: pixels by which the picture is shifted (a lens shift keeps verticals upright).
    """

    focal: float
    distance: float
    across: float
    above: float
    rise: float
    size: tuple[int, int]

    def project(self, points: np.ndarray) -> np.ndarray:
        """World (N, 3) → pixels and depth (N, 3), float32."""
        height, width = self.size
        depth = self.distance + points[:, 1]
        x = width / 2 + self.focal * (points[:, 0] - self.across) / depth
        y = height / 2 + self.rise - self.focal * (points[:, 2] - self.above) / depth
        return np.stack([x, y, depth], 1).astype(np.float32)


def frame_person(
    top: float, eyes: float, hips: float, bottom: float, middle: float, size: tuple[int, int], rng: np.random.Generator
) -> Camera:
    """A camera for one of the usual framings: head to thigh, whole body, head cut off, close.

    Args:
        top, eyes, hips, bottom: heights of the posed person in metres; middle: x of the trunk.
    """
    tall = top - bottom
    kind = str(rng.choice(list(FRAMINGS), p=list(FRAMINGS.values())))
    if kind == "half":
        upper, lower = top + rng.uniform(0, 0.16), hips - rng.uniform(-0.02, 0.42)
    elif kind == "full":
        upper, lower = top + rng.uniform(0.02, 0.1) * tall, bottom - rng.uniform(0.02, 0.1) * tall
    elif kind == "knee":
        upper, lower = top + rng.uniform(0, 0.12), bottom + rng.uniform(0.06, 0.28) * tall
    elif kind == "headless":
        upper = eyes + rng.uniform(-0.13, 0)
        lower = hips - rng.uniform(0, 0.35) if rng.random() < 0.5 else bottom - rng.uniform(0.02, 0.08) * tall
    else:
        upper, lower = top - rng.uniform(-0.02, 0.05), hips + rng.uniform(0, 0.12)
    span, distance, lift = max(upper - lower, 0.5), rng.uniform(2.2, 6), rng.uniform(-0.25, 0.3)
    if rng.random() < 0.12:
        distance, lift = rng.uniform(1.7, 2.6), rng.uniform(0.0, 0.55)
    focal = size[0] / span * distance
    aside = rng.normal() * 0.035 if rng.random() < 0.85 else rng.uniform(-0.17, 0.17)
    return Camera(
        focal=float(focal),
        distance=float(distance),
        across=float(middle + aside * span),
        above=float((upper + lower) / 2 + lift),
        rise=float(-focal * lift / distance),
        size=size,
    )


@dataclass(frozen=True)
class Drawn:
    """The N pixels of one rasterised mesh: flat indices, depth (N,), triangle (N,), normals (N, 3), values (N, C)."""

    pixels: np.ndarray
    depth: np.ndarray
    triangle: np.ndarray
    normals: np.ndarray
    values: np.ndarray


def draw(
    camera: Camera,
    points: np.ndarray,
    triangles: np.ndarray,
    cover: np.ndarray,
    normals: np.ndarray,
    values: np.ndarray,
    bias: np.ndarray | float,
) -> Drawn:
    """Rasterise a mesh; bias (metres, one or for each vertex) brings it nearer, so that outer cloth wins over inner."""
    screen = camera.project(points)
    screen[:, 2] -= bias
    depth, triangle, barycentric = rasterise(screen, cover, triangles, *camera.size)
    attributes = np.ascontiguousarray(np.hstack([normals, values]), np.float32)
    pixels = np.flatnonzero(triangle >= 0)
    drawn = triangle.reshape(-1)
    inside = interpolate(pixels, drawn, barycentric.reshape(-1, 2), triangles, attributes)
    return Drawn(pixels, depth.reshape(-1)[pixels], drawn[pixels], inside[:, :3].copy(), inside[:, 3:])


@dataclass
class Canvas:
    """Pictures composed by depth: colour and normal float32 (H, W, 3), label uint8 (H, W), depth float32 (H, W), gloss
    float32 (H, W), cloth bool (H, W) where the top shows."""

    size: tuple[int, int]
    depth: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        height, width = self.size
        self.depth = np.full((height, width), EMPTY_DEPTH, np.float32)
        self.colour = np.zeros((height, width, 3), np.float32)
        self.normal = np.zeros((height, width, 3), np.float32)
        self.label = np.full((height, width), Parse.BACKGROUND, np.uint8)
        self.gloss = np.zeros((height, width), np.float32)

    def copy(self) -> "Canvas":
        """An independent copy."""
        twin = Canvas(self.size)
        for name in ("depth", "colour", "normal", "label", "gloss"):
            setattr(twin, name, getattr(self, name).copy())
        return twin

    def add(
        self,
        layer: Drawn,
        colours: np.ndarray,
        labels: np.ndarray | int | None,
        gloss: float = 0.0,
        over: tuple[int, ...] = (),
    ) -> None:
        """Lay a mesh over what is farther away, with its labels or, if None, those already there.

        Args:
            over: labels that it also covers where they are up to `OVERHANG` metres nearer.
        """
        wins = layer.depth < self.depth.reshape(-1)[layer.pixels]
        if over:
            below = np.isin(self.label.reshape(-1)[layer.pixels], over)
            wins |= below & (layer.depth < self.depth.reshape(-1)[layer.pixels] + OVERHANG)
        places = layer.pixels[wins]
        self.depth.reshape(-1)[places] = layer.depth[wins]
        self.colour.reshape(-1, 3)[places] = colours[wins]
        self.normal.reshape(-1, 3)[places] = layer.normals[wins]
        if labels is not None:
            self.label.reshape(-1)[places] = labels if np.isscalar(labels) else labels[wins]
        self.gloss.reshape(-1)[places] = gloss

    def shows(self, layer: Drawn) -> np.ndarray:
        """Which of a mesh's pixels are seen, bool (N,): those that nothing laid on later hides."""
        return self.depth.reshape(-1)[layer.pixels] == layer.depth


@dataclass(frozen=True)
class Light:
    """direction (3,) towards the lamp; ambient, wrap and strength; occlusion depths; tint (3,) of the light on people
    and, if the whole room has it, on the ground; gamma of the exposure, above 1 for dark pictures; grain."""

    direction: np.ndarray
    ambient: float
    wrap: float
    strength: float
    occlusion: tuple[float, float]
    tint: np.ndarray
    patches: np.ndarray | None
    ground: np.ndarray
    gamma: float
    grain: float


MOODS = {"soft": 0.58, "hard": 0.18, "warm": 0.12, "dark": 0.12}


def random_light(rng: np.random.Generator, studio: bool = False) -> Light:
    """Soft light mostly from before and above, hard light from a side, warm rooms, dark pictures; for product pictures
    nearly even."""
    mood = "soft" if studio else str(rng.choice(list(MOODS), p=list(MOODS.values())))
    azimuth, elevation = rng.uniform(-1.2, 1.2), rng.uniform(0.1, 1.1)
    ambient, wrap, tint = (
        rng.uniform(0.62, 0.8) if studio else rng.uniform(0.45, 0.8),
        rng.uniform(0.2, 0.6),
        np.ones(3),
    )
    if mood == "hard":
        azimuth, ambient, wrap = (
            rng.choice([-1, 1]) * rng.uniform(0.7, 1.5),
            rng.uniform(0.28, 0.5),
            rng.uniform(0, 0.15),
        )
    elif mood == "warm":
        tint = np.array([1.08, 0.97, 0.78]) + rng.uniform(-0.05, 0.08) * np.array([-0.5, 0, 1])
    elif mood == "dark":
        tint = 1 + rng.normal(size=3) * 0.06
    direction = [np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)]
    return Light(
        direction=np.array(direction, np.float32),
        ambient=float(ambient),
        wrap=float(wrap),
        strength=float(rng.uniform(0.9, 1.2)),
        occlusion=(float(rng.uniform(0.1, 0.45)), float(rng.uniform(0.1, 0.45))),
        tint=(tint * (1 + rng.normal(size=3) * (0.01 if studio else 0.025))).astype(np.float32),
        patches=rng.random((3, 3)).astype(np.float32) if not studio and rng.random() < 0.3 else None,
        ground=tint.astype(np.float32),
        gamma=float(rng.uniform(1.15, 1.7) if mood == "dark" else rng.uniform(0.72, 1.12)),
        grain=float(rng.uniform(0.005, 0.035) if mood == "dark" else rng.uniform(0, 0.02) * (rng.random() < 0.8)),
    )


def shade(colour: np.ndarray, normal: np.ndarray, depth: np.ndarray, gloss: np.ndarray, light: Light) -> np.ndarray:
    """Light a picture: wrapped diffuse, sheen, and occlusion from the depth's own blur (H, W, 3)."""
    height, width = depth.shape
    pixels = np.flatnonzero(depth < EMPTY_DEPTH / 2)
    drawn = depth.reshape(-1)[pixels]
    far = drawn.max() + np.float32(0.05) if len(pixels) else np.float32(1)
    filled = np.minimum(depth, far)
    open_share = np.ones(len(pixels), np.float32)
    for radius, reach, amount in ((height // 40, 0.035, light.occlusion[0]), (height // 12, 0.12, light.occlusion[1])):
        hidden = drawn - cv2.blur(filled, (radius, radius)).reshape(-1)[pixels]
        open_share *= 1 - amount * np.clip(hidden / reach, 0, 1)
    if light.patches is not None:
        patches = cv2.resize(light.patches, (width, height), interpolation=cv2.INTER_CUBIC)
        open_share *= 0.8 + 0.35 * patches.reshape(-1)[pixels]
    halfway = light.direction + np.array([0, -1, 0], np.float32)
    lit = light_pixels(
        colour.reshape(-1, 3)[pixels],
        normal.reshape(-1, 3)[pixels],
        gloss.reshape(-1)[pixels],
        open_share,
        light.direction,
        halfway / np.linalg.norm(halfway),
        np.float32(light.ambient),
        np.float32(light.wrap),
        np.float32(light.strength),
        light.tint,
    )
    picture = np.zeros((height, width, 3), np.float32)
    picture.reshape(-1, 3)[pixels] = lit
    return picture


def smooth_edges(picture: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Antialias: blur where labels meet (H, W, 3)."""
    edge = cv2.morphologyEx(label, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    blurred = cv2.GaussianBlur(picture, (3, 3), 0.8)
    return np.where(edge[..., None], blurred, picture)


def _through_a_phone(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A small sensor's picture (H, W, 3): blotches of colour in the dark parts, sharpened edges, dimmer corners."""
    height, width = picture.shape[:2]
    small = (height // 3, width // 3, 3)
    start = int(rng.integers(grain_bank().size - np.prod(small)))
    noise = grain_bank()[start : start + np.prod(small)].reshape(small)
    blotches = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    picture = picture + np.float32(rng.uniform(0.005, 0.035)) * blotches * (1.15 - picture.mean(2, keepdims=True))
    picture = picture + np.float32(rng.uniform(0.2, 0.9)) * (picture - cv2.GaussianBlur(picture, (0, 0), 1.2))
    down, across = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)
    return picture * (1 - np.float32(rng.uniform(0, 0.16)) * (down**2 + across**2))[..., None]


def photograph(picture: np.ndarray, light: Light, rng: np.random.Generator) -> np.ndarray:
    """Exposure, contrast, softness, grain, a phone's noise and JPEG blocks: float32 in [0, 1] → uint8 (H, W, 3)."""
    tones = np.linspace(0, 1, 1025) ** light.gamma
    tones = (tones - 0.5) * rng.uniform(0.88, 1.15) + 0.515 + rng.normal() * 0.02
    tones = np.maximum(tones, tones * 0.5 + rng.uniform(0.0, 0.03))
    picture = tones.astype(np.float32)[(np.clip(picture, 0, 1) * 1024).astype(np.int32)]
    if rng.random() < 0.6:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.3, 1.0)))
    start = int(rng.integers(grain_bank().size - picture.size))
    picture = picture + np.float32(light.grain) * grain_bank()[start : start + picture.size].reshape(picture.shape)
    phone = rng.random() < PHONE_SHARE
    if phone:
        picture = _through_a_phone(picture, rng)
    pixels = (np.clip(picture, 0, 1) * 255).astype(np.uint8)
    if phone or rng.random() < 0.2:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(45, 88))]
        stored = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), quality)[1]
        pixels = cv2.cvtColor(cv2.imdecode(stored, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    return pixels
