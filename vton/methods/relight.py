"""How the compact image generator changes a rough composite: as light changes a picture, by a factor for each colour.

The generator works at half the composite's size. What it cannot draw at that size it then cannot spoil either:
prints, lettering and the borders between surfaces stay as the composite has them.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vton.labels import Layer
from vton.methods.compose import blur, grow

STRENGTH = 1.5
"""Logarithm of the largest factor: nearly 4.5, from grey to black or white."""
LIFT = 0.1
"""Added to colours in [-1, 1] before they are multiplied, so that black can become grey."""

NEAR = 2
"""How far beyond the edit, in pixels of the generator, its light reaches."""

SKIN_SHARE = 0.35
"""How much of the mean light on skin counts: on photographs the generator makes arms by a fifth too bright (in linear
light, 89 people whose arms were hidden from it), on rendered people not. How light lies on them stays as it is."""


def half(pictures: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, H/2, W/2), means of 2×2 pixels; H and W even."""
    return F.avg_pool2d(pictures, 2)


def predicted_light(network: nn.Module, inputs: Tensor, layers: Tensor) -> Tensor:
    """Run the generator.

    Args:
        network: a `networks.light.LightNet`.
        inputs: (N, 15, H, W), `compact.generator_inputs` and the photo, whose old garment tells how the light falls.
        layers: (N, 7, H, W) from `compact.generator_layers`; both already at the generator's size.

    Returns:
        float32 (N, 3, H, W), logarithms of factors.
    """
    return STRENGTH * network(inputs.contiguous(memory_format=torch.channels_last), layers).float()


def relit(picture: Tensor, light: Tensor) -> Tensor:
    """A picture (N, 3, H, W) in [-1, 1] under a light: logarithms of factors (N, 3, h, w), enlarged to it."""
    if light.shape[2:] != picture.shape[2:]:
        light = F.interpolate(light, size=picture.shape[2:], mode="bilinear", align_corners=False)
    return ((picture + 1 + LIFT) * light.exp() - 1 - LIFT).clamp(-1, 1)


def corrected(network: nn.Module, composite: Tensor, edit: Tensor, inputs: Tensor, layers: Tensor) -> Tensor:
    """The composite (N, 3, H, W) in [-1, 1] as the generator lights it near the edit (N, 1, H, W); all of one size."""
    layers = half(layers)
    light = predicted_light(network, half(inputs), layers)
    near = blur(grow(half(edit), NEAR), NEAR)
    skin = layers[:, [Layer.LEFT_ARM, Layer.RIGHT_ARM, Layer.NOISE]].sum(1, keepdim=True)
    return relit(composite, near * (light - (1 - SKIN_SHARE) * skin * _mean(light, skin * near)))


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    """Means of (N, C, H, W) by weights (N, 1, H, W), (N, C, 1, 1); about 0 where next to nothing has weight."""
    return (values * weight).sum((2, 3), keepdim=True) / weight.sum((2, 3), keepdim=True).clamp(min=1)
