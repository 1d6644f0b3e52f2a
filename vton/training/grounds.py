"""Grounds for garments that were cut out: papers, walls, shadows, and what lies beside; float32 RGB in [0, 1]."""

import cv2
import numpy as np

from vton.rendering.backgrounds import wall
from vton.training.augment import Random

KINDS = {"white": 0.34, "grey": 0.3, "coloured": 0.2, "dark": 0.06, "table": 0.1}
UNEVEN, HORIZON, BESIDE = 0.45, 0.1, 0.25
"""Of the grounds: under uneven light; a floor below a wall; with something beside the garment."""
SHADOWS = (0.12, 0.33, 0.33, 0.22)
"""How often there are no, one, two and three shadows."""
GLOW, AT_THE_FOOT = 0.08, 0.25
"""Of the shadows: light instead of dark; growing darker downwards."""


def random_ground(size: tuple[int, int], random: Random) -> np.ndarray:
    """A ground of (height, width), float32 (H, W, 3)."""
    kind = str(random.choice(list(KINDS), p=list(KINDS.values())))
    if kind == "table":
        ground = np.clip(wall(size, random), 0, 1).astype(np.float32)
    else:
        tone = {
            "white": lambda: np.full(3, random.choice([1.0, random.uniform(0.95, 1.0)])),
            "grey": lambda: random.uniform(0.72, 0.96) * (1 + random.normal(size=3) * 0.012),
            "coloured": lambda: random.uniform(0.2, 1.0, 3) * 0.6 + random.uniform(0, 0.4),
            "dark": lambda: random.uniform(0, 0.25) * (1 + random.normal(size=3) * 0.1),
        }[kind]()
        ground = np.ones((*size, 3), np.float32) * np.clip(tone, 0, 1).astype(np.float32)
        if random.random() < HORIZON:
            first = round(size[0] * random.uniform(0.55, 0.95))
            ground[first:] *= random.uniform(0.8, 1.1)
            ground = cv2.GaussianBlur(ground, (0, 0), random.uniform(0.5, 12))
    if random.random() < UNEVEN:
        deep = random.uniform(0.02, 0.25)
        corners = random.uniform(1 - deep, 1.0, (3, 3)).astype(np.float32)
        ground = ground * cv2.resize(corners, size[::-1], interpolation=cv2.INTER_CUBIC)[..., None]
    if random.random() < BESIDE:
        ground = _with_things_beside(ground, random)
    return ground.clip(0, 1)


def _with_things_beside(ground: np.ndarray, random: Random) -> np.ndarray:
    """With lettering, a patch of cloth, a frame or a hanger's hook at the picture's edges."""
    height, width = ground.shape[:2]
    ground = ground.astype(np.float32)
    colour = tuple(random.uniform(0, 1, 3).tolist())
    kind = random.integers(4)
    low = random.random() < 0.5
    y = round(height * (random.uniform(0.92, 0.97) if low else random.uniform(0.04, 0.1)))
    x = int(random.integers(0, width))
    if kind == 0:
        letters = "".join(random.choice(list("AEHMNORSTXabeorst 0123"), int(random.integers(2, 14))))
        size = random.uniform(0.25, 0.6)
        cv2.putText(ground, letters, (x // 2, y), cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)
    elif kind == 1:
        half = int(random.integers(3, 14))
        thick = -1 if random.random() < 0.6 else 1
        cv2.rectangle(ground, (x - half, y - half), (x + half, y + half), colour, thick)
    elif kind == 2:
        inset = int(random.integers(0, 8))
        cv2.rectangle(ground, (inset, inset), (width - 1 - inset, height - 1 - inset), colour, 1)
    else:
        across, down = width // 2 + int(random.normal() * 6), int(random.integers(5, height // 3))
        cv2.line(ground, (across, down), (across, height // 2), colour, int(random.integers(1, 3)))
        cv2.ellipse(ground, (across, down), (5, 5), 0, 150, 420, colour, 1, cv2.LINE_AA)
    return ground


def shadowed(ground: np.ndarray, mask: np.ndarray, cloth: np.ndarray, random: Random) -> np.ndarray:
    """Up to three shadows of a garment: hard and near, wide and soft, to a side, on the floor; sometimes a glow.

    Args:
        ground: (H, W, 3). mask: float32 (H, W) in [0, 1]. cloth: (3,), whose hue the shadow reflects a little.
    """
    height, width = mask.shape
    for _ in range(int(random.choice(len(SHADOWS), p=SHADOWS))):
        soft = float(np.exp(random.uniform(np.log(0.6), np.log(15))))
        across, down = random.normal(size=2) * (0.5 * soft + 1.5) + (0, 0.3 * soft)
        moved = np.array([[1, 0, across], [0, 1, down]], np.float32)
        shade = cv2.GaussianBlur(cv2.warpAffine(mask, moved, (width, height)), (0, 0), soft)
        if random.random() < AT_THE_FOOT:
            shade *= np.linspace(0, 1, height, dtype=np.float32)[:, None] ** random.uniform(1, 4)
        deep = random.uniform(0.03, 0.55)
        if random.random() < GLOW:
            ground = ground + 0.3 * deep * shade[..., None]
            continue
        tint = 1 - random.uniform(0, 0.12) * (1 - cloth) + random.normal(size=3) * 0.015
        ground = ground * (1 - deep * shade[..., None] * (2 - tint.clip(0.7, 1.1)))
    return ground.clip(0, 1).astype(np.float32)


def laid_on_cloth(colours: np.ndarray, mask: np.ndarray, ground: np.ndarray, random: Random) -> np.ndarray:
    """Shapes on a garment: stripes, panels and letters, often of the ground's own colour.

    Args:
        colours: float32 (H, W, 3). mask: float32 (H, W) in [0, 1]. ground: (3,).
    """
    left, top, width, height = cv2.boundingRect((mask > 0.5).view(np.uint8))
    drawn = colours.astype(np.float32)
    own = random.random() < 0.5
    colour = tuple((ground if own else random.uniform(0, 1, 3)).tolist())
    kind = random.integers(4)
    if kind == 0:
        apart, thick = int(random.integers(4, 24)), int(random.integers(1, 9))
        for y in range(top, top + height, apart + thick):
            cv2.rectangle(drawn, (left, y), (left + width, y + thick - 1), colour, -1)
    elif kind == 1:
        apart, thick = int(random.integers(5, 24)), int(random.integers(1, 7))
        for x in range(left, left + width, apart + thick):
            cv2.rectangle(drawn, (x, top), (x + thick - 1, top + height), colour, -1)
    elif kind == 2:
        for _ in range(int(random.integers(1, 4))):
            x, y = left + random.integers(width), top + random.integers(height)
            axes = int(random.integers(3, max(4, width // 3))), int(random.integers(3, max(4, height // 3)))
            if random.random() < 0.5:
                cv2.ellipse(drawn, (int(x), int(y)), axes, random.uniform(0, 180), 0, 360, colour, -1, cv2.LINE_AA)
            else:
                corner = int(x) + axes[0], int(y) + axes[1]
                cv2.rectangle(drawn, (int(x) - axes[0], int(y) - axes[1]), corner, colour, -1)
    else:
        letters = "".join(random.choice(list("AEHMNORSTXBOKV"), int(random.integers(2, 8))))
        place = left + width // 4, int(top + height * random.uniform(0.3, 0.7))
        cv2.putText(drawn, letters, place, cv2.FONT_HERSHEY_DUPLEX, random.uniform(0.5, 1.6), colour, 2, cv2.LINE_AA)
    # Folds are seen on what is printed as well.
    usual = np.median(colours[mask > 0.5], axis=0)
    shade = (colours / np.maximum(usual, 0.05)).mean(2, keepdims=True).clip(0.6, 1.3)
    changed = np.abs(drawn - colours).max(2, keepdims=True) > 1e-3
    return np.where(changed, drawn * shade, colours)
