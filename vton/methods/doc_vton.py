"""DOC-VTON at test time, with the published networks and size: PF-AFN, with the garment cut where arms cover it.

The steps are condition, warp, de-occlude, compose. Two networks complete the arms that the worn garment hides: the
first draws the arms as they would be with the new garment on, the second what of them lies in front of it. N×C×H×W
tensors on any device; labels are `VitonLabel` ids.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from vton.methods.pf_afn import SIZE, compose, on_canvas, small_inputs, warp
from vton.methods.viton_labels import VitonLabel, dilate, one_hot, pose_maps, viton_labels
from vton.types import Composition, Garment, Person

ARMS = (VitonLabel.LEFT_ARM, VitonLabel.RIGHT_ARM)
GARMENT_REACH, ARM_REACH = 8, 30
"""Steps of dilation: how near to the garment an arm counts as touching it, and how far such an arm is followed."""


class Occluded(NamedTuple):
    """Both (N, 1, H, W): where the old garment is and the new one is not, and the labels for the first network."""

    skin: Tensor
    labels: Tensor


class Arm(NamedTuple):
    """One arm of the first network's answer, masks (N, 1, H, W).

    near: what lies within reach of the part that sticks out of the garment.
    mask: the arm itself, near and outside the garment.
    """

    near: Tensor
    mask: Tensor


def without_noise(labels: Tensor) -> Tensor:
    """The labels with noise turned into garment, as published."""
    return torch.where(labels == VitonLabel.NOISE, VitonLabel.UPPER, labels)


def occlude(labels: Tensor, worn: Tensor) -> Occluded:
    """The labels once the new garment is laid on: nothing under it, and the old garment's rest to be completed.

    Args:
        labels: (N, 1, H, W), the person's.
        worn: (N, 1, H, W) in {0, 1}, the warped garment.
    """
    garment = (labels == VitonLabel.UPPER).to(worn.dtype)
    skin = garment * (1 - worn)
    return Occluded(skin, labels.to(worn.dtype) * (1 - garment) * (1 - worn) + VitonLabel.UPPER * skin)


def arms_beside(labels: Tensor, worn: Tensor) -> list[Arm]:
    """Both arms of the labels that the first network decided, as far as they leave the garment `worn`."""
    around = dilate(worn, GARMENT_REACH)
    arms = []
    for label in ARMS:
        arm = (labels == label).to(worn.dtype)
        near = dilate(arm * (1 - around), ARM_REACH)
        arms.append(Arm(near, arm * near * (1 - worn)))
    return arms


def arm_labels(arms: list[Arm], worn: Tensor) -> Tensor:
    """What the second network sees, (N, 1, H, W): 1 and 2 the arms, 3 the garment."""
    first, second = (arm.mask for arm in arms)
    return (first + 2 * second) * (1 - worn) + 3 * worn


def cut(worn: Tensor, in_front: Tensor) -> Tensor:
    """The garment's mask without the arms (1 and 2) that the second network decided, (N, 1, H, W)."""
    return worn * ((in_front != 1) & (in_front != 2)).to(worn.dtype)


class DOCVTON:
    """The published method: Person and Garment → Composition without a target parse.

    Args:
        network: `AppearanceFlow`.
        generator: `ResidualUNet`.
        arms: `CompletionUNet` for 14 labels.
        mask: `CompletionUNet` for arms and garment; all in evaluation mode on one device.
    """

    def __init__(self, network: nn.Module, generator: nn.Module, arms: nn.Module, mask: nn.Module):
        self.network, self.generator, self.arms, self.mask = network, generator, arms, mask

    @property
    def device(self) -> torch.device:
        return next(self.network.parameters()).device

    @torch.inference_mode()
    def __call__(self, person: Person, garment: Garment) -> Composition:
        """Dress the person, at 256×192."""
        picture, cloth, edge = small_inputs(person, garment, self.device)
        warped = warp(self.network, picture, cloth, edge)
        worn = self.de_occlude(person, (warped.mask > 0.5).float())
        composed = compose(self.generator, picture, warped.garment * worn, worn)
        return on_canvas(garment, warped.flows[-1], composed.visible, composed.picture)

    def de_occlude(self, person: Person, worn: Tensor) -> Tensor:
        """The garment's mask (1, 1, H, W) in {0, 1} without what arms are in front of."""
        pose = pose_maps(person.keypoints, *SIZE).to(self.device)
        occluded = occlude(without_noise(viton_labels(person, *SIZE).to(self.device)), worn)
        completed = self.arms(torch.cat((pose, one_hot(occluded.labels)), 1)).argmax(1, keepdim=True)
        labels = arm_labels(arms_beside(completed, worn), worn)
        return cut(worn, self.mask(torch.cat((pose, one_hot(labels, 4)), 1)).argmax(1, keepdim=True))
