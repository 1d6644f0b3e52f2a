"""The one place that runs the preprocessing steps in order: photo → Person, picture → Garment."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from vton.images import PictureError, crop
from vton.labels import ARM_LABELS, LEG_LABELS, UPPER_LABELS, Parse
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

LEAST_SKIN = 0.01
"""Somebody in a picture shows skin on at least this share of the canvas."""


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
            if pose is not None and _fills(garment.mask, pose.silhouette):
                return self._taken_off(photo) or garment
        return garment

    def _taken_off(self, photo: Photo) -> Garment | None:
        """The top cut out of a picture of somebody who wears it; None when it is a garment alone after all."""
        pose = self._pose(photo.pixels)
        if pose is None:
            return None
        box = refocus_box(pose.keypoints, pose.silhouette, photo.size)
        image = crop(photo.pixels, box, CANVAS_SIZE)
        pose = self._on_canvas(pose, box, image, photo)
        parse, _ = self._parser(image, pose.silhouette, pose.keypoints)
        top = np.isin(parse, UPPER_LABELS)
        if top.mean() < LEAST_TOP or not _shows_skin(image, parse):
            return None
        mask = cv2.GaussianBlur(top.astype(np.float32), (0, 0), 1.0)
        return Garment(photo, image, mask, checks.sentences(["garment_worn"]))

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


def _fills(mask: np.ndarray, silhouette: np.ndarray) -> bool:
    """Whether a silhouette takes most of what stands out; on many flat garments MediaPipe sees at most the print."""
    return float((silhouette > 0.5)[mask > 0.5].mean()) > 0.75


def _shows_skin(image: np.ndarray, parse: np.ndarray) -> bool:
    """Whether what the parse takes for skin has its hue, and another colour than the top.

    A garment on an invisible mannequin is shaped like a person, and its sleeves can be taken for arms.
    """
    skin, top = np.isin(parse, (Parse.FACE, Parse.NECK, *ARM_LABELS, *LEG_LABELS)), np.isin(parse, UPPER_LABELS)
    if skin.mean() < LEAST_SKIN:
        return False
    skin_lab, top_lab = (
        np.median(cv2.cvtColor(image[where][None], cv2.COLOR_RGB2LAB)[0].astype(float), axis=0) for where in (skin, top)
    )
    _, red, blue = np.median(cv2.cvtColor(image[skin][None], cv2.COLOR_RGB2YCrCb)[0], axis=0)
    # The range of skin in YCrCb: Chai and Ngan, "Face segmentation using skin-color map", 1999, section III.
    return 133 <= red <= 173 and 77 <= blue <= 127 and bool(np.linalg.norm(skin_lab - top_lab) > 15)


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
