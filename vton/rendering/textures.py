"""Colours and prints of cloth, skin and hair. Colours are float32 RGB in [0, 1]."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

HAIR_COLOURS = np.array(
    [[0.06, 0.05, 0.045], [0.2, 0.13, 0.09], [0.38, 0.24, 0.14], [0.72, 0.55, 0.36], [0.85, 0.74, 0.55],
     [0.45, 0.18, 0.08], [0.6, 0.6, 0.6]], np.float32,
)  # fmt: skip
HAIR_SHARES = (0.3, 0.24, 0.16, 0.13, 0.07, 0.05, 0.05)
_NOISE_SIZE = 512
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@lru_cache(maxsize=1)
def noise_bank() -> dict[str, np.ndarray]:
    """Tiling noise of unit deviation, float32 (N, 512, 512): "even", "strands" along y, "folds" and their slopes."""
    rng = np.random.default_rng(7)
    bank = {
        "even": np.stack([_fractal(rng, 4, 6, 1.0) for _ in range(4)]),
        "strands": np.stack([_fractal(rng, 4, 5, 6.0) for _ in range(4)]),
        "folds": np.stack([_ridged(rng) for _ in range(6)]),
    }
    folds = _slopes(bank["folds"])
    return bank | {"fold_x": folds[0], "fold_y": folds[1]}


@lru_cache(maxsize=1)
def grain_bank() -> np.ndarray:
    """White noise of unit deviation to cut film grain from, float32 (4,000,000,)."""
    return np.random.default_rng(8).standard_normal(4_000_000, np.float32)


def _slopes(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wrapped central differences along x and y of a stack (N, H, W)."""
    across = (np.roll(pictures, -1, 2) - np.roll(pictures, 1, 2)) / 2
    down = (np.roll(pictures, -1, 1) - np.roll(pictures, 1, 1)) / 2
    return across.astype(np.float32), down.astype(np.float32)


def _fractal(rng: np.random.Generator, cells: int, octaves: int, stretch: float) -> np.ndarray:
    total = np.zeros((_NOISE_SIZE, _NOISE_SIZE), np.float32)
    for octave in range(octaves):
        rows, columns = max(2, cells * 2**octave), max(2, int(cells * 2**octave * stretch))
        grid = np.pad(rng.standard_normal((rows, columns)).astype(np.float32), ((0, 1), (0, 1)), mode="wrap")
        total += 0.55**octave * cv2.resize(grid, (_NOISE_SIZE, _NOISE_SIZE), interpolation=cv2.INTER_CUBIC)
    return total / total.std()


def _ridged(rng: np.random.Generator) -> np.ndarray:
    """Folds: long creases of one main direction between soft cushions, bent by slow noise; wave vectors are whole
    numbers, so that the picture tiles."""
    down, across = np.mgrid[0:_NOISE_SIZE, 0:_NOISE_SIZE].astype(np.float32) / _NOISE_SIZE
    bend = 0.035 * _fractal(rng, 3, 3, 1.0)
    main = rng.uniform(-1.2, 1.2)
    total = np.zeros_like(down)
    for _ in range(16):
        angle, waves = main + rng.normal() * 0.35, rng.uniform(2, 11)
        x, y = np.round(waves * np.cos(angle)), np.round(waves * np.sin(angle))
        total += np.sin(2 * np.pi * (x * across + y * down + bend * waves * 0.5 + rng.random())) / np.sqrt(waves)
    reach = cv2.GaussianBlur(_fractal(rng, 3, 2, 1.0), (0, 0), 8, borderType=cv2.BORDER_REFLECT)
    ridges = np.sqrt(np.abs(total) + 0.02) * np.clip(0.7 + 0.6 * reach, 0.1, 1.8)
    ridges = cv2.GaussianBlur(ridges.astype(np.float32), (0, 0), 2.0, borderType=cv2.BORDER_REFLECT)
    return (ridges - ridges.mean()) / ridges.std()


def sample(picture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Nearest pixels of a tiling picture (H, W[, C]), H and W powers of 2, at u, v in tiles (positive)."""
    rows, columns = picture.shape[:2]
    row, column = (v * rows).astype(np.int32) & (rows - 1), (u * columns).astype(np.int32) & (columns - 1)
    pixels = picture.reshape(rows * columns, *picture.shape[2:])
    return pixels.take(row * columns + column, axis=0)


def skin_colour(rng: np.random.Generator) -> np.ndarray:
    """Skin from pale to dark."""
    pale, middle, dark = np.array([0.95, 0.8, 0.72]), np.array([0.76, 0.55, 0.42]), np.array([0.33, 0.2, 0.15])
    tone = rng.random() ** 1.5
    colour = pale + (middle - pale) * tone / 0.55 if tone < 0.55 else middle + (dark - middle) * (tone - 0.55) / 0.45
    return np.clip(colour + rng.normal(size=3) * 0.02 + rng.normal() * np.array([0.015, 0, -0.02]), 0.05, 1).astype(
        np.float32
    )


def vivid_colour(rng: np.random.Generator) -> np.ndarray:
    """Any hue."""
    hsv = np.array([[[rng.uniform(0, 360), rng.uniform(0.2, 0.95), rng.uniform(0.2, 0.95)]]], np.float32)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0]


def cloth_colour(rng: np.random.Generator, skin: np.ndarray | None = None) -> np.ndarray:
    """A top's colour as shops have them: white, black, grey, navy, beige, pastel, any hue; now and then the skin's."""
    kind = rng.choice(
        ["white", "black", "grey", "navy", "beige", "pastel", "vivid", "skin"],
        p=[0.21, 0.15, 0.1, 0.07, 0.09, 0.12, 0.2, 0.06],
    )
    jitter = rng.normal(size=3) * 0.015
    if kind == "white":
        colour = np.full(3, rng.uniform(0.86, 0.99)) + jitter * 0.7
    elif kind == "black":
        colour = np.full(3, rng.uniform(0.05, 0.13)) + jitter
    elif kind == "grey":
        colour = np.full(3, rng.uniform(0.2, 0.8)) + jitter
    elif kind == "navy":
        colour = np.array([0.1, 0.14, 0.27]) * rng.uniform(0.5, 1.6) + jitter
    elif kind == "beige":
        colour = np.array([0.85, 0.77, 0.65]) * rng.uniform(0.6, 1.1) + jitter
    elif kind == "pastel":
        colour = 1 - (1 - vivid_colour(rng)) * rng.uniform(0.2, 0.5)
    elif kind == "skin" and skin is not None:
        colour = skin * rng.uniform(0.85, 1.12) + jitter
    else:
        colour = vivid_colour(rng)
    return np.clip(colour, 0.015, 0.99).astype(np.float32)


def bottom_colour(rng: np.random.Generator, top: np.ndarray) -> tuple[np.ndarray, bool]:
    """Colour of trousers or a skirt and whether it is denim; sometimes the top's own tone."""
    kind = rng.choice(["denim", "black", "beige", "white", "tone", "any"], p=[0.36, 0.24, 0.1, 0.07, 0.08, 0.15])
    if kind == "denim":
        light, dark = np.array([0.62, 0.7, 0.8]), np.array([0.1, 0.14, 0.24])
        colour = light + (dark - light) * rng.random()
    elif kind == "black":
        colour = np.full(3, rng.uniform(0.05, 0.13))
    elif kind == "beige":
        colour = np.array([0.78, 0.68, 0.54]) * rng.uniform(0.6, 1.15)
    elif kind == "white":
        colour = np.full(3, rng.uniform(0.82, 0.97))
    elif kind == "tone":
        colour = top * rng.uniform(0.85, 1.1)
    else:
        colour = cloth_colour(rng)
    return np.clip(colour + rng.normal(size=3) * 0.012, 0.015, 0.99).astype(np.float32), kind == "denim"


@dataclass(frozen=True)
class Cloth:
    """A tiling pattern, float32 (256, 256, 3), whose tile measures `tile` metres (shifted by a share of
    it), and how it catches light."""

    picture: np.ndarray
    tile: float
    gloss: float
    shift: float

    @property
    def colour(self) -> np.ndarray:
        """Mean colour."""
        return self.picture[::16, ::16].mean((0, 1))

    def at(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Colours (N, 3) at cloth coordinates in metres."""
        return sample(self.picture, u / self.tile + self.shift, v / self.tile + self.shift)


def random_cloth(rng: np.random.Generator, colour: np.ndarray, plain_share: float = 0.6) -> Cloth:
    """Plain, striped, checked, dotted, printed, knitted or mottled cloth about a colour."""
    size = 256
    picture = np.ones((size, size, 3), np.float32) * colour
    down, across = np.mgrid[0:size, 0:size].astype(np.float32) / size
    other = cloth_colour(rng)
    share = (1 - plain_share) / 1.0
    kinds = ["plain", "stripes", "checks", "dots", "print", "knit", "mottled"]
    kind = rng.choice(kinds, p=[plain_share, *(share * np.array([0.27, 0.12, 0.11, 0.28, 0.1, 0.12]))])
    if kind == "stripes":
        axis = down if rng.random() < 0.72 else across
        count = rng.integers(1, 5) if rng.random() < 0.25 else rng.integers(4, 20)
        mask = np.sin(2 * np.pi * axis * count) > rng.uniform(-0.6, 0.9)
        picture = np.where(mask[..., None], other, picture)
        if rng.random() < 0.2:
            third = np.sin(2 * np.pi * axis * count + 2.2) > rng.uniform(0.6, 0.95)
            picture = np.where(third[..., None], cloth_colour(rng), picture)
    elif kind == "checks":
        picture = _checks(rng, picture, other)
    elif kind == "dots":
        count = int(rng.integers(5, 16))
        rows = np.floor(across * count) % 2 / 2
        offset = ((across * count) % 1 - 0.5) ** 2 + ((down * count + rows) % 1 - 0.5) ** 2
        picture = np.where((offset < rng.uniform(0.03, 0.12))[..., None], other, picture)
    elif kind == "print":
        picture = _blotches(rng, picture)
    elif kind == "knit":
        count = int(rng.integers(20, 60))
        picture = picture * (1 - rng.uniform(0.05, 0.2) * (np.sin(2 * np.pi * across * count) > 0.3)[..., None])
    elif kind == "mottled":
        field = np.clip(0.5 + 0.35 * noise_bank()["even"][rng.integers(4)][::2, ::2], 0, 1)[..., None]
        picture = picture * (1 - field) + np.clip(colour * rng.uniform(0.6, 1.5), 0, 1) * field
    gloss = rng.uniform(0.1, 0.5) if rng.random() < 0.12 else rng.uniform(0, 0.06)
    return Cloth(
        np.clip(picture, 0, 1).astype(np.float32), float(rng.uniform(0.25, 0.6)), float(gloss), 8 + rng.random()
    )


def _checks(rng: np.random.Generator, picture: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Gingham, or a tartan of broad and fine bands that cross."""
    size = len(picture)
    down, across = np.mgrid[0:size, 0:size].astype(np.float32) / size
    count = int(rng.integers(2, 10))
    if rng.random() < 0.5:
        mask = 0.5 * (np.sin(2 * np.pi * down * count) > 0) + 0.5 * (np.sin(2 * np.pi * across * count) > 0)
        picture = picture * (1 - mask[..., None]) + other * mask[..., None]
        if rng.random() < 0.5:
            lines = ((down * count * 2 % 1) < 0.12) | ((across * count * 2 % 1) < 0.12)
            picture = np.where(lines[..., None], cloth_colour(rng), picture)
        return picture
    for band in range(int(rng.integers(1, 4))):
        tone = other if band == 0 else cloth_colour(rng)
        wide, place = rng.uniform(0.03, 0.5) / (1 + band), rng.random()
        for axis in (down, across):
            mask = 0.55 * ((axis * count + place) % 1 < wide)[..., None]
            picture = picture * (1 - mask) + tone * mask
    return picture


def _blotches(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Flowers, leaves and camouflage come down to thresholded noise in several colours."""
    size = len(picture)
    for _ in range(int(rng.integers(1, 5))):
        repeats = int(rng.choice([1, 2, 4], p=[0.4, 0.4, 0.2]))
        field = cv2.resize(noise_bank()["even"][rng.integers(4)], (size // repeats, size // repeats))
        field = np.roll(np.tile(field, (repeats, repeats)), rng.integers(size, size=2), (0, 1))
        picture = np.where((field > rng.uniform(0.2, 1.2))[..., None], cloth_colour(rng), picture)
    return picture


def denim(rng: np.random.Generator, colour: np.ndarray) -> Cloth:
    """Twill with a wash."""
    fine = noise_bank()["strands"][rng.integers(4)][::2, ::2]
    wash = noise_bank()["even"][rng.integers(4)][::2, ::2]
    shade = 1 + rng.uniform(0.02, 0.07) * fine + rng.uniform(0.0, 0.12) * wash
    return Cloth(
        np.clip(colour * shade[..., None], 0, 1).astype(np.float32),
        float(rng.uniform(0.2, 0.5)),
        0.02,
        8 + rng.random(),
    )


def chest_print(rng: np.random.Generator) -> np.ndarray:
    """Lettering, shapes, or a framed picture: float32 RGBA (160, 160, 4)."""
    size = 160
    picture = np.zeros((size, size, 4), np.float32)
    if rng.random() < 0.3:
        margin = int(rng.integers(8, 40))
        field = _blotches(rng, np.ones((256, 256, 3), np.float32) * cloth_colour(rng))
        picture[margin : size - margin, margin : size - margin, :3] = cv2.resize(
            field.astype(np.float32), (size - 2 * margin, size - 2 * margin)
        )
        picture[margin : size - margin, margin : size - margin, 3] = 1
    colour = cloth_colour(rng)
    for _ in range(int(rng.integers(1, 5))):
        mask = np.zeros((size, size), np.uint8)
        kind = rng.random()
        if kind < 0.6:
            word = "".join(rng.choice(list(_LETTERS), size=int(rng.integers(2, 10))))
            font = int(rng.choice([0, 2, 3, 4, 16 + 2, 7]))
            thick = int(rng.integers(1, 8))
            scale = float(rng.uniform(0.6, 1.9))
            if rng.random() < 0.6:
                wide = cv2.getTextSize(word, font, 1.0, thick)[0][0]
                scale = min(rng.uniform(0.8, 0.98) * size / wide, 4.5)
            spot = (int(rng.integers(0, 8)), int(rng.integers(30, size - 8)))
            cv2.putText(mask, word, spot, font, scale, 255, thick, cv2.LINE_AA)
        elif kind < 0.8:
            centre = tuple(int(c) for c in rng.integers(40, size - 40, size=2))
            cv2.circle(mask, centre, int(rng.integers(8, 45)), 255, -1 if rng.random() < 0.5 else 4, cv2.LINE_AA)
        else:
            corners = rng.integers(10, size - 10, size=(int(rng.integers(3, 6)), 2)).astype(np.int32)
            cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA)
        alpha = mask[..., None].astype(np.float32) / 255
        picture[..., :3] = picture[..., :3] * (1 - alpha) + colour * alpha
        picture[..., 3:] = np.maximum(picture[..., 3:], alpha)
        if rng.random() < 0.6:
            colour = cloth_colour(rng)
    return picture
