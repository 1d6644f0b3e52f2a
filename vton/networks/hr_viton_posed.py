"""HR-VITON's condition generator behind a first guess from the bones: what the compact weights use.

A small network that warps and parses at once finds neither in a few thousand steps. Here a `GarmentField` has laid the
garment about where it belongs; the published network (`hr_viton.ConditionGenerator`) sees it there and has only to
correct the flow and to draw the parse.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vton.labels import Hem, Region
from vton.networks.garment_field import GarmentField
from vton.networks.hr_viton import ConditionGenerator, sampling_grid, warp
from vton.networks.places import FRAME, GARMENT_SIZE, PART_GROUPS, coordinates, frame_grid, one_hot, one_hot_groups

NEAR_CHANNELS = 7
"""Of the garment as the field lays it: colours, mask, where in its picture they come from, and whether beyond it."""

HEM_CHANNELS = len(Hem) - 1

KEPT = 3.0
"""How much an untrained network leans towards the regions that it is shown."""


class PosedConditionGenerator(nn.Module):
    """Joints, garment, parse-agnostic map, body parts and how the hem is worn → flow and regions.

    Args:
        width: of the published network's first level; it works at half the frame's size.
        field: arguments of `GarmentField`.
        hems: whether it can be told how the hem is worn.
    """

    def __init__(self, width: int = 16, field: dict | None = None, hems: bool = False):
        super().__init__()
        regions, groups = len(Region), len(PART_GROUPS)
        self.field = GarmentField(**(field or {}))
        self.hems = hems
        self.refine = ConditionGenerator(NEAR_CHANNELS, regions + groups + 2 + HEM_CHANNELS * hems, regions, width)
        self.prior = Prior()
        for layer in self.refine.flow_conv:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(
        self, joints: Tensor, garment: Tensor, regions: Tensor, parts: Tensor, hem: Tensor | None = None
    ) -> tuple[list[Tensor], Tensor, Tensor]:
        """Predict.

        Args:
            joints: (N, 18, 2), pixels of the person's 256×192 frame.
            garment: (N, 4, 128, 96): RGB in [-1, 1], mask in [0, 1], the whole frame of the garment.
            regions: integer (N, 256, 192), `Region` ids of the parse-agnostic map.
            parts: integer (N, 256, 192), DensePose parts; 0 where there is no body or it is unknown.
            hem: integer (N,), `Hem`; None is all unknown.

        Returns:
            Where each pixel reads the garment, from coarse (4×3) to fine (64×48), float32 (N, 2, h, w), x and y in
            pixels of the garment's 256×192 frame; region logits (N, 13, 256, 192); and the garment's mask as the finest
            of them lays it (N, 1, 256, 192).
        """
        guess = self.field.on_grid(joints, garment, regions, parts)
        shown, groups = one_hot(regions, len(Region)), one_hot_groups(parts)
        body = torch.cat([F.avg_pool2d(shown, 2), F.avg_pool2d(groups, 2)], 1)
        person = torch.cat([body, coordinates(len(body), *GARMENT_SIZE, body.device)], 1)
        if self.hems:
            # Which of the two is known to be so, everywhere in the picture.
            hem = torch.full((len(body),), int(Hem.UNKNOWN), device=body.device) if hem is None else hem
            told = one_hot(hem.view(-1, 1, 1), len(Hem))[:, Hem.UNKNOWN + 1 :]
            person = torch.cat([person, told.expand(-1, -1, *GARMENT_SIZE)], 1)
        near, last = _laid(garment, guess), torch.channels_last
        flows, logits, _, _ = self.refine(near.contiguous(memory_format=last), person.contiguous(memory_format=last))
        reads = [warp(guess, sampling_grid(flow, *flow.shape[1:3])) for flow in flows]
        mask = lay_mask(garment[:, 3:4], reads[-1])
        logits = F.interpolate(logits.float().contiguous(), size=FRAME, mode="bilinear", align_corners=False)
        with torch.autocast(joints.device.type, enabled=False):
            return reads, logits + self.prior(shown, groups, mask.float()), mask


class Prior(nn.Module):
    """What a pixel is by itself, whatever lies around it: kept, part of the body, or covered by the garment."""

    def __init__(self):
        super().__init__()
        regions, groups = len(Region), len(PART_GROUPS)
        keep = KEPT * torch.eye(regions)
        keep[Region.BACKGROUND] = 0
        self.kept = nn.Parameter(keep)
        self.body = nn.Parameter(torch.zeros(regions, groups))
        self.bare = nn.Parameter(torch.zeros(regions, groups))
        self.covered = nn.Parameter(torch.zeros(regions, 1))

    def forward(self, shown: Tensor, groups: Tensor, mask: Tensor) -> Tensor:
        """Regions (N, 13, H, W) and PART_GROUPS (N, 10, H, W), one-hot, and mask (N, 1, H, W) → (N, 13, H, W)."""
        shown, groups, flat = shown.flatten(2), groups.flatten(2), mask.flatten(2)
        # A product of stacks, which copies nothing; with a single matrix both sides would be laid out anew.
        kept, body, bare, covered = (
            weights.expand(len(mask), -1, -1) for weights in (self.kept, self.body, self.bare, self.covered)
        )
        logits = kept @ shown + body @ groups + (1 - flat) * (bare @ groups) + covered @ flat
        return logits.view(len(mask), -1, *mask.shape[2:])


def lay_mask(mask: Tensor, reads: Tensor) -> Tensor:
    """A garment's mask (N, 1, any size) where it is read, 0 beyond its picture; (N, 1, 256, 192)."""
    return F.grid_sample(mask, frame_grid(reads, *FRAME), padding_mode="zeros", align_corners=False)


def _laid(garment: Tensor, guess: Tensor) -> Tensor:
    """What the published network sees of the garment, (N, NEAR_CHANNELS, 128, 96)."""
    grid = frame_grid(guess, *GARMENT_SIZE)
    mask = garment[:, 3:4]
    near = F.grid_sample(torch.cat([(garment[:, :3] - 1) * mask, mask], 1), grid, align_corners=False)
    grid = grid.permute(0, 3, 1, 2)
    beyond = (grid.abs() > 1).any(1, keepdim=True).float()
    return torch.cat([near[:, :3] + 1, near[:, 3:], grid.clamp(-1.5, 1.5), beyond], 1)
