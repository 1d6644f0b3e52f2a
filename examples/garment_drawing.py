"""Draw a garment as a product picture.

A garment is a few parts (sleeves, body, collar, …), each a smooth outline filled with a fabric, bent by a field of
folds, rounded towards its edges and laid on the parts below with a soft shadow.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from garment_fabrics import Fabric, Print, plain, ribbed

WIDTH, HEIGHT = 768, 1024
OVERSAMPLING = 2
BACKGROUND = (239, 238, 236)
CENTRE = WIDTH / 2
Point = tuple[float, float]


@dataclass(frozen=True)
class Cut:
    """The sewing pattern, in pixels of the finished picture; x counts from the centre line, y from the top.

    `sleeve` is None or (length, degrees from vertical, width at the cuff).
    """

    neck: Point = (78, 196)
    neck_depth: float = 62
    neck_v: bool = False
    shoulder: Point = (176, 236)
    armpit: Point = (163, 400)
    waist: Point = (157, 590)
    hem: Point = (168, 838)
    hem_drop: float = 14
    sleeve: tuple[float, float, float] | None = (236, 25, 84)
    rib: float = 17


@dataclass(frozen=True)
class Design:
    """One garment: how it is cut, of what, and what is sewn or printed on it.

    details are drawn last, in order; each takes the sheet, the cut and the design.
    """

    id: str
    name: str
    category: str
    tags: tuple[str, ...]
    fabric: Fabric
    cut: Cut = Cut()
    sleeves: Fabric | None = None
    trim: Fabric | None = None
    cuffs: float = 0
    hem_band: float = 0
    print: Print | None = None
    details: tuple[Callable[["Sheet", Cut, "Design"], None], ...] = ()
    seed: int = 0


def bezier(p0: Point, p1: Point, p2: Point, p3: Point, steps: int = 40) -> np.ndarray:
    """Points (steps, 2) along a cubic Bézier curve."""
    t = np.linspace(0, 1, steps)[:, None]
    points = [np.asarray(p, float) for p in (p0, p1, p2, p3)]
    return (
        (1 - t) ** 3 * points[0] + 3 * (1 - t) ** 2 * t * points[1] + 3 * (1 - t) * t**2 * points[2] + t**3 * points[3]
    )


def mirrored(points: np.ndarray) -> np.ndarray:
    """The other half of a symmetric outline, in the order that continues it."""
    return (points * (-1, 1))[::-1]


def moved(points: np.ndarray, right: float, down: float) -> np.ndarray:
    return points + np.array((right, down), float)


def line(*points: Point) -> np.ndarray:
    return np.asarray(points, float)


class Sheet:
    """The picture under construction, at OVERSAMPLING times its final size, float32 RGB in [0, 255]."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        shape = (HEIGHT * OVERSAMPLING, WIDTH * OVERSAMPLING)
        self.picture = np.full((*shape, 3), BACKGROUND, np.float32)
        self.covered = np.zeros(shape, np.float32)
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / OVERSAMPLING
        self.x, self.y = x - CENTRE, y
        self.drape = self._noise(70, 22) + 0.6 * self._noise(26, 5)

    def _noise(self, sigma: float, strength: float) -> np.ndarray:
        """Smooth random heights (pixels), longer from top to bottom than across, as hanging cloth is."""
        small = self.random.standard_normal((HEIGHT // 4, WIDTH // 4)).astype(np.float32)
        small = cv2.GaussianBlur(small, (0, 0), sigma / 4, sigmaY=sigma / 4 * 2.2)
        small *= strength / small.std()
        return cv2.resize(small, self.x.shape[::-1], interpolation=cv2.INTER_CUBIC)

    def mask(self, outline: np.ndarray) -> np.ndarray:
        """Coverage in [0, 1] of a closed outline (N, 2) given in centre-line coordinates."""
        points = np.round(moved(outline, CENTRE, 0) * OVERSAMPLING * 16).astype(np.int32)
        canvas = np.zeros(self.covered.shape, np.uint8)
        cv2.fillPoly(canvas, [points], 255, cv2.LINE_AA, 4)
        return canvas.astype(np.float32) / 255

    def stroke(self, curve: np.ndarray, width: float, blur: float = 0) -> np.ndarray:
        """Coverage in [0, 1] of a line along a curve, optionally blurred (pixels)."""
        points = np.round(moved(curve, CENTRE, 0) * OVERSAMPLING * 16).astype(np.int32)
        canvas = np.zeros(self.covered.shape, np.uint8)
        cv2.polylines(canvas, [points], False, 255, max(1, round(width * OVERSAMPLING)), cv2.LINE_AA, 4)
        mask = canvas.astype(np.float32) / 255
        return _blur(mask, blur) if blur else mask

    def lay(
        self,
        mask: np.ndarray,
        fabric: Fabric,
        folds: tuple[tuple[np.ndarray, float, float], ...] = (),
        axis: tuple[Point, float] = ((0, 0), 0.0),
        light: float = 1.0,
        rounding: float = 1.0,
        shadow: float = 0.3,
        print_: Print | None = None,
    ) -> None:
        """Lay one part on the sheet.

        folds: (curve, width, height) ridges in pixels; a negative height is a groove.
        axis: origin and angle (degrees) of the part's own grain, along which its fabric's pattern runs.
        light: overall brightness; rounding: how strongly the edges darken; shadow: what it casts on what lies below.
        """
        height = self.drape.copy()
        for curve, width, rise in folds:
            ridge = self.stroke(curve, width * 0.8, width * 0.6)
            height += ridge * (rise / max(1e-6, float(ridge.max())))
        slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8) * OVERSAMPLING
        slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8) * OVERSAMPLING
        shade = 1 + 0.34 * np.tanh(1.5 * (slope_x * 0.8 + slope_y * 0.45))
        inner = _blur(mask, 12 * rounding) if rounding else mask
        shade *= 1 - 0.30 * np.clip(1.0 - inner, 0, 1) * (mask > 0) if rounding else 1
        wide = _blur(mask, 42)
        shade *= 1 - 0.15 * rounding * np.clip(1 - wide, 0, 1)
        (origin_x, origin_y), degrees = axis
        x, y = self.x - origin_x + slope_x * 5, self.y - origin_y + slope_y * 5
        turn = math.radians(degrees)
        u, v = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
        colour = fabric(u, v)
        if print_ is not None:
            ink = cv2.remap(
                print_.layer,
                (x - print_.left) * print_.scale,
                (y - print_.top) * print_.scale,
                cv2.INTER_AREA,
                borderMode=cv2.BORDER_CONSTANT,
            ).astype(np.float32)
            cover = ink[..., 3:] / 255
            colour = colour * (1 - cover) + ink[..., :3] * cover
        grain = 1 + 0.012 * self.random.standard_normal(mask.shape).astype(np.float32)
        colour = _lit(colour, shade * light * grain)
        self._cast(mask, shadow)
        alpha = mask[..., None]
        self.picture = self.picture * (1 - alpha) + colour * alpha
        self.covered = np.maximum(self.covered, mask)

    def _cast(self, mask: np.ndarray, strength: float) -> None:
        spread = cv2.warpAffine(_blur(mask, 6), np.float32([[1, 0, 2], [0, 1, 9]]), mask.shape[::-1])
        on_cloth = spread * strength * self.covered
        wide = cv2.warpAffine(_blur(mask, 11), np.float32([[1, 0, 3], [0, 1, 16]]), mask.shape[::-1])
        on_floor = wide * 0.09 * (1 - self.covered)
        self.picture *= (1 - on_cloth - on_floor)[..., None]

    def ink(self, mask: np.ndarray, colour: tuple[float, float, float], strength: float = 1.0) -> None:
        """Paint a flat colour where cloth lies."""
        alpha = (mask * strength * self.covered)[..., None]
        self.picture = self.picture * (1 - alpha) + np.float32(colour) * alpha

    def darken(self, mask: np.ndarray, strength: float) -> None:
        self.picture *= 1 - (mask * strength * self.covered)[..., None]

    def stitch(self, curve: np.ndarray) -> None:
        """A seam: a thin dark line with a soft valley around it."""
        self.darken(self.stroke(curve, 4, 3), 0.28)
        self.darken(self.stroke(curve, 1), 0.30)

    def finished(self) -> np.ndarray:
        """uint8 RGB (1024, 768, 3): the garment centred, as large as leaves a margin around it."""
        rows, columns = (np.flatnonzero((self.covered > 0.5).any(axis)) for axis in (1, 0))
        size = max((rows[-1] - rows[0]) / HEIGHT, (columns[-1] - columns[0]) / WIDTH) / 0.84
        left = (columns[0] + columns[-1] - size * WIDTH) / 2
        top = (rows[0] + rows[-1] - size * HEIGHT) / 2
        matrix = np.float32([[size, 0, left], [0, size, top]])
        # Twice the final size first, so that shrinking by area and not the warp decides how edges look.
        matrix[:, :2] /= 2
        large = cv2.warpAffine(
            self.picture,
            matrix,
            (WIDTH * 2, HEIGHT * 2),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderValue=BACKGROUND,
        )
        small = cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        return small.clip(0, 255).round().astype(np.uint8)


def _blur(mask: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur, sigma in final pixels; wide ones at a quarter of the size."""
    if sigma < 6:
        return cv2.GaussianBlur(mask, (0, 0), sigma * OVERSAMPLING)
    small = cv2.resize(mask, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma * OVERSAMPLING / 4)
    return cv2.resize(small, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _lit(colour: np.ndarray, shade: np.ndarray) -> np.ndarray:
    """Colour under light. Very dark cloth gets a sheen instead: multiplying black shows no folds."""
    lit = colour * shade[..., None]
    sheen = 46 * np.clip(shade - 0.80, 0, 1)[..., None] * (1 - colour / 255) ** 3
    return lit + sheen


def neckline(cut: Cut, extra: float = 0) -> np.ndarray:
    """The front neckline from the left neck point to the right one; `extra` moves it outwards by so much."""
    x, y = cut.neck[0] + extra * 0.75, cut.neck[1] + extra * 0.14
    depth = cut.neck[1] + cut.neck_depth + extra
    if cut.neck_v:
        right = bezier((0, depth + extra * 0.4), (x * 0.28, depth - 44), (x * 0.85, y + 36), (x, y))
    else:
        right = bezier((0, depth), (x * 0.58, depth), (x * 0.98, y + (depth - y) * 0.52), (x, y))
    return np.concatenate([mirrored(right), right])


def back_neckline(cut: Cut, drop: float) -> np.ndarray:
    x, y = cut.neck
    half = bezier((0, y + drop), (x * 0.5, y + drop), (x * 0.85, y + drop * 0.55), (x, y))
    return np.concatenate([mirrored(half), half])


def body_outline(cut: Cut) -> np.ndarray:
    (sx, sy), (ax, ay), (wx, wy), (hx, hy) = cut.shoulder, cut.armpit, cut.waist, cut.hem
    half = np.concatenate([
        bezier(cut.neck, (cut.neck[0] + 26, cut.neck[1] + 6), (sx - 26, sy - 16), (sx, sy)),
        bezier((sx, sy), (sx - 6, sy + 50), (ax - 14, ay - 50), (ax, ay)),
        bezier((ax, ay), (ax - 2, ay + 60), (wx, wy - 70), (wx, wy)),
        bezier((wx, wy), (wx, wy + 80), (hx - 1, hy - 90), (hx, hy)),
        bezier((hx, hy), (hx * 0.7, hy + cut.hem_drop * 0.8), (hx * 0.3, hy + cut.hem_drop), (0, hy + cut.hem_drop)),
    ])  # fmt: skip
    front = neckline(cut)
    return np.concatenate([half, mirrored(half), front])


@dataclass(frozen=True)
class Sleeve:
    """A right-hand sleeve: its outline, the two ends of its cuff (outer, inner), and its direction in degrees."""

    outline: np.ndarray
    outer: np.ndarray
    inner: np.ndarray
    degrees: float


def sleeve_of(cut: Cut) -> Sleeve:
    length, degrees, cuff = cut.sleeve
    shoulder, armpit = np.array(cut.shoulder, float) - (4, 2), np.array(cut.armpit, float)
    turn = math.radians(degrees)
    along, across = np.array([math.sin(turn), math.cos(turn)]), np.array([-math.cos(turn), math.sin(turn)])
    cap = np.array([math.sin(turn + 0.5), math.cos(turn + 0.5)])
    outer = shoulder + along * length + (10, 0)
    inner = outer + across * cuff
    inner[1] += 4
    upper = bezier(shoulder, shoulder + cap * length * 0.28, outer - along * length * 0.45, outer)
    lower = bezier(inner, inner - along * length * 0.4, armpit + along * length * 0.22, moved(armpit, -6, 6))
    lip = bezier(outer, outer + across * cuff * 0.3 + along * 5, inner - across * cuff * 0.3 + along * 5, inner)
    inside = line(moved(armpit, -30, -60), moved(shoulder, -34, 20))
    return Sleeve(np.concatenate([upper, lip, lower, inside]), outer, inner, degrees)


def flipped(sleeve: Sleeve) -> Sleeve:
    return Sleeve(sleeve.outline * (-1, 1), sleeve.outer * (-1, 1), sleeve.inner * (-1, 1), -sleeve.degrees)


def draw_sleeves(sheet: Sheet, cut: Cut, design: Design) -> None:
    right = sleeve_of(cut)
    fabric, trim = design.sleeves or design.fabric, design.trim or design.sleeves or design.fabric
    for sleeve in (flipped(right), right):
        side = 1 if sleeve is right else -1
        shoulder = np.array(cut.shoulder) * (side, 1)
        middle = (sleeve.outer + sleeve.inner) / 2
        along = (middle - shoulder) / np.linalg.norm(middle - shoulder)
        across = np.array([-along[1], along[0]])
        folds = [(line(moved(shoulder, side * -6, 60), middle - along * 26), 20, 10.0)]
        for at in np.arange(0.28, 0.92, 0.16 if cut.sleeve[0] > 300 else 0.36):
            base = shoulder + along * cut.sleeve[0] * at + sheet.random.normal(0, 7, 2)
            reach = across * cut.sleeve[2] * 0.62
            lean = along * sheet.random.normal(10, 16)
            folds.append((line(base - reach, base + reach * 0.7 + lean), 11, sheet.random.choice([-6.0, 6.0])))
        mask = sheet.mask(sleeve.outline)
        sheet.lay(mask, fabric, tuple(folds), ((float(shoulder[0]), float(shoulder[1])), sleeve.degrees), light=0.97)
        if design.cuffs:
            start, end = sleeve.outer, sleeve.inner
            band = np.concatenate([line(start - along * design.cuffs, start + along * 5, end + along * 5),
                                   line(end - along * design.cuffs)])  # fmt: skip
            sheet.lay(sheet.mask(band) * mask, ribbed(trim), axis=((0, 0), sleeve.degrees), rounding=0.6, shadow=0.2)
            sheet.stitch(line(start - along * design.cuffs, end - along * design.cuffs))
        else:
            for offset in (13, 17):
                sheet.darken(sheet.stroke(line(sleeve.outer - along * offset, sleeve.inner - along * offset), 1), 0.2)


def body_folds(sheet: Sheet, cut: Cut) -> tuple[tuple[np.ndarray, float, float], ...]:
    """Pulls from the armpits towards the chest, drapes down to the hem, and creases at the waist."""
    (ax, ay), (wx, wy), (hx, hy) = cut.armpit, cut.waist, cut.hem
    folds = []
    for side in (-1, 1):
        for lift, reach in ((-26, 0.42), (16, 0.55), (64, 0.36)):
            start = (side * (ax - 6), ay + lift)
            end = (side * ax * (1 - reach), ay + lift + sheet.random.uniform(26, 80))
            bend = (side * ax * 0.8, ay + lift + 10)
            folds.append((bezier(start, bend, bend, end), 12, sheet.random.choice([-7.0, 7.0])))
        for at in (0.34, 0.72):
            x = side * hx * at + sheet.random.normal(0, 12)
            top = wy + sheet.random.uniform(-60, 50)
            folds.append((bezier((x * 0.9, top), (x, top + 60), (x * 1.02, hy - 80), (x * 1.04, hy)), 17, 9.0))
        y = wy + sheet.random.uniform(-40, 60)
        folds.append((bezier((side * wx, y), (side * wx * 0.8, y + 14), (side * wx * 0.6, y + 30),
                             (side * wx * 0.4, y + 26)), 12, -6.0))  # fmt: skip
    return tuple(folds)


def draw_back_of_neck(sheet: Sheet, cut: Cut, design: Design) -> None:
    """The inner back of the neckline, its band and its label, seen through the neck opening."""
    trim = design.trim or design.fabric
    top, front = back_neckline(cut, 15), neckline(cut, 8)
    sheet.lay(sheet.mask(np.concatenate([top, front[::-1]])), design.fabric, light=0.66, rounding=0.5, shadow=0)
    if cut.rib:
        lower = moved(back_neckline(cut, 15), 0, cut.rib)
        sheet.lay(sheet.mask(np.concatenate([top, lower[::-1]])), ribbed(trim), light=0.8, rounding=0.3, shadow=0.15)
    y = cut.neck[1] + 19 + cut.rib
    if cut.neck_depth > 46:
        label = line((-15, y), (15, y), (15, y + 15), (-15, y + 15))
        sheet.lay(sheet.mask(label), plain((232, 229, 222)), light=0.95, rounding=0.1, shadow=0.2)
        sheet.ink(sheet.stroke(line((-8, y + 8), (8, y + 8)), 2), (70, 70, 76), 0.8)


def draw_garment(design: Design) -> np.ndarray:
    """Draw one garment; returns uint8 RGB (1024, 768, 3)."""
    sheet, cut = Sheet(design.seed), design.cut
    draw_back_of_neck(sheet, cut, design)
    if cut.sleeve:
        draw_sleeves(sheet, cut, design)
    body = sheet.mask(body_outline(cut))
    sheet.lay(body, design.fabric, body_folds(sheet, cut), shadow=0.34, print_=design.print)
    (sx, sy), (ax, ay), (hx, hy) = cut.shoulder, cut.armpit, cut.hem
    for side in (-1, 1):
        if cut.sleeve:
            sheet.stitch(bezier((side * sx, sy), (side * (sx - 6), sy + 50), (side * (ax - 14), ay - 50),
                                (side * ax, ay)))  # fmt: skip
    trim = design.trim or design.fabric
    hem = bezier((-hx, hy), (-hx * 0.4, hy + cut.hem_drop * 1.3), (hx * 0.4, hy + cut.hem_drop * 1.3), (hx, hy))
    if design.hem_band:
        band = np.concatenate([moved(hem, 0, 2), (hem - (0, design.hem_band))[::-1]])
        sheet.lay(sheet.mask(band) * body, ribbed(trim), rounding=0.8, shadow=0.25)
        sheet.stitch(hem - (0, design.hem_band))
    else:
        for offset in (16, 20):
            sheet.darken(sheet.stroke(hem - (0, offset), 1) * body, 0.2)
    if cut.rib:
        band = np.concatenate([neckline(cut), neckline(cut, cut.rib)[::-1]])
        sheet.lay(sheet.mask(band), ribbed(trim, across=False), rounding=0.35, shadow=0.2)
        sheet.stitch(neckline(cut, cut.rib))
    for detail in design.details:
        detail(sheet, cut, design)
    return sheet.finished()
