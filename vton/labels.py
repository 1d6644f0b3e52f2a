"""Every label table, every mapping between them, and the keypoint names.

Label ids appear by name everywhere else in the project. Left and right are the person's own.
"""

from collections.abc import Iterable
from enum import IntEnum

import cv2
import numpy as np


class Parse(IntEnum):
    """The 20 classes of CIHP (Gong et al., "Instance-level Human Parsing", 2018), which HR-VITON uses."""

    BACKGROUND = 0
    HAT = 1
    HAIR = 2
    GLOVE = 3
    SUNGLASSES = 4
    UPPER = 5
    DRESS = 6
    COAT = 7
    SOCKS = 8
    PANTS = 9
    NECK = 10
    SCARF = 11
    SKIRT = 12
    FACE = 13
    LEFT_ARM = 14
    RIGHT_ARM = 15
    LEFT_LEG = 16
    RIGHT_LEG = 17
    LEFT_SHOE = 18
    RIGHT_SHOE = 19


PARSE_NAMES = tuple(label.name.lower().replace("_", " ") for label in Parse)

UPPER_LABELS = (Parse.UPPER, Parse.DRESS, Parse.COAT)
BOTTOM_LABELS = (Parse.PANTS, Parse.SKIRT)
ARM_LABELS = (Parse.LEFT_ARM, Parse.RIGHT_ARM)
LEG_LABELS = (Parse.LEFT_LEG, Parse.RIGHT_LEG)
SHOE_LABELS = (Parse.LEFT_SHOE, Parse.RIGHT_SHOE)


class Region(IntEnum):
    """The 13 groups in which HR-VITON's condition generator sees and predicts a parse."""

    BACKGROUND = 0
    HAIR = 1
    FACE = 2
    UPPER = 3
    BOTTOM = 4
    LEFT_ARM = 5
    RIGHT_ARM = 6
    LEFT_LEG = 7
    RIGHT_LEG = 8
    LEFT_SHOE = 9
    RIGHT_SHOE = 10
    SOCKS = 11
    NOISE = 12


class Hem(IntEnum):
    """How a top ends: over the trousers or skirt, or within them."""

    UNKNOWN = 0
    LOOSE = 1
    TUCKED = 2


REGION_OF_PARSE = np.zeros(len(Parse), np.uint8)
"""Parse id → Region id. CIHP's torso skin (the neck) counts as background, as HR-VITON has it."""
for _region, _labels in {
    Region.HAIR: (Parse.HAT, Parse.HAIR),
    Region.FACE: (Parse.SUNGLASSES, Parse.FACE),
    Region.UPPER: UPPER_LABELS,
    Region.BOTTOM: BOTTOM_LABELS,
    Region.LEFT_ARM: (Parse.LEFT_ARM,),
    Region.RIGHT_ARM: (Parse.RIGHT_ARM,),
    Region.LEFT_LEG: (Parse.LEFT_LEG,),
    Region.RIGHT_LEG: (Parse.RIGHT_LEG,),
    Region.LEFT_SHOE: (Parse.LEFT_SHOE,),
    Region.RIGHT_SHOE: (Parse.RIGHT_SHOE,),
    Region.SOCKS: (Parse.SOCKS,),
    Region.NOISE: (Parse.GLOVE, Parse.SCARF),
}.items():
    for _label in _labels:
        REGION_OF_PARSE[_label] = _region

MIRRORED_REGIONS = np.array([0, 1, 2, 3, 4, 6, 5, 8, 7, 10, 9, 11, 12], np.uint8)
"""Which region takes whose place when a picture is mirrored."""


class Layer(IntEnum):
    """The 7 groups on which HR-VITON's image generator is conditioned."""

    BACKGROUND = 0
    PASTE = 1
    UPPER = 2
    HAIR = 3
    LEFT_ARM = 4
    RIGHT_ARM = 5
    NOISE = 6


LAYER_OF_REGION = np.array(
    [
        Layer.BACKGROUND,
        Layer.HAIR,
        Layer.PASTE,
        Layer.UPPER,
        Layer.PASTE,
        Layer.LEFT_ARM,
        Layer.RIGHT_ARM,
        Layer.PASTE,
        Layer.PASTE,
        Layer.PASTE,
        Layer.PASTE,
        Layer.PASTE,
        Layer.NOISE,
    ],
    np.uint8,
)
"""Region id → Layer id."""

KEYPOINTS = (
    "nose", "neck", "right shoulder", "right elbow", "right wrist", "left shoulder", "left elbow", "left wrist",
    "right hip", "right knee", "right ankle", "left hip", "left knee", "left ankle",
    "right eye", "left eye", "right ear", "left ear",
)  # fmt: skip
"""OpenPose's 18 keypoints (its COCO model) in order."""


class Joint(IntEnum):
    """Indices into an array of 18 keypoints."""

    NOSE = 0
    NECK = 1
    RIGHT_SHOULDER = 2
    RIGHT_ELBOW = 3
    RIGHT_WRIST = 4
    LEFT_SHOULDER = 5
    LEFT_ELBOW = 6
    LEFT_WRIST = 7
    RIGHT_HIP = 8
    RIGHT_KNEE = 9
    RIGHT_ANKLE = 10
    LEFT_HIP = 11
    LEFT_KNEE = 12
    LEFT_ANKLE = 13
    RIGHT_EYE = 14
    LEFT_EYE = 15
    RIGHT_EAR = 16
    LEFT_EAR = 17


MIRRORED_KEYPOINTS = np.array([0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16])
"""Which keypoint takes whose place when a picture is mirrored."""

MIRRORED_PARSE = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 14, 17, 16, 19, 18], np.uint8)
"""Which parse id takes whose place when a picture is mirrored."""

LIMBS = (
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13),
    (1, 0), (0, 14), (14, 16), (0, 15), (15, 17),
)  # fmt: skip
"""Pairs of keypoints that OpenPose joins by a limb, in its drawing order."""

BODY25_FROM_18 = np.array([0, 1, 2, 3, 4, 5, 6, 7, -1, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, -1, -1, -1, -1, -1, -1])
"""OpenPose BODY_25 entry → entry among the 18, or -1 where BODY_25 has a point that the 18 lack.

Entry 8 (mid hip) is the mean of both hips; entries 19 to 24 are the feet: big toe, small toe and heel, left then right.
"""

DENSEPOSE_PARTS = (
    "background", "torso back", "torso front", "right hand", "left hand", "left foot", "right foot",
    "right upper leg back", "left upper leg back", "right upper leg front", "left upper leg front",
    "right lower leg back", "left lower leg back", "right lower leg front", "left lower leg front",
    "left upper arm front", "right upper arm front", "left upper arm back", "right upper arm back",
    "left lower arm front", "right lower arm front", "left lower arm back", "right lower arm back",
    "right side of the head", "left side of the head",
)  # fmt: skip
"""DensePose's 24 body parts after the background (Güler et al., 2018). Front and back of the arms follow its charts."""

MIRRORED_PARTS = np.array(
    [0, 1, 2, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15, 18, 17, 20, 19, 22, 21, 24, 23], np.uint8
)
"""Which DensePose part takes whose place when a picture is mirrored."""


def looked_up(ids: np.ndarray, table: np.ndarray) -> np.ndarray:
    """`table[ids]`, several times as fast; ids and table, of up to 256 entries, are uint8. The ids have any shape."""
    if ids.size == 0:
        return np.zeros(ids.shape, np.uint8)
    whole = np.zeros(256, np.uint8)
    whole[: len(table)] = table
    return cv2.LUT(np.ascontiguousarray(ids).reshape(1, -1), whole).reshape(ids.shape)


def among(ids: np.ndarray, wanted: Iterable[int]) -> np.ndarray:
    """Which ids, uint8 of any shape, are wanted ones, bool of that shape: np.isin takes ten times as long."""
    table = np.zeros(256, np.uint8)
    table[list(wanted)] = 1
    return looked_up(ids, table).view(bool)


def likeliest(shares: np.ndarray, but: int = -1) -> np.ndarray:
    """The first of the labels with the largest share, one left out; float32 (labels, h, w) → uint8 (h, w)."""
    # Plane by plane: argmax over the first axis takes five times as long.
    first, *others = (label for label in range(len(shares)) if label != but)
    labels, highest = np.full(shares.shape[1:], first, np.uint8), shares[first].copy()
    for label in others:
        labels[shares[label] > highest] = label
        np.maximum(highest, shares[label], out=highest)
    return labels
