"""ACGPN at test time, with the published networks and size: condition (what is to be seen where), warp, compose.

The functions follow one another in this order. Pictures are RGB in [-1, 1], labels `VitonLabel` ids, masks in {0, 1};
N×C×H×W tensors on any device.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from vton.images import to_pixels
from vton.methods.canvas import carry, enlarge, enlarge_picture, pixels_read, small_mask, small_picture
from vton.methods.viton_labels import (
    VitonLabel,
    dilate,
    one_hot,
    pose_maps,
    random_masks,
    regions_of,
    viton_labels,
)
from vton.networks.acgpn import SIZE
from vton.types import Composition, Garment, Person

ARMS = (VitonLabel.LEFT_ARM, VitonLabel.RIGHT_ARM)
ARM_REACH = 10
"""Steps by which an arm in front of the old garment is widened before the garment beside it is hidden."""

LEAST_SKIN = 10
"""An arm of fewer pixels says nothing of the skin's colour."""


class Arms(NamedTuple):
    """Masks (N, 1, H, W) of one arm.

    over: where the arm is to lie in front of the old garment.
    wide: the same, widened.
    full: the whole arm, over the garment and beside it.
    """

    over: Tensor
    wide: Tensor
    full: Tensor


class Target(NamedTuple):
    """What is to be seen where: the garment's region, the arms, and the labels of the rest; each (N, 1, H, W)."""

    region: Tensor
    arms: list[Arms]
    labels: Tensor


def old_garment_of(labels: Tensor) -> Tensor:
    """Where the person's labels show the garment that is worn in the photo, (N, 1, H, W)."""
    return (labels == VitonLabel.UPPER).float()


def merge_garment(labels: Tensor) -> Tensor:
    """The labels with arms and noise turned into garment, so that the old sleeves do not show."""
    merged = torch.isin(labels, labels.new_tensor([VitonLabel.NOISE, *ARMS]))
    return torch.where(merged, torch.full_like(labels, VitonLabel.UPPER), labels)


def garment_region(smooth: Tensor, labels: Tensor, foreground: Tensor) -> Tensor:
    """Where the new garment is to be worn: its predicted region widened by a step, without the arms in front of it.

    Args:
        smooth: (N, 1, H, W), the region as predicted.
        labels: (N, 1, H, W), as predicted.
        foreground: (N, 1, H, W), where the person is.
    """
    arms = torch.isin(labels, labels.new_tensor(ARMS)).float()
    return dilate(smooth, 1) * (1 - arms) * foreground


def find_arms(predicted: Tensor, labels: Tensor) -> list[Arms]:
    """Both arms: where the predicted labels draw them over the old garment, and where they already are beside it."""
    old_garment, found = old_garment_of(labels), []
    for arm in ARMS:
        over = old_garment * (predicted == arm).float()
        full = over + (1 - old_garment) * (labels == arm).float()
        found.append(Arms(over, dilate(over, ARM_REACH), full))
    return found


def final_labels(predicted: Tensor, arms: list[Arms], region: Tensor) -> Tensor:
    """The predicted labels with the arms as they were found and nothing yet in the garment's region."""
    result = torch.where(torch.isin(predicted, predicted.new_tensor(ARMS)), 0, predicted)
    for label, arm in zip(ARMS, arms, strict=True):
        result = torch.where(arm.full > 0, torch.full_like(result, label), result)
    return torch.where(region > 0, 0, result)


def refine_garment(output: Tensor, warped: Tensor, region: Tensor) -> tuple[Tensor, Tensor]:
    """Mix the warped garment with its repainted version.

    Args:
        output: (N, 4, H, W) of the warp network.
        warped: (N, 3, H, W).
        region: (N, 1, H, W).

    Returns:
        How much of the warped garment is kept (N, 1, H, W), and the garment (N, 3, H, W).
    """
    kept = output[:, 3:].sigmoid() * region
    return kept, output[:, :3].tanh() * (1 - kept) + warped * kept


def skin_colour(image: Tensor, labels: Tensor) -> Tensor:
    """Mean colour of the arms everywhere, (N, 3, H, W); 0 where a picture shows less than LEAST_SKIN pixels of them."""
    arms = torch.isin(labels, labels.new_tensor(ARMS)).float()
    count = arms.sum((2, 3), keepdim=True)
    mean = (image * arms).sum((2, 3), keepdim=True) / count.clamp_min(1)
    return (mean * (count >= LEAST_SKIN)).expand_as(image)


def cut_hole(image: Tensor, labels: Tensor, arms: list[Arms], region: Tensor) -> tuple[Tensor, Tensor]:
    """Take out of the picture what is to be painted anew.

    Args:
        image: (N, 3, H, W).
        labels: (N, 1, H, W), the person's.
        arms: from `find_arms`.
        region: (N, 1, H, W), of the new garment.

    Returns:
        What stays beside arms that come in front (N, 1, H, W), and the picture with 0 in the hole (N, 3, H, W).
    """
    old_garment = old_garment_of(labels)
    skin_or_garment = sum((labels == arm).float() for arm in ARMS) + old_garment
    left, right = arms
    beside = (1 - left.wide * skin_or_garment) * (1 - right.wide * skin_or_garment)
    foreground = (labels > 0).float()
    return beside, image * foreground * (1 - old_garment) * beside * (1 - region)


class ACGPN:
    """The published method: Person and Garment → Composition.

    Args:
        labels, region: the two label generators G1 and G2.
        warp: `GarmentWarp`.
        picture: the picture generator G; all in evaluation mode on one device.
        seed: of the noise that three of the networks take; the same seed gives the same picture.
    """

    def __init__(self, labels: nn.Module, region: nn.Module, warp: nn.Module, picture: nn.Module, seed: int = 0):
        self.labels, self.region, self.network, self.picture = labels, region, warp, picture
        self.seed = seed

    @property
    def device(self) -> torch.device:
        return next(self.network.parameters()).device

    @torch.inference_mode()
    def __call__(self, person: Person, garment: Garment) -> Composition:
        """Dress the person, at 256×192."""
        noise = random_masks(3, *SIZE, self.seed).to(self.device)
        mask = small_mask(garment.mask, *SIZE).to(self.device)
        cloth = small_picture(garment.image, *SIZE).to(self.device) * mask
        pose = pose_maps(person.keypoints, *SIZE).to(self.device)
        labels = viton_labels(person, *SIZE).to(self.device)
        target = self.condition(torch.cat((mask, cloth), 1), pose, labels, noise)
        output, warped, _ = self.network(cloth, mask, target.region)
        _, worn = refine_garment(output, warped, target.region)
        image = small_picture(person.image, *SIZE).to(self.device)
        painted = self.compose(image, labels, worn, target, noise[2:])
        grid = self.network.stn.grid(cloth, mask, target.region)
        reads = pixels_read(grid, align_corners=self.network.stn.align_corners)
        warped_garment, warped_mask = carry(garment, reads)
        regions = regions_of(torch.where(target.region > 0, VitonLabel.UPPER, target.labels))
        return Composition(warped_garment, warped_mask, reads, enlarge(regions), enlarge_picture(to_pixels(painted)))

    def condition(self, garment: Tensor, pose: Tensor, labels: Tensor, noise: Tensor) -> Target:
        """Decide what is to be seen where.

        Args:
            garment: (1, 4, H, W), mask and picture.
            pose: (1, 18, H, W).
            labels: (1, 1, H, W), the person's.
            noise: (3, 1, H, W).
        """
        merged = one_hot(merge_garment(labels))
        predicted = self.labels(torch.cat((garment, merged, pose, noise[:1]), 1)).argmax(1, keepdim=True)
        smooth = self.region(torch.cat((garment, one_hot(predicted), pose, noise[1:2]), 1)).sigmoid() > 0.5
        region = garment_region(smooth.float(), predicted, (labels > 0).float())
        arms = find_arms(predicted, labels)
        return Target(region, arms, final_labels(predicted, arms, region))

    def compose(self, image: Tensor, labels: Tensor, worn: Tensor, target: Target, noise: Tensor) -> Tensor:
        """Paint the person, (1, 3, H, W) in [-1, 1], around the worn garment (1, 3, H, W)."""
        _, hole = cut_hole(image, labels, target.arms, target.region)
        skin = skin_colour(image, labels)
        return self.picture(torch.cat((hole, one_hot(target.labels), worn, skin, noise), 1)).tanh()
