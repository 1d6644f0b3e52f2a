"""The mirror: a camera's pictures with a garment worn, one by one, by the parser-free method.

Nothing of a picture is kept: from one to the next a mirror remembers only where the skeleton was, to keep it steady.
`python -m vton.mirror PERSON GARMENT` measures how many pictures a second this machine dresses.
"""

import argparse
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from vton.images import PictureError, load_photo
from vton.labels import Joint
from vton.methods import load_method
from vton.methods.compact_inputs import torso_crop
from vton.methods.pf_afn_compact import (
    CompactPFAFN,
    Worn,
    fetch,
    frame_coordinates,
    frame_garment,
    frame_person,
    garment_positions,
    sharpened,
)
from vton.methods.remember import remembered
from vton.methods.worn import bled
from vton.pipeline import TryOnPipeline
from vton.preprocess.pose import PoseEstimator
from vton.types import CANVAS_WIDTH, Garment
from vton.weights import WeightsError

GARMENT_WIDTH = CANVAS_WIDTH // 2
"""A camera's picture shows no more of a garment's detail than this."""

LARGEST_SIDE = 640
STEADINESS = 0.35
"""Share of the new skeleton that counts when somebody stands still."""

JUMP = 0.15
"""Movement, in shoulder widths, from which on the new skeleton alone counts."""

VISITORS = 8
PATIENCE = 1.5
"""Seconds after which an earlier skeleton no longer says where somebody is."""

NOBODY = "Step back until your head and your hips are in the picture."


class Mirror:
    """Dresses pictures as they come; safe to use from several threads, one picture at a time.

    The networks and the pose estimator are loaded at the first picture.

    Args:
        pipeline: whose device the networks run on.
        method: the networks; by default the compact PF-AFN on this machine.

    Attributes:
        seconds: by step, of the last picture that was dressed.

    Raises:
        weights.MissingWeights: at the first picture, when the compact PF-AFN is not on this machine.
    """

    def __init__(self, pipeline: TryOnPipeline, method: CompactPFAFN | None = None):
        self._device = pipeline.device
        self._given = method
        self._lock = threading.Lock()
        self._skeletons: OrderedDict[Hashable, tuple[float, np.ndarray]] = OrderedDict()
        self.seconds: dict[str, float] = {}

    @cached_property
    def _pose(self) -> PoseEstimator:
        return PoseEstimator(count_people=False)

    @cached_property
    def _method(self) -> CompactPFAFN:
        return self._given or load_method("pf-afn", "compact", self._device)

    def __call__(self, frame: np.ndarray, garment: Garment, visitor: Hashable = None) -> np.ndarray:
        """Dress whoever is in a picture.

        Args:
            frame: uint8 RGB (H, W, 3); best at most 640 pixels on its longer side, beyond which it is shrunk.
            garment: what to wear.
            visitor: whose mirror this is, so that the skeletons of two people before two cameras are not mixed.

        Returns:
            uint8 RGB of the frame's shape, or smaller where it was shrunk: with the garment worn, or, when nobody's
            upper body is in it, with a sentence that says what to do.
        """
        frame = _shrunk(frame)
        with self._lock:
            marks = [time.perf_counter()]
            pose = self._pose.detect(frame)
            marks.append(time.perf_counter())
            if pose is None or not _shows_torso(pose.keypoints, frame.shape):
                self._skeletons.pop(visitor, None)
                return _tell(frame, NOBODY)
            keypoints = self._steady(visitor, pose.keypoints)
            to_torso = torso_crop(keypoints)
            framed = frame_garment(garment)
            person = frame_person(frame, pose.silhouette, keypoints, to_torso)
            marks.append(time.perf_counter())
            result = self._method.dress(person, framed)
            marks.append(time.perf_counter())
            dressed = _paste(frame, garment, result, to_torso, framed.to_garment)
            marks.append(time.perf_counter())
            self.seconds = dict(zip(("pose", "frame", "networks", "paste"), np.diff(marks).tolist(), strict=True))
        return dressed

    def _steady(self, visitor: Hashable, keypoints: np.ndarray) -> np.ndarray:
        """Keypoints averaged with those of the picture before, the more the less somebody moves."""
        now = time.monotonic()
        then, before = self._skeletons.pop(visitor, (0.0, keypoints))
        steady = keypoints.copy()
        if now - then < PATIENCE:
            unit = float(np.linalg.norm(keypoints[Joint.RIGHT_SHOULDER, :2] - keypoints[Joint.LEFT_SHOULDER, :2]))
            moved = np.linalg.norm(keypoints[:, :2] - before[:, :2], axis=1, keepdims=True) / max(unit, 1.0)
            share = STEADINESS + (1 - STEADINESS) * (moved / JUMP).clip(0, 1)
            known = (keypoints.any(1) & before.any(1))[:, None]
            steady[:, :2] = np.where(known, before[:, :2] + (keypoints[:, :2] - before[:, :2]) * share, steady[:, :2])
        self._skeletons[visitor] = (now, steady)
        while len(self._skeletons) > VISITORS:
            self._skeletons.popitem(last=False)
        return steady


def _shrunk(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    scale = min(1.0, LARGEST_SIDE / max(height, width))
    if scale < 1:
        return cv2.resize(frame, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(frame)


def _shows_torso(keypoints: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether both shoulders are in the picture and large enough to wear something."""
    shoulders = keypoints[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER]]
    wide = float(np.linalg.norm(shoulders[0, :2] - shoulders[1, :2]))
    return bool(shoulders[:, 2].min() > 0.3) and wide > 0.04 * max(shape[:2])


@remembered
def _small_garment(garment: Garment) -> tuple[np.ndarray, np.ndarray]:
    """The garment's picture, its colours pushed past its edge, and the mask of its outside, at half the canvas."""
    size = (GARMENT_WIDTH, round(GARMENT_WIDTH * garment.mask.shape[0] / garment.mask.shape[1]))
    picture = cv2.resize(bled(garment), size, interpolation=cv2.INTER_AREA)
    outside = garment.mask if garment.lining is None else garment.mask * (1 - garment.lining)
    return picture, cv2.resize(outside, size, interpolation=cv2.INTER_AREA)


def _paste(
    frame: np.ndarray, garment: Garment, result: Worn, to_torso: np.ndarray, to_garment: np.ndarray
) -> np.ndarray:
    """Lay what the networks made over the frame, within their view only."""
    picture, mask = _small_garment(garment)
    height, width = frame.shape[:2]
    corners = cv2.invertAffineTransform(to_torso) @ np.array([[0, 191.0], [0, 255.0], [1, 1]])
    left, top = np.floor(corners.min(1)).clip(0, (width, height)).astype(int)
    right, bottom = np.ceil(corners.max(1) + 1).clip(0, (width, height)).astype(int)
    if right <= left or bottom <= top:
        return frame.copy()
    window = to_torso.copy()
    window[:, 2] += to_torso[:, :2] @ np.array([left, top], np.float32)
    x, y, seen = frame_coordinates(window, (int(bottom - top), int(right - left)))
    reads = garment_positions(fetch(result.reads, x, y), to_garment)
    reads = (reads + 0.5) * (picture.shape[1] / garment.mask.shape[1]) - 0.5
    worn = cv2.remap(picture, reads, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    covered = cv2.remap(mask, reads, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    alpha = (sharpened(fetch(result.alpha, x, y)) * covered * seen)[..., None]
    repaint = (sharpened(fetch(result.repaint, x, y)) * seen)[..., None]
    photo = frame[top:bottom, left:right].astype(np.float32)
    base = photo + ((fetch(result.paint, x, y) + 1) * 127.5 - photo) * repaint
    lit = worn * fetch(result.shade, x, y, 3.0)[..., None]
    dressed = frame.copy()
    dressed[top:bottom, left:right] = (base + (lit - base) * alpha).round().clip(0, 255)
    return dressed


def _tell(frame: np.ndarray, sentence: str) -> np.ndarray:
    """The picture with a sentence at its foot."""
    told = frame.copy()
    height, width = told.shape[:2]
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, width / 1100
    (wide, tall), _ = cv2.getTextSize(sentence, font, scale, 1)
    band = told[height - 3 * tall :]
    band[:] = (band * 0.35).astype(np.uint8)
    place = ((width - wide) // 2, height - tall)
    cv2.putText(told, sentence, place, font, scale, (255, 255, 255), 1, cv2.LINE_AA)
    return told


def measure_mirror(mirror: Mirror, frame: np.ndarray, garment: Garment, frames: int = 40) -> dict[str, float]:
    """Dress a picture again and again, shifted a little each time as if somebody moved.

    Returns:
        Pictures a second, and the median milliseconds of each step.
    """
    mirror(frame, garment)
    steps: dict[str, list[float]] = {}
    started = time.perf_counter()
    for number in range(frames):
        mirror(np.roll(frame, number % 8 - 4, axis=1), garment)
        for step, seconds in mirror.seconds.items():
            steps.setdefault(step, []).append(1000 * seconds)
    speed = frames / (time.perf_counter() - started)
    return {"frames a second": speed, **{f"{step}, ms": float(np.median(values)) for step, values in steps.items()}}


def main(arguments: list[str] | None = None) -> int:
    """`python -m vton.mirror PERSON GARMENT [-o PICTURE]`."""
    parser = argparse.ArgumentParser(description="Measure the mirror on one person's picture.")
    parser.add_argument("person", type=Path)
    parser.add_argument("garment", type=Path)
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("-o", "--output", type=Path, help="where to write what the mirror shows")
    chosen = parser.parse_args(arguments)
    try:
        pipeline = TryOnPipeline.load()
        mirror, garment = Mirror(pipeline), pipeline.prepare_garment(chosen.garment)
        frame = _shrunk(load_photo(chosen.person).pixels)
        measures = measure_mirror(mirror, frame, garment, chosen.frames)
    except (PictureError, WeightsError) as error:
        print(error, file=sys.stderr)
        return 2
    for name, value in measures.items():
        print(f"{name}: {value:.1f}")
    if chosen.output:
        cv2.imwrite(str(chosen.output), mirror(frame, garment)[..., ::-1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
