"""Measure parsing and pose on annotated photographs in the VITON-HD layout."""

import cv2
import numpy as np

from vton.data.dataset import Layout, image_names, read_keypoints, read_labels
from vton.evaluation.metrics import PARSE_GROUPS, UNKNOWN, OverlapTable, group_labels, keypoint_distances
from vton.images import load_photo
from vton.preprocess.prepare import CANVAS_SIZE, Preparer
from vton.types import Person


def measure_photographs(
    preparer: Preparer, layout: Layout, limit: int
) -> tuple[OverlapTable, np.ndarray, dict[str, float]]:
    """Prepare every annotated person as for a try-on and compare on the canvas, refocusing included.

    Args:
        preparer: with the networks to be measured.
        layout: a folder with `image`, `image-parse-v3` and `openpose_json`; pictures without a parse are passed over.
        limit: at most so many pictures.

    Returns:
        The overlap of PARSE_GROUPS; distances of keypoints in shoulder widths; and the mean overlap of each picture.

    Raises:
        DatasetError: a folder is missing or an annotation broken.
        PictureError: a picture in which nobody is found.
    """
    names = [name for name in image_names(layout) if layout.parse(name).is_file()][:limit]
    groups = ("rest", *PARSE_GROUPS)
    total, distances, by_picture = OverlapTable(groups), [np.zeros(0)], {}
    for name in names:
        person = preparer.person(load_photo(layout.image(name)))
        truth = group_labels(truth_on_canvas(read_labels(layout.parse(name)), person))
        own = OverlapTable(groups)
        for table in (total, own):
            table.add(group_labels(person.parse), truth)
        by_picture[name] = own.mean()
        if layout.keypoints(name).is_file():
            keypoints = keypoints_on_canvas(read_keypoints(layout.keypoints(name)), person)
            distances.append(keypoint_distances(person.keypoints, keypoints))
    return total, np.concatenate(distances), by_picture


def truth_on_canvas(parse: np.ndarray, person: Person) -> np.ndarray:
    """An annotation of the whole photo, cropped like the person; UNKNOWN beyond the photo. uint8 (1024, 768)."""
    photo_width, photo_height = person.photo.size
    parse = cv2.resize(parse, (photo_width, photo_height), interpolation=cv2.INTER_NEAREST)
    left, top, right, bottom = person.box
    x, y = CANVAS_SIZE[0] / (right - left), CANVAS_SIZE[1] / (bottom - top)
    matrix = np.array([[x, 0, (0.5 - left) * x - 0.5], [0, y, (0.5 - top) * y - 0.5]], np.float32)
    return cv2.warpAffine(parse, matrix, CANVAS_SIZE, flags=cv2.INTER_NEAREST, borderValue=UNKNOWN)


def keypoints_on_canvas(keypoints: np.ndarray, person: Person) -> np.ndarray:
    """Annotated keypoints (18, 3) of the whole photo in pixels of the canvas."""
    left, top, right, bottom = person.box
    scale = np.array([CANVAS_SIZE[0] / (right - left), CANVAS_SIZE[1] / (bottom - top)])
    moved = keypoints.copy()
    moved[:, :2] = (moved[:, :2] + 0.5 - (left, top)) * scale - 0.5
    return moved
