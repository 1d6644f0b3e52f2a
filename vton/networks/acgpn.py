"""ACGPN's networks (Yang et al., "Towards Photo-Realistic Virtual Try-On by Adaptively Generating↔Preserving Image
Content", CVPR 2020): its generators are `InstanceUNet`s; the one that warps the garment is here.

Attribute names are those of the published checkpoints.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.networks.tps import affine_basis, control_grid, inverse_system, pixel_points, radial_basis
from vton.networks.unet import InstanceUNet

SIZE = (256, 192)
CONTROLS_A_SIDE, CONTROL_EXTENT = 5, 0.9


def label_generator() -> InstanceUNet:
    """G1: mask 1, garment 3, one-hot labels 14, pose 18, noise 1 → 14 label logits."""
    return InstanceUNet(37, 14)


def region_generator() -> InstanceUNet:
    """G2: mask 1, garment 3, one-hot G1 labels 14, pose 18, noise 1 → 1 logit of the garment's region."""
    return InstanceUNet(37, 1)


def picture_generator() -> InstanceUNet:
    """G: picture with a hole 3, labels 14, garment 3, skin colour 3, noise 1 → 3 colours before tanh."""
    return InstanceUNet(24, 3)


class ControlPoints(nn.Module):
    """Garment mask, target mask and garment (N, 5, 256, 192) → displaced control points (N, 25, 2) in [-1, 1]."""

    def __init__(self):
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(5, 8, 4, 2, 1), nn.ReLU(), nn.InstanceNorm2d(8)]
        for before, after in ((8, 16), (16, 32), (32, 64), (64, 128), (128, 256)):
            layers += [nn.Conv2d(before, after, 4, 2, 1), nn.InstanceNorm2d(after), nn.ReLU()]
        for _ in range(2):
            layers += [nn.Conv2d(256, 256, 3, 1, 1), nn.InstanceNorm2d(256), nn.ReLU()]
        self.model = nn.Sequential(*layers)
        self.fc1 = nn.Linear(512, 128)
        self.fc2 = nn.Linear(128, 2 * CONTROLS_A_SIDE**2)
        # Untrained, the control points stay where they are.
        with torch.no_grad():
            self.fc2.bias.copy_(control_grid(CONTROLS_A_SIDE, CONTROL_EXTENT).flatten().atanh())

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.model(x), 2).flatten(1)
        return torch.tanh(self.fc2(F.relu(self.fc1(x)))).unflatten(1, (-1, 2))


class SplineGrid(nn.Module):
    """Control points (N, 25, 2) → sampling grid (N, 256, 192, 2)."""

    def __init__(self):
        super().__init__()
        controls = control_grid(CONTROLS_A_SIDE, CONTROL_EXTENT)
        points = pixel_points(*SIZE, extent=1.0, like=controls)
        self.register_buffer("inverse_kernel", inverse_system(controls, 0.5))
        self.register_buffer("padding_matrix", torch.zeros(3, 2))
        basis = torch.cat((0.5 * radial_basis(points, controls), affine_basis(points)), 1)
        self.register_buffer("target_coordinate_repr", basis)

    def forward(self, controls: Tensor) -> Tensor:
        targets = torch.cat((controls, self.padding_matrix.expand(controls.shape[0], -1, -1)), 1)
        return (self.target_coordinate_repr @ (self.inverse_kernel @ targets)).unflatten(1, SIZE)


class SplineWarp(nn.Module):
    """Finds and applies the spline that brings a garment into a region."""

    def __init__(self, align_corners: bool):
        super().__init__()
        self.align_corners = align_corners
        self.loc_net = nn.ModuleDict({"cnn": ControlPoints()})
        self.tps = SplineGrid()

    def forward(self, garment: Tensor, garment_mask: Tensor, region: Tensor) -> tuple[Tensor, Tensor]:
        grid = self.grid(garment, garment_mask, region)
        return self._sample(garment, grid), self._sample(garment_mask, grid)

    def grid(self, garment: Tensor, garment_mask: Tensor, region: Tensor) -> Tensor:
        """Where the warped garment is read, (N, 256, 192, 2) in [-1, 1]."""
        return self.tps(self.loc_net["cnn"](torch.cat((garment_mask, region, garment), 1)))

    def _sample(self, picture: Tensor, grid: Tensor) -> Tensor:
        """Zero outside, and the border attenuated twice, as published (the result is laid on a black canvas)."""
        coverage = torch.ones_like(picture[:, :1])
        sampled = F.grid_sample(torch.cat((picture, coverage), 1).float(), grid, align_corners=self.align_corners)
        return sampled[:, :-1] * sampled[:, -1:]


class GarmentWarp(InstanceUNet):
    """U: warps the garment by a spline and refines it; 256×192 only.

    Args:
        align_corners: convention of the sampling; True is that of the torch versions of its time.
        width: channels of the first level of the U-net. Published: 64.
    """

    def __init__(self, align_corners: bool = True, width: int = 64):
        nn.Module.__init__(self)
        self.stn = SplineWarp(align_corners)
        self.add_layers(4, 4, width)

    def forward(self, garment: Tensor, garment_mask: Tensor, region: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Bring the garment into its region.

        Args:
            garment: (N, 3, 256, 192) in [-1, 1].
            garment_mask: (N, 1, 256, 192).
            region: (N, 1, 256, 192), where it is to be worn.

        Returns:
            Refined garment before tanh and composition mask before sigmoid (N, 4, 256, 192); warped garment (N, 3, …);
            warped mask (N, 1, …).
        """
        warped, warped_mask = self.stn(garment, garment_mask, region)
        return super().forward(torch.cat((region, warped), 1)), warped, warped_mask
