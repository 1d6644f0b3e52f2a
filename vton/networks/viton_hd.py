"""VITON-HD's networks (Choi et al., "VITON-HD: High-Resolution Virtual Try-On via Misalignment-Aware Normalization",
CVPR 2021), with the published sizes as defaults.

Attribute names are those of the published checkpoints.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.labels import Layer
from vton.networks.correlation import global_correlation
from vton.networks.hr_viton import ImageGenerator
from vton.networks.tps import affine_basis, control_grid, inverse_system, pixel_points, radial_basis
from vton.networks.unet import InstanceUNet

CONTROL_EXTENT = 0.9
MASKED_BLOCKS = 5


def segmentation_generator() -> InstanceUNet:
    """Garment mask 1, masked garment 3, parse-agnostic regions 13, pose 3, noise 1 → 13 region logits."""
    return InstanceUNet(21, 13)


class FeatureExtraction(nn.Module):
    """(N, in_channels, H, W) → (N, 512, H/16, W/16)."""

    def __init__(self, in_channels: int, width: int):
        super().__init__()
        layers: list[nn.Module] = []
        widths = (width, 2 * width, 4 * width, 8 * width)
        for before, after in zip((in_channels, *widths[:-1]), widths, strict=True):
            layers += [nn.Conv2d(before, after, 4, 2, 1), nn.ReLU(), nn.BatchNorm2d(after)]
        deep = widths[-1]
        layers += [nn.Conv2d(deep, deep, 3, 1, 1), nn.ReLU(), nn.BatchNorm2d(deep)]
        layers += [nn.Conv2d(deep, deep, 3, 1, 1), nn.ReLU()]
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class OffsetRegression(nn.Module):
    """Correlation (N, places, 16, 12) → offsets of the control points (N, 2·controls) in [-1, 1], all x, then all y."""

    def __init__(self, places: int, controls: int):
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in ((places, 512), (512, 256)):
            layers += [nn.Conv2d(before, after, 4, 2, 1), nn.BatchNorm2d(after), nn.ReLU()]
        for before, after in ((256, 128), (128, 64)):
            layers += [nn.Conv2d(before, after, 3, 1, 1), nn.BatchNorm2d(after), nn.ReLU()]
        self.conv = nn.Sequential(*layers)
        self.linear = nn.Linear(64 * places // 16, 2 * controls)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.linear(self.conv(x).flatten(1)))


class GeometricMatching(nn.Module):
    """Person and garment at 256×192 → a thin-plate spline that brings the garment onto the person.

    Args:
        person_channels: predicted garment region 1, pose 3, agnostic picture 3.
        garment_channels: of the garment's picture.
        width: channels of the first level.
        controls_a_side: of the square lattice of control points.
    """

    def __init__(self, person_channels: int = 7, garment_channels: int = 3, width: int = 64, controls_a_side: int = 5):
        super().__init__()
        self.extractionA = FeatureExtraction(person_channels, width)
        self.extractionB = FeatureExtraction(garment_channels, width)
        self.regression = OffsetRegression(16 * 12, controls_a_side**2)
        # Published order: x varies slowest.
        controls = control_grid(controls_a_side, CONTROL_EXTENT).flip(1)
        self.register_buffer("controls", controls, persistent=False)
        self.register_buffer("inverse", inverse_system(controls), persistent=False)

    def forward(self, person: Tensor, garment: Tensor) -> Tensor:
        """(N, 7, 256, 192) and (N, 3, 256, 192) → offsets (N, 50): of all control points x, then y."""
        persons = F.normalize(self.extractionA(person), dim=1)
        garments = F.normalize(self.extractionB(garment), dim=1)
        return self.regression(global_correlation(persons, garments))

    def grid(self, offsets: Tensor, height: int, width: int) -> Tensor:
        """The sampling grid of any size that offsets (N, 50) stand for, float32 (N, height, width, 2).

        The spline is read at linspace(-0.9, 0.9), as published: no offset enlarges by 1/0.9.
        """
        targets = self.controls + offsets.float().unflatten(1, (2, -1)).transpose(1, 2)
        coefficients = self.inverse[:, : len(self.controls)] @ targets
        points = pixel_points(height, width, CONTROL_EXTENT, self.controls)
        basis = torch.cat((radial_basis(points, self.controls), affine_basis(points)), 1)
        return (basis @ coefficients).unflatten(1, (height, width))


def misalignment(layers: Tensor, warped_mask: Tensor) -> tuple[Tensor, Tensor]:
    """Where the garment ought to be and the warped one is not.

    Args:
        layers: (N, 7, H, W) one-hot `Layer`.
        warped_mask: (N, 1, H, W) in [0, 1].

    Returns:
        The misaligned region (N, 1, H, W), and the layers with it taken out of UPPER and added as an eighth
        channel (N, 8, H, W).
    """
    upper = layers[:, Layer.UPPER : Layer.UPPER + 1]
    misaligned = (upper - warped_mask).clamp_min(0)
    before, after = layers[:, : Layer.UPPER], layers[:, Layer.UPPER + 1 :]
    return misaligned, torch.cat((before, upper - misaligned, after, misaligned), 1)


class AliasGenerator(ImageGenerator):
    """The image generator: as HR-VITON's, but its first blocks normalise the misaligned region by itself.

    Args:
        input_channels: agnostic picture 3, pose 3, warped garment 3.
        label_channels: of the label map.
        width, hidden, feature_channels: see `ImageGenerator`.
    """

    def __init__(
        self,
        input_channels: int = 9,
        label_channels: int = 7,
        width: int = 64,
        hidden: int = 128,
        feature_channels: int = 16,
    ):
        super().__init__(
            input_channels, label_channels, width, 7, hidden, feature_channels, masked_blocks=MASKED_BLOCKS
        )

    def forward(self, pictures: Tensor, layers: Tensor, divided: Tensor, misaligned: Tensor) -> Tensor:
        """Paint the person.

        Args:
            pictures: (N, 9, H, W) in [-1, 1].
            layers: (N, 7, H, W) one-hot `Layer`.
            divided, misaligned: (N, 8, H, W) and (N, 1, H, W) from `misalignment`; the latter in {0, 1}.

        Returns:
            (N, 3, H', W') in [-1, 1], H' and W' being H and W rounded down to multiples of 128.
        """
        plain = len(self.block_names) - MASKED_BLOCKS
        return self.paint(pictures, [(divided, misaligned)] * MASKED_BLOCKS + [(layers, None)] * plain)
