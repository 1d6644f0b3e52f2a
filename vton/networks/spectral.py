"""Spectral normalisation as the published checkpoints have it (Miyato et al., ICLR 2018)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SpectralConv2d(nn.Module):
    """A convolution whose weight is divided by an estimate of its largest singular value.

    Keys and arithmetic are those of torch's older `spectral_norm`: weight_orig and the vectors weight_u and weight_v,
    which one power iteration per training step refines and which rest in evaluation mode. Unlike with that function,
    the divided weight is no attribute, so a module can be copied between two steps.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, stride: int = 1, padding: int = 0, bias: bool = True
    ):
        super().__init__()
        self.stride, self.padding = stride, padding
        plain = nn.Conv2d(in_channels, out_channels, kernel, bias=bias)
        self.register_parameter("bias", plain.bias)
        self.weight_orig = plain.weight
        self.register_buffer("weight_u", F.normalize(torch.randn(out_channels), dim=0))
        self.register_buffer("weight_v", F.normalize(torch.randn(in_channels * kernel * kernel), dim=0))

    def forward(self, x: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H', W')."""
        return F.conv2d(x, self._weight(), self.bias, self.stride, self.padding)

    def _weight(self) -> Tensor:
        with torch.autocast(self.weight_orig.device.type, enabled=False):
            matrix = self.weight_orig.flatten(1)
            if self.training:
                with torch.no_grad():
                    self.weight_v.copy_(F.normalize(matrix.t() @ self.weight_u, dim=0, eps=1e-12))
                    self.weight_u.copy_(F.normalize(matrix @ self.weight_v, dim=0, eps=1e-12))
            # Clones, because the next forward pass overwrites the buffers before a backward pass may have read them.
            u, v = self.weight_u.clone(), self.weight_v.clone()
            return self.weight_orig / torch.dot(u, matrix @ v)
