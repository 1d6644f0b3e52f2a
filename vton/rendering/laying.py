"""How a garment is laid out for its product picture: kinds of picture, and the warp from worn to flat.

A laid garment shows its true proportions: half its girth from side to side, more than the body's outline is wide, while
lengths, shoulders and prints keep their size. Nothing else is drawn at random that could not be seen in the picture.
"""

from dataclasses import dataclass

import numpy as np

from vton.rendering.cuts import Cut
from vton.rendering.measures import Measures
from vton.rendering.rasteriser import ring_supports
from vton.rendering.shells import DIRECTIONS

KINDS = {"laid": 0.44, "ghost": 0.42, "hanger": 0.14}
"""Laid on a table, on an invisible mannequin, on a hanger."""
_ARMPIT = 0.155
"""Depth of the armpits below the neck in units of `Measures.scale`."""
_SLEEVE_FLAT = (0.06, 0.5)
"""By how much a sleeve laid flat is wider than the arm within it seems, above and below its axis: its upper edge
goes on from the shoulder, its girth hangs below."""
_SIDE_POWER = 4
"""How steeply cloth turns away towards the sides: the unrolled length of a half circle is about x + 0.57 x⁵."""


@dataclass(frozen=True)
class FlatLook:
    """How a garment is laid out.

    kind: one of KINDS; angles: of the arms (radians from the vertical), bend: their lower half's; unroll: 0 for the
    outline of the worn garment, 1 for half its girth; stretch: by how much tight cloth is narrower off the body; box:
    how straight its sides lie; widen, taper, shear, turn, waves: small faults of cut and camera; depth: what is left
    of it.
    """

    kind: str
    angles: tuple[float, float]
    bend: float
    unroll: float
    stretch: float
    box: float
    widen: float
    taper: float
    shear: float
    turn: float
    waves: np.ndarray
    depth: float

    @property
    def laid(self) -> bool:
        """Whether the cloth lies or hangs without a body in it."""
        return self.kind != "ghost"


def random_look(cut: Cut, rng: np.random.Generator) -> FlatLook:
    """Draw a layout; sleeves lie 4° to 43° from the vertical, long ones and hung ones steeper."""
    names = list(KINDS)
    kind = names[int(rng.choice(len(names), p=list(KINDS.values())))]
    if kind == "hanger" and cut.neck in ("bandeau", "off-shoulder", "one-shoulder", "halter"):
        kind = "laid"
    long = cut.sleeve in ("long", "threeq")
    angle = rng.uniform(0.07, 0.45) if long else rng.uniform(0.25, 0.75)
    if kind == "hanger":
        angle = rng.uniform(0.03, 0.22) if long else rng.uniform(0.15, 0.5)
    elif rng.random() < 0.12:
        angle = rng.uniform(0.5, 1.1)
    uneven = rng.normal() * 0.05
    laid = kind != "ghost"
    tight = max(0.0, 1 - cut.loose / 0.35) * (cut.neck != "shirt") * (not cut.jacket)
    return FlatLook(
        kind=kind,
        angles=(angle + uneven, angle - uneven),
        bend=float(rng.normal() * 0.1 + 0.03),
        unroll=float(rng.uniform(0.75, 1.0) if laid else rng.uniform(0.0, 0.3)),
        stretch=float(rng.uniform(0.05, 0.2) * tight if laid else 0.0),
        box=float(rng.uniform(0.7 * (cut.loose > 1) + 0.1, 0.5 if cut.dress else 1.0) if laid else rng.uniform(0, 0.3)),
        widen=float(1 + rng.normal() * 0.015),
        taper=float(rng.normal() * 0.03),
        shear=float(rng.normal() * 0.02),
        turn=float(rng.normal() * 0.025),
        waves=np.concatenate(
            [
                rng.uniform(0, 0.007, (4, 1)),
                rng.uniform(4, 12, (4, 2)) * rng.choice([-1, 1], (4, 2)),
                rng.uniform(0, 6.3, (4, 1)),
            ],
            axis=1,
        ),
        depth=float(rng.uniform(0.04, 0.2) if laid else rng.uniform(0.7, 1.0)),
    )


@dataclass(frozen=True)
class _Sides:
    """Of the trunk at heights levels (L,), falling: half its width as it seems, and half its width when laid out."""

    levels: np.ndarray
    seen: np.ndarray
    laid: np.ndarray

    def at(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Both widths (V,) at heights (V,)."""
        rising = self.levels[::-1]
        return np.interp(z, rising, self.seen[::-1]), np.interp(z, rising, self.laid[::-1])


def _sides(trunk: np.ndarray, armpit: float, look: FlatLook, dress: bool) -> _Sides:
    """Measure the trunk's points (N, 3) from the armpits down: the girth of a slice is that of its convex hull."""
    levels = np.arange(armpit, min(trunk[:, 2].min(), armpit - 0.05), -0.02).astype(np.float32)
    support, _, _ = ring_supports(np.ascontiguousarray(trunk, np.float32), levels, np.float32(0.02), DIRECTIONS)
    quarter = len(DIRECTIONS) // 4
    seen = (support[:, quarter] + support[:, 3 * quarter]) / 2
    # Cauchy: a convex outline measures 2 pi times its mean support; laid flat, half of that is its width.
    half_girth = support.mean(1) * np.pi / 2
    laid = seen + (half_girth - seen) * look.unroll
    gap = laid[0] - laid
    laid = laid + look.box * np.where(gap > 0, gap, 0.0 if dress else 0.8 * gap)
    pad = lambda values: np.convolve(np.pad(values, 3, mode="edge"), np.ones(7) / 7, "valid")  # noqa: E731
    return _Sides(levels, pad(seen), pad(laid * (1 - look.stretch)))


def lay(
    points: np.ndarray,
    sleeve: np.ndarray,
    along: np.ndarray,
    cover: np.ndarray,
    look: FlatLook,
    cut: Cut,
    measures: Measures,
) -> np.ndarray:
    """Warp vertices (V, 3) posed for a flat picture: unrolled to half their girth, gently bent, flattened.

    Args:
        sleeve: float32 (V,), the arms' share; along: metres from the shoulder joint; cover: positive where cloth is.
    """
    armpit = measures.neck[2] - _ARMPIT * measures.scale
    trunk = (sleeve < 0.2) & (cover > 0) & (points[:, 2] < armpit + 0.02)
    sides = _sides(points[trunk] if trunk.sum() > 50 else points[sleeve < 0.2], armpit, look, cut.dress)
    x = _unroll(points, sleeve, sides, armpit, measures, look)
    z = points[:, 2] - measures.waist
    for sign, angle in zip((1, -1), look.angles, strict=True):
        # Sleeves widen about the axis of the arm.
        arm = np.clip(sleeve * 1.2, 0, 1) * np.clip(along / 0.12, 0, 1) * (np.sign(points[:, 0]) == sign)
        shoulder = sign * measures.shoulder[0], measures.shoulder[2]
        away = (points[:, 0] - shoulder[0]) * sign * np.cos(angle) + (points[:, 2] - shoulder[1]) * np.sin(angle)
        grown = away * np.where(away > 0, *_SLEEVE_FLAT) * look.unroll * arm
        x, z = x + sign * np.cos(angle) * grown, z + np.sin(angle) * grown
    x = x * look.widen * (1 + look.taper * z)
    x, z = x + z * (look.turn + look.shear), z - x * look.turn
    moved_x, moved_z = x.copy(), z.copy()
    for index, (size, along_x, along_z, phase) in enumerate(look.waves):
        wave = size * np.sin(along_x * x + along_z * z + phase)
        if index < 2:
            moved_x += wave
        else:
            moved_z += wave
    return np.stack([moved_x, points[:, 1] * look.depth, moved_z + measures.waist], 1).astype(np.float32)


def _unroll(
    points: np.ndarray, sleeve: np.ndarray, sides: _Sides, armpit: float, measures: Measures, look: FlatLook
) -> np.ndarray:
    """x (V,) of the trunk laid out; sleeves move along with the side they are sewn to.

    The middle keeps its scale, but for what tight cloth shrinks by; the rest of the girth appears towards the sides.
    """
    x, z = points[:, 0], points[:, 2]
    share = np.clip(sleeve, 0, 1)
    seen, laid = sides.at(z * (1 - share) + np.maximum(z, armpit) * share)
    down = np.clip((measures.neck[2] - 0.02 - z) / (measures.neck[2] - 0.02 - armpit), 0, 1)
    down = down**2 * (3 - 2 * down)
    middle, side = 1 - look.stretch * down, 1 + (laid / seen - 1) * down
    inner = x * (middle + (side - middle) * np.minimum(np.abs(x) / seen, 1) ** _SIDE_POWER)
    outer = x + np.sign(x) * seen * (side - 1)
    return np.where(np.abs(x) < seen, inner * (1 - share) + outer * share, outer)
