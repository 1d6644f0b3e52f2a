"""What the compact PF-AFN's generator learns: what the garment covers, what to paint beside it, and the light."""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vton.data.pack import PackedDataset
from vton.labels import Region
from vton.methods.compose import blur, grow
from vton.methods.pf_afn_compact import GENERATOR_CHANNELS, OUTPUT_CHANNELS, Worn, generator_inputs, wear, worn
from vton.training.augment import Random
from vton.training.losses import BodyFeatures, gradient_l1, masked_l1, perceptual_l1
from vton.training.pf_afn import network_inputs, picture, training_sample, validation_batches

PERCEPTUAL_WEIGHT = 0.3


class GeneratorTask:
    """Training of `networks.pf_afn.ResidualUNet`; see `loop.Task`.

    Args:
        warp: the trained warp network, which stays as it is.
        body: a trained body network whose features measure how alike pictures look; None leaves that loss out.
        sizes: arguments of the network that differ from the shipped checkpoint's.
    """

    kind = "pf_afn_generator"
    rate = 1.2e-3

    def __init__(self, warp: nn.Module, body: nn.Module | None = None, **sizes: int | tuple[int, ...]):
        self.config = {
            "input_channels": GENERATOR_CHANNELS,
            "output_channels": OUTPUT_CHANNELS,
            "widths": (16, 32, 64, 96, 96),
            **sizes,
        }
        self._warp = warp.requires_grad_(False).eval()
        self._features: Callable[[Tensor], list[Tensor]] | None = BodyFeatures(body) if body is not None else None

    def prepare(self, network: nn.Module) -> None:
        """Start from mid-grey paint, undecided masks and the garment's own colours."""
        nn.init.normal_(network.model.model[-1].weight, std=1e-3)

    def sample(self, data: PackedDataset, index: int, random: Random) -> dict[str, np.ndarray]:
        """A framed person in another top, a garment under the same light, and the truth of wearing it."""
        return training_sample(data, index, random, alike=True)

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Colours of the paint and of the whole near the edit, both masks, gradients, and the parser's features."""
        made, result, logits, _ = self._generate(network, batch)
        goal = picture(batch["truth"])
        upper, changed, seen = edit_masks(batch)
        near = blur(grow(torch.maximum(upper, changed), 4), 2)
        open_edit = changed * (1 - upper)
        covered = (result.mask > 0.2).float()
        losses = {
            "colour": 2 * masked_l1(made, goal, near) + 0.2 * (made - goal).abs().mean(),
            "paint": masked_l1(result.paint, goal, open_edit + 0.2 * near),
            "alpha": 0.5 * _weighted_bce(logits[:, :1], upper, covered * seen),
            "repaint": 0.5 * _weighted_bce(logits[:, 1:], blur(grow(changed, 2), 1), 1 - upper * covered),
            "gradient": gradient_l1(made, goal, near),
        }
        if self._features is not None:
            with torch.no_grad():
                wanted = self._features(goal)
            losses["look"] = PERCEPTUAL_WEIGHT * perceptual_l1(self._features(made), wanted, near)
        return losses

    def validate(self, network: nn.Module, data: PackedDataset, device: torch.device) -> dict[str, float]:
        """Mean absolute difference near the edit, 0 to 2, of the result and, to compare, of the untouched input."""
        made_error, input_error, overlap = [], [], np.zeros(2)
        for batch in validation_batches(data, device):
            made, result, _, person = self._generate(network, batch)
            goal = picture(batch["truth"])
            upper, changed, _ = edit_masks(batch)
            edit = torch.maximum(upper, changed)
            made_error.append(float(masked_l1(made, goal, edit)))
            input_error.append(float(masked_l1(person, goal, edit)))
            covered = (result.alpha > 0.5).float()
            overlap += float((covered * upper).sum()), float(torch.maximum(covered, upper).sum())
        return {
            "l1": float(np.mean(made_error)),
            "input_l1": float(np.mean(input_error)),
            "alpha_iou": float(overlap[0] / max(overlap[1], 1)),
        }

    def _generate(self, network: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, Worn, Tensor, Tensor]:
        """The finished picture, what it is made of, the logits of both masks, and the input picture."""
        person, garment = network_inputs(batch)
        with torch.no_grad():
            warped, flow, _ = self._warp(person, garment, batch["joints"])
            colours = warped_colours(warped).float()
        inputs = generator_inputs(person, batch["skin"], warped).contiguous(memory_format=torch.channels_last)
        output = network(inputs).float()
        result = worn(flow, warped, output)
        photo = person[:, :3].float()
        return wear(photo, colours, result), result, output[:, 3:5], photo


def warped_colours(warped: Tensor) -> Tensor:
    """The garment's own colours at its soft edge, where the warped inputs mix them with white; (N, 3, H, W)."""
    mask = warped[:, 3:4].clamp(0.2, 1)
    return ((warped[:, :3] - (1 - mask)) / mask).clamp(-1, 1)


def edit_masks(batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Where the garment shows, where the input must change, and where the garment's cover is known for certain.

    Each (N, 1, H, W) in {0, 1}. Along the parse's border a pixel is as much one thing as another.
    """
    upper = (batch["target"] == Region.UPPER)[:, None].float()
    changed = (batch["changed"][:, None] > 127).float()
    border = grow(upper, 1) - grow(upper, -1)
    return upper, changed, 1 - 0.7 * border


def _weighted_bce(logits: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    loss = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    return (loss * weight).sum() / weight.sum().clamp(min=1)
