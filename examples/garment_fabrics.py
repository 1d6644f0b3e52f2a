"""Fabrics of the example garments, as functions from the cloth's own coordinates to colour, and prints on them.

A fabric takes u (across) and v (along), float32 arrays (H, W) in pixels of the finished picture, and returns float32
RGB (H, W, 3) in [0, 255]. Edges in patterns are soft over about a pixel, so that nothing aliases.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[float, float, float]
Fabric = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Print:
    """A picture printed on the body: uint8 RGBA layer, its corner in centre-line pixels, and layer pixels per pixel."""

    layer: np.ndarray
    left: float
    top: float
    scale: float


def _mix(base: np.ndarray, colour: Colour, amount: np.ndarray) -> np.ndarray:
    return base * (1 - amount[..., None]) + np.float32(colour) * amount[..., None]


def _filled(shape: tuple[int, ...], colour: Colour) -> np.ndarray:
    return np.broadcast_to(np.float32(colour), (*shape, 3)).copy()


def _band(distance: np.ndarray, half: float) -> np.ndarray:
    """1 within `half` of a centre, 0 beyond, soft over a pixel."""
    return np.clip(half - distance + 0.5, 0, 1)


def _repeat(t: np.ndarray, period: float) -> np.ndarray:
    """Distance to the nearest multiple of the period."""
    return np.abs((t + period / 2) % period - period / 2)


def plain(colour: Colour) -> Fabric:
    return lambda u, v: _filled(u.shape, colour)


def stripes(base: Colour, stripe: Colour, period: float, width: float, start: float = -1e9) -> Fabric:
    """Stripes across, from v = start downwards."""

    def fabric(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return _mix(_filled(u.shape, base), stripe, _band(_repeat(v, period), width / 2) * (v > start))

    return fabric


def pinstripes(base: Colour, stripe: Colour, period: float, width: float) -> Fabric:
    along = stripes(base, stripe, period, width)
    return lambda u, v: along(v, u)


def checks(base: Colour, warp: Colour, line: Colour, period: float) -> Fabric:
    """A flannel check: broad bands both ways that darken where they cross, thin lines between them."""

    def fabric(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        colour = _filled(u.shape, base)
        twill = 0.5 + 0.5 * np.clip(3 * np.sin((u + v) * 2.2), -1, 1) * 0.25
        for t in (u, v):
            colour = _mix(colour, warp, _band(_repeat(t, period), period * 0.26) * (0.40 + 0.28 * twill))
            colour = _mix(colour, line, _band(_repeat(t + period / 2, period), 1.4) * 0.75)
        return colour

    return fabric


def dots(base: Colour, dot: Colour, period: float, radius: float) -> Fabric:
    def fabric(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        colour = _filled(u.shape, base)
        for shift in (0.0, period / 2):
            distance = np.hypot(_repeat(u + shift, period), _repeat(v + shift, period))
            colour = _mix(colour, dot, _band(distance, radius))
        return colour

    return fabric


def blocks(*bands: tuple[float, Colour]) -> Fabric:
    """Colours one below the other: (v at which it starts, colour), from the top."""

    def fabric(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        colour = _filled(u.shape, bands[0][1])
        for start, shade in bands[1:]:
            colour = _mix(colour, shade, np.clip(v - start + 0.5, 0, 1))
        return colour

    return fabric


def heather(colour: Colour, seed: int = 3) -> Fabric:
    """Mottled yarn, light and dark fibres mixed."""
    tile = np.random.default_rng(seed).normal(1, 0.075, (512, 512)).astype(np.float32)

    def fabric(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        fleck = tile[(v * 2.0).astype(int) % 512, (u * 0.9).astype(int) % 512]
        return _filled(u.shape, colour) * fleck[..., None]

    return fabric


def knit(colour: Colour, period: float = 9) -> Fabric:
    """A chunky rib knit: rounded wales with a fine stitch."""

    def fabric(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        wale = 0.5 + 0.5 * np.cos(2 * np.pi * u / period)
        stitch = np.sin(2 * np.pi * (v / 5 + np.abs(_repeat(u, period)) / 6))
        return _filled(u.shape, colour) * (0.86 + 0.14 * wale + 0.025 * stitch)[..., None]

    return fabric


def ribbed(fabric: Fabric, across: bool = True) -> Fabric:
    """The same fabric knitted into fine ribs, as cuffs and neckbands are."""

    def ribs(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        wave = np.sin(2 * np.pi * u / 4.2) if across else np.sin(2 * np.pi * np.arctan2(u, 330 - v) * 24)
        return fabric(u, v) * (0.95 + 0.045 * wave)[..., None]

    return ribs


def flowers(base: Colour, petals: tuple[Colour, ...], leaf: Colour, seed: int) -> Fabric:
    """A tropical repeat of five-petalled flowers and leaves, drawn once on a tile that wraps around."""
    random, size, scale = np.random.default_rng(seed), 300, 4
    tile = Image.new("RGB", (size * scale, size * scale), tuple(int(c) for c in base))
    pen = ImageDraw.Draw(tile)

    def blade(x: float, y: float, angle: float, length: float, width: float, colour: Colour) -> None:
        t = np.linspace(0, 2 * np.pi, 40)
        along, across = (1 - np.cos(t)) / 2 * length, np.sin(t) * width * (1 - 0.35 * np.cos(t))
        px = x + along * np.cos(angle) - across * np.sin(angle)
        py = y + along * np.sin(angle) + across * np.cos(angle)
        for dx in (-size, 0, size):
            for dy in (-size, 0, size):
                points = [((a + dx) * scale, (b + dy) * scale) for a, b in zip(px, py, strict=True)]
                pen.polygon(points, fill=tuple(int(c) for c in colour))

    centres = [(40, 50), (150, 30), (255, 80), (85, 145), (200, 160), (30, 235), (135, 250), (260, 255)]
    for index, (x, y) in enumerate(centres):
        for angle in random.uniform(0, 2 * np.pi, 4):
            blade(x, y, angle, random.uniform(48, 72), 8, tuple(np.array(leaf) * random.uniform(0.75, 1.2)))
        turn, petal = random.uniform(0, 2 * np.pi), np.array(petals[index % len(petals)])
        for k in range(5):
            blade(x, y, turn + k * 2 * np.pi / 5, 34, 12, tuple(petal * (0.92 + 0.08 * (k % 2))))
            blade(x, y, turn + k * 2 * np.pi / 5, 17, 4, tuple(petal * 0.72))
        blade(x - 5, y, 0, 10, 5, (246, 205, 96))
    pixels = np.asarray(tile.resize((size * 2, size * 2), Image.LANCZOS), np.float32)

    def fabric(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return pixels[(v * 2).astype(int) % (size * 2), (u * 2).astype(int) % (size * 2)]

    return fabric


def font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans Bold, which comes with matplotlib."""
    import matplotlib

    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans-Bold.ttf", size)


def _printed(layer: Image.Image, width: float, top: float) -> Print:
    scale = layer.width / width
    return Print(np.asarray(layer), -width / 2, top, scale)


def lettering(lines: tuple[str, ...], colour: Colour, width: float, top: float, accent: Colour | None = None) -> Print:
    """Words one below the other, each line stretched to the same width; the last in the accent colour."""
    layer = Image.new("RGBA", (900, 330 * len(lines)), (*(int(c) for c in colour), 0))
    for row, text in enumerate(lines):
        ink = accent if accent and row == len(lines) - 1 else colour
        box = font(300).getbbox(text)
        word = Image.new("RGBA", (box[2] - box[0], box[3] - box[1]), (*(int(c) for c in ink), 0))
        ImageDraw.Draw(word).text((-box[0], -box[1]), text, font=font(300), fill=(*(int(c) for c in ink), 255))
        layer.paste(word.resize((900, 270), Image.LANCZOS), (0, 330 * row))
    return _printed(layer, width, top)


def sunset(width: float, top: float) -> Print:
    """A round badge: a sun that sinks in bars behind two ridges."""
    layer = Image.new("RGBA", (900, 900), (244, 171, 88, 0))
    pen = ImageDraw.Draw(layer)
    pen.ellipse((20, 20, 880, 880), fill=(250, 226, 178, 255))
    pen.ellipse((210, 150, 690, 630), fill=(238, 96, 62, 255))
    for row, y in enumerate(range(360, 640, 52)):
        pen.rectangle((200, y, 700, y + 8 + row * 5), fill=(250, 226, 178, 255))
    back = [(0, 640), (150, 500), (270, 590), (420, 430), (560, 580), (720, 470), (900, 620), (900, 900), (0, 900)]
    front = [(0, 760), (200, 640), (380, 740), (560, 620), (760, 730), (900, 660), (900, 900), (0, 900)]
    pen.polygon(back, fill=(44, 122, 126, 255))
    pen.polygon(front, fill=(22, 66, 86, 255))
    inside = Image.new("L", (900, 900), 0)
    ImageDraw.Draw(inside).ellipse((20, 20, 880, 880), fill=255)
    layer.putalpha(inside)
    return _printed(layer.resize((600, 600), Image.LANCZOS), width, top)


def portrait(colour: Colour, accent: Colour, width: float, top: float) -> Print:
    """An abstract face of one line, beside a coloured disc."""
    layer = Image.new("RGBA", (900, 1100), (*(int(c) for c in colour), 0))
    pen = ImageDraw.Draw(layer)
    pen.ellipse((330, 120, 830, 620), fill=(*(int(c) for c in accent), 255))
    t = np.linspace(0, 1, 200)
    x = 250 + 330 * np.sin(t * 5.2) * (1 - 0.35 * t) + 120 * t
    y = 80 + 940 * t + 60 * np.sin(t * 14)
    ink = (*(int(c) for c in colour), 255)
    pen.line(list(zip(x, y, strict=True)), fill=ink, width=26, joint="curve")
    pen.arc((330, 300, 560, 440), 190, 350, fill=ink, width=24)
    pen.arc((340, 360, 540, 460), 20, 160, fill=ink, width=20)
    pen.ellipse((415, 375, 465, 425), fill=ink)
    pen.arc((430, 640, 700, 800), 10, 170, fill=ink, width=24)
    return _printed(layer.resize((600, 733), Image.LANCZOS), width, top)
