"""Collars, buttons, hoods and pockets: what is sewn onto a drawn garment."""

import numpy as np
from garment_drawing import Cut, Design, Sheet, back_neckline, bezier, line, mirrored, moved, neckline
from garment_fabrics import plain, ribbed


def _button(sheet: Sheet, x: float, y: float, colour: tuple[float, float, float], radius: float = 6) -> None:
    around = np.linspace(0, 2 * np.pi, 40)
    circle = np.stack([np.cos(around), np.sin(around)], 1)
    sheet.lay(sheet.mask(circle * radius + (x, y)), plain(colour), rounding=0.15, shadow=0.4)
    sheet.darken(sheet.stroke(circle * radius * 0.62 + (x, y), 1), 0.3)
    for dx in (-1.7, 1.7):
        for dy in (-1.7, 1.7):
            sheet.darken(sheet.stroke(line((x + dx, y + dy), (x + dx + 0.1, y + dy)), 1.4), 0.75)


def _leaves(sheet: Sheet, cut: Cut, design: Design, drop: float, spread: float, open_: float) -> None:
    """Both leaves of a turned-down collar and the stand behind the neck."""
    fabric = design.trim or design.fabric
    nx, ny = cut.neck
    top, low = back_neckline(cut, -12), back_neckline(cut, 14)
    sheet.lay(sheet.mask(np.concatenate([top, low[::-1]])), fabric, light=0.86, rounding=0.5, shadow=0.3)
    tip_y = ny + drop
    leaf = np.concatenate([
        bezier((nx * 0.86, ny - 11), (nx + 6, ny - 6), (nx + 12, ny + 2), (nx + spread, ny + 22)),
        bezier((nx + spread, ny + 22), (nx + spread - 8, ny + drop * 0.5), (nx * 0.72, tip_y - 16), (nx * 0.62, tip_y)),
        bezier((nx * 0.62, tip_y), (nx * 0.4, tip_y - 12), (nx * 0.2, ny + cut.neck_depth + 4),
               (open_, ny + cut.neck_depth)),
        bezier((open_, ny + cut.neck_depth), (nx * 0.5, ny + cut.neck_depth * 0.8), (nx * 0.84, ny + 30),
               (nx * 0.86, ny - 11)),
    ])  # fmt: skip
    for outline in (mirrored(leaf), leaf):
        sheet.lay(sheet.mask(outline), fabric, light=1.02, rounding=0.45, shadow=0.42)
    edge = bezier((nx + spread - 5, ny + 24), (nx + spread - 13, ny + drop * 0.5), (nx * 0.72 - 4, tip_y - 20),
                  (nx * 0.61, tip_y - 6))  # fmt: skip
    for curve in (edge, edge * (-1, 1)):
        sheet.darken(sheet.stroke(curve, 1), 0.22)


def _placket(sheet: Sheet, cut: Cut, design: Design, bottom: float, half: float, top: float) -> None:
    band = line((-half, top), (half, top), (half, bottom), (-half, bottom))
    sheet.lay(sheet.mask(band), design.fabric, rounding=0.25, shadow=0.3)
    for x in (-half + 4, half - 4):
        sheet.darken(sheet.stroke(line((x, top), (x, bottom - 2)), 1), 0.22)


def polo_collar(sheet: Sheet, cut: Cut, design: Design) -> None:
    top = cut.neck[1] + cut.neck_depth - 6
    _placket(sheet, cut, design, top + 128, 15, top)
    sheet.stitch(line((-15, top + 112), (15, top + 112)))
    _leaves(sheet, cut, design, 86, 24, 4)
    for y in (top + 32, top + 82):
        _button(sheet, 0, y, (236, 232, 220), 5.5)


def shirt_front(sheet: Sheet, cut: Cut, design: Design) -> None:
    top, bottom = cut.neck[1] + cut.neck_depth - 8, cut.hem[1] + cut.hem_drop
    _placket(sheet, cut, design, bottom - 1, 17, top)
    _leaves(sheet, cut, design, 98, 27, 5)
    for y in np.arange(top + 40, bottom - 40, 84):
        _button(sheet, 0, float(y), (240, 238, 232), 5.5)


def camp_front(sheet: Sheet, cut: Cut, design: Design) -> None:
    """A Cuban collar: open at the throat, buttons below."""
    bottom = cut.hem[1] + cut.hem_drop
    top = cut.neck[1] + cut.neck_depth
    sheet.stitch(line((16, top), (16, bottom - 2)))
    _leaves(sheet, cut, design, 104, 34, 2)
    for y in np.arange(top + 34, bottom - 40, 96):
        _button(sheet, 0, float(y), (226, 208, 172), 6.5)


def chest_pocket(sheet: Sheet, cut: Cut, design: Design) -> None:
    pocket = line((52, 392), (124, 392), (124, 470), (88, 490), (52, 470))
    sheet.lay(sheet.mask(pocket), design.fabric, light=1.01, rounding=0.3, shadow=0.25)
    sheet.stitch(line((53, 404), (123, 404)))


def hood(sheet: Sheet, cut: Cut, design: Design) -> None:
    """A hood lying back: its outside behind, its dark inside, and the two edges that cross at the throat."""
    nx, ny = cut.neck
    deep = ny + cut.neck_depth
    outside = np.concatenate([
        bezier((0, ny - 104), (nx * 0.85, ny - 106), (nx + 34, ny - 62), (nx + 40, ny + 8)),
        bezier((nx + 40, ny + 8), (nx + 36, ny + 50), (nx * 0.7, deep + 12), (0, deep + 44)),
    ])  # fmt: skip
    sheet.lay(sheet.mask(np.concatenate([outside, mirrored(outside)])), design.fabric, light=0.97, shadow=0.4)
    inside = np.concatenate([
        bezier((0, ny - 62), (nx * 0.7, ny - 62), (nx + 2, ny - 40), (nx + 2, ny + 2)),
        bezier((nx + 2, ny + 2), (nx - 4, ny + 40), (nx * 0.4, deep - 8), (0, deep + 14)),
    ])  # fmt: skip
    sheet.lay(sheet.mask(np.concatenate([inside, mirrored(inside)])), design.fabric, light=0.60, shadow=0)
    sheet.darken(sheet.stroke(line((0, ny - 60), (0, deep)), 2, 1), 0.35)
    flap = np.concatenate([
        bezier((nx + 4, ny - 30), (nx + 2, ny + 40), (nx * 0.4, deep + 2), (-12, deep + 34)),
        bezier((-12, deep + 34), (nx * 0.2, deep + 50), (nx * 0.95, ny + 76), (nx + 36, ny + 20)),
        bezier((nx + 36, ny + 20), (nx + 30, ny - 8), (nx + 18, ny - 26), (nx + 4, ny - 30)),
    ])  # fmt: skip
    for outline in (mirrored(flap), flap):
        sheet.lay(sheet.mask(outline), design.fabric, rounding=0.7, shadow=0.42)
    for side, length in ((-1, 150), (1, 138)):
        x = side * 26
        cord = bezier((x, deep + 18), (x + side * 5, deep + 60), (x - 4, deep + 100), (x + side * 3, deep + length))
        sheet.darken(sheet.stroke(moved(cord, 3, 3), 5, 2), 0.35)
        sheet.ink(sheet.stroke(cord, 4.2), (238, 236, 230))
        sheet.ink(sheet.stroke(cord[-7:], 6), (226, 222, 214))
        sheet.darken(sheet.stroke(line((x, deep + 16), (x + 0.1, deep + 16)), 9), 0.5)


def kangaroo_pocket(sheet: Sheet, cut: Cut, design: Design) -> None:
    bottom = cut.hem[1] - design.hem_band
    half = np.concatenate([
        line((0, 632), (74, 632)),
        bezier((74, 632), (86, 668), (112, 716), (124, 726)),
        line((124, bottom - 2), (0, bottom + 6)),
    ])  # fmt: skip
    sheet.lay(sheet.mask(np.concatenate([half, mirrored(half)])), design.fabric, rounding=0.6, shadow=0.3)
    for side in (-1, 1):
        sheet.stitch(bezier((side * 67, 634), (side * 79, 672), (side * 106, 722), (side * 118, 732)))
    sheet.stitch(line((-74, 640), (74, 640)))


def rolled_neck(sheet: Sheet, cut: Cut, design: Design) -> None:
    """A turtleneck, folded over once."""
    nx, ny = cut.neck
    mouth = np.concatenate([
        bezier((-nx + 4, ny - 74), (-nx * 0.6, ny - 92), (nx * 0.6, ny - 92), (nx - 4, ny - 74)),
        bezier((nx - 4, ny - 74), (nx * 0.6, ny - 52), (-nx * 0.6, ny - 52), (-nx + 4, ny - 74)),
    ])  # fmt: skip
    sheet.lay(sheet.mask(mouth), design.fabric, light=0.62, rounding=0.4, shadow=0)
    half = np.concatenate([
        bezier((0, ny - 58), (nx * 0.6, ny - 58), (nx * 0.9, ny - 68), (nx - 4, ny - 74)),
        bezier((nx - 4, ny - 74), (nx + 6, ny - 40), (nx + 10, ny - 10), (nx + 12, ny + 16)),
        bezier((nx + 12, ny + 16), (nx * 0.8, ny + 40), (nx * 0.4, ny + 50), (0, ny + 50)),
    ])  # fmt: skip
    collar = np.concatenate([half, mirrored(half)])
    folds = ((bezier((-nx, ny - 6), (-nx * 0.4, ny + 14), (nx * 0.4, ny + 14), (nx, ny - 6)), 12, 7.0),)
    sheet.lay(sheet.mask(collar), ribbed(design.fabric), folds, rounding=0.9, shadow=0.42)


def bound_armholes(sheet: Sheet, cut: Cut, design: Design) -> None:
    """The binding of a sleeveless top's armholes."""
    (sx, sy), (ax, ay) = cut.shoulder, cut.armpit
    edge = bezier((sx, sy), (sx - 6, sy + 50), (ax - 14, ay - 50), (ax, ay))
    inner = edge - np.linspace((13, 0), (11, 6), len(edge))
    outline = np.concatenate([edge, inner[::-1]])
    for points in (outline, outline * (-1, 1)):
        sheet.lay(sheet.mask(points), design.trim or design.fabric, rounding=0.3, shadow=0.2)


def buttons_down_front(sheet: Sheet, cut: Cut, design: Design) -> None:
    top = cut.neck[1] + cut.neck_depth + cut.rib
    sheet.stitch(line((-13, top), (-13, cut.hem[1])))
    sheet.stitch(line((13, top), (13, cut.hem[1])))
    for y in np.arange(top + 26, cut.hem[1] - 24, 62):
        _button(sheet, 0, float(y), (150, 108, 72), 8)


def raglan_seams(sheet: Sheet, cut: Cut, design: Design) -> None:
    """Sleeves that run up to the neckline, in their own colour."""
    (sx, sy), (ax, ay), (nx, ny) = cut.shoulder, cut.armpit, cut.neck
    yoke = np.concatenate([
        bezier((nx, ny), (nx + 26, ny + 6), (sx - 26, sy - 16), (sx, sy)),
        bezier((sx, sy), (sx - 6, sy + 50), (ax - 14, ay - 50), (ax, ay)),
        bezier((ax, ay), (ax - 44, ay - 66), (nx + 8, ny + 96), (nx - 6, ny + 34)),
    ])  # fmt: skip
    for outline in (mirrored(yoke), yoke):
        sheet.lay(sheet.mask(outline), design.sleeves or design.fabric, rounding=0.2, shadow=0.12, light=0.98)
    band = np.concatenate([neckline(cut), neckline(cut, cut.rib)[::-1]])
    sheet.lay(sheet.mask(band), ribbed(design.trim or design.fabric, across=False), rounding=0.35, shadow=0.2)
    seam = bezier((ax, ay), (ax - 44, ay - 66), (nx + 8, ny + 96), (nx - 6, ny + 34))
    for curve in (seam, seam * (-1, 1)):
        sheet.stitch(curve)
