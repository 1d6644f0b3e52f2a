"""DensePose's backbone: a ResNet with frozen normalisation and the feature pyramid on top of it."""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.ops import FrozenBatchNorm2d

STAGES = ("res2", "res3", "res4", "res5")
LEVELS = ("p2", "p3", "p4", "p5", "p6")
"""Levels of the pyramid; a cell of the first is 4 pixels wide, and every next level's twice as wide."""


class NormConv(nn.Conv2d):
    """A convolution without bias, "same" padding, and the frozen batch normalisation after it.

    (N, in_channels, H, W) → (N, out_channels, H/stride, W/stride).
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int = 1):
        super().__init__(in_channels, out_channels, kernel, stride, kernel // 2, bias=False)
        self.norm = FrozenBatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        # Scaling the kernels costs next to nothing, scaling the picture another pass over it.
        norm = self.norm
        scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
        bias = norm.bias - norm.running_mean * scale
        return F.conv2d(x, self.weight * scale[:, None, None, None], bias, self.stride, self.padding)


class Bottleneck(nn.Module):
    """1×1, 3×3, 1×1 and a shortcut. The stride is in the first 1×1, unlike in torchvision's ResNet.

    (N, in_channels, H, W) → (N, 4·width, H/stride, W/stride).
    """

    def __init__(self, in_channels: int, width: int, stride: int):
        super().__init__()
        first = in_channels != 4 * width
        self.shortcut = NormConv(in_channels, 4 * width, 1, stride) if first else nn.Identity()
        self.conv1 = NormConv(in_channels, width, 1, stride)
        self.conv2 = NormConv(width, width, 3)
        self.conv3 = NormConv(width, 4 * width, 1)

    def forward(self, x: Tensor) -> Tensor:
        inside = F.relu(self.conv2(F.relu(self.conv1(x))))
        return F.relu(self.conv3(inside) + self.shortcut(x))


class ResNet(nn.Module):
    """The bottom-up half (He et al., 2016): picture → features at 1/4, 1/8, 1/16 and 1/32.

    Args:
        width: channels of the stem; the stages put out 4, 8, 16 and 32 times as many.
        blocks: bottlenecks of each stage; (3, 4, 6, 3) is ResNet-50.
    """

    def __init__(self, width: int = 64, blocks: tuple[int, ...] = (3, 4, 6, 3)):
        super().__init__()
        self.stem = nn.Module()
        self.stem.conv1 = NormConv(3, width, 7, 2)
        channels = width
        for stage, (name, count) in enumerate(zip(STAGES, blocks, strict=True)):
            inner = width << stage
            inputs = [channels] + [4 * inner] * (count - 1)
            strides = [1 if stage == 0 else 2] + [1] * (count - 1)
            rows = zip(inputs, strides, strict=True)
            self.add_module(name, nn.Sequential(*(Bottleneck(taken, inner, stride) for taken, stride in rows)))
            channels = 4 * inner

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """(N, 3, H, W), H and W multiples of 32 → features by the names of STAGES."""
        x = F.max_pool2d(F.relu(self.stem.conv1(image)), 3, 2, 1)
        features = {}
        for name in STAGES:
            x = features[name] = self.get_submodule(name)(x)
        return features


class FeaturePyramid(nn.Module):
    """ResNet and feature pyramid (Lin et al., 2017): picture → p2 to p6 of equally many channels.

    Args:
        width, blocks: of the ResNet.
        channels: of every level.
    """

    def __init__(self, width: int = 64, blocks: tuple[int, ...] = (3, 4, 6, 3), channels: int = 256):
        super().__init__()
        for stage in range(4):
            self.add_module(f"fpn_lateral{stage + 2}", nn.Conv2d((4 * width) << stage, channels, 1))
            self.add_module(f"fpn_output{stage + 2}", nn.Conv2d(channels, channels, 3, padding=1))
        self.bottom_up = ResNet(width, blocks)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """(N, 3, H, W), H and W multiples of 32 → features by the names of LEVELS, at 1/4 to 1/64."""
        features = self.bottom_up(image)
        levels = {"p5": self.fpn_lateral5(features["res5"])}
        for above, (name, number) in pairwise((("p5", 5), ("p4", 4), ("p3", 3), ("p2", 2))):
            coarser = F.interpolate(levels[above[0]], scale_factor=2.0, mode="nearest")
            levels[name] = coarser + self.get_submodule(f"fpn_lateral{number}")(features[f"res{number}"])
        smooth = {name: self.get_submodule(f"fpn_output{name[1]}")(levels[name]) for name in LEVELS[:4]}
        return smooth | {"p6": smooth["p5"][:, :, ::2, ::2]}
