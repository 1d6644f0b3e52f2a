"""The one place that runs the preprocessing steps in order: photo → Person, picture → Garment."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from vton.images import PictureError, crop
from vton.labels import ARM_LABELS, LEG_LABELS, UPPER_LABELS, Parse
from vton.preprocess import checks
from vton.preprocess.agnostic import agnostic_image, parse_agnostic
from vton.preprocess.backdrop import without_backdrop
from vton.preprocess.garment_clicks import Click
from vton.preprocess.garment_mask import NO_NETWORKS, GarmentNetworks, prepare_garment
from vton.preprocess.landmarks import only_seen
from vton.preprocess.parsing import BodyParser
from vton.preprocess.pose import WORKING_SIDE, Pose, PoseEstimator
from vton.preprocess.refocus import Box, is_framed, refocus_box, whole_box
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person, Photo

PublishedParser = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
PublishedParts = Callable[[np.ndarray], np.ndarray]

CANVAS_SIZE = (CANVAS_WIDTH, CANVAS_HEIGHT)
COARSE = 0.6
"""Below this many pixels that MediaPipe worked on for each pixel of the canvas it has to look again, closer up."""
LEAST_TOP = 0.03
"""A worn top that takes less of the canvas than this was not recognised."""

LEAST_SKIN = 0.01
"""Somebody in a picture shows skin on at least this share of the canvas."""
LEAST_NATURAL, MOST_SHARED, SAME_COLOUR = 0.85, 0.06, 12.0
"""Shares: of skin that has the hue of skin, and of the top nearer to the skin's colour than a distance in 8-bit Lab.

On 27 photographs of people, also mirrored, tinted and darker, at least .92 and at most .02; where garments alone were
taken for people at most .73, or at least .19.
"""


@dataclass(frozen=True)
class _View:
    """A box of the photo on the canvas: uint8 image (1024, 768, 3), pose in its pixels, parse and parts (1024, 768)."""

    box: Box
    image: np.ndarray
    pose: Pose
    parse: np.ndarray
    parts: np.ndarray


class Preparer:
    """Everything a try-on needs to know of a person and of a garment, from their photos.

    Attributes:
        in_use: step → name of the preprocessor that does it, as `choose.choose` says it.

    pose: finds the person.
    body: the compact parsing and parts; None when both of the next two are given.
    published_parser: (image, silhouette, keypoints) → parse, instead of the compact one.
    published_parts: image → DensePose parts, instead of the compact ones.
    cut_out: (H, W, 3) → mask (H, W) of a garment; None for the classical method.
    segmenter: what refines a garment's mask by clicks; None for GrabCut.
    networks: what looks at garments besides rules.
    """

    def __init__(
        self,
        pose: PoseEstimator,
        body: BodyParser | None,
        published_parser: PublishedParser | None = None,
        published_parts: PublishedParts | None = None,
        cut_out: Callable[[np.ndarray], np.ndarray] | None = None,
        segmenter: Any | None = None,
        in_use: dict[str, str] | None = None,
        networks: GarmentNetworks = NO_NETWORKS,
    ):
        self.in_use = dict(in_use or {})
        self._pose = pose
        self._body = body
        self._published_parser = published_parser
        self._published_parts = published_parts
        self._cut_out = cut_out
        self._segmenter = segmenter
        self._networks = networks

    def person(
        self,
        photo: Photo,
        timings: dict[str, float] | None = None,
        at: tuple[float, float] | None = None,
        frame: str = "refocus",
    ) -> Person:
        """Prepare a person.

        Args:
            photo: the whole photo.
            timings: takes the seconds of the stages pose, refocus, parse and agnostic.
            at: a point on the person meant, x and y as shares of the photo's width and height; by default the most
                prominent person is prepared.
            frame: "refocus", the canvas shows the upper body; "photo", it shows the whole photo, padded to 3:4;
                "auto", the whole photo where that is 3:4 already.

        Raises:
            PictureError: nobody in the photo, or too little of them; the message says what to do.
        """
        timings = {} if timings is None else timings
        with _stage(timings, "pose"):
            pose, findings = self._found(photo, at)
        view = self._view(photo, pose, refocus_box(pose.keypoints, pose.silhouette, photo.size), timings)
        findings += checks.picture_findings(view.image, view.pose.silhouette, view.box)
        if frame == "photo" or (frame == "auto" and is_framed(photo.size)):
            view = self._kept_frame(photo, pose, view, timings)
        with _stage(timings, "agnostic"):
            agnostic = agnostic_image(view.image, view.parse, view.pose.keypoints)
            hidden = parse_agnostic(view.parse, view.pose.keypoints)
        return Person(
            photo,
            view.box,
            view.image,
            view.pose.silhouette,
            view.pose.keypoints,
            view.parse,
            view.parts,
            agnostic,
            hidden,
            checks.sentences(findings),
            feet=view.pose.feet,
        )

    def _found(self, photo: Photo, at: tuple[float, float] | None) -> tuple[Pose, list[str]]:
        """The person meant, and what is doubtful about the pose; raises PictureError where no try-on is possible."""
        pose = self._pose(photo.pixels, at)
        if pose is None:
            raise PictureError(checks.FINDINGS["nobody"].english)
        findings = checks.pose_findings(pose)
        refused = checks.refusal(findings)
        if refused is not None:
            raise PictureError(refused)
        # Whoever pointed at a person knows that there are others.
        return pose, [code for code in findings if at is None or code != "several_people"]

    def _view(self, photo: Photo, pose: Pose, box: Box, timings: dict[str, float]) -> "_View":
        """What a box of the photo shows, with every label."""
        with _stage(timings, "refocus"):
            image = crop(photo.pixels, box, CANVAS_SIZE)
            pose = self._on_canvas(pose, box, image, photo)
            pose = replace(pose, silhouette=without_backdrop(pose.silhouette, image, pose.keypoints))
        with _stage(timings, "parse"):
            parse, parts = self._labels(image, pose)
        return _View(box, image, pose, parse, parts)

    def _kept_frame(self, photo: Photo, pose: Pose, closer: "_View", timings: dict[str, float]) -> "_View":
        """The whole photo on the canvas: labels from the closer view where that has them."""
        box = whole_box(photo.size)
        if np.allclose(box, closer.box):
            return closer
        whole = self._view(photo, pose, box, timings)
        parse, parts = (
            paste_labels(labels, closer.box, below, box)
            for labels, below in ((closer.parse, whole.parse), (closer.parts, whole.parts))
        )
        return replace(whole, parse=parse, parts=parts)

    def garment(self, photo: Photo, timings: dict[str, float] | None = None, clicks: tuple[Click, ...] = ()) -> Garment:
        """Prepare a garment; where somebody wears it, the top is cut out by the person's parse, and a warning says so.

        Args:
            photo: the whole picture.
            timings: takes the seconds of the stages, whose names begin with "garment".
            clicks: points that the visitor put on the garment, or beside it; then nothing else is cut out.

        Raises:
            PictureError: no garment stands out; the message says what to do.
        """
        timings = {} if timings is None else timings
        garment = prepare_garment(photo, clicks, self._cut_out, self._segmenter, timings, self._networks)
        if clicks:
            return garment
        with _stage(timings, "garment_worn"):
            pose = self._pose.detect(garment.image)
            if pose is not None and _fills(garment.mask, pose.silhouette):
                return self._taken_off(photo) or garment
        return garment

    def _labels(self, image: np.ndarray, pose: Pose) -> tuple[np.ndarray, np.ndarray]:
        """Parse and body parts of the person on the canvas."""
        parse = parts = None
        if self._published_parser is None or self._published_parts is None:
            parse, parts = self._body(image, pose.silhouette, pose.keypoints)
        if self._published_parser is not None:
            parse = self._published_parser(image, pose.silhouette, pose.keypoints)
        if self._published_parts is not None:
            parts = self._published_parts(image)
        return parse, parts

    def _taken_off(self, photo: Photo) -> Garment | None:
        """The top cut out of a picture of somebody who wears it; None when it is a garment alone after all."""
        pose = self._pose(photo.pixels)
        if pose is None:
            return None
        view = self._view(photo, pose, refocus_box(pose.keypoints, pose.silhouette, photo.size), {})
        top = np.isin(view.parse, UPPER_LABELS)
        if top.mean() < LEAST_TOP or not shows_skin(view.image, view.parse):
            return None
        mask = cv2.GaussianBlur(top.astype(np.float32), (0, 0), 1.0)
        return Garment(photo, view.image, mask, checks.sentences(["garment_worn"]))

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


def shows_skin(image: np.ndarray, parse: np.ndarray) -> bool:
    """Whether what the parse takes for skin has its hue everywhere, and a colour that neither top nor wall have.

    A garment on an invisible mannequin is shaped like a person, and its sleeves can be taken for arms; on a hanger
    before a beige wall, the wall beside it.
    """
    skin, top = np.isin(parse, (Parse.FACE, Parse.NECK, *ARM_LABELS, *LEG_LABELS)), np.isin(parse, UPPER_LABELS)
    if skin.mean() < LEAST_SKIN:
        return False
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float32)
    tone = np.median(lab[skin], axis=0)
    _, red, blue = cv2.split(cv2.cvtColor(image[skin][None], cv2.COLOR_RGB2YCrCb))
    # The range of skin in YCrCb: Chai and Ngan, "Face segmentation using skin-color map", 1999, section III.
    natural = (red >= 133) & (red <= 173) & (blue >= 77) & (blue <= 127)
    shared = np.linalg.norm(lab[top] - tone, axis=1) < SAME_COLOUR
    wall = parse == Parse.BACKGROUND
    if wall.any() and np.linalg.norm(np.median(lab[wall], axis=0) - tone) < SAME_COLOUR / 2:
        return False
    return bool(natural.mean() > LEAST_NATURAL and shared.mean() < MOST_SHARED)


def pose_in_box(pose: Pose, box: Box) -> Pose:
    """A pose found in a photo, on the canvas that shows a box of it. What leaves the canvas has confidence 0."""
    scale = np.array([CANVAS_WIDTH / (box[2] - box[0]), CANVAS_HEIGHT / (box[3] - box[1])])

    def moved(points: np.ndarray) -> np.ndarray:
        places = (points[:, :2] + 0.5 - np.array(box[:2])) * scale - 0.5
        return only_seen(np.column_stack([places, points[:, 2]]), *CANVAS_SIZE)

    silhouette = crop(pose.silhouette, box, CANVAS_SIZE).clip(0, 1)
    feet = None if pose.feet is None else moved(pose.feet)
    return Pose(moved(pose.keypoints), silhouette, pose.people, feet)


def paste_labels(labels: np.ndarray, box: Box, below: np.ndarray, below_box: Box) -> np.ndarray:
    """Labels of one box of a photo laid over those of another, both uint8 on the canvas. Returns uint8 on the canvas.

    Box and below_box are in pixels of the photo.
    """
    unit = np.array([(below_box[2] - below_box[0]) / CANVAS_WIDTH, (below_box[3] - below_box[1]) / CANVAS_HEIGHT])
    own = np.array([(box[2] - box[0]) / CANVAS_WIDTH, (box[3] - box[1]) / CANVAS_HEIGHT])
    scale = own / unit
    offset = ((0.5 * own + box[:2]) - below_box[:2]) / unit - 0.5
    matrix = np.array([[scale[0], 0, offset[0]], [0, scale[1], offset[1]]])
    none = 255
    laid = cv2.warpAffine(labels, matrix, CANVAS_SIZE, flags=cv2.INTER_NEAREST, borderValue=none)
    return np.where(laid == none, below, laid)


@contextmanager
def _stage(timings: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[name] = timings.get(name, 0.0) + time.perf_counter() - started
