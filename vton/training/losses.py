"""Losses that more than one trainer, or a test, looks at."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def bending(flows: list[Tensor]) -> Tensor:
    """Mean absolute second difference of every level, in its own pixels: keeps a warp smooth without shrinking it."""
    total = flows[0].new_zeros(())
    for flow in flows:
        down = flow[:, 2:] - 2 * flow[:, 1:-1] + flow[:, :-2]
        right = flow[:, :, 2:] - 2 * flow[:, :, 1:-1] + flow[:, :, :-2]
        total = total + down.abs().mean() + right.abs().mean()
    return total


def masked_l1(a: Tensor, b: Tensor, weight: Tensor) -> Tensor:
    """Mean absolute difference of (N, C, H, W), weighted by (N, 1, H, W)."""
    return ((a - b).abs() * weight).sum() / (weight.sum() * a.shape[1]).clamp(min=1)


def gradient_l1(a: Tensor, b: Tensor, weight: Tensor) -> Tensor:
    """Mean absolute difference of horizontal and vertical gradients, weighted by (N, 1, H, W)."""
    difference = a - b
    across = difference[..., 1:] - difference[..., :-1]
    down = difference[..., 1:, :] - difference[..., :-1, :]
    return masked_l1(across, torch.zeros_like(across), weight[..., 1:]) + masked_l1(
        down, torch.zeros_like(down), weight[..., 1:, :]
    )


def dissimilarity(a: Tensor, b: Tensor, weight: Tensor, radius: int = 3, sigma: float = 1.2) -> Tensor:
    """One minus structural similarity (Wang et al., 2004) in Gaussian windows, weighted.

    Args:
        a, b: (N, C, H, W) in [-1, 1].
        weight: (N, 1, H, W).
        radius, sigma: of the windows, in pixels.

    Returns:
        A scalar, 0 to 2.
    """
    x, y = (a.float() + 1) / 2, (b.float() + 1) / 2
    steps = torch.arange(-radius, radius + 1, device=x.device, dtype=x.dtype)
    window = torch.softmax(-steps.square() / (2 * sigma**2), 0)

    def mean(values: Tensor) -> Tensor:
        flat = F.pad(values.reshape(-1, 1, *values.shape[2:]), (radius,) * 4, mode="reflect")
        return F.conv2d(F.conv2d(flat, window.view(1, 1, 1, -1)), window.view(1, 1, -1, 1)).view(values.shape)

    with torch.autocast(x.device.type, enabled=False):
        mean_x, mean_y, square_x, square_y, product = mean(torch.cat((x, y, x * x, y * y, x * y))).chunk(5)
        variances = square_x - mean_x.square() + square_y - mean_y.square()
        similarity = (2 * mean_x * mean_y + 0.01**2) * (2 * (product - mean_x * mean_y) + 0.03**2)
        similarity = similarity / ((mean_x.square() + mean_y.square() + 0.01**2) * (variances + 0.03**2))
        return masked_l1(1 - similarity, torch.zeros_like(similarity), weight)


class BodyFeatures(nn.Module):
    """Features of the project's own parsing network, as a perceptual measure that nobody has to download.

    Args:
        body: a trained `BodyNet`, which stays as it is.
        levels: how many of its levels to compare, from half resolution downwards.
    """

    def __init__(self, body: nn.Module, levels: int = 3):
        super().__init__()
        self.body = body.eval().requires_grad_(False)
        self.levels = levels

    def forward(self, image: Tensor) -> list[Tensor]:
        """(N, 3, H, W) in [-1, 1], H and W multiples of 32 → one normalised (N, C, h, w) a level."""
        number, _, height, width = image.shape
        silhouette = image.new_ones(number, 1, height, width)
        heatmaps = image.new_zeros(number, 18, height // 2, width // 2)
        folded = F.pixel_unshuffle(torch.cat((image, silhouette), 1), 2)
        features = [self.body.stem(torch.cat((folded, heatmaps), 1))]
        for block in self.body.down[: self.levels - 1]:
            features.append(block(features[-1]))
        return [feature * (feature.square().mean(1, keepdim=True) + 1e-4).rsqrt() for feature in features]


def perceptual_l1(features_a: list[Tensor], features_b: list[Tensor], weight: Tensor) -> Tensor:
    """Mean absolute difference of feature lists, weighted by (N, 1, H, W) shrunk to every level."""
    total = weight.new_zeros(())
    for a, b in zip(features_a, features_b, strict=True):
        total = total + masked_l1(a, b, F.adaptive_avg_pool2d(weight, a.shape[2:]))
    return total


def mask_losses(logits: Tensor, truth: Tensor) -> dict[str, Tensor]:
    """Cross entropy of every pixel, and the share of each picture's mask that is missed or made up (Milletari et al.,
    "V-Net", 2016), weighted.

    Args:
        logits, truth: (N, H, W), the latter in [0, 1].
    """
    share = torch.sigmoid(logits)
    overlap = 2 * (share * truth).sum((1, 2)) + 20
    dice = 1 - overlap / (share.sum((1, 2)) + truth.sum((1, 2)) + 20)
    return {"entropy": 4 * F.binary_cross_entropy_with_logits(logits, truth), "dice": 0.3 * dice.mean()}
