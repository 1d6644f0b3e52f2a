"""Batches of frames made where they lie: on an accelerator that holds all of them, whole batches at a time."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from vton.labels import Hem
from vton.networks.places import mirrored, thinned
from vton.training.frames import FramedDataset

FIELDS = ("joints", "garment", "regions", "parts", "hem", "target", "reads", "valid")
FIELD_FIELDS = ("joints", "garment", "regions", "parts", "reads", "valid")
PLACES = 128
"""How many places of a sample the field is asked for in a step."""

TURNED_SHARE, SWAPPED_SHARE, UNKNOWN_PARTS, UNKNOWN_HEM = 0.5, 0.3, 0.12, 0.12
"""How often frames are mirrored, their garments' colours put in another order, body parts withheld, and how the hem is
worn."""

JOINT_NOISE = 0.3
"""Standard deviation, in pixels of the frame."""

Batch = dict[str, Tensor]


class FrameStream:
    """An endless stream of random batches of frames, disturbed anew.

    Args:
        data: the frames; on an accelerator they must fit into its memory.
        fields: what a batch holds.
        size: frames in a batch.
        random: on the device where the batches are wanted.
    """

    def __init__(self, data: FramedDataset, fields: tuple[str, ...], size: int, random: torch.Generator):
        self._frames = data.tensors(random.device)
        self._fields, self._size, self._random = fields, size, random

    def __iter__(self) -> Iterator[Batch]:
        number, device = len(self._frames["valid"]), self._random.device
        while True:
            chosen = torch.randint(number, (self._size,), generator=self._random, device=device)
            yield disturbed({field: self._frames[field][chosen] for field in self._fields}, self._random)


def disturbed(batch: Batch, random: torch.Generator) -> Batch:
    """Frames, of which some are mirrored, have other colours, or do not know the body's parts or the hem."""
    turned, swapped, unknown, untold = (
        torch.rand(len(batch["joints"]), generator=random, device=random.device) < share
        for share in (TURNED_SHARE, SWAPPED_SHARE, UNKNOWN_PARTS, UNKNOWN_HEM)
    )
    batch = {field: _where(turned, other, batch[field]) for field, other in mirrored(batch).items()}
    batch["garment"] = _where(swapped, _swapped_colours(batch["garment"], random), batch["garment"])
    batch["parts"] = batch["parts"] * ~unknown.view(-1, 1, 1)
    if "hem" in batch:
        batch["hem"] = torch.where(untold, int(Hem.UNKNOWN), batch["hem"])
    return batch


def at_places(batch: Batch, random: torch.Generator) -> Batch:
    """Frames at the field's size with some of the places whose reading is known.

    Returns:
        joints, garment as they were, the joints a little off; regions, parts (N, 64, 48); places int64 (N, PLACES),
        indices into the grid of the field's size; wanted float32 (N, PLACES, 2), their readings; known (N, PLACES), 0
        for all of a frame in which no reading is known.
    """
    valid = batch["valid"].flatten(1).float()
    some = valid.any(1, keepdim=True)
    places = torch.multinomial(torch.where(some, valid, 1.0), PLACES, replacement=True, generator=random)
    noise = torch.randn(batch["joints"].shape, generator=random, device=random.device)
    wanted = batch["reads"].flatten(1, 2).gather(1, places[..., None].expand(-1, -1, 2))
    return {
        "joints": batch["joints"] + JOINT_NOISE * noise,
        "garment": batch["garment"],
        "regions": thinned(batch["regions"]),
        "parts": thinned(batch["parts"]),
        "places": places,
        "wanted": wanted.float(),
        "known": some.float().expand(-1, PLACES),
    }


def held_out(data: FramedDataset, limit: int, size: int, device: torch.device) -> Iterator[Batch]:
    """The first frames, `size` at a time and as they are."""
    count = min(limit, len(data))
    for start in range(0, count, size):
        frames = [data.read(index, FIELDS) for index in range(start, min(start + size, count))]
        yield {field: torch.from_numpy(np.stack([frame[field] for frame in frames])).to(device) for field in FIELDS}


def _where(chosen: Tensor, these: Tensor, others: Tensor) -> Tensor:
    return torch.where(chosen.view(-1, *(1 for _ in others.shape[1:])), these, others)


def _swapped_colours(garment: Tensor, random: torch.Generator) -> Tensor:
    """RGB and mask (N, H, W, 4), the colours of each in another order."""
    order = torch.rand(len(garment), 3, generator=random, device=random.device).argsort(1)
    order = torch.cat([order, order.new_full((len(order), 1), 3)], 1)
    return garment.gather(3, order[:, None, None].expand_as(garment))
