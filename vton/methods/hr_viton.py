"""HR-VITON at test time, with the published networks and sizes: condition, compose, warp, occlude, generate.

The functions follow one another in this order. Pictures are RGB in [-1, 1]; N×C×H×W tensors on any device.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.images import to_pixels, to_tensor
from vton.labels import LAYER_OF_REGION, REGION_OF_PARSE, Layer, Region
from vton.methods.canvas import pixels_read
from vton.networks.hr_viton import sampling_grid, warp
from vton.preprocess.parts import densepose_picture
from vton.types import Composition, Garment, Person

CONDITION_SIZE = (256, 192)
BLUR_SIZE, BLUR_SIGMA = 15, 3.0
NEVER_UNDER_GARMENT = tuple(
    region for region in Region if region not in (Region.BACKGROUND, Region.UPPER, Region.BOTTOM)
)
"""Regions that lie in front of the new garment wherever they are predicted."""


def one_hot_regions(parse: Tensor) -> Tensor:
    """Integer `Parse` ids (N, H, W) → float one-hot of `Region`, (N, 13, H, W)."""
    regions = torch.as_tensor(REGION_OF_PARSE, device=parse.device)[parse.long()]
    return F.one_hot(regions.long(), len(Region)).permute(0, 3, 1, 2).float()


def condition_inputs(
    garment: Tensor, garment_mask: Tensor, regions: Tensor, densepose: Tensor
) -> tuple[Tensor, Tensor]:
    """Bring both inputs of the condition generator to its size.

    Args:
        garment: (N, 3, H, W).
        garment_mask: (N, 1, H, W) in {0, 1}.
        regions: (N, 13, H, W), one-hot regions of the parse-agnostic map.
        densepose: (N, 3, H, W).

    Returns:
        (N, 4, 256, 192), garment and mask; (N, 16, 256, 192), regions and DensePose.
    """
    garment = F.interpolate(garment, size=CONDITION_SIZE, mode="bilinear", align_corners=False)
    densepose = F.interpolate(densepose, size=CONDITION_SIZE, mode="bilinear", align_corners=False)
    garment_mask = F.interpolate(garment_mask, size=CONDITION_SIZE, mode="nearest")
    regions = F.interpolate(regions, size=CONDITION_SIZE, mode="nearest")
    return torch.cat((garment, garment_mask), 1), torch.cat((regions, densepose), 1)


def compose_regions(logits: Tensor, warped_mask: Tensor) -> Tensor:
    """Let the garment's region be no larger than the warped garment.

    Args:
        logits: (N, 13, h, w), not negative.
        warped_mask: (N, 1, h, w) in [0, 1].

    Returns:
        (N, 13, h, w), the logits of UPPER multiplied by the mask.
    """
    factor = torch.ones_like(logits)
    factor[:, Region.UPPER] = warped_mask[:, 0]
    return logits * factor


def smooth_regions(logits: Tensor, height: int, width: int) -> Tensor:
    """Bring (N, 13, h, w) to full size bilinearly and blur every channel (15×15 Gaussian, σ 3, zeros outside)."""
    logits = F.interpolate(logits, size=(height, width), mode="bilinear", align_corners=False)
    offsets = torch.arange(BLUR_SIZE, device=logits.device, dtype=logits.dtype) - BLUR_SIZE // 2
    profile = torch.exp(-(offsets**2) / (2 * BLUR_SIGMA**2))
    profile = (profile / profile.sum()).expand(logits.shape[1], 1, 1, -1)
    channels, half = logits.shape[1], BLUR_SIZE // 2
    rows = F.conv2d(logits, profile, padding=(0, half), groups=channels)
    return F.conv2d(rows, profile.transpose(2, 3), padding=(half, 0), groups=channels)


def decide_regions(smoothed: Tensor) -> Tensor:
    """(N, 13, H, W) → the most probable `Region` id of each pixel, int64 (N, 1, H, W)."""
    return smoothed.argmax(1, keepdim=True)


def layers_of(regions: Tensor) -> Tensor:
    """`Region` ids (N, 1, H, W) → float one-hot of `Layer`, (N, 7, H, W)."""
    layers = torch.as_tensor(LAYER_OF_REGION, device=regions.device)[regions[:, 0]]
    return F.one_hot(layers.long(), len(Layer)).permute(0, 3, 1, 2).float()


def warp_garment(flow: Tensor, garment: Tensor, garment_mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Follow the finest flow at full size.

    Args:
        flow: (N, h, w, 2) in its own pixels.
        garment: (N, 3, H, W).
        garment_mask: (N, 1, H, W).

    Returns:
        The grid (N, H, W, 2) in [-1, 1], the warped garment (N, 3, H, W) and its mask (N, 1, H, W).
    """
    grid = sampling_grid(flow, *garment.shape[2:])
    return grid, warp(garment, grid), warp(garment_mask, grid)


def handle_occlusion(smoothed: Tensor, warped: Tensor, warped_mask: Tensor) -> tuple[Tensor, Tensor]:
    """Take the garment away where the body or hair is in front of it.

    Args:
        smoothed: (N, 13, H, W) logits.
        warped: (N, 3, H, W).
        warped_mask: (N, 1, H, W) in [0, 1].

    Returns:
        The garment on white (N, 3, H, W) and its mask (N, 1, H, W).
    """
    in_front = torch.softmax(smoothed, 1)[:, list(NEVER_UNDER_GARMENT)].sum(1, keepdim=True)
    mask = warped_mask * (1 - in_front)
    return warped * mask + (1 - mask), mask


def generate(generator: nn.Module, agnostic: Tensor, densepose: Tensor, warped: Tensor, layers: Tensor) -> Tensor:
    """Paint the person: three pictures (N, 3, H, W) and one-hot layers (N, 7, H, W) → (N, 3, H, W)."""
    return generator(torch.cat((agnostic, densepose, warped), 1), layers)


class HRViton:
    """The published method: Person and Garment → Composition.

    Args:
        condition: `ConditionGenerator` of the published sizes, in evaluation mode.
        image: `ImageGenerator` of the published sizes, in evaluation mode, on the same device.
    """

    def __init__(self, condition: nn.Module, image: nn.Module):
        self.condition, self.image = condition, image

    @property
    def device(self) -> torch.device:
        """Where the networks are and the work is done."""
        return next(self.condition.parameters()).device

    @torch.inference_mode()
    def __call__(self, person: Person, garment: Garment) -> Composition:
        """Dress the person, at 1024×768."""
        device = self.device
        picture = to_tensor(garment.image).to(device)
        garment_mask = (torch.from_numpy(garment.mask)[None, None] > 0.5).float().to(device)
        regions = one_hot_regions(torch.from_numpy(person.parse_agnostic)[None].to(device))
        densepose = to_tensor(densepose_picture(person.parts)).to(device)
        agnostic = to_tensor(person.agnostic).to(device)
        flows, logits, _, small_mask = self.condition(*condition_inputs(picture, garment_mask, regions, densepose))
        smoothed = smooth_regions(compose_regions(logits, small_mask), *picture.shape[2:])
        grid, warped, warped_mask = warp_garment(flows[-1], picture, garment_mask)
        visible, _ = handle_occlusion(smoothed, warped, warped_mask)
        generated = generate(self.image, agnostic, densepose, visible, layers_of(decide_regions(smoothed)))
        return Composition(
            warped_garment=to_pixels(warped),
            warped_mask=warped_mask[0, 0].cpu().numpy(),
            flow=pixels_read(grid),
            target=torch.softmax(smoothed, 1)[0].cpu().numpy(),
            generated=to_pixels(generated),
        )
