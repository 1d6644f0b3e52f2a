"""HR-VITON with the compact weights: the published networks at small sizes, framed and composed for real photos.

It departs from the published composition (see `hr_viton`) where a network of a few million parameters gains from it:
person and garment are brought to a constant scale before the condition generator sees them, a map of the skeleton
stands beside the DensePose picture, and the image generator corrects a rough composite instead of painting all anew.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from vton.images import resize, to_pixels, to_tensor
from vton.labels import LAYER_OF_REGION, Joint, Layer, Parse, Region
from vton.methods.compact_inputs import (
    FRAME_HEIGHT,
    FRAME_WIDTH,
    agnostic_regions,
    compact_regions,
    complete_keypoints,
    condition_inputs,
    garment_crop,
    hands,
    move_keypoints,
    skeleton_map,
    torso_crop,
)
from vton.methods.compose import rough_composite
from vton.networks.hr_viton import sampling_grid
from vton.preprocess.parts import densepose_picture
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, Composition, Garment, Person

CONDITION_SIZE = (FRAME_HEIGHT, FRAME_WIDTH)
GENERATOR_SIZE = (384, 288)
FRONT_LABELS = (Parse.HAT, Parse.HAIR, Parse.GLOVE, Parse.SUNGLASSES, Parse.FACE)


@dataclass(frozen=True)
class Condition:
    """What the condition generator says, brought to the canvas.

    flow: float32 (1024, 768, 2), canvas pixels of the garment picture that each pixel reads.
    mask: float32 (1024, 768) in [0, 1], the garment's mask brought along the flow at full detail; 0 where the network
        did not look.
    target: float32 (13, 1024, 768) in [0, 1], probabilities of `Region`, the neck as NOISE.
    """

    flow: np.ndarray
    mask: np.ndarray
    target: np.ndarray


class CompactHRViton:
    """The compact networks as a method: Person and Garment in, Composition out.

    Args:
        condition: `ConditionGenerator` with 6 garment and 21 person channels.
        image: `ImageGenerator` with 12 input channels that predicts a residual.
    """

    def __init__(self, condition: nn.Module, image: nn.Module):
        self.condition = condition
        self.image = image

    @property
    def device(self) -> torch.device:
        return next(self.condition.parameters()).device

    @torch.inference_mode()
    def __call__(self, person: Person, garment: Garment) -> Composition:
        condition = self.predict_condition(person, garment)
        warped = cv2.remap(
            bleed(garment.image, garment.mask), condition.flow, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        generated = self.generate(person, condition, warped)
        return Composition(warped, condition.mask, condition.flow, condition.target, generated)

    def predict_condition(self, person: Person, garment: Garment) -> Condition:
        """Run the condition generator in its own frames and carry the answer back to the canvas."""
        height, width = CONDITION_SIZE
        to_torso = torso_crop(person.keypoints)
        to_garment = garment_crop(garment.mask)
        keypoints = move_keypoints(person.keypoints, to_torso)
        parse = _warp(worn_parse(person), to_torso, CONDITION_SIZE, cv2.INTER_NEAREST)
        parts = _warp(person.parts, to_torso, CONDITION_SIZE, cv2.INTER_NEAREST)
        mask = _warp(garment.mask, to_garment, CONDITION_SIZE, cv2.INTER_LINEAR)
        picture = _warp(garment.image, to_garment, CONDITION_SIZE, cv2.INTER_LINEAR)
        skeleton = torch.from_numpy(skeleton_map(keypoints, height, width)).permute(2, 0, 1)[None]
        garment_input, person_input = condition_inputs(
            to_tensor(picture),
            torch.from_numpy(mask)[None, None],
            torch.from_numpy(agnostic_regions(parse, keypoints))[None],
            to_tensor(densepose_picture(parts)),
            skeleton,
        )
        flows, logits, _, _ = self.condition(garment_input.to(self.device), person_input.to(self.device))
        reads = _read_positions(flows[-1], height, width)
        target = torch.softmax(logits, 1)[0].permute(1, 2, 0).float().cpu().numpy()
        target = close_sleeves(target, keypoints)
        return _to_canvas(reads, target, garment.mask, to_torso, to_garment)

    def generate(self, person: Person, condition: Condition, warped: np.ndarray) -> np.ndarray:
        """The image generator's picture on the canvas, uint8 RGB (1024, 768, 3)."""
        height, width = GENERATOR_SIZE
        image = to_tensor(resize(person.image, (width, height)))
        before = regions_one_hot(worn_parse(person), GENERATOR_SIZE)
        target = F.interpolate(torch.from_numpy(condition.target)[None], size=GENERATOR_SIZE, mode="area")
        mask = torch.from_numpy(_shrink(condition.mask))[None, None]
        keep = torch.from_numpy(_shrink(front_mask(person)))[None, None]
        garment = to_tensor(resize(warped, (width, height)))
        composite, edit = rough_composite(image, before, target, garment, mask, keep)
        parts = cv2.resize(person.parts, (width, height), interpolation=cv2.INTER_NEAREST)
        inputs = generator_inputs(image, edit, to_tensor(densepose_picture(parts)), garment, mask, composite)
        layers = generator_layers(target)
        residual = self.image(inputs.to(self.device), layers.to(self.device)).float().cpu()
        generated = to_pixels(composite + residual)
        return resize(generated, (CANVAS_WIDTH, CANVAS_HEIGHT))


def generator_inputs(
    image: torch.Tensor,
    edit: torch.Tensor,
    densepose: torch.Tensor,
    garment: torch.Tensor,
    warped_mask: torch.Tensor,
    composite: torch.Tensor,
) -> torch.Tensor:
    """The published nine channels (agnostic image, DensePose picture, warped garment) and the composite, (N, 12, H, W).

    All pictures (N, 3, H, W) in [-1, 1]; `edit` and `warped_mask` (N, 1, H, W) in [0, 1]. The edit is grey in the
    agnostic image, what lies outside the garment white in the warped one.
    """
    return torch.cat([image * (1 - edit), densepose, garment * warped_mask + (1 - warped_mask), composite], 1)


def generator_layers(target: torch.Tensor) -> torch.Tensor:
    """(N, 13, H, W) probabilities of `Region` → (N, 7, H, W) of `Layer`."""
    layers = torch.zeros(target.shape[0], len(Layer), *target.shape[2:], dtype=target.dtype, device=target.device)
    return layers.index_add_(1, torch.from_numpy(LAYER_OF_REGION.astype(np.int64)).to(target.device), target)


def regions_one_hot(parse: np.ndarray, size: tuple[int, int]) -> torch.Tensor:
    """(1024, 768) `Parse` ids → (1, 13, *size) float one-hot of `Region`, the neck as NOISE."""
    small = cv2.resize(parse, size[::-1], interpolation=cv2.INTER_NEAREST)
    regions = torch.from_numpy(compact_regions(small)).long()
    return F.one_hot(regions, len(Region)).permute(2, 0, 1)[None].float()


def close_sleeves(target: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Give patches of bare arm that do not reach the forearm, as on a shoulder above a sleeve, to the garment.

    Args:
        target: float32 (H, W, 13), probabilities of `Region`.
        keypoints: (18, 3) in its pixels.

    Returns:
        float32 (H, W, 13).
    """
    points = complete_keypoints(keypoints)[:, :2]
    thickness = max(3, round(0.3 * float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))))
    decided, closed = target.argmax(-1), target.copy()
    for region, elbow, wrist in (
        (Region.RIGHT_ARM, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
        (Region.LEFT_ARM, Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
    ):
        forearm = np.zeros(decided.shape, np.uint8)
        start, end = ((int(x), int(y)) for x, y in points[[elbow, wrist]].clip(-2000, 2000))
        cv2.line(forearm, start, end, 1, thickness)
        _, pieces = cv2.connectedComponents((decided == region).astype(np.uint8))
        stray = (pieces > 0) & ~np.isin(pieces, np.unique(pieces[forearm > 0]))
        stray = cv2.dilate(stray.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        closed[stray, Region.UPPER] += closed[stray, region]
        closed[stray, region] = 0
    return closed


def worn_parse(person: Person) -> np.ndarray:
    """The person's parse with a dress split above the hips: what a top replaces, and a skirt that stays.

    Returns:
        uint8 (1024, 768), ids of `Parse`.
    """
    points = complete_keypoints(person.keypoints)
    neck, hips = points[Joint.NECK], (points[Joint.RIGHT_HIP] + points[Joint.LEFT_HIP]) / 2
    rows = np.arange(CANVAS_HEIGHT, dtype=np.float32)[:, None]
    below = rows > hips[1] - 0.25 * (hips[1] - neck[1])
    return np.where((person.parse == Parse.DRESS) & below, np.uint8(Parse.SKIRT), person.parse)


def front_mask(person: Person) -> np.ndarray:
    """What stays in front of any garment: hair, hat, face and the hands; float32 (1024, 768) in [0, 1]."""
    front = np.isin(person.parse, FRONT_LABELS)
    front |= hands(person.parse, person.keypoints)
    return cv2.GaussianBlur(front.astype(np.float32), (0, 0), 1.2)


def bleed(image: np.ndarray, mask: np.ndarray, radius: int = 12) -> np.ndarray:
    """Push the garment's colours past its edge, so that a warped edge never picks up the backdrop.

    Args:
        image: uint8 (H, W, 3).
        mask: float32 (H, W) in [0, 1].
        radius: how far, in pixels.

    Returns:
        uint8 (H, W, 3).
    """
    inside = cv2.erode((mask > 0.9).astype(np.float32), np.ones((5, 5), np.uint8))
    filled = image.astype(np.float32)
    known = inside
    for sigma in (2.0, radius / 2, radius):
        weight = cv2.GaussianBlur(known, (0, 0), sigma)
        summed = cv2.GaussianBlur(filled * known[..., None], (0, 0), sigma)
        fresh = (known < 0.5) & (weight > 0.02)
        filled = np.where(fresh[..., None], summed / np.maximum(weight, 1e-4)[..., None], filled)
        known = np.maximum(known, fresh.astype(np.float32))
    return filled.clip(0, 255).astype(np.uint8)


def _warp(values: np.ndarray, matrix: np.ndarray, size: tuple[int, int], interpolation: int) -> np.ndarray:
    """Bring canvas values into a network frame; by area first when it shrinks much, so that prints do not alias."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if interpolation != cv2.INTER_NEAREST and scale < 0.7:
        values = cv2.GaussianBlur(values, (0, 0), 0.4 / scale)
    border = 255 if values.ndim == 3 else 0
    return cv2.warpAffine(values, matrix, size[::-1], flags=interpolation, borderValue=(border,) * 3)


def _shrink(values: np.ndarray) -> np.ndarray:
    return resize(np.ascontiguousarray(values, np.float32), GENERATOR_SIZE[::-1])


def _read_positions(flow: torch.Tensor, height: int, width: int) -> np.ndarray:
    """The finest flow → float32 (H, W, 2), pixel centres of the network's garment frame that each pixel reads."""
    grid = sampling_grid(flow, height, width)[0].float().cpu().numpy()
    return ((grid + 1) * np.array([width, height], np.float32) - 1) / 2


def _to_canvas(
    reads: np.ndarray, target: np.ndarray, garment_mask: np.ndarray, to_torso: np.ndarray, to_garment: np.ndarray
) -> Condition:
    rows, columns = np.mgrid[0:CANVAS_HEIGHT, 0:CANVAS_WIDTH].astype(np.float32)
    x = (to_torso[0, 0] * columns + to_torso[0, 1] * rows + to_torso[0, 2]).astype(np.float32)
    y = (to_torso[1, 0] * columns + to_torso[1, 1] * rows + to_torso[1, 2]).astype(np.float32)

    def fetch(plane: np.ndarray) -> np.ndarray:
        # A little smoothing before the enlargement, so that borders do not show the network's pixels.
        smooth = cv2.GaussianBlur(np.ascontiguousarray(plane), (0, 0), 1.0)
        return cv2.remap(smooth, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    back = cv2.invertAffineTransform(to_garment)
    flow = (fetch(reads) @ back[:, :2].T + back[:, 2]).astype(np.float32)
    mask = cv2.remap(garment_mask, flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    seen = (x > 0) & (x < FRAME_WIDTH - 1) & (y > 0) & (y < FRAME_HEIGHT - 1)
    planes = np.stack([fetch(target[..., region]) for region in range(target.shape[-1])])
    planes[Region.UPPER] *= seen
    return Condition(flow, cv2.GaussianBlur(mask * seen, (0, 0), 1.5), planes)
