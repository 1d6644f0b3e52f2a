"""What the compact condition generator learns: how a garment lies on a person, and what the person's parse becomes."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vton.labels import Region
from vton.networks.garment_field import GarmentField
from vton.networks.hr_viton_posed import HEM_CHANNELS, NEAR_CHANNELS, PosedConditionGenerator
from vton.networks.places import FIELD_SIZE, pixel_places
from vton.training.body import count_overlap, mean_overlap
from vton.training.frame_batches import FIELD_FIELDS, FIELDS, FrameStream, at_places, held_out
from vton.training.frames import FramedDataset
from vton.training.losses import bending, masked_l1

PIXEL = 0.1
"""Weight of an error of one pixel."""

LEVEL_WEIGHTS = (0.05, 0.05, 0.1, 0.2, 0.5)
VALIDATION_SAMPLES = 96
VALIDATION_BATCH = 16

FIELD_RATE = 0.25
"""Learning rate of a trained field that is trained on with the condition generator behind it, in parts of the other."""


class FieldTask:
    """Training of `networks.garment_field.GarmentField`, the condition generator's first guess; see `loop.Task`.

    Args:
        start: a trained field, which this one begins with; what looks it has beyond the trained one's begin untrained.
        sizes: arguments of the field's class.
    """

    kind = "garment_field"
    rate = 2e-3

    def __init__(self, start: GarmentField | None = None, **sizes: float):
        self.config = sizes
        self._start = start

    def prepare(self, network: nn.Module) -> None:
        """Put the trained looks in; else the network's own first weights will do."""
        if self._start is not None:
            network.load_state_dict({**network.state_dict(), **self._start.state_dict()})

    def stream(self, data: FramedDataset, size: int, random: torch.Generator) -> Iterator[dict[str, Tensor]]:
        """Batches of frames at the field's size with some of the places whose reading is known."""
        for batch in FrameStream(data, FIELD_FIELDS, size, random):
            yield at_places(batch, random)

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Robust distance between where the places are read and where they should be."""
        places = pixel_places(*FIELD_SIZE, batch["places"].device)[batch["places"]]
        losses = {}
        for look, reads in enumerate(network.looks(*network_inputs(batch), places), 1):
            distance = ((reads - batch["wanted"]).square().sum(-1) + 0.05).sqrt() * batch["known"]
            losses[f"look {look}"] = PIXEL * distance.sum() / batch["known"].sum().clamp(min=1)
        return losses

    def validate(self, network: nn.Module, data: FramedDataset, device: torch.device) -> dict[str, float]:
        """End-point error in pixels of the 256×192 frame, median and mean."""
        errors = []
        for batch in held_out(data, VALIDATION_SAMPLES, VALIDATION_BATCH, device):
            errors.append(read_errors(network.on_grid(*network_inputs(batch)), batch))
        found = np.concatenate(errors)
        return {"epe_median": float(np.median(found)), "epe_mean": float(found.mean())}


class ConditionTask:
    """Training of `networks.hr_viton_posed.PosedConditionGenerator` behind a trained field; see `loop.Task`.

    Args:
        field: the trained field; None keeps an untrained one (for tests).
        width: of the published network's first level.
        sizes: arguments of the field's class, where they are not its own.
        start: a trained network to go on from, its field replaced.
        whole: train the field on as well, which otherwise stays as it is.
    """

    kind = "posed_condition_generator"
    rate = 2e-3

    def __init__(
        self,
        field: GarmentField | None,
        width: int = 16,
        sizes: dict | None = None,
        start: PosedConditionGenerator | None = None,
        whole: bool = False,
    ):
        self.config = {"width": width, "field": sizes or {}, "hems": True}
        self._field, self._start, self._whole = field, start, whole
        self._weights = class_weights()

    def prepare(self, network: nn.Module) -> None:
        """Put the trained networks in, and leave the field out of training unless the whole is trained."""
        if self._start is not None:
            # Its field may be another one than that of this network.
            kept = {key: value for key, value in told_of_hems(self._start).items() if not key.startswith("field.")}
            network.load_state_dict({**network.state_dict(), **kept})
        if self._field is not None:
            network.field.load_state_dict(self._field.state_dict())
        elif self._start is not None:
            network.field.load_state_dict(self._start.field.state_dict())
        network.field.requires_grad_(self._whole)

    def groups(self, network: nn.Module) -> list[dict]:
        """The parameters by learning rate, which is given in parts of `rate`."""
        others = [value for key, value in network.named_parameters() if not key.startswith("field.")]
        trained = [value for value in network.field.parameters() if value.requires_grad]
        return [{"params": others, "share": 1.0}, {"params": trained, "share": FIELD_RATE}]

    def stream(self, data: FramedDataset, size: int, random: torch.Generator) -> Iterator[dict[str, Tensor]]:
        """Batches of frames, some in other colours, some without the body parts."""
        return iter(FrameStream(data, FIELDS, size, random))

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The exact flow at every level, its bending, the regions and their overlap, and the warped mask."""
        if not self._whole:
            steady(network.field)
        reads, logits, mask = network(*condition_inputs(batch))
        target, chances = batch["target"].long(), logits.log_softmax(1)
        wanted, valid = batch["reads"].permute(0, 3, 1, 2).float(), batch["valid"][:, None].float()
        upper = (target == Region.UPPER).float()[:, None]
        # Arms and hair hide parts of a garment that is there all the same: the mask counts where nothing can hide it.
        open_view = upper + ((target == Region.BACKGROUND) | (target == Region.NOISE)).float()[:, None]
        return {
            "flow": 1.2 * PIXEL * read_distance(reads, wanted, valid),
            "bend": PIXEL * bending([reads[-1].permute(0, 2, 3, 1)]),
            "regions": 2.5 * F.nll_loss(chances, target, self._weights.to(logits.device)),
            "overlap": soft_overlap(chances, target),
            "mask": 3 * masked_l1(mask.float(), upper, open_view),
        }

    def validate(self, network: nn.Module, data: FramedDataset, device: torch.device) -> dict[str, float]:
        """End-point error in pixels at 256×192 (median and mean), mean IoU of the regions, IoU of the warped mask."""
        regions, masks, errors = np.zeros((len(Region), 2)), np.zeros((2, 2)), []
        for batch in held_out(data, VALIDATION_SAMPLES, VALIDATION_BATCH, device):
            reads, logits, mask = network(*condition_inputs(batch))
            target = batch["target"].cpu().numpy()
            count_overlap(regions, logits.argmax(1).cpu().numpy(), target)
            open_view = np.isin(target, (Region.UPPER, Region.BACKGROUND, Region.NOISE))
            truth = np.where(open_view, target == Region.UPPER, 255).astype(np.uint8)
            count_overlap(masks, (mask[:, 0] > 0.5).long().cpu().numpy(), truth)
            errors.append(read_errors(reads[-1], batch))
        found = np.concatenate(errors)
        return {
            "epe_median": float(np.median(found)),
            "epe_mean": float(found.mean()),
            "region_iou": mean_overlap(regions),
            "mask_iou": float(masks[1, 0] / max(masks[1, 1], 1)),
        }


def class_weights() -> Tensor:
    """Weights of the regions: arms and the bare neck (NOISE) count more."""
    weights = torch.ones(len(Region))
    weights[[Region.LEFT_ARM, Region.RIGHT_ARM]] = 1.5
    weights[[Region.BOTTOM]] = 1.3
    weights[[Region.UPPER]] = 1.2
    weights[[Region.NOISE]] = 1.8
    return weights


def steady(field: nn.Module) -> None:
    """Let a frozen field guess as in use, but keep its dropout: it errs more on garments that it has not learnt."""
    field.eval()
    for module in field.modules():
        if isinstance(module, nn.Dropout):
            module.train()


def garment_tensor(garment: Tensor) -> Tensor:
    """uint8 (N, 128, 96, 4) → (N, 4, 128, 96): RGB in [-1, 1], mask in [0, 1]."""
    pixels = garment.permute(0, 3, 1, 2).float() / 255
    return torch.cat([2 * pixels[:, :3] - 1, pixels[:, 3:]], 1)


def network_inputs(batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Inputs of the field, but for the places, from stacked frames of either size."""
    return batch["joints"], garment_tensor(batch["garment"]), batch["regions"], batch["parts"]


def condition_inputs(batch: dict[str, Tensor]) -> tuple[Tensor, ...]:
    """Inputs of the condition generator from stacked frames; those of earlier datasets do not know the hem."""
    return *network_inputs(batch), batch.get("hem")


def told_of_hems(network: PosedConditionGenerator) -> dict[str, Tensor]:
    """The weights of a network that can be told how the hem is worn; one that could not be will not heed it."""
    weights = network.state_dict()
    if network.hems:
        return weights
    # Where the person's channels end among those that the layer takes.
    for layer, behind in (("PoseEncoder.0", 0), ("out_layer", NEAR_CHANNELS)):
        key = f"refine.{layer}.scale.weight"
        before, after = weights[key].split([weights[key].shape[1] - behind, behind], 1)
        unheeded = before.new_zeros(len(before), HEM_CHANNELS, *before.shape[2:])
        weights[key] = torch.cat([before, unheeded, after], 1)
    return weights


def read_errors(reads: Tensor, batch: dict[str, Tensor]) -> np.ndarray:
    """Distances in pixels of the 256×192 garment frame between where a pixel reads the garment and where it should.

    Args:
        reads: (N, 2, 64, 48).
        batch: holds `reads` (N, 64, 48, 2) and `valid` (N, 64, 48).

    Returns:
        float32 (number of valid pixels,).
    """
    distance = (reads.float() - batch["reads"].permute(0, 3, 1, 2).float()).norm(dim=1)
    return distance[batch["valid"] > 0].cpu().numpy()


def read_distance(reads: list[Tensor], wanted: Tensor, valid: Tensor) -> Tensor:
    """Robust distance in pixels of every level, √(|difference|² + 0.01), weighted by LEVEL_WEIGHTS.

    Args:
        reads: coarse to fine, (N, 2, h, w).
        wanted: (N, 2, H, W), of the finest level's size. valid: (N, 1, H, W) in {0, 1}.
    """
    total = wanted.new_zeros(())
    for level, weight in zip(reads, LEVEL_WEIGHTS, strict=True):
        factor = wanted.shape[2] // level.shape[2]
        known = F.avg_pool2d(valid, factor)
        goal = F.avg_pool2d(wanted * valid, factor) / known.clamp(min=1e-3)
        distance = ((level - goal).square().sum(1, keepdim=True) + 0.01).sqrt()
        total = total + weight * (distance * known).sum() / known.sum().clamp(min=1)
    return total


def soft_overlap(chances: Tensor, target: Tensor, least: int = 50) -> Tensor:
    """1 - mean soft IoU of the regions that have at least `least` pixels in a batch (Rahman and Wang, ISVC 2016).

    Args:
        chances: (N, R, H, W), logarithms of probabilities.
        target: int64 (N, H, W).
    """
    probable, flat = chances.exp(), target.flatten()
    right = probable.gather(1, target[:, None]).flatten()
    common = right.new_zeros(chances.shape[1]).index_add(0, flat, right)
    size = torch.bincount(flat, minlength=chances.shape[1])
    union = probable.sum((0, 2, 3)) + size - common
    return (1 - (common + 1) / (union + 1))[size > least].mean()
