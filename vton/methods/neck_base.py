"""Where a person's neck meets the shoulders: on the outline where that is seen, else where necks mostly do."""

from dataclasses import dataclass

import numpy as np

from vton.labels import Joint, Parse
from vton.methods.compact_inputs import complete_keypoints
from vton.methods.remember import remembered
from vton.methods.sleeves import shoulder_width, torso_length
from vton.types import Person

LEAST_SHOULDERS, FACING = 24, 0.4
"""Narrowest shoulders of which anything is said: in pixels of the canvas, and in torso lengths, since somebody with
narrower ones turns a side to the camera."""
JAW, NECK_LENGTH, BELOW_THE_JOINT = 0.1, 0.25, 0.25
"""In shoulder widths: how far above the chin and below it a neck is thinnest, and how far below the middle of the
shoulders their outline ends."""
AT_THE_JOINT = 0.05
"""How far before a shoulder's joint its outline ends, in shoulder widths."""
HAIR, BEND = 0.4, 0.025
"""Share of the outline that may be hair; and how far its corner stands off a straight line at least, in shoulder
widths."""
NECK_WIDTHS = (0.28, 0.6)
"""Between which shares of the shoulder width necks are wide at their base."""
USUAL_WIDTH, USUAL_ASIDE = 0.44, (0.14, 0.3)
"""How wide they mostly are, and how far from the middle of the shoulders a side may be, in shoulder widths."""
USUAL_HEIGHTS = (0.25, 0.165)
"""How far above the line between the joints the outline mostly is where the neck begins and above a joint, in shoulder
widths. (Medians of photographs on which it is seen, as the width is; two thirds of them differ by less than 0.05.)"""


@dataclass(frozen=True)
class NeckBase:
    """Where a neck meets the shoulders, left and right in the picture; in pixels of the canvas.

    corners, joints: float32 (2, 2), x and y of the person's outline there, and of the shoulders' joints.
    outlines: for left and right the outline from the neck outwards, float32 (n, 2), x and y.
    """

    corners: np.ndarray
    joints: np.ndarray
    outlines: tuple[np.ndarray, np.ndarray]


@remembered
def neck_base(person: Person) -> NeckBase | None:
    """Where the person's neck meets the shoulders; None of somebody small, or who turns a side to the camera.

    Where hair, a hood or the picture's edge hides the outline on a side, that is as it mostly is.
    """
    points = complete_keypoints(person.keypoints)[:, :2]
    unit, neck = shoulder_width(points), points[Joint.NECK]
    if unit < max(LEAST_SHOULDERS, FACING * torso_length(points)):
        return None
    joints = points[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]]
    joints = joints[np.argsort(joints[:, 0])]
    seen = _seen_sides(person.parse, neck, joints, unit)
    if None not in seen and not NECK_WIDTHS[0] < (seen[1][0][0] - seen[0][0][0]) / unit < NECK_WIDTHS[1]:
        seen = [None, None]
    sides = []
    for sign, side, other in zip((-1, 1), seen, seen[::-1], strict=True):
        # Of somebody turned a bit one side is as much nearer to the middle as the other is farther away.
        aside = USUAL_WIDTH / 2 if other is None else USUAL_WIDTH - abs(float(other[0][0] - neck[0])) / unit
        begin = float(neck[0]) + sign * np.clip(aside, *USUAL_ASIDE) * unit
        sides.append(side or _usual_side(begin, sign, joints, unit))
    return NeckBase(np.stack([corner for corner, _ in sides]), joints, (sides[0][1], sides[1][1]))


Side = tuple[np.ndarray, np.ndarray]
"""Corner (2,) and outline (n, 2) of `NeckBase`."""


def _usual_side(x: float, sign: int, joints: np.ndarray, unit: float) -> Side:
    """One side of a neck that begins at x, as it mostly is; sign: -1 left, 1 right in the picture."""
    end = joints[(sign + 1) // 2, 0]
    places = sign * np.maximum.accumulate(sign * np.linspace(x, end, 12))
    heights = np.interp(np.linspace(0, 1, 12), (0, 1), USUAL_HEIGHTS) * unit
    outline = np.stack([places, np.interp(places, joints[:, 0], joints[:, 1]) - heights], 1).astype(np.float32)
    return outline[0], outline


def _seen_sides(parse: np.ndarray, neck: np.ndarray, joints: np.ndarray, unit: float) -> list[Side | None]:
    """Both sides of a neck on the person's outline, None where they are hidden.

    parse: uint8 (H, W), `Parse`. neck, joints: (2,) and (2, 2), x and y.
    """
    face = parse == Parse.FACE
    if not face.any():
        return [None, None]
    chin = len(face) - 1 - int(face.any(1)[::-1].argmax())
    first, last = max(0, round(chin - JAW * unit)), min(len(face), round(neck[1] + BELOW_THE_JOINT * unit))
    if last - first < NECK_LENGTH * unit:
        return [None, None]
    rows, columns = np.arange(first, last), np.arange(face.shape[1])
    # The neck stands on the middle of the shoulders, and carries the chin.
    middle = np.interp(rows, (chin, max(neck[1], chin + 1)), (np.flatnonzero(face[chin]).mean(), neck[0]))
    middle = middle.clip(0, len(columns) - 1)[:, None]
    band = parse[first:last]
    empty = band == Parse.BACKGROUND
    left = np.where(empty & (columns < middle), columns, -1).max(1) + 1
    right = np.where(empty & (columns > middle), columns, len(columns)).min(1) - 1
    thinnest = int((right - left)[: round((JAW + NECK_LENGTH) * unit)].argmin())
    sides: list[Side | None] = []
    for sign, edge, joint in zip((-1, 1), (left, right), joints, strict=True):
        outline = np.stack([edge, rows], 1).astype(np.float32)[thinnest:]
        beyond = sign * (outline[:, 0] - joint[0]) > -AT_THE_JOINT * unit
        end = int(beyond.argmax())
        hair = band[rows[thinnest:] - first, edge[thinnest:]][: end + 1] == Parse.HAIR
        corner, bend = _corner(outline[: end + 1])
        hidden = not beyond.any() or hair.mean() > HAIR or bend < BEND * unit
        sides.append(None if hidden else (outline[corner], outline[: end + 1]))
    return sides


def _corner(line: np.ndarray) -> tuple[int, float]:
    """Which point of a line (n, 2) is farthest from the straight one between its ends, and how far."""
    chord = line[-1] - line[0]
    offset = line - line[0]
    away = np.abs(offset[:, 0] * chord[1] - offset[:, 1] * chord[0]) / max(float(np.linalg.norm(chord)), 1e-3)
    return int(away.argmax()), float(away.max())
