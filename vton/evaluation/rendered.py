"""Measure the compact networks on the held-out split of a rendered dataset, where everything is known exactly."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vton.data.pack import MAP_SIZE, PackedDataset
from vton.evaluation.metrics import UNKNOWN, OverlapTable
from vton.labels import DENSEPOSE_PARTS, PARSE_NAMES, Region
from vton.methods.compact_inputs import garment_crop, torso_crop
from vton.training import body, condition, frames

BATCH = 8


def batches(
    make: Callable[[int], dict[str, np.ndarray]], count: int, device: torch.device
) -> Iterator[dict[str, Tensor]]:
    """Stacked samples 0 to `count` - 1 as `make` gives them."""
    for start in range(0, count, BATCH):
        group = [make(index) for index in range(start, min(start + BATCH, count))]
        yield {key: torch.from_numpy(np.stack([sample[key] for sample in group])).to(device) for key in group[0]}


@torch.inference_mode()
def measure_body(network: nn.Module, root: Path, limit: int, device: torch.device) -> dict[str, OverlapTable]:
    """Overlap of parse and parts, at 256×192 in the framings in which photos arrive.

    Args:
        network: a `BodyNet` in evaluation mode, on `device`.
        root: a packed dataset.
        limit: at most so many samples.

    Returns:
        "parse" and "parts".
    """
    data, random = PackedDataset(root, "test"), np.random.default_rng(0)
    tables = {"parse": OverlapTable(PARSE_NAMES), "parts": OverlapTable(DENSEPOSE_PARTS)}
    count = min(limit, len(data))
    for batch in batches(lambda index: body.validation_sample(data, index, random), count, device):
        outputs = network(*body.network_inputs(batch))
        for name, logits in zip(("parse", "parts"), outputs, strict=True):
            tables[name].add(logits.argmax(1).cpu().numpy(), batch[name].cpu().numpy())
    return tables


@torch.inference_mode()
def measure_condition(
    network: nn.Module, root: Path, limit: int, device: torch.device, told: bool = True
) -> tuple[dict[str, float], OverlapTable]:
    """The warp and the target parse, at 256×192 in the frames of the condition generator, from the true person maps.

    Args:
        network: a `PosedConditionGenerator` in evaluation mode, on `device`.
        root: a packed dataset.
        limit: at most so many samples.
        told: whether the network is told how the hem is worn, where the dataset knows it.

    Returns:
        End-point errors in pixels (median, mean and 90th percentile over all valid pixels) and the overlap of the
        warped mask with the worn garment where nothing can hide it; and the overlap of the regions.
    """
    data = PackedDataset(root, "test")
    regions = OverlapTable(tuple(region.name.lower().replace("_", " ") for region in Region))
    masks, errors = OverlapTable(("elsewhere", "garment")), [np.zeros(0)]
    count = min(limit, len(data))
    fields = (*frames.FIELDS, *(data.held(("hem",)) if told else ()))
    for batch in batches(lambda index: _framed(data, index, fields), count, device):
        reads, logits, warped_mask = network(*condition.condition_inputs(batch))
        target = batch["target"].cpu().numpy()
        regions.add(logits.argmax(1).cpu().numpy(), target)
        open_view = np.isin(target, (Region.UPPER, Region.BACKGROUND, Region.NOISE))
        truth = np.where(open_view, target == Region.UPPER, UNKNOWN)
        masks.add((warped_mask[:, 0] > 0.5).long().cpu().numpy(), truth)
        whole = F.interpolate(reads[-1].float(), size=MAP_SIZE, mode="bicubic", align_corners=False)
        distance = (whole - batch["flow"].permute(0, 3, 1, 2)).norm(dim=1)
        errors.append(distance[batch["known"] > 0].cpu().numpy())
    found = np.concatenate(errors)
    values = np.percentile(found, (50, 90)) if len(found) else (0.0, 0.0)
    return {
        "EPE median": float(values[0]),
        "EPE mean": float(found.mean()) if len(found) else 0.0,
        "EPE 90 %": float(values[1]),
        "warped mask IoU": masks.by_name().get("garment", 0.0),
        "region mIoU": regions.mean(),
    }, regions


def _framed(data: PackedDataset, index: int, fields: tuple[str, ...]) -> dict[str, np.ndarray]:
    """A held-out sample as the condition generator sees it, with the flow of every pixel and where it is known."""
    packed = data.read(index, fields)
    keypoints = packed["other_keypoints"]
    exact = frames.frame_sample(packed, keypoints, torso_crop(keypoints), garment_crop(packed["cloth_mask"]), False)
    return {**frames.make_frame(packed, None), "flow": exact["flow"], "known": exact["valid"]}
