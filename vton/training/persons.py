"""Packed rendered people as the pipeline's own Person and Garment."""

import cv2
import numpy as np

from vton.data.pack import PICTURE_SIZE
from vton.images import resize
from vton.labels import Hem
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Garment, Person, Photo

CANVAS = (CANVAS_WIDTH, CANVAS_HEIGHT)
PERSON_FIELDS = ("other", "other_parse", "parts", "other_keypoints", "other_silhouette")
GARMENT_FIELDS = ("cloth", "cloth_mask")


def packed_person(packed: dict[str, np.ndarray]) -> Person:
    """The person in the other top, with the true maps, enlarged to the canvas; of the agnostic maps there are none."""
    photo = resize(packed["other"], CANVAS)
    parse, parts = (
        cv2.resize(packed[key], CANVAS, interpolation=cv2.INTER_NEAREST) for key in ("other_parse", "parts")
    )
    keypoints = packed["other_keypoints"].astype(np.float32).copy()
    keypoints[:, :2] = (keypoints[:, :2] + 0.5) * (CANVAS_HEIGHT / PICTURE_SIZE[0]) - 0.5
    return Person(
        photo=Photo(photo, ""),
        box=(0, 0, *CANVAS),
        image=photo,
        silhouette=resize(packed["other_silhouette"].astype(np.float32) / 255, CANVAS),
        keypoints=keypoints,
        parse=parse,
        parts=parts,
        agnostic=photo,
        parse_agnostic=parse,
    )


def packed_garment(packed: dict[str, np.ndarray]) -> Garment:
    """The garment's flat picture and mask, enlarged to the canvas; tucked where it is known to be worn so."""
    picture, mask = resize(packed["cloth"], CANVAS), packed["cloth_mask"].astype(np.float32) / 255
    tucked = bool(packed.get("hem", Hem.UNKNOWN) == Hem.TUCKED)
    return Garment(Photo(picture, ""), picture, resize(mask, CANVAS).clip(0, 1), tucked=tucked)
