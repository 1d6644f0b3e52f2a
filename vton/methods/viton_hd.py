"""VITON-HD at test time, with the published networks and sizes: condition, compose regions, warp, generate.

The functions follow one another in this order; what it shares with HR-VITON comes from there. Pictures are RGB in
[-1, 1]; N×C×H×W tensors on any device.
"""

from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.images import to_pixels, to_tensor
from vton.labels import BOTTOM_LABELS, LEG_LABELS, SHOE_LABELS, Joint, Layer, Parse
from vton.methods.canvas import pixels_read
from vton.methods.hr_viton import CONDITION_SIZE, decide_regions, layers_of, one_hot_regions, smooth_regions
from vton.methods.viton_labels import random_masks
from vton.networks.hr_viton import warp
from vton.networks.viton_hd import GeometricMatching, misalignment
from vton.preprocess.agnostic import GREY, LEFT_ARM, RIGHT_ARM, TORSO, Drawing, torso_keypoints
from vton.preprocess.pose import draw_pose
from vton.types import Composition, Garment, Person

UNIT = 20
"""Pixels of the canvas in which the agnostic image's shapes are measured."""

KEPT_LABELS = (Parse.SUNGLASSES, Parse.FACE, *BOTTOM_LABELS, *LEG_LABELS, *SHOE_LABELS)


def agnostic_image(image: np.ndarray, parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """The image with torso, neck and arms painted grey by shapes of constant size; unlike HR-VITON's, no hand stays.

    Args:
        image: uint8 RGB (H, W, 3).
        parse: uint8 (H, W), `Parse` ids.
        keypoints: (18, 3), x and y in pixels and confidence; a point at (0, 0) counts as missing.

    Returns:
        uint8 RGB (H, W, 3).
    """
    points = torso_keypoints(keypoints)
    drawing = Drawing(parse.shape)
    drawing.line(points, (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER), 10 * UNIT)
    for arm in (RIGHT_ARM, LEFT_ARM):
        drawing.ellipse(points[arm[0]], 5 * UNIT, 5 * UNIT)
        for previous, joint in pairwise(arm):
            if points[previous, :2].any() and points[joint, :2].any():
                drawing.line(points, (previous, joint), 10 * UNIT)
                drawing.ellipse(points[joint], 5 * UNIT, 5 * UNIT)
    for hip in (Joint.RIGHT_HIP, Joint.LEFT_HIP):
        drawing.ellipse(points[hip], 3 * UNIT, 6 * UNIT)
    drawing.line(points, (Joint.RIGHT_SHOULDER, Joint.RIGHT_HIP), 6 * UNIT)
    drawing.line(points, (Joint.LEFT_SHOULDER, Joint.LEFT_HIP), 6 * UNIT)
    drawing.line(points, (Joint.RIGHT_HIP, Joint.LEFT_HIP), 12 * UNIT)
    drawing.draw.polygon([tuple(points[joint, :2].tolist()) for joint in TORSO], 255, 255)
    x, y = points[Joint.NECK, :2].tolist()
    drawing.draw.rectangle((x - 7 * UNIT, y - 7 * UNIT, x + 7 * UNIT, y + 7 * UNIT), 255, 255)
    result = image.copy()
    result[drawing.covered() & ~np.isin(parse, KEPT_LABELS)] = GREY
    return result


def segmentation_input(garment: Tensor, garment_mask: Tensor, regions: Tensor, pose: Tensor, noise: Tensor) -> Tensor:
    """What the segmentation generator sees, (N, 21, 256, 192).

    Args:
        garment, pose: (N, 3, H, W).
        garment_mask: (N, 1, H, W) in {0, 1}.
        regions: (N, 13, H, W), one-hot regions of the parse-agnostic map.
        noise: (N, 1, 256, 192) in {0, 1}.
    """
    maps = (garment_mask, garment * garment_mask, regions, pose)
    small = [F.interpolate(values, size=CONDITION_SIZE, mode="bilinear", align_corners=False) for values in maps]
    return torch.cat((*small, noise), 1)


def matching_inputs(layers: Tensor, pose: Tensor, agnostic: Tensor, garment: Tensor) -> tuple[Tensor, Tensor]:
    """What the geometric matching module sees of person and garment, (N, 7, 256, 192) and (N, 3, 256, 192).

    Args:
        layers: (N, 7, H, W) one-hot `Layer`.
        pose, agnostic, garment: (N, 3, H, W).
    """
    region = layers[:, Layer.UPPER : Layer.UPPER + 1]
    small = [F.interpolate(values, size=CONDITION_SIZE, mode="nearest") for values in (region, pose, agnostic, garment)]
    return torch.cat(small[:3], 1), small[3]


def warp_garment(
    network: GeometricMatching, offsets: Tensor, garment: Tensor, garment_mask: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Bend the garment by the spline that the offsets (N, 50) stand for.

    Returns:
        The grid (N, H, W, 2) in [-1, 1], the warped garment (N, 3, H, W) and its mask (N, 1, H, W).
    """
    grid = network.grid(offsets, *garment.shape[2:])
    return grid, warp(garment, grid), warp(garment_mask, grid)


def generate(
    generator: nn.Module, agnostic: Tensor, pose: Tensor, warped: Tensor, layers: Tensor, warped_mask: Tensor
) -> Tensor:
    """Paint the person: three pictures (N, 3, H, W), one-hot layers and the warped mask → (N, 3, H, W)."""
    misaligned, divided = misalignment(layers, warped_mask)
    return generator(torch.cat((agnostic, pose, warped), 1), layers, divided, misaligned)


class VITONHD:
    """The published method: Person and Garment → Composition.

    Args:
        segmentation: `InstanceUNet` of the published sizes.
        matching: `GeometricMatching`.
        image: `AliasGenerator`; all in evaluation mode on one device.
        seed: of the noise that the segmentation takes; the same seed gives the same picture.
    """

    def __init__(self, segmentation: nn.Module, matching: nn.Module, image: nn.Module, seed: int = 0):
        self.segmentation, self.matching, self.image = segmentation, matching, image
        self.seed = seed

    @property
    def device(self) -> torch.device:
        """Where the networks are and the work is done."""
        return next(self.segmentation.parameters()).device

    @torch.inference_mode()
    def __call__(self, person: Person, garment: Garment) -> Composition:
        """Dress the person, at 1024×768."""
        device = self.device
        picture = to_tensor(garment.image).to(device)
        garment_mask = (torch.from_numpy(garment.mask)[None, None] > 0.5).float().to(device)
        hidden = one_hot_regions(torch.from_numpy(person.parse_agnostic)[None].to(device))
        pose = to_tensor(draw_pose(person.keypoints, *person.parse.shape)).to(device)
        agnostic = to_tensor(agnostic_image(person.image, person.parse, person.keypoints)).to(device)
        noise = random_masks(1, *CONDITION_SIZE, self.seed).to(device)
        likely = self.segmentation(segmentation_input(picture, garment_mask, hidden, pose, noise)).sigmoid()
        smoothed = smooth_regions(likely, *picture.shape[2:])
        layers = layers_of(decide_regions(smoothed))
        offsets = self.matching(*matching_inputs(layers, pose, agnostic, picture))
        grid, warped, warped_mask = warp_garment(self.matching, offsets, picture, garment_mask)
        generated = generate(self.image, agnostic, pose, warped, layers, warped_mask)
        return Composition(
            warped_garment=to_pixels(warped),
            warped_mask=warped_mask[0, 0].cpu().numpy(),
            flow=pixels_read(grid),
            target=(smoothed / smoothed.sum(1, keepdim=True).clamp_min(1e-6))[0].cpu().numpy(),
            generated=to_pixels(generated),
        )
