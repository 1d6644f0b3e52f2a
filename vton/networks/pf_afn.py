"""PF-AFN's inference networks (Ge et al., "Parser-Free Virtual Try-on via Distilling Appearance Flows", CVPR 2021),
which DOC-VTON uses too.

Attribute names are those of the published checkpoints. A flow is a map of absolute positions (N, 2, H, W), x first,
in [-1, 1] from the centre of the first pixel to that of the last.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.networks.correlation import local_correlation

SLOPE = 0.1
RADIUS = 3


def sample(picture: Tensor, flow: Tensor, padding: str = "border") -> Tensor:
    """Read (N, C, h, w) at a flow (N, 2, H, W) → (N, C, H, W), in float32 under autocast too.

    padding: what lies outside, "border" or "zeros".
    """
    grid = flow.float().permute(0, 2, 3, 1)
    read = F.grid_sample(picture.float(), grid, mode="bilinear", padding_mode=padding, align_corners=True)
    return read.to(picture.dtype)


def positions(offsets: Tensor) -> Tensor:
    """Offsets in pixels (N, 2, H, W), x first → flow of the same shape, float32."""
    height, width = offsets.shape[2:]
    y = torch.arange(height, device=offsets.device)
    x = torch.arange(width, device=offsets.device)
    pixels = torch.stack(torch.meshgrid(x, y, indexing="xy")) + offsets.float()
    half = pixels.new_tensor([(width - 1) / 2, (height - 1) / 2])
    return pixels / half[:, None, None] - 1


class Downsample(nn.Module):
    """Normalise, then halve: (N, in_channels, H, W) → (N, out_channels, H/2, W/2)."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.block = nn.Sequential(
            nn.BatchNorm2d(in_channels), nn.ReLU(), nn.Conv2d(in_channels, out_channels, 3, 2, 1, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.block(x)


class PreActivationBlock(nn.Module):
    """Residual block with normalisation first; keeps the shape."""

    def __init__(self, channels: int):
        super().__init__()
        self.block = nn.Sequential(
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.block(x)


class FeatureEncoder(nn.Module):
    """Picture → features of each level, finest first."""

    def __init__(self, in_channels: int, widths: tuple[int, ...]):
        super().__init__()
        self.encoders = nn.ModuleList(
            nn.Sequential(Downsample(before, after), PreActivationBlock(after), PreActivationBlock(after))
            for before, after in zip((in_channels, *widths[:-1]), widths, strict=True)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = []
        for encoder in self.encoders:
            x = encoder(x)
            levels.append(x)
        return levels


class FeaturePyramid(nn.Module):
    """Features finest first → the same levels, coarsest first, all of one width and each knowing the coarser ones."""

    def __init__(self, widths: tuple[int, ...], width: int):
        super().__init__()
        self.adaptive = nn.ModuleList(nn.Conv2d(channels, width, 1) for channels in reversed(widths))
        self.smooth = nn.ModuleList(nn.Conv2d(width, width, 3, 1, 1) for _ in widths)

    def forward(self, levels: list[Tensor]) -> list[Tensor]:
        pyramid: list[Tensor] = []
        for adapt, smooth, level in zip(self.adaptive, self.smooth, reversed(levels), strict=True):
            x = adapt(level)
            if pyramid:
                x = x + F.interpolate(pyramid[-1], scale_factor=2, mode="nearest")
            pyramid.append(smooth(x))
        return pyramid


class FlowEstimator(nn.Module):
    """Two pyramids, coarsest first → flow of the garment, from coarse to fine."""

    def __init__(self, levels: int, width: int, hidden: tuple[int, ...], align_corners: bool):
        super().__init__()
        self.align_corners = align_corners
        neighbours = (2 * RADIUS + 1) ** 2
        self.netMain = nn.ModuleList(self._offsets(neighbours, hidden) for _ in range(levels))
        self.netRefine = nn.ModuleList(self._offsets(2 * width, hidden) for _ in range(levels))

    @staticmethod
    def _offsets(in_channels: int, hidden: tuple[int, ...]) -> nn.Sequential:
        layers: list[nn.Module] = []
        for before, after in zip((in_channels, *hidden[:-1]), hidden, strict=True):
            layers += [nn.Conv2d(before, after, 3, 1, 1), nn.LeakyReLU(SLOPE)]
        return nn.Sequential(*layers, nn.Conv2d(hidden[-1], 2, 3, 1, 1))

    def forward(self, garments: list[Tensor], persons: list[Tensor]) -> list[Tensor]:
        """Flows, each at twice the size of its level."""
        flow, flows = None, []
        for garment, person, main, refine in zip(garments, persons, self.netMain, self.netRefine, strict=True):
            warped = garment if flow is None else sample(garment, flow)
            alike = F.leaky_relu(local_correlation(warped, person, RADIUS), SLOPE)
            places = positions(main(alike))
            flow = places if flow is None else sample(flow, places)
            refined = positions(refine(torch.cat((sample(garment, flow), person), 1)))
            flow = sample(flow, refined)
            flow = F.interpolate(flow, scale_factor=2, mode="bilinear", align_corners=self.align_corners)
            flows.append(flow)
        return flows


class AppearanceFlow(nn.Module):
    """The warp module: person and garment → garment on the body.

    Args:
        person_channels: 3 for the parser-free student, 45 for its teacher.
        garment_channels: of the garment's picture.
        widths: channels of the levels, finest first.
        pyramid_width: channels of all levels of the pyramids.
        hidden: channels of the layers that find a level's offsets.
        align_corners: whether a flow is enlarged as its positions are meant, from the first pixel's centre to the
            last's; the published network does otherwise, which stretches it a little at every level.
    """

    def __init__(
        self,
        person_channels: int = 3,
        garment_channels: int = 3,
        widths: tuple[int, ...] = (64, 128, 256, 256, 256),
        pyramid_width: int = 256,
        hidden: tuple[int, ...] = (128, 64, 32),
        align_corners: bool = False,
    ):
        super().__init__()
        self.image_features = FeatureEncoder(garment_channels, widths)
        self.cond_features = FeatureEncoder(person_channels, widths)
        self.image_FPN = FeaturePyramid(widths, pyramid_width)
        self.cond_FPN = FeaturePyramid(widths, pyramid_width)
        self.aflow_net = FlowEstimator(len(widths), pyramid_width, hidden, align_corners)

    def forward(self, person: Tensor, garment: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Warp the garment.

        Args:
            person: (N, person_channels, H, W); H and W multiples of 32, published at 256×192.
            garment: (N, garment_channels, H, W); published: colours in [-1, 1], 0 outside its mask.

        Returns:
            The warped garment, as many channels, and the flows, coarse to fine, the last one (N, 2, H, W).
        """
        persons = self.cond_FPN(self.cond_features(person))
        garments = self.image_FPN(self.image_features(garment))
        flows = self.aflow_net(garments, persons)
        return sample(garment, flows[-1]), flows


class ResidualBlock(nn.Module):
    """Two convolutions with a shortcut around them; keeps the shape."""

    def __init__(self, channels: int):
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.block(x))


class NestedBlock(nn.Module):
    """One level of the generator with all deeper ones inside.

    Args:
        outer, inner: channels at the level's own size and at half of it.
        inside: the deeper levels; None at the innermost.
        entering: channels of the network's input, at the outermost level only.
        leaving: channels of its output, at the outermost level only.
    """

    def __init__(
        self,
        outer: int,
        inner: int,
        inside: nn.Module | None,
        entering: int | None = None,
        leaving: int | None = None,
    ):
        super().__init__()
        self.outermost = leaving is not None
        down: list[nn.Module] = [nn.Conv2d(entering or outer, inner, 3, 2, 1, bias=False)]
        if inside and not self.outermost:
            down.append(nn.BatchNorm2d(inner))
        down += [nn.ReLU(), ResidualBlock(inner), ResidualBlock(inner)]
        up: list[nn.Module] = [
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Conv2d(2 * inner if inside else inner, leaving or outer, 3, 1, 1, bias=False),
        ]
        if not self.outermost:
            up += [nn.BatchNorm2d(outer), nn.ReLU(), ResidualBlock(outer), ResidualBlock(outer)]
        self.model = nn.Sequential(*down, *([inside] if inside else []), *up)

    def forward(self, x: Tensor) -> Tensor:
        """(N, outer, H, W) → input and result together (N, 2·outer, H, W); the result alone at the outermost level."""
        result = self.model(x)
        return result if self.outermost else torch.cat((x, result), 1)


class ResidualUNet(nn.Module):
    """The image generator: person, warped garment and its mask → rendered person and composition mask.

    Args:
        input_channels: person 3, warped garment 3, warped mask 1.
        output_channels: rendered person 3, composition mask 1.
        widths: channels of the levels, outermost first.
    """

    def __init__(
        self,
        input_channels: int = 7,
        output_channels: int = 4,
        widths: tuple[int, ...] = (64, 128, 256, 512, 512),
    ):
        super().__init__()
        block = None
        for outer, inner in zip(widths[-2::-1], widths[:0:-1], strict=True):
            block = NestedBlock(outer, inner, block)
        self.model = NestedBlock(widths[0], widths[0], block, input_channels, output_channels)

    def forward(self, x: Tensor) -> Tensor:
        """(N, input_channels, H, W) → (N, output_channels, H, W) before tanh and sigmoid; H, W multiples of 32."""
        return self.model(x)
