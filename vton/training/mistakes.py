"""The mistakes of parsers, made on purpose, so that what is trained on true maps holds on found ones."""

import cv2
import numpy as np

from vton.labels import ARM_LABELS, DENSEPOSE_PARTS, UPPER_LABELS, Joint, Parse
from vton.training.augment import Random, shoulder_width, wobble_labels

UNKNOWN_PARTS = 0.35


def mistaken_parse(parse: np.ndarray, keypoints: np.ndarray, random: Random) -> np.ndarray:
    """A parse with a parser's mistakes: borders moved, sleeves taken for arms and arms for sleeves, pieces lost."""
    mistaken = wobble_labels(parse, random.uniform(0.5, 2.0), 24, random) if random.random() < 0.7 else parse.copy()
    unit = shoulder_width(keypoints)
    height, width = parse.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)

    def near(place: np.ndarray, reach: float) -> np.ndarray:
        return (columns - place[0]) ** 2 + (rows - place[1]) ** 2 < (reach * unit) ** 2

    for joint, label in ((Joint.RIGHT_WRIST, Parse.RIGHT_ARM), (Joint.LEFT_WRIST, Parse.LEFT_ARM)):
        chance = random.random()
        blob = near(keypoints[joint, :2] + random.normal(size=2) * 0.15 * unit, random.uniform(0.1, 0.5))
        if chance < 0.1:
            mistaken[blob & np.isin(mistaken, UPPER_LABELS)] = label
        elif chance < 0.2:
            mistaken[blob & np.isin(mistaken, ARM_LABELS)] = Parse.UPPER
        elif chance < 0.25:
            mistaken[blob] = Parse.BACKGROUND
    if random.random() < 0.15:
        hips = keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean()
        hem = hips + random.normal() * 0.2 * unit
        mistaken[np.isin(mistaken, UPPER_LABELS) & (rows > hem)] = Parse.PANTS
    if random.random() < 0.15:
        place = np.array([random.uniform(0, width), random.uniform(0, height)])
        mistaken[near(place, random.uniform(0.1, 0.4))] = Parse.BACKGROUND
    if random.random() < 0.1:
        collar = near(keypoints[Joint.NECK, :2], random.uniform(0.2, 0.4))
        mistaken[collar & np.isin(mistaken, UPPER_LABELS)] = Parse.HAIR if random.random() < 0.3 else Parse.FACE
    return mistaken


def mistaken_parts(parts: np.ndarray, random: Random, unknown: float = UNKNOWN_PARTS) -> np.ndarray:
    """DensePose parts as a network might find them, or, so often as `unknown` says, none at all."""
    if random.random() < unknown:
        return np.zeros_like(parts)
    mistaken = wobble_labels(parts, random.uniform(0.5, 3.0), 16, random)
    if random.random() < 0.3:
        side = int(random.integers(2, 6))
        kernel = np.ones((side, side), np.uint8)
        mistaken = cv2.dilate(mistaken, kernel) if random.random() < 0.5 else cv2.erode(mistaken, kernel)
    if random.random() < 0.3:
        lost = random.integers(1, len(DENSEPOSE_PARTS), size=2)
        mistaken[np.isin(mistaken, lost)] = 0
    return mistaken
