"""The two networks of HR-VITON (Lee et al., "High-Resolution Virtual Try-On with Misalignment and
Occlusion-Handled Conditions", ECCV 2022), with their sizes as arguments.

Attribute names are those of the published checkpoints, so that these load strictly.
"""

import re

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.networks.spectral import SpectralConv2d


def current_key(key: str) -> str:
    """The key that `ImageGenerator` has for one of a published image generator file.

    Older files call the normalisation layers `ace_0` or `alias_0` and have `Spade` as a level inside them.
    """
    return re.sub(r"\b(?:ace|alias)_([01s])\b", r"norm_\1", re.sub(r"\.(?:ace|alias|Spade)(?=\.)", "", key))


def upsample(x: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, 2H, 2W), bilinear."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def normalised_flow(flow: Tensor, height: int, width: int) -> Tensor:
    """Bring a flow to a size and express it as a part of the picture's half.

    Args:
        flow: (N, h, w, 2), x first, in pixels of its own h×w.
        height, width: size wanted.

    Returns:
        float32 (N, height, width, 2): values enlarged bilinearly, then divided by (w - 1) / 2 and (h - 1) / 2.
    """
    own_height, own_width = flow.shape[1:3]
    flow = F.interpolate(flow.float().permute(0, 3, 1, 2), size=(height, width), mode="bilinear", align_corners=False)
    half = flow.new_tensor([(own_width - 1) / 2, (own_height - 1) / 2])
    return flow.permute(0, 2, 3, 1) / half


def sampling_grid(flow: Tensor, height: int, width: int) -> Tensor:
    """The grid at which a picture of any size is sampled to follow a flow.

    The base is linspace(-1, 1) in both directions, as published, although sampling does not align corners: a flow of
    zero enlarges a little instead of leaving the picture alone.

    Args:
        flow: (N, h, w, 2), x first, in pixels of its own h×w.
        height, width: size of the warped picture.

    Returns:
        float32 (N, height, width, 2) for `warp`.
    """
    y = torch.linspace(-1, 1, height, device=flow.device)
    x = torch.linspace(-1, 1, width, device=flow.device)
    base = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)
    return normalised_flow(flow, height, width) + base


def warp(picture: Tensor, grid: Tensor) -> Tensor:
    """Sample (N, C, H, W) at a grid (N, h, w, 2), borders repeated, in float32 under autocast too."""
    warped = F.grid_sample(picture.float(), grid, mode="bilinear", padding_mode="border", align_corners=False)
    return warped.to(picture.dtype)


class ResidualBlock(nn.Module):
    """Change of scale and channels, then two convolutions with a shortcut around them.

    Args:
        in_channels, out_channels: channels before and after.
        scale: "down" halves, "up" doubles, "same" keeps the resolution.
    """

    def __init__(self, in_channels: int, out_channels: int, scale: str):
        super().__init__()
        self.scale = {
            "same": lambda: nn.Conv2d(in_channels, out_channels, 1),
            "up": lambda: nn.Sequential(
                nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False),
                nn.Conv2d(in_channels, out_channels, 1),
            ),
            "down": lambda: nn.Conv2d(in_channels, out_channels, 3, 2, 1, bias=False),
        }[scale]()
        self.block = nn.Sequential(
            nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        if isinstance(self.scale, nn.Sequential):
            # A 1×1 convolution and an interpolation commute; this order has a quarter of the work.
            upsampling, convolution = self.scale
            x = upsampling(convolution(x))
        else:
            x = self.scale(x)
        return F.relu(x + self.block(x))


class ConditionGenerator(nn.Module):
    """Garment and person → flow of the garment and regions of the dressed person, from coarse to fine.

    Args:
        garment_channels: picture (3) and mask (1) of the garment.
        person_channels: one-hot regions of the parse-agnostic map (13) and DensePose picture (3).
        regions: classes predicted.
        width: channels of the first level; the others have 2, 4, 4 and 4 times as many. Published: 96.
    """

    def __init__(self, garment_channels: int = 4, person_channels: int = 16, regions: int = 13, width: int = 96):
        super().__init__()
        widths = (width, 2 * width, 4 * width, 4 * width, 4 * width)
        deep = 4 * width
        self.ClothEncoder = self._encoder(garment_channels, widths)
        self.PoseEncoder = self._encoder(person_channels, widths)
        self.conv = ResidualBlock(deep, 2 * deep, "same")
        decoded = (deep, deep, 2 * width, width, width)
        entering = (2 * deep, *(below + skip + deep for below, skip in zip(decoded, widths[3::-1], strict=False)))
        self.SegDecoder = nn.Sequential(*(ResidualBlock(a, b, "up") for a, b in zip(entering, decoded, strict=True)))
        self.out_layer = ResidualBlock(width + garment_channels + person_channels, regions, "same")
        self.conv1 = nn.Sequential(*(nn.Conv2d(channels, deep, 1) for channels in widths[:4]))
        self.conv2 = nn.Sequential(*(nn.Conv2d(channels, deep, 1) for channels in widths[:4]))
        self.flow_conv = nn.ModuleList(nn.Conv2d(2 * deep, 2, 3, 1, 1) for _ in widths)
        self.bottleneck = nn.Sequential(
            *(nn.Sequential(nn.Conv2d(channels, deep, 3, 1, 1), nn.ReLU()) for channels in decoded[:4])
        )

    @staticmethod
    def _encoder(in_channels: int, widths: tuple[int, ...]) -> nn.Sequential:
        return nn.Sequential(
            *(ResidualBlock(a, b, "down") for a, b in zip((in_channels, *widths[:-1]), widths, strict=True))
        )

    def forward(self, garment: Tensor, person: Tensor) -> tuple[list[Tensor], Tensor, Tensor, Tensor]:
        """Predict flow and regions.

        Args:
            garment: (N, 4 or more, H, W): RGB in [-1, 1], mask in {0, 1}, then what else there is; H and W multiples of
                32, published at 256×192.
            person: (N, 16, H, W): one-hot regions, then the DensePose picture in [-1, 1].

        Returns:
            Five flows from coarse (H/32) to fine (H/2), float32 (N, h, w, 2), x first, in pixels of their own level;
            region logits (N, regions, H, W), never negative; the warped garment (N, 3, H, W) and its warped mask
            (N, 1, H, W).
        """
        garments, persons = self._pyramid(self.ClothEncoder, garment), self._pyramid(self.PoseEncoder, person)
        features, person_features = garments[4], persons[4]
        flows = [self._flow(0, features, person_features)]
        x = self.SegDecoder[0](self.conv(person_features))
        for level in range(1, 5):
            skip = 4 - level
            features = upsample(features) + self.conv1[skip](garments[skip])
            grid = sampling_grid(flows[-1], *features.shape[2:])
            warped = warp(features, grid)
            height, width = features.shape[2:]
            enlarged = F.interpolate(flows[-1].permute(0, 3, 1, 2), size=(height, width), mode="bilinear")
            flows.append(enlarged.permute(0, 2, 3, 1) + self._flow(level, warped, self.bottleneck[level - 1](x)))
            x = self.SegDecoder[level](torch.cat((x, persons[skip], warped), 1))
        warped_garment = warp(garment, sampling_grid(flows[-1], *garment.shape[2:]))
        logits = self.out_layer(torch.cat((x, person, warped_garment), 1))
        return flows, logits, warped_garment[:, :3], warped_garment[:, 3:4]

    @staticmethod
    def _pyramid(encoder: nn.Sequential, x: Tensor) -> list[Tensor]:
        levels = []
        for block in encoder:
            x = block(x)
            levels.append(x)
        return levels

    def _flow(self, level: int, garment: Tensor, person: Tensor) -> Tensor:
        return self.flow_conv[level](torch.cat((garment, person), 1)).float().permute(0, 2, 3, 1)


def normalise_apart(x: Tensor, mask: Tensor) -> Tensor:
    """Instance normalisation of two regions, each by its own statistics (VITON-HD, section 3.4).

    Args:
        x: (N, C, H, W).
        mask: (N, 1, H, W) in {0, 1}, the one region; the other is what it leaves.
    """
    result = torch.zeros_like(x)
    for region in (mask, 1 - mask):
        count = region.sum((2, 3), keepdim=True)
        count = torch.where(count == 0, 1, count)
        inside = x * region
        mean = inside.sum((2, 3), keepdim=True) / count
        # Filled with its own mean, the rest leaves the region's mean alone and thins its deviation by a known factor.
        filled = F.instance_norm(inside + (1 - region) * mean)
        result = result + filled * (count / region[0, 0].numel()).sqrt()
    return result


class SpadeNorm(nn.Module):
    """Instance normalisation whose scale and shift come from a label map (SPADE), with learnt noise before it.

    Args:
        channels: of the features.
        label_channels: of the label map.
        hidden: channels between the label map and scale and shift.
    """

    def __init__(self, channels: int, label_channels: int, hidden: int):
        super().__init__()
        self.noise_scale = nn.Parameter(torch.zeros(channels))
        self.conv_shared = nn.Sequential(nn.Conv2d(label_channels, hidden, 3, 1, 1), nn.ReLU())
        self.conv_gamma = nn.Conv2d(hidden, channels, 3, 1, 1)
        self.conv_beta = nn.Conv2d(hidden, channels, 3, 1, 1)

    def forward(self, x: Tensor, labels: Tensor, mask: Tensor | None = None) -> Tensor:
        """Normalise x (N, channels, H, W) by labels (N, label_channels, H, W).

        mask: (N, 1, H, W) in {0, 1}; inside and outside are then normalised each by itself, as VITON-HD does.
        """
        x = x + self._noise(x) * self.noise_scale.to(x.dtype)[:, None, None]
        x = F.instance_norm(x) if mask is None else normalise_apart(x, mask)
        hidden = self.conv_shared(labels)
        return x * (1 + self.conv_gamma(hidden)) + self.conv_beta(hidden)

    def _noise(self, x: Tensor) -> Tensor:
        """One map for all channels: new in every training step, always the same one in evaluation mode, so that
        equal inputs give equal pictures."""
        generator = None if self.training else torch.Generator(x.device).manual_seed(0)
        shape = (x.shape[0], 1, *x.shape[2:])
        return torch.randn(shape, generator=generator, device=x.device).to(x.dtype)


class SpadeBlock(nn.Module):
    """Residual block of the image generator: (N, in_channels, H, W) → (N, out_channels, H, W)."""

    def __init__(self, in_channels: int, out_channels: int, label_channels: int, hidden: int, spectral: bool):
        super().__init__()
        middle = min(in_channels, out_channels)
        convolution = SpectralConv2d if spectral else nn.Conv2d
        self.conv_0 = convolution(in_channels, middle, 3, padding=1)
        self.conv_1 = convolution(middle, out_channels, 3, padding=1)
        self.projects = in_channels != out_channels
        if self.projects:
            self.conv_s = convolution(in_channels, out_channels, 1, bias=False)
        self.norm_0 = SpadeNorm(in_channels, label_channels, hidden)
        self.norm_1 = SpadeNorm(middle, label_channels, hidden)
        if self.projects:
            self.norm_s = SpadeNorm(in_channels, label_channels, hidden)

    def forward(self, x: Tensor, labels: Tensor, mask: Tensor | None = None) -> Tensor:
        """labels (N, label_channels, any size) and mask (N, 1, any size) are resized here to x."""
        labels = F.interpolate(labels, size=x.shape[2:], mode="nearest")
        if mask is not None:
            mask = F.interpolate(mask, size=x.shape[2:], mode="nearest")
        shortcut = self.conv_s(self.norm_s(x, labels, mask)) if self.projects else x
        x = self.conv_0(F.leaky_relu(self.norm_0(x, labels, mask), 0.2))
        return shortcut + self.conv_1(F.leaky_relu(self.norm_1(x, labels, mask), 0.2))


class ImageGenerator(nn.Module):
    """Agnostic picture, DensePose and warped garment → picture of the dressed person.

    Args:
        input_channels: of the three pictures together.
        label_channels: of the label map.
        width: channels of the seventh block; those before have 2, 4, 8 and 16 times as many. Published: 64.
        upsamplings: doublings from the latent picture to the full one. 7 is as published; fewer leave out the last
            blocks.
        hidden: channels inside the normalisation layers.
        feature_channels: of the resized pictures that enter every block.
        spectral: spectral normalisation of the blocks' convolutions, as published.
        masked_blocks: how many of the first blocks see one more label channel, that of a mask (VITON-HD: 5).
    """

    def __init__(
        self,
        input_channels: int = 9,
        label_channels: int = 7,
        width: int = 64,
        upsamplings: int = 7,
        hidden: int = 128,
        feature_channels: int = 16,
        spectral: bool = True,
        masked_blocks: int = 0,
    ):
        super().__init__()
        names = ("head_0", "G_middle_0", "G_middle_1", "up_0", "up_1", "up_2", "up_3", "up_4")[: upsamplings + 1]
        outputs = tuple(16 * width // divisor for divisor in (1, 1, 1, 2, 4, 8, 16, 32))[: upsamplings + 1]
        self.block_names = names
        self.conv_0 = nn.Conv2d(input_channels, outputs[0], 3, 1, 1)
        for level in range(1, len(names)):
            setattr(self, f"conv_{level}", nn.Conv2d(input_channels, feature_channels, 3, 1, 1))
        inputs = (outputs[0], *(channels + feature_channels for channels in outputs[:-1]))
        for level, (name, before, after) in enumerate(zip(names, inputs, outputs, strict=True)):
            labels = label_channels + (level < masked_blocks)
            setattr(self, name, SpadeBlock(before, after, labels, hidden, spectral))
        self.conv_img = nn.Conv2d(outputs[-1], 3, 3, 1, 1)

    def forward(self, pictures: Tensor, layers: Tensor) -> Tensor:
        """Paint the person.

        Args:
            pictures: (N, 9, H, W): agnostic, DensePose and warped garment, RGB in [-1, 1].
            layers: (N, 7, H, W) one-hot `labels.Layer`.

        Returns:
            (N, 3, H', W') in [-1, 1], H' and W' being H and W rounded down to multiples of 2**upsamplings.
        """
        return self.paint(pictures, [(layers, None)] * len(self.block_names))

    def paint(self, pictures: Tensor, conditions: list[tuple[Tensor, Tensor | None]]) -> Tensor:
        """As `forward`, with the label map and the mask of every block."""
        levels = len(self.block_names)
        height, width = (side // 2 ** (levels - 1) for side in pictures.shape[2:])
        x = None
        for level, (name, condition) in enumerate(zip(self.block_names, conditions, strict=True)):
            size = (height * 2**level, width * 2**level)
            features = getattr(self, f"conv_{level}")(F.interpolate(pictures, size=size, mode="nearest"))
            if x is not None:
                features = torch.cat((F.interpolate(x, scale_factor=2, mode="nearest"), features), 1)
            x = getattr(self, name)(features, *condition)
        return torch.tanh(self.conv_img(F.leaky_relu(x, 0.2)))
