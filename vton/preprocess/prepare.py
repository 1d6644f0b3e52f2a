"""The one place that runs the preprocessing steps in order: photo → Person, picture → Garment."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from vton.images import PictureError, crop
from vton.labels import UPPER_LABELS
from vton.preprocess import checks
from vton.preprocess.agnostic import agnostic_image, parse_agnostic
from vton.preprocess.garment_mask import prepare_garment
from vton.preprocess.parsing import BodyParser
from vton.preprocess.pose import WORKING_SIDE, Pose, PoseEstimator
from vton.preprocess.refocus import Box, refocus_box
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person, Photo

CANVAS_SIZE = (CANVAS_WIDTH, CANVAS_HEIGHT)
COARSE = 0.6
"""Below this many pixels that MediaPipe worked on for each pixel of the canvas it has to look again, closer up."""
LEAST_TOP = 0.03
"""A worn top that takes less of the canvas than this was not recognised."""


class Preparer:
    """Everything a try-on needs to know of a person and of a garment, from their photos."""

    def __init__(self, pose: PoseEstimator, parser: BodyParser):
        self._pose = pose
        self._parser = parser

    def person(self, photo: Photo, timings: dict[str, float] | None = None) -> Person:
        """Prepare a person.

        Args:
            photo: the whole photo.
            timings: takes the seconds of the stages pose, refocus, parse and agnostic.

        Raises:
            PictureError: nobody in the photo, or too little of them; the message says what to do.
        """
        timings = {} if timings is None else timings
        with _stage(timings, "pose"):
            pose = self._pose(photo.pixels)
        if pose is None:
            raise PictureError(checks.FINDINGS["nobody"].english)
        findings = checks.pose_findings(pose)
        refused = checks.refusal(findings)
        if refused is not None:
            raise PictureError(refused)
        with _stage(timings, "refocus"):
            box = refocus_box(pose.keypoints, pose.silhouette, photo.size)
            image = crop(photo.pixels, box, CANVAS_SIZE)
            pose = self._on_canvas(pose, box, image, photo)
        with _stage(timings, "parse"):
            parse, parts = self._parser(image, pose.silhouette, pose.keypoints)
        with _stage(timings, "agnostic"):
            agnostic = agnostic_image(image, parse, pose.keypoints)
            hidden = parse_agnostic(parse, pose.keypoints)
        findings += checks.picture_findings(image, pose.silhouette, box)
        return Person(
            photo,
            box,
            image,
            pose.silhouette,
            pose.keypoints,
            parse,
            parts,
            agnostic,
            hidden,
            checks.sentences(findings),
        )

    def garment(self, photo: Photo, timings: dict[str, float] | None = None) -> Garment:
        """Prepare a garment; where somebody wears it, the top is cut out by the person's parse, and a warning says so.

        Args:
            photo: the whole picture.
            timings: takes the seconds of the stage garment_mask.

        Raises:
            PictureError: no garment stands out; the message says what to do.
        """
        with _stage({} if timings is None else timings, "garment_mask"):
            garment = prepare_garment(photo)
            pose = self._pose.detect(garment.image)
            if pose is not None and _is_worn(garment.mask, pose.silhouette):
                return self._taken_off(photo, garment)
        return garment

    def _taken_off(self, photo: Photo, garment: Garment) -> Garment:
        warnings = checks.sentences(["garment_worn"])
        pose = self._pose(photo.pixels)
        if pose is not None:
            box = refocus_box(pose.keypoints, pose.silhouette, photo.size)
            image = crop(photo.pixels, box, CANVAS_SIZE)
            pose = self._on_canvas(pose, box, image, photo)
            parse, _ = self._parser(image, pose.silhouette, pose.keypoints)
            top = np.isin(parse, UPPER_LABELS).astype(np.float32)
            if top.mean() > LEAST_TOP:
                return Garment(photo, image, cv2.GaussianBlur(top, (0, 0), 1.0), warnings)
        return Garment(photo, garment.image, garment.mask, warnings)

    def _on_canvas(self, pose: Pose, box: Box, image: np.ndarray, photo: Photo) -> Pose:
        """The pose in pixels of the canvas, from a closer look where the photo was large and the person small."""
        moved = pose_in_box(pose, box)
        worked_on = (box[3] - box[1]) * min(1.0, WORKING_SIDE / max(photo.size))
        if worked_on >= COARSE * CANVAS_HEIGHT:
            return moved
        closer = self._pose.detect(image)
        if closer is None:
            return moved
        seen = moved.keypoints[:, 2] > checks.SURE
        apart = np.linalg.norm(closer.keypoints[seen, :2] - moved.keypoints[seen, :2], axis=1)
        # Beside somebody else, MediaPipe may now have taken them.
        return closer if np.median(apart) < 0.04 * CANVAS_HEIGHT else moved


def _is_worn(mask: np.ndarray, silhouette: np.ndarray) -> bool:
    """Whether what stands out from the background is a person: on flat garments MediaPipe sees at most the print."""
    return float((silhouette > 0.5)[mask > 0.5].mean()) > 0.75


def pose_in_box(pose: Pose, box: Box) -> Pose:
    """A pose found in a photo, on the canvas that shows a box of it. What leaves the canvas has confidence 0."""
    keypoints = pose.keypoints.copy()
    scale = np.array([CANVAS_WIDTH / (box[2] - box[0]), CANVAS_HEIGHT / (box[3] - box[1])])
    keypoints[:, :2] = (keypoints[:, :2] + 0.5 - np.array(box[:2])) * scale - 0.5
    inside = ((keypoints[:, :2] >= 0) & (keypoints[:, :2] < CANVAS_SIZE)).all(axis=1)
    keypoints[:, 2] *= inside
    silhouette = crop(pose.silhouette, box, CANVAS_SIZE).clip(0, 1)
    return Pose(keypoints.astype(np.float32), silhouette, pose.people)


@contextmanager
def _stage(timings: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[name] = timings.get(name, 0.0) + time.perf_counter() - started
