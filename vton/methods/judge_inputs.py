"""What the condition discriminator sees of a try-on; training and the verdict share it.

Beside the published inputs (garment, its mask, parse-agnostic regions, DensePose, regions judged) it sees the skeleton,
and in place of the garment's colours the place in its picture at which each pixel reads it: colours do not say whether
a sleeve is where a sleeve belongs.
"""

import cv2
import numpy as np
import torch
from torch import Tensor

from vton.labels import Region, likeliest
from vton.methods.compact_inputs import (
    FRAME_HEIGHT,
    FRAME_WIDTH,
    agnostic_regions,
    compact_regions,
    garment_crop,
    move_keypoints,
    skeleton_map,
    torso_crop,
)
from vton.methods.remember import remembered
from vton.methods.worn import worn_parse
from vton.preprocess.parts import limb_picture
from vton.types import CANVAS_HEIGHT, Composition, Garment, Person

SIZE = (FRAME_HEIGHT // 2, FRAME_WIDTH // 2)
OPEN_REGIONS = (Region.BACKGROUND, Region.UPPER, Region.NOISE)
"""Regions in which nothing is in front of a top; the neck of the compact networks is NOISE."""

CHANNELS = 3 + len(Region) + 3 + 3 + len(Region)
"""Mask, x and y read; agnostic regions; DensePose picture; skeleton; regions judged."""

View = dict[str, np.ndarray]
"""One try-on in the torso's frame: regions and agnostic uint8 (128, 96) of `Region`; mask uint8 (128, 96), 0 to 255;
reads float16 (128, 96, 2), x and y in the garment's frame from -1 to 1; parts uint8 (128, 96) of DensePose; keypoints
float32 (18, 3) in pixels of 128×96."""


def view(person: Person, garment: Garment, composition: Composition) -> View:
    """A try-on by a method with a target parse, as the discriminator is to see it."""
    regions = _framed(likeliest(composition.target), person.keypoints, SIZE, cv2.INTER_NEAREST)
    if not (regions == Region.NOISE).any():
        # The published networks call a bare neck background; where the photo shows it, it is one still.
        neck = compact_regions(_framed(person.parse, person.keypoints, SIZE, cv2.INTER_NEAREST))
        regions[(regions == Region.BACKGROUND) & (neck == Region.NOISE)] = Region.NOISE
    reads = _framed(composition.flow, person.keypoints, SIZE, cv2.INTER_LINEAR)
    matrix = garment_crop(garment.mask, *SIZE)
    mask = _framed(composition.warped_mask, person.keypoints, SIZE, cv2.INTER_LINEAR)
    return {
        "regions": regions,
        "mask": (mask * 255).astype(np.uint8),
        "reads": normalised(reads @ matrix[:, :2].T + matrix[:, 2]).astype(np.float16),
        **person_view(person),
    }


def normalised(reads: np.ndarray) -> np.ndarray:
    """Pixels of the garment's 128×96 frame (H, W, 2) → from -1 to 1, a little beyond at most."""
    return ((2 * reads + 1) / np.array(SIZE[::-1], np.float32) - 1).clip(-1.5, 1.5)


@remembered
def person_view(person: Person) -> View:
    """The entries of a View that depend on the person alone."""
    keypoints = move_keypoints(person.keypoints, torso_crop(person.keypoints, *SIZE))
    parse = _framed(worn_parse(person), person.keypoints, SIZE, cv2.INTER_NEAREST)
    return {
        "agnostic": agnostic_regions(parse, keypoints),
        "parts": _framed(person.parts, person.keypoints, SIZE, cv2.INTER_NEAREST),
        "keypoints": keypoints,
    }


def _framed(values: np.ndarray, keypoints: np.ndarray, size: tuple[int, int], interpolation: int) -> np.ndarray:
    """Values on the whole canvas at any resolution → the torso's frame at (height, width)."""
    step = CANVAS_HEIGHT / values.shape[0]
    to_canvas = np.array([[step, 0, (step - 1) / 2], [0, step, (step - 1) / 2], [0, 0, 1]], np.float32)
    matrix = torso_crop(keypoints, *size) @ to_canvas
    return cv2.warpAffine(np.ascontiguousarray(values), matrix, size[::-1], flags=interpolation)


def stacked(views: list[View]) -> dict[str, Tensor]:
    """Views as one batch, with the skeletons drawn; on the CPU."""
    batch = {key: torch.from_numpy(np.stack([each[key] for each in views])) for key in views[0] if key != "keypoints"}
    batch["skeleton"] = torch.from_numpy(np.stack([skeleton_map(each["keypoints"], *SIZE) for each in views]))
    batch["densepose"] = torch.from_numpy(np.stack([limb_picture(each["parts"]) for each in views]))
    return batch


def judge_inputs(batch: dict[str, Tensor]) -> Tensor:
    """A batch of `stacked` views → (N, CHANNELS, 128, 96) for a `ConditionDiscriminator`.

    Regions are decided ones: soft borders would tell predicted from true ones at a glance. The garment is shown only
    where neither arms nor hair can be in front of it, since of true ones no more is known.
    """
    regions = _one_hot(batch["regions"])
    open_view = regions[:, list(OPEN_REGIONS)].sum(1, keepdim=True)
    mask = batch["mask"][:, None].float() / 255 * open_view
    reads = batch["reads"].permute(0, 3, 1, 2).float() * mask
    densepose = batch["densepose"].permute(0, 3, 1, 2).float() / 127.5 - 1
    skeleton = batch["skeleton"].permute(0, 3, 1, 2).float()
    return torch.cat([mask, reads, _one_hot(batch["agnostic"]), densepose, skeleton, regions], 1)


def _one_hot(regions: Tensor) -> Tensor:
    ids = torch.arange(len(Region), dtype=torch.uint8, device=regions.device)
    return (regions[:, None] == ids[:, None, None]).float()
