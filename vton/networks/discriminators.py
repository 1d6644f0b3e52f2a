"""The two multi-scale discriminators of HR-VITON, with their sizes as arguments.

Attribute names are those of the published code.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.networks.spectral import SpectralConv2d

SLOPE = 0.2
MAX_WIDTH = 512


def halve(x: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, ⌈H/2⌉, ⌈W/2⌉) by 3×3 averages that leave the padding out."""
    return F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False)


def patch_classifier(input_channels: int, width: int, layers: int, dropout: bool) -> nn.Sequential:
    """One scale of the condition discriminator: (N, input_channels, H, W) → (N, 1, h, w), one score a patch."""
    modules: list[nn.Module] = [nn.Conv2d(input_channels, width, 4, 2, 2), nn.LeakyReLU(SLOPE)]
    for layer in range(1, layers + 1):
        before, width = width, min(2 * width, MAX_WIDTH)
        stride = 1 if layer == layers else 2
        modules += [nn.Conv2d(before, width, 4, stride, 2), nn.InstanceNorm2d(width), nn.LeakyReLU(SLOPE)]
        if dropout and layer < layers:
            modules.append(nn.Dropout(0.5))
    return nn.Sequential(*modules, nn.Conv2d(width, 1, 4, 1, 2))


class ConditionDiscriminator(nn.Module):
    """Tells true regions from predicted ones, given garment and person.

    Args:
        input_channels: garment (3), its mask (1), parse-agnostic regions (13), DensePose (3), regions judged (13).
        width: channels of the first layer, doubled by each further one up to 512.
        layers: convolutions between the first and the last.
        scales: patch classifiers, each on half the size of the one before.
        dropout: as in the published training.
        halve_first: the first classifier already sees half the size.
    """

    def __init__(
        self,
        input_channels: int = 33,
        width: int = 64,
        layers: int = 3,
        scales: int = 2,
        dropout: bool = True,
        halve_first: bool = True,
    ):
        super().__init__()
        self.scales, self.halve_first = scales, halve_first
        for scale in range(scales):
            setattr(self, f"layer{scale}", patch_classifier(input_channels, width, layers, dropout))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Scores of (N, input_channels, H, W): a list of (N, 1, h, w), the finest scale first; 1 means true."""
        if self.halve_first:
            x = halve(x)
        scores = []
        for scale in reversed(range(self.scales)):
            scores.append(getattr(self, f"layer{scale}")(x))
            x = halve(x)
        return scores


def realness(scores: list[Tensor]) -> Tensor:
    """Mean over scales and patches of a `ConditionDiscriminator`'s scores, (N,)."""
    return torch.stack([score.flatten(1).mean(1) for score in scores]).mean(0)


def rejection_ratio(scores: list[Tensor]) -> Tensor:
    """D / (1 - D), (N,): how much likelier the regions are true than predicted.

    Divided by its greatest value on training data it is the acceptance rate of discriminator rejection
    (HR-VITON, section 3.4). Least squares bound no score, so that it is cut off at 0.01 and 0.99 first.
    """
    score = realness(scores).clamp(0.01, 0.99)
    return score / (1 - score)


class PatchDiscriminator(nn.Module):
    """One scale of the image discriminator; returns the output of every layer, the scores last."""

    def __init__(self, input_channels: int, width: int, layers: int):
        super().__init__()
        self.layers = layers
        self.model0 = nn.Sequential(nn.Conv2d(input_channels, width, 4, 2, 2), nn.LeakyReLU(SLOPE))
        for layer in range(1, layers):
            before, width = width, min(2 * width, MAX_WIDTH)
            convolution = SpectralConv2d(before, width, 4, stride=2, padding=2, bias=False)
            normalised = nn.Sequential(convolution, nn.InstanceNorm2d(width))
            setattr(self, f"model{layer}", nn.Sequential(normalised, nn.LeakyReLU(SLOPE)))
        setattr(self, f"model{layers}", nn.Sequential(nn.Conv2d(width, 1, 4, 1, 2)))

    def forward(self, x: Tensor) -> list[Tensor]:
        outputs = []
        for layer in range(self.layers + 1):
            x = getattr(self, f"model{layer}")(x)
            outputs.append(x)
        return outputs


class ImageDiscriminator(nn.Module):
    """Tells photographs from generated pictures, given the label map (pix2pixHD's discriminator).

    Args:
        input_channels: label map (7) and picture (3).
        width: channels of the first layer, doubled by each further one up to 512.
        layers: convolutions before the last.
        scales: patch discriminators, each on half the size of the one before.
    """

    def __init__(self, input_channels: int = 10, width: int = 64, layers: int = 3, scales: int = 2):
        super().__init__()
        for scale in range(scales):
            setattr(self, f"discriminator_{scale}", PatchDiscriminator(input_channels, width, layers))

    def forward(self, x: Tensor) -> list[list[Tensor]]:
        """For each scale, finest first, the features of all layers; the last of them are the scores (N, 1, h, w)."""
        outputs = []
        for discriminator in self.children():
            outputs.append(discriminator(x))
            x = halve(x)
        return outputs
