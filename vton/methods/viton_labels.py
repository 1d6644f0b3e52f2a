"""The 14 labels in which ACGPN and DOC-VTON see a person, and the maps they share."""

from enum import IntEnum

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from vton.labels import Parse, Region
from vton.methods.worn import worn_parse
from vton.types import CANVAS_HEIGHT, Person

CLASSES = 14
POSE_RADIUS = 5
"""Half the side of the square that marks a keypoint, in pixels of 256×192."""


class VitonLabel(IntEnum):
    """Label ids as ACGPN's authors list them; 2 and 3 stand for nothing."""

    BACKGROUND = 0
    HAIR = 1
    UPPER = 4
    LEFT_SHOE = 5
    RIGHT_SHOE = 6
    NOISE = 7
    BOTTOM = 8
    LEFT_LEG = 9
    RIGHT_LEG = 10
    LEFT_ARM = 11
    FACE = 12
    RIGHT_ARM = 13


VITON_LABEL_OF_PARSE = np.zeros(len(Parse), np.uint8)
"""Parse id → VitonLabel id. The neck goes with the face, so that the pictures keep it."""
for _label, _parses in {
    VitonLabel.HAIR: (Parse.HAT, Parse.HAIR),
    VitonLabel.UPPER: (Parse.UPPER, Parse.DRESS, Parse.COAT),
    VitonLabel.LEFT_SHOE: (Parse.LEFT_SHOE, Parse.SOCKS),
    VitonLabel.RIGHT_SHOE: (Parse.RIGHT_SHOE,),
    VitonLabel.NOISE: (Parse.GLOVE, Parse.SCARF),
    VitonLabel.BOTTOM: (Parse.PANTS, Parse.SKIRT),
    VitonLabel.LEFT_LEG: (Parse.LEFT_LEG,),
    VitonLabel.RIGHT_LEG: (Parse.RIGHT_LEG,),
    VitonLabel.LEFT_ARM: (Parse.LEFT_ARM,),
    VitonLabel.RIGHT_ARM: (Parse.RIGHT_ARM,),
    VitonLabel.FACE: (Parse.FACE, Parse.SUNGLASSES, Parse.NECK),
}.items():
    for _parse in _parses:
        VITON_LABEL_OF_PARSE[_parse] = _label

REGION_OF_VITON_LABEL = np.zeros(CLASSES, np.uint8)
"""VitonLabel id → Region id."""
for _label in VitonLabel:
    REGION_OF_VITON_LABEL[_label] = Region[_label.name]


def viton_labels(person: Person, height: int, width: int) -> Tensor:
    """The person's parse as `VitonLabel` ids, int64 (1, 1, height, width)."""
    labels = torch.from_numpy(VITON_LABEL_OF_PARSE[worn_parse(person)])[None, None]
    return F.interpolate(labels.float(), size=(height, width), mode="nearest").long()


def one_hot(labels: Tensor, classes: int = CLASSES) -> Tensor:
    """Integer ids (N, 1, H, W) → float32 (N, classes, H, W)."""
    return F.one_hot(labels[:, 0].long(), classes).permute(0, 3, 1, 2).float()


def pose_maps(keypoints: np.ndarray, height: int, width: int) -> Tensor:
    """One map for each keypoint, a square of 1 around it and -1 elsewhere; all -1 for a keypoint that was not found.

    Args:
        keypoints: (18, 3), x and y in pixels of the canvas and confidence.
        height, width: size of the maps.

    Returns:
        float32 (1, 18, height, width).
    """
    scale = height / CANVAS_HEIGHT
    radius = POSE_RADIUS * height / 256
    y, x = torch.arange(height)[:, None], torch.arange(width)[None]
    maps = torch.full((1, len(keypoints), height, width), -1.0)
    for plane, (point_x, point_y, confidence) in zip(maps[0], keypoints, strict=True):
        if confidence > 0:
            near = ((x - point_x * scale).abs() <= radius) & ((y - point_y * scale).abs() <= radius)
            plane[near] = 1.0
    return maps


def dilate(mask: Tensor, times: int) -> Tensor:
    """Grow a mask (N, 1, H, W) by a 3×3 cross, so many times."""
    for _ in range(times):
        rows = F.max_pool2d(mask, (3, 1), stride=1, padding=(1, 0))
        mask = torch.maximum(rows, F.max_pool2d(mask, (1, 3), stride=1, padding=(0, 1)))
    return mask


def regions_of(labels: Tensor) -> Tensor:
    """`VitonLabel` ids (N, 1, H, W) → float32 one-hot of `Region`, (N, 13, H, W)."""
    regions = torch.as_tensor(REGION_OF_VITON_LABEL, device=labels.device)[labels.long()]
    return one_hot(regions, len(Region))


def random_masks(number: int, height: int, width: int, seed: int) -> Tensor:
    """Channels of noise, 1 where a normal number exceeds 1 and else 0, as published; float32 (number, 1, H, W)."""
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(number, 1, height, width, generator=generator) > 1).float()
