"""What the compact condition generator learns: how a garment lies on a person, and what the person's parse becomes."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vton.labels import Region
from vton.networks.garment_field import GarmentField
from vton.networks.hr_viton_posed import PosedConditionGenerator
from vton.networks.places import FIELD_SIZE, pixel_places, thinned
from vton.training.augment import Random
from vton.training.body import count_overlap, mean_overlap
from vton.training.frames import FramedDataset, mirrored_frame
from vton.training.losses import bending, masked_l1

FIELDS = ("joints", "garment", "regions", "parts", "target", "reads", "valid")
FIELD_FIELDS = ("joints", "garment", "regions", "parts", "reads", "valid")
PLACES = 128
"""How many places of a sample the field is asked for in a step."""

PIXEL = 0.1
"""Weight of an error of one pixel."""

LEVEL_WEIGHTS = (0.05, 0.05, 0.1, 0.2, 0.5)
UNKNOWN_PARTS = 0.12
VALIDATION_SAMPLES = 96
VALIDATION_BATCH = 16


class FieldTask:
    """Training of `networks.garment_field.GarmentField`, the condition generator's first guess; see `loop.Task`.

    Args:
        start: a field trained to look once, which this one begins with; its second look begins untrained.
        sizes: arguments of the field's class.
    """

    kind = "garment_field"
    rate = 2e-3

    def __init__(self, start: GarmentField | None = None, **sizes: float):
        self.config = sizes
        self._start = start

    def prepare(self, network: nn.Module) -> None:
        """Put the trained first look in; else the network's own first weights will do."""
        if self._start is not None:
            network.load_state_dict({**network.state_dict(), **self._start.state_dict()})

    def sample(self, data: FramedDataset, index: int, random: Random) -> dict[str, np.ndarray]:
        """A frame at the field's size and some of the places whose reading is known."""
        frame = turned_at_times(data.read(index, FIELD_FIELDS), random)
        rows, columns = np.nonzero(frame["valid"])
        if len(rows):
            chosen = random.integers(len(rows), size=PLACES)
            rows, columns = rows[chosen], columns[chosen]
            known = np.ones(PLACES, np.float32)
        else:
            rows = columns = np.zeros(PLACES, int)
            known = np.zeros(PLACES, np.float32)
        return {
            "joints": frame["joints"] + random.normal(size=frame["joints"].shape).astype(np.float32) * 0.3,
            "garment": swapped_colours(frame["garment"], random),
            "regions": thinned(frame["regions"][None])[0].copy(),
            "parts": thinned(unknown_at_times(frame["parts"], random)[None])[0].copy(),
            "places": rows * FIELD_SIZE[1] + columns,
            "wanted": frame["reads"][rows, columns].astype(np.float32),
            "known": known,
        }

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Robust distance between where the places are read and where they should be."""
        places = pixel_places(*FIELD_SIZE, batch["places"].device)[batch["places"]]
        losses = {}
        for look, reads in zip(("first", "second"), network.looks(*network_inputs(batch), places), strict=False):
            distance = ((reads - batch["wanted"]).square().sum(-1) + 0.05).sqrt() * batch["known"]
            losses[look] = PIXEL * distance.sum() / batch["known"].sum().clamp(min=1)
        return losses

    def validate(self, network: nn.Module, data: FramedDataset, device: torch.device) -> dict[str, float]:
        """End-point error in pixels of the 256×192 frame, median and mean."""
        errors = []
        for batch in validation_batches(data, VALIDATION_SAMPLES, device):
            errors.append(read_errors(network.on_grid(*network_inputs(batch)), batch))
        found = np.concatenate(errors)
        return {"epe_median": float(np.median(found)), "epe_mean": float(found.mean())}


class ConditionTask:
    """Training of `networks.hr_viton_posed.PosedConditionGenerator` behind a trained field; see `loop.Task`.

    Args:
        field: the trained field, which stays as it is; None keeps an untrained one (for tests).
        width: of the published network's first level.
        sizes: arguments of the field's class, where they are not its own.
        start: a trained network to go on from, its field replaced.
    """

    kind = "posed_condition_generator"
    rate = 2e-3

    def __init__(
        self,
        field: GarmentField | None,
        width: int = 16,
        sizes: dict | None = None,
        start: PosedConditionGenerator | None = None,
    ):
        self.config = {"width": width, "field": sizes or {}}
        self._field, self._start = field, start
        self._weights = class_weights()

    def prepare(self, network: nn.Module) -> None:
        """Put the trained field in, and leave it out of training."""
        if self._start is not None:
            # The network's field may look twice where the trained one looked once.
            network.load_state_dict({**network.state_dict(), **self._start.state_dict()})
        if self._field is not None:
            network.field.load_state_dict(self._field.state_dict())
        network.field.requires_grad_(False)

    def sample(self, data: FramedDataset, index: int, random: Random) -> dict[str, np.ndarray]:
        """A frame, with other colours at times, and at times without the body parts."""
        frame = turned_at_times(data.read(index, FIELDS), random)
        frame["garment"] = swapped_colours(frame["garment"], random)
        frame["parts"] = unknown_at_times(frame["parts"], random)
        return frame

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The exact flow at every level, its bending, the regions and their overlap, and the warped mask."""
        steady(network.field)
        reads, logits, mask = network(*network_inputs(batch))
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
        for batch in validation_batches(data, VALIDATION_SAMPLES, device):
            reads, logits, mask = network(*network_inputs(batch))
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


def turned_at_times(frame: dict[str, np.ndarray], random: Random) -> dict[str, np.ndarray]:
    """A frame, or every other time its mirror image: no sample is looked at from one side only."""
    return mirrored_frame(frame) if random.random() < 0.5 else frame


def swapped_colours(garment: np.ndarray, random: Random) -> np.ndarray:
    """RGB and mask (H, W, 4), the colours now and then in another order."""
    if random.random() < 0.3:
        garment = garment[..., [*random.permutation(3), 3]]
    return np.ascontiguousarray(garment)


def unknown_at_times(parts: np.ndarray, random: Random) -> np.ndarray:
    """Body parts, or now and then none at all."""
    return np.zeros_like(parts) if random.random() < UNKNOWN_PARTS else parts


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
    """Inputs of the condition generator from stacked frames, or the field's, but for the places, from smaller ones."""
    return batch["joints"], garment_tensor(batch["garment"]), batch["regions"], batch["parts"]


def validation_batches(data: FramedDataset, limit: int, device: torch.device) -> Iterator[dict[str, Tensor]]:
    """Stacked held-out frames."""
    count = min(limit, len(data))
    for start in range(0, count, VALIDATION_BATCH):
        frames = [data.read(index, FIELDS) for index in range(start, min(start + VALIDATION_BATCH, count))]
        yield {key: torch.from_numpy(np.stack([frame[key] for frame in frames])).to(device) for key in FIELDS}


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
