"""Measure every map on annotated photographs in the VITON-HD layout."""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from vton.data.dataset import Layout, image_names, read_keypoints, read_labels, read_mask, read_picture
from vton.evaluation.metrics import PARSE_GROUPS, UNKNOWN, OverlapTable, group_labels, hip_distances, keypoint_distances
from vton.images import load_photo, pad_to_canvas
from vton.labels import DENSEPOSE_PARTS
from vton.preprocess.parts import part_colours
from vton.preprocess.prepare import CANVAS_SIZE, Preparer
from vton.types import Person

LEAST_PART = 300
"""A body part with fewer pixels of truth on the canvas does not count as visible."""

RIM = 9
"""Narrower strips of a part are the rim of others: between two colours, JPEG passes through those of further parts."""


@dataclass
class Measured:
    """What `measure_photographs` finds.

    parse: overlap of PARSE_GROUPS.
    by_picture: mean overlap of those in each picture.
    distances, hips: of the annotated keypoints, and of the hips among them, in shoulder widths.
    parts: overlap of the visible DensePose parts of each picture.
    garments: overlap of each garment's mask.
    """

    parse: OverlapTable = field(default_factory=lambda: OverlapTable(("rest", *PARSE_GROUPS)))
    by_picture: dict[str, float] = field(default_factory=dict)
    distances: list[float] = field(default_factory=list)
    hips: list[float] = field(default_factory=list)
    parts: dict[str, dict[str, float]] = field(default_factory=dict)
    garments: dict[str, float] = field(default_factory=dict)


def measure_photographs(preparer: Preparer, layout: Layout, limit: int) -> Measured:
    """Prepare every annotated picture as `python -m vton preprocess` does and compare on the canvas.

    Args:
        preparer: with the networks to be measured.
        layout: a folder with `image` and, of each picture as far as there are any, `image-parse-v3`, `openpose_json`
            and `image-densepose`; and with `cloth` and `cloth-mask`. Pictures without a parse are passed over.
        limit: at most so many people and so many garments.

    Raises:
        DatasetError: a folder is missing or an annotation broken.
        PictureError: a picture in which nobody, or no garment, is found.
    """
    measured = Measured()
    for name in [name for name in image_names(layout) if layout.parse(name).is_file()][:limit]:
        person = preparer.person(load_photo(layout.image(name)), frame="auto")
        truth = group_labels(labels_on_canvas(read_labels(layout.parse(name)), person))
        own = OverlapTable(measured.parse.names)
        for table in (measured.parse, own):
            table.add(group_labels(person.parse), truth)
        measured.by_picture[name] = own.mean(PARSE_GROUPS)
        if layout.keypoints(name).is_file():
            keypoints = keypoints_on_canvas(read_keypoints(layout.keypoints(name)), person)
            measured.distances += list(keypoint_distances(person.keypoints, keypoints))
            measured.hips += list(hip_distances(person.keypoints, keypoints))
        picture = layout.folder / "image-densepose" / f"{name}.jpg"
        if picture.is_file():
            parts = labels_on_canvas(read_part_picture(picture), person)
            measured.parts[name] = visible_part_overlaps(person.parts, parts)
    for path in sorted((layout.folder / "cloth-mask").glob("*.jpg"))[:limit]:
        mask = preparer.garment(load_photo(layout.cloth(path.stem))).mask > 0.5
        measured.garments[path.stem] = mask_overlap(mask, mask_on_canvas(read_mask(path)))
    return measured


def read_part_picture(path: Path) -> np.ndarray:
    """The part ids of an `image-densepose` picture, uint8 (H, W).

    Each pixel gets the part whose colour is nearest, and then the median of 7×7 pixels, because JPEG smears borders.

    Raises:
        DatasetError: missing or broken.
    """
    pixels, colours = read_picture(path).astype(np.float32), part_colours().astype(np.float32)
    nearest = np.zeros(pixels.shape[:2], np.uint8)
    least = np.full(pixels.shape[:2], np.inf, np.float32)
    for part, colour in enumerate(colours):
        distance = ((pixels - colour) ** 2).sum(-1)
        nearest[distance < least] = part
        least = np.minimum(least, distance)
    return cv2.medianBlur(nearest, 7)


def visible_part_overlaps(predicted: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Intersection over union of the parts with LEAST_PART pixels of truth. Both uint8 (H, W), truth with UNKNOWN."""
    known = truth != UNKNOWN
    overlaps = {}
    for part, name in enumerate(DENSEPOSE_PARTS):
        solid = cv2.morphologyEx((truth == part).astype(np.uint8), cv2.MORPH_OPEN, np.ones((RIM, RIM), np.uint8))
        if part and solid.sum() >= LEAST_PART:
            overlaps[name] = mask_overlap((predicted == part) & known, truth == part)
    return overlaps


def mask_overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two bool maps of one shape."""
    return float((a & b).sum() / max(1, (a | b).sum()))


def mask_on_canvas(mask: np.ndarray) -> np.ndarray:
    """An annotated garment mask, uint8 (H, W), padded like the garment's picture; bool (1024, 768)."""
    padded, _ = pad_to_canvas(np.repeat(mask[..., None], 3, axis=2), (0, 0, 0))
    return padded[..., 0] > 127


def labels_on_canvas(labels: np.ndarray, person: Person) -> np.ndarray:
    """An annotation of the whole photo, cropped like the person; UNKNOWN beyond the photo. uint8 (1024, 768)."""
    width, height = person.photo.size
    left, top, right, bottom = person.box
    scale_x, scale_y = CANVAS_SIZE[0] / (right - left), CANVAS_SIZE[1] / (bottom - top)
    labels = cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST)
    matrix = np.array([[scale_x, 0, (0.5 - left) * scale_x - 0.5], [0, scale_y, (0.5 - top) * scale_y - 0.5]])
    return cv2.warpAffine(labels, matrix, CANVAS_SIZE, flags=cv2.INTER_NEAREST, borderValue=UNKNOWN)


def keypoints_on_canvas(keypoints: np.ndarray, person: Person) -> np.ndarray:
    """Annotated keypoints (18, 3) of the whole photo in pixels of the canvas."""
    left, top, right, bottom = person.box
    scale = np.array([CANVAS_SIZE[0] / (right - left), CANVAS_SIZE[1] / (bottom - top)])
    moved = keypoints.copy()
    moved[:, :2] = (moved[:, :2] + 0.5 - (left, top)) * scale - 0.5
    return moved
