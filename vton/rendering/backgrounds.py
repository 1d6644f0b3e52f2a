"""What is behind people: studios, rooms, streets, walls. Pictures are float32 RGB (H, W, 3)."""

import cv2
import numpy as np

from vton.rendering.textures import cloth_colour, noise_bank

KINDS = {"studio": 0.42, "plain": 0.1, "clutter": 0.12, "room": 0.18, "street": 0.09, "wall": 0.09}


def random_background(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A studio's gradient, a plain colour, clutter, a room, a street or a wall."""
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    if kind == "plain":
        height, width = size
        return np.ones((height, width, 3), np.float32) * _faded(cloth_colour(rng), rng.uniform(0.2, 0.9))
    painters = {"studio": _studio, "clutter": _clutter, "room": _room, "street": _street, "wall": wall}
    return painters[kind](size, rng)


def _faded(colour: np.ndarray, share: float) -> np.ndarray:
    return colour * (1 - share) + colour.mean() * share


def _muted(rng: np.random.Generator) -> np.ndarray:
    return np.clip(_faded(cloth_colour(rng), rng.uniform(0.3, 0.9)) * rng.uniform(0.5, 1.1), 0, 1)


def _box(ground: np.ndarray, corners: tuple[float, float, float, float], colour: np.ndarray) -> None:
    """Fill the rectangle left, top, right, bottom, in shares of the picture."""
    height, width = ground.shape[:2]
    left, top, right, low = corners
    cv2.rectangle(
        ground,
        (int(left * width), int(top * height)),
        (int(right * width), int(low * height)),
        np.asarray(colour, float).tolist(),
        -1,
    )


def _mottled(ground: np.ndarray, amount: float, rng: np.random.Generator, name: str = "even") -> np.ndarray:
    height, width = ground.shape[:2]
    field = noise_bank()[name][rng.integers(4)]
    field = field[np.arange(height)[:, None] % field.shape[0], np.arange(width) % field.shape[1]]
    return (ground * (1 + amount * field[..., None])).astype(np.float32)


def _blurred(ground: np.ndarray, low: float, high: float, rng: np.random.Generator) -> np.ndarray:
    return cv2.GaussianBlur(ground, (0, 0), float(rng.uniform(low, high)))


def _lit(ground: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same under light that falls off towards some corner."""
    height, width = ground.shape[:2]
    corners = rng.uniform(0.65, 1.1, (2, 2)).astype(np.float32)
    return ground * cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)[..., None]


def _studio(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    height, width = size
    tone = rng.uniform(0.72, 1.0) + rng.normal(size=3) * 0.014
    corners = rng.uniform(0.9, 1.06, (2, 2)).astype(np.float32)
    if rng.random() < 0.3:
        corners[1] *= rng.uniform(0.8, 0.97)
    light = cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.35:
        edge, floor = rng.uniform(0.72, 0.96) * height, rng.uniform(0.86, 1.06)
        soft = np.clip((np.arange(height) - edge) / rng.uniform(3, 60), 0, 1)[:, None]
        light = light * (1 + (floor - 1) * soft)
    return (light[..., None] * tone).astype(np.float32)


def _clutter(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    height, width = size
    faded = rng.uniform(0.2, 0.9)
    ground = np.ones((height, width, 3), np.float32) * _faded(cloth_colour(rng), faded)
    for _ in range(int(rng.integers(6, 30))):
        left, right = np.sort(rng.uniform(-0.15, 1.15, 2))
        top, low = np.sort(rng.uniform(-0.15, 1.15, 2))
        colour = np.clip(_faded(cloth_colour(rng), faded) * rng.uniform(0.5, 1.1), 0, 1)
        if rng.random() < 0.75:
            _box(ground, (left, top, right, low), colour)
        else:
            spot = (int(left * width), int(top * height))
            cv2.circle(ground, spot, int(rng.uniform(0.01, 0.16) * height), colour.tolist(), -1)
    return _blurred(_mottled(ground, 0.08, rng), 0.7, 9, rng)


def _room(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Wall and floor, a skirting board, a door or window, pictures, and furniture along the wall."""
    height, width = size
    wall = np.clip(_faded(cloth_colour(rng), 0.6) * 0.5 + 0.4 * rng.random(), 0, 1)
    ground = _mottled(np.ones((height, width, 3), np.float32) * wall, rng.uniform(0, 0.03), rng)
    floor = rng.uniform(0.68, 1.05)
    if rng.random() < 0.5:
        left, wide = rng.uniform(-0.2, 0.9), rng.uniform(0.25, 0.5)
        tone = np.full(3, rng.uniform(0.7, 1.0)) if rng.random() < 0.6 else _muted(rng)
        top, low = (
            (rng.uniform(0.02, 0.2), floor) if rng.random() < 0.5 else (rng.uniform(0, 0.15), rng.uniform(0.4, 0.6))
        )
        _box(ground, (left - 0.02, top - 0.02, left + wide + 0.02, low), tone * 0.8)
        _box(ground, (left, top, left + wide, low), tone)
        for row in (0.1, 0.55):
            span = low - top
            _box(ground, (left + 0.04, top + row * span, left + wide - 0.04, top + (row + 0.36) * span), tone * 0.9)
    for _ in range(int(rng.integers(0, 4))):
        left, top, wide, tall = (
            rng.uniform(-0.1, 1),
            rng.uniform(0, 0.45),
            rng.uniform(0.08, 0.3),
            rng.uniform(0.06, 0.25),
        )
        _box(ground, (left, top, left + wide, top + tall), rng.uniform(0.1, 0.9) * np.ones(3))
        _box(ground, (left + 0.012, top + 0.012, left + wide - 0.012, top + tall - 0.012), _muted(rng))
    boards = np.array([0.62, 0.45, 0.3]) * rng.uniform(0.5, 1.35) if rng.random() < 0.6 else _muted(rng)
    _box(ground, (0, floor, 1, 1.01), np.clip(boards, 0, 1))
    for place in np.linspace(-3, 4, int(rng.integers(10, 40))):
        start, end = (int(place * width), int(floor * height)), (int((place * 3 - 1) * width), int(1.4 * height))
        cv2.line(ground, start, end, (boards * 0.82).tolist(), 1, cv2.LINE_AA)
    if rng.random() < 0.7:
        _box(ground, (0, floor - 0.025, 1, floor), np.full(3, rng.uniform(0.7, 0.97)))
    for _ in range(int(rng.integers(0, 4))):
        left, wide, tall, colour = rng.uniform(-0.3, 1.0), rng.uniform(0.15, 0.6), rng.uniform(0.08, 0.4), _muted(rng)
        _box(ground, (left, floor - tall, left + wide, floor + 0.03), colour)
        _box(ground, (left, floor - tall, left + wide, floor - tall + 0.03), np.clip(colour * 1.2, 0, 1))
    return _blurred(_lit(ground, rng), 0.6, 4, rng)


def _street(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Houses with windows, sky, a pavement, greenery and blurred passers-by."""
    height, width = size
    sky = np.array([0.72, 0.82, 0.93]) * rng.uniform(0.6, 1.08)
    ground = np.ones((height, width, 3), np.float32) * np.clip(sky, 0, 1)
    left, road = -0.1, rng.uniform(0.62, 0.95)
    while left < 1:
        wide, top, colour = rng.uniform(0.15, 0.5), rng.uniform(-0.1, 0.4), _muted(rng)
        _box(ground, (left, top, left + wide, road), colour)
        pane, rows = (
            np.clip(colour * rng.choice([0.4, 1.4]), 0, 1),
            np.arange(top + 0.04, road - 0.08, rng.uniform(0.09, 0.16)),
        )
        for row in rows:
            for column in np.arange(left + 0.03, left + wide - 0.05, rng.uniform(0.08, 0.12)):
                _box(ground, (column, row, column + 0.045, row + 0.06), pane)
        left += wide
    _box(ground, (0, road, 1, 1.01), np.full(3, rng.uniform(0.3, 0.7)))
    green = np.array([0.25, 0.4, 0.18])
    for _ in range(int(rng.integers(0, 9))):
        spot = (int(rng.uniform(0, 1) * width), int(rng.uniform(0.1, road) * height))
        tone = np.clip(green * rng.uniform(0.4, 1.6), 0, 1).tolist()
        cv2.circle(ground, spot, int(rng.uniform(0.03, 0.14) * height), tone, -1)
    for _ in range(int(rng.integers(0, 6))):
        _passer_by(ground, rng.uniform(0, 1), road + rng.uniform(-0.02, 0.12), rng.uniform(0.3, 0.75), rng)
    return _blurred(_mottled(ground, 0.06, rng), 2, 8, rng)


def _passer_by(ground: np.ndarray, x: float, feet: float, tall: float, rng: np.random.Generator) -> None:
    height, width = ground.shape[:2]
    half = tall * height / width * 0.11
    _box(ground, (x - half * 0.8, feet - 0.48 * tall, x + half * 0.8, feet), _muted(rng))
    _box(ground, (x - half, feet - 0.85 * tall, x + half, feet - 0.45 * tall), _muted(rng))
    tone = np.array([0.8, 0.6, 0.5]) * rng.uniform(0.4, 1.1)
    spot = (int(x * width), int((feet - 0.92 * tall) * height))
    cv2.circle(ground, spot, max(2, int(0.07 * tall * height)), tone.tolist(), -1)


def wall(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Bricks, tiles, planks or rough plaster."""
    height, width = size
    colour = np.array([0.6, 0.32, 0.25]) * rng.uniform(0.6, 1.3) if rng.random() < 0.3 else _muted(rng)
    ground = np.ones((height, width, 3), np.float32) * np.clip(colour, 0, 1)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32) / height
    kind = rng.choice(["bricks", "planks", "plaster"])
    if kind == "bricks":
        tall = rng.uniform(0.02, 0.09)
        wide = tall * rng.uniform(1, 3)
        row = np.floor(down / tall)
        column = across / wide + 0.5 * (row % 2)
        joint = (down / tall % 1 < 0.12) | (column % 1 < 0.12 * tall / wide)
        tone = 1 + 0.14 * np.sin(row * 12.9 + np.floor(column) * 78.2 + rng.random())
        ground = np.where(joint[..., None], np.float32(rng.uniform(0.3, 0.9)), ground * tone[..., None])
    elif kind == "planks":
        wide = rng.uniform(0.05, 0.2)
        ground = (
            ground * np.where(across / wide % 1 < 0.04, 0.6, 1 + 0.08 * np.sin(np.floor(across / wide) * 9))[..., None]
        )
    ground = _mottled(np.clip(ground, 0, 1).astype(np.float32), rng.uniform(0.02, 0.12), rng)
    return _blurred(_lit(ground, rng), 0.5, 3, rng)
