"""What the compact PF-AFN's warp network learns: how a garment lies on a person whom no parser has looked at.

As in the paper (Ge et al., CVPR 2021) a teacher that uses a parser, here the compact HR-VITON, dresses people in other
garments; its pictures become the student's input, the true picture is the goal, and the teacher's flow is followed
only where it is better than the student's own. The renderer adds what the paper lacks: a true picture in another top,
which is the input of every other sample, and the exact flow.
"""

from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vton.data.pack import FLOW_UNIT, MAP_SIZE, PICTURE_SIZE, PackedDataset
from vton.labels import MIRRORED_KEYPOINTS, MIRRORED_PARSE, Parse, Region
from vton.methods.compact_inputs import compact_regions, garment_crop, move_keypoints, skeleton_map, torso_crop
from vton.methods.pf_afn_compact import (
    GARMENT_CHANNELS,
    PERSON_CHANNELS,
    frame,
    frame_positions,
    garment_inputs,
    joint_positions,
    person_inputs,
    skin_colour,
)
from vton.training.augment import Random, compose, mirroring, recolour, scaling, shake_keypoints, similarity
from vton.training.losses import bending, masked_l1

FIELDS = (
    "image", "other", "cloth", "cloth_mask", "parse", "flow", "valid", "image_keypoints", "other_keypoints",
    "image_silhouette", "other_silhouette",
)  # fmt: skip
LEVEL_WEIGHTS = (0.06, 0.06, 0.12, 0.18, 0.24)
"""Of the guess and of its refinements, coarse to fine."""

CHANGED = 14
"""Difference of colours, 0 to 255, above which a pixel of the input is not what it should become."""

TEACHER_SHARE = 0.5
VALIDATION_SAMPLES = 64
VALIDATION_BATCH = 8


class WarpTask:
    """Training of `networks.pf_afn_posed.PosedAppearanceFlow`; see `loop.Task`.

    Args:
        trained: a `FlowGuess` to start from; None starts from one that knows nothing.
        sizes: arguments of the network that differ from the shipped checkpoint's.
    """

    kind = "pf_afn_posed_warp"
    rate = 4e-4

    def __init__(self, trained: nn.Module | None = None, **sizes: int | tuple[int, ...] | dict):
        self.config = {"person_channels": PERSON_CHANNELS, "garment_channels": GARMENT_CHANNELS, **sizes}
        self._trained = trained

    def prepare(self, network: nn.Module) -> None:
        """Start from the guess, and see what is darker than the mean, which the published first ReLU cuts off."""
        if self._trained is not None:
            # A few samples a step would only spoil what it learnt from hundreds.
            network.guess.load_state_dict(self._trained.state_dict())
            network.guess.requires_grad_(False)
        refine = network.refine
        for features in (refine.image_features, refine.cond_features):
            nn.init.constant_(features.encoders[0][0].block[0].bias, 2.0)
        for offsets in (*refine.aflow_net.netMain, *refine.aflow_net.netRefine):
            nn.init.normal_(offsets[-1].weight, std=1e-3)
            nn.init.zeros_(offsets[-1].bias)

    def sample(self, data: PackedDataset, index: int, random: Random) -> dict[str, np.ndarray]:
        """A framed person in another top, a garment, and the truth of wearing it."""
        return training_sample(data, index, random, alike=False)

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The exact flow at every level, its bending, the mask, a little of the picture, and the teacher's flow."""
        person, garment = network_inputs(batch)
        warped, flow, flows = network(person, garment, batch["joints"])
        wanted = batch["flow"].permute(0, 3, 1, 2)
        valid = batch["valid"][:, None].float()
        painted = F.grid_sample(garment[:, :3], _grid(wanted), padding_mode="border", align_corners=True)
        upper, open_view = open_views(batch["target"])
        return {
            "flow": end_point_error(flows, wanted, valid),
            "bend": 0.15 * bending([_own_pixels(flow) for flow in flows[1:]]),
            "mask": 5 * masked_l1(warped[:, 3:4].float(), upper, open_view),
            "picture": 0.5 * masked_l1(warped[:, :3].float(), painted, valid),
            "teacher": 0.1 * teacher_error(frame_positions(flow), wanted, valid, batch),
        }

    def validate(self, network: nn.Module, data: PackedDataset, device: torch.device) -> dict[str, float]:
        """End-point error in pixels at 256×192 (median, mean) and IoU of the warped mask, on true pictures."""
        errors, overlap = [], np.zeros(2)
        for batch in validation_batches(data, device):
            person, garment = network_inputs(batch)
            warped, flow, _ = network(person, garment, batch["joints"])
            distance = (frame_positions(flow) - batch["flow"].permute(0, 3, 1, 2)).norm(dim=1)
            errors.append(distance[batch["valid"] > 0].cpu().numpy())
            upper, open_view = open_views(batch["target"])
            covered = (warped[:, 3:4] > 0.5).float() * open_view
            overlap += float((covered * upper).sum()), float(torch.maximum(covered, upper).sum())
        found = np.concatenate(errors)
        return {
            "epe_median": float(np.median(found)),
            "epe_mean": float(found.mean()),
            "mask_iou": float(overlap[0] / max(overlap[1], 1)),
        }


def end_point_error(flows: list[Tensor], wanted: Tensor, valid: Tensor) -> Tensor:
    """Robust distance in pixels between where each level reads the garment and where it should, weighted by level.

    Args:
        flows: the guess and its refinements, each (N, 2, h, w) in [-1, 1], corners aligned.
        wanted: (N, 2, 256, 192), pixels of the garment's frame.
        valid: (N, 1, 256, 192) in {0, 1}.
    """
    total, size = wanted.new_zeros(()), flows[-1].shape[2:]
    goal, known = (F.interpolate(part, size=size, mode="nearest-exact") for part in (wanted, valid))
    for flow, weight in zip(flows, LEVEL_WEIGHTS, strict=True):
        full = F.interpolate(frame_positions(flow.float()), size=wanted.shape[2:], mode="bilinear", align_corners=True)
        reads = F.interpolate(full, size=size, mode="nearest-exact")
        distance = ((reads - goal).square().sum(1, keepdim=True) + 0.01).sqrt()
        total = total + weight * (distance * known).sum() / known.sum().clamp(min=1)
    return total


def teacher_error(reads: Tensor, wanted: Tensor, valid: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """The paper's adjustable distillation: distance to the teacher's flow in samples where the teacher is closer.

    It says something of pixels whose exact flow nobody knows, because arms or hair hide the garment there.
    """
    teacher, known = batch["teacher"].permute(0, 3, 1, 2), batch["teacher_valid"][:, None].float()
    with torch.no_grad():
        own, others = ((where - wanted).norm(dim=1, keepdim=True) for where in (reads, teacher))
        shared = valid * known
        closer = (others * shared).sum((1, 2, 3)) < (own * shared).sum((1, 2, 3))
        weight = known * closer[:, None, None, None]
    distance = ((reads - teacher).square().sum(1, keepdim=True) + 0.01).sqrt()
    return (distance * weight).sum() / weight.sum().clamp(min=1)


def open_views(target: Tensor) -> tuple[Tensor, Tensor]:
    """Region ids (N, H, W) → where the garment shows, and where nothing could hide it, both (N, 1, H, W) in {0, 1}."""
    upper = (target == Region.UPPER)[:, None].float()
    return upper, upper + ((target == Region.BACKGROUND) | (target == Region.NOISE))[:, None].float()


def training_sample(data: PackedDataset, index: int, random: Random, alike: bool) -> dict[str, np.ndarray]:
    """One disturbed sample.

    Args:
        data: packed people; half of the samples are some that the teacher dressed, as soon as there are any.
        index: of the sample otherwise.
        random: where chance comes from.
        alike: give garment and person the same light, as a generator of colours needs it.
    """
    dressed = random.random() < TEACHER_SHARE
    known = taught(data) if dressed else []
    packed = read_sample(data, known[random.integers(len(known))] if known else index, dressed)
    packed["changed"] = _changed(packed["image"], packed["other"])
    if alike:
        stacked = recolour(np.concatenate([packed["image"], packed["other"], packed["cloth"]]), random)
        packed["image"], packed["other"], packed["cloth"] = np.split(stacked, 3)
    else:
        stacked = recolour(np.concatenate([packed["image"], packed["other"]]), random, 1.3)
        packed["image"], packed["other"] = np.split(stacked, 2)
        packed["cloth"] = recolour(packed["cloth"], random, 1.3)
        if random.random() < 0.15:
            packed["cloth"] = packed["cloth"][..., random.permutation(3)].copy()
    keypoints = shake_keypoints(packed["other_keypoints"], random.uniform(0, 0.025), random)
    jitter = similarity(
        MAP_SIZE, float(np.exp(random.normal() * 0.06)), random.normal() * 2.3, tuple(random.normal(size=2) * 6)
    )
    garment_jitter = similarity(
        MAP_SIZE, float(np.exp(random.normal() * 0.04)), random.normal() * 2, tuple(random.normal(size=2) * 3)
    )
    to_torso = compose(jitter, torso_crop(keypoints))
    to_garment = compose(garment_jitter, garment_crop(packed["cloth_mask"]))
    return frame_sample(packed, keypoints, to_torso, to_garment, bool(random.random() < 0.5))


def teacher_file(data: PackedDataset, index: int) -> Path:
    """Where the teacher's answer for a sample lies; see `pf_afn_teacher`."""
    return data.root / "teacher" / data.split / f"{index:06d}.npz"


def taught(data: PackedDataset) -> list[int]:
    """Indices of the samples that the teacher has dressed so far."""
    return sorted(int(path.stem) for path in teacher_file(data, 0).parent.glob("[0-9]*.npz"))


def read_sample(data: PackedDataset, index: int, prefer_teacher: bool) -> dict[str, np.ndarray]:
    """FIELDS of a sample and the teacher's flow, with the teacher's picture in the place of `other` where wanted.

    Returns:
        FIELDS, teacher int16 (256, 192, 2) like `flow`, and teacher_valid bool (256, 192), nowhere without a teacher.
    """
    packed = data.read(index, FIELDS)
    packed["teacher"] = np.zeros_like(packed["flow"])
    packed["teacher_valid"] = np.zeros_like(packed["valid"])
    path = teacher_file(data, index)
    if path.is_file():
        with np.load(path) as answer:
            packed["teacher"], packed["teacher_valid"] = answer["flow"], answer["valid"]
            if prefer_teacher:
                packed["other"] = answer["picture"]
                packed["other_keypoints"] = packed["image_keypoints"]
                packed["other_silhouette"] = packed["image_silhouette"]
    return packed


def validation_sample(data: PackedDataset, index: int) -> dict[str, np.ndarray]:
    """A held-out sample framed as in use, without any disturbance."""
    packed = read_sample(data, index, False)
    packed["changed"] = _changed(packed["image"], packed["other"])
    keypoints = packed["other_keypoints"]
    return frame_sample(packed, keypoints, torso_crop(keypoints), garment_crop(packed["cloth_mask"]), False)


def validation_batches(data: PackedDataset, device: torch.device):
    """The first held-out samples, stacked."""
    samples = [validation_sample(data, index) for index in range(min(VALIDATION_SAMPLES, len(data)))]
    for start in range(0, len(samples), VALIDATION_BATCH):
        group = samples[start : start + VALIDATION_BATCH]
        yield {key: torch.from_numpy(np.stack([s[key] for s in group])).to(device) for key in group[0]}


def frame_sample(
    packed: dict[str, np.ndarray], keypoints: np.ndarray, to_torso: np.ndarray, to_garment: np.ndarray, mirrored: bool
) -> dict[str, np.ndarray]:
    """Bring packed arrays into the student's frames.

    Args:
        packed: from `read_sample`, and changed uint8 (384, 288) in {0, 255}.
        keypoints: (18, 3) in pixels of the 384×288 picture.
        to_torso, to_garment: 2×3, pixels of the 384×288 picture and garment → pixels of their frames.
        mirrored: mirror both.

    Returns:
        person (the input), truth, garment uint8 (256, 192, 3); silhouette, garment_mask and changed uint8 0 to 255,
        target (Region ids), valid and teacher_valid uint8 (256, 192); flow and teacher float32 (256, 192, 2) in pixels
        of the garment's frame; skeleton float16 (256, 192, 3); joints float32 (18, 2) and skin (3,) in [-1, 1].
    """
    skin = skin_colour(packed["other"], keypoints)
    if mirrored:
        flip = mirroring(MAP_SIZE[1])
        to_torso, to_garment = compose(flip, to_torso), compose(flip, to_garment)
    moved = move_keypoints(keypoints, to_torso)
    if mirrored:
        moved = moved[MIRRORED_KEYPOINTS]
    parse_table = MIRRORED_PARSE if mirrored else np.arange(len(Parse), dtype=np.uint8)
    flow, valid = _frame_flow(packed["flow"], packed["valid"], to_torso, to_garment)
    teacher, teacher_valid = _frame_flow(packed["teacher"], packed["teacher_valid"], to_torso, to_garment)
    parse = cv2.warpAffine(parse_table[packed["parse"]], to_torso, MAP_SIZE[::-1], flags=cv2.INTER_NEAREST)
    return {
        "person": frame(packed["other"], to_torso),
        "truth": frame(packed["image"], to_torso),
        "changed": frame(packed["changed"], to_torso),
        "silhouette": frame(packed["other_silhouette"], compose(to_torso, scaling(MAP_SIZE, PICTURE_SIZE))),
        "skeleton": skeleton_map(moved, *MAP_SIZE).astype(np.float16),
        "joints": joint_positions(moved),
        "skin": skin,
        "garment": frame(packed["cloth"], to_garment),
        "garment_mask": frame(packed["cloth_mask"], to_garment, cv2.BORDER_CONSTANT),
        "target": compact_regions(parse),
        "flow": flow,
        "valid": valid,
        "teacher": teacher,
        "teacher_valid": teacher_valid,
    }


def _frame_flow(
    packed: np.ndarray, valid: np.ndarray, to_torso: np.ndarray, to_garment: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    from_maps = scaling(MAP_SIZE, PICTURE_SIZE)
    known = valid.astype(np.float32)
    weighted = np.dstack([packed.astype(np.float32) / FLOW_UNIT * known[..., None], known])
    weighted = cv2.warpAffine(weighted, compose(to_torso, from_maps), MAP_SIZE[::-1], flags=cv2.INTER_LINEAR)
    known = weighted[..., 2] > 0.75
    reads = weighted[..., :2] / np.maximum(weighted[..., 2:], 1e-3)
    matrix = compose(to_garment, from_maps)
    flow = (reads @ matrix[:, :2].T + matrix[:, 2]) * known[..., None]
    return flow.astype(np.float32), known.astype(np.uint8)


def network_inputs(batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """The warp network's pictures of person and garment from stacked samples."""
    person = person_inputs(
        picture(batch["person"]),
        batch["silhouette"][:, None].float() / 255,
        batch["skeleton"].permute(0, 3, 1, 2).float(),
    )
    garment = garment_inputs(picture(batch["garment"]), batch["garment_mask"][:, None].float() / 255)
    return tuple(inputs.contiguous(memory_format=torch.channels_last) for inputs in (person, garment))


def picture(pixels: Tensor) -> Tensor:
    """uint8 (N, H, W, 3) → (N, 3, H, W) in [-1, 1]."""
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1


def _changed(image: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (cv2.absdiff(image, other).max(-1) > CHANGED).astype(np.uint8) * 255


def _own_pixels(flow: Tensor) -> Tensor:
    """A flow (N, 2, h, w) in [-1, 1] → (N, h, w, 2) in pixels of its own level."""
    return flow.permute(0, 2, 3, 1) * flow.new_tensor([flow.shape[3] / 2, flow.shape[2] / 2])


def _grid(positions: Tensor) -> Tensor:
    """Pixels of the 256×192 frame (N, 2, H, W) → a grid for grid_sample (N, H, W, 2) with aligned corners."""
    size = positions.new_tensor([MAP_SIZE[1] - 1, MAP_SIZE[0] - 1])
    return 2 * positions.permute(0, 2, 3, 1) / size - 1
