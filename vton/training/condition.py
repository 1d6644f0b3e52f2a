"""What the compact condition generator learns: how a garment lies on a person, and what the person's parse becomes."""

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vton.data.pack import FLOW_UNIT, MAP_SIZE, PICTURE_SIZE, PackedDataset
from vton.labels import (
    ARM_LABELS,
    DENSEPOSE_PARTS,
    MIRRORED_KEYPOINTS,
    MIRRORED_PARSE,
    MIRRORED_PARTS,
    UPPER_LABELS,
    Joint,
    Parse,
    Region,
)
from vton.methods.compact_inputs import (
    WAIST_REACH,
    agnostic_regions,
    compact_regions,
    condition_inputs,
    garment_crop,
    move_keypoints,
    skeleton_map,
    torso_crop,
)
from vton.preprocess.parts import limb_picture
from vton.training.augment import (
    Random,
    compose,
    mirroring,
    recolour,
    scaling,
    shake_keypoints,
    shoulder_width,
    similarity,
    wobble_labels,
)
from vton.training.body import count_overlap, mean_overlap
from vton.training.losses import bending, end_point_error, masked_l1, read_positions

FIELDS = ("cloth", "cloth_mask", "parse", "other_parse", "parts", "flow", "valid", "other_keypoints")
LEVEL_WEIGHTS = (0.06, 0.06, 0.12, 0.18, 0.18)
HIDDEN_WAISTBANDS = 0.6
UNKNOWN_PARTS = 0.35
VALIDATION_SAMPLES = 64
VALIDATION_BATCH = 8


def class_weights() -> Tensor:
    """Weights of the regions: arms and the bare neck (NOISE) count more."""
    weights = torch.ones(len(Region))
    weights[[Region.LEFT_ARM, Region.RIGHT_ARM, Region.BOTTOM]] = 1.3
    weights[[Region.UPPER]] = 1.2
    weights[[Region.NOISE]] = 1.5
    return weights


class ConditionTask:
    """Training of `networks.hr_viton.ConditionGenerator`; see `loop.Task`."""

    kind = "condition_generator"
    rate = 2e-3

    def __init__(self, width: int = 16):
        self.config = {"garment_channels": 6, "person_channels": 21, "regions": len(Region), "width": width}
        self._weights = class_weights()

    def prepare(self, network: nn.Module) -> None:
        """The network's own first weights will do."""

    def sample(self, data: PackedDataset, index: int, random: Random) -> dict[str, np.ndarray]:
        """Maps of the person in the other top as a parser would give them, a garment, and the truth of wearing it."""
        packed = data.read(index, FIELDS)
        keypoints = shake_keypoints(packed["other_keypoints"], random.uniform(0, 0.025), random)
        mirrored = bool(random.random() < 0.5)
        jitter = similarity(
            MAP_SIZE,
            float(np.exp(random.normal() * 0.07)),
            random.normal() * 2.3,
            tuple(random.normal(size=2) * 8),
        )
        garment_jitter = similarity(
            MAP_SIZE, float(np.exp(random.normal() * 0.04)), random.normal() * 2, tuple(random.normal(size=2) * 3)
        )
        to_torso = compose(jitter, torso_crop(keypoints))
        to_garment = compose(garment_jitter, garment_crop(packed["cloth_mask"]))
        sample = frame_sample(packed, keypoints, to_torso, to_garment, mirrored)
        sample["garment"] = recolour(sample["garment"], random, strength=1.3)
        if random.random() < 0.15:
            sample["garment"] = sample["garment"][..., random.permutation(3)].copy()
        return person_maps(
            sample,
            mistaken_parse(sample.pop("worn"), sample["keypoints"], random),
            mistaken_parts(sample.pop("parts"), random),
            random.uniform(0.7, 1.3) if random.random() < HIDDEN_WAISTBANDS else None,
        )

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The exact flow at every level, its bending, the regions, the warped mask and a little of the picture."""
        garment_input, person_input = network_inputs(batch)
        flows, logits, warped, warped_mask = network(garment_input, person_input)
        target = batch["target"].long()
        valid = batch["valid"][:, None].float()
        positions = batch["flow"].permute(0, 3, 1, 2)
        wanted = F.grid_sample(garment_input[:, :3], _grid(positions), padding_mode="border", align_corners=False)
        upper = (target == Region.UPPER).float()[:, None]
        # Arms and hair hide parts of a garment that is there all the same: the mask counts where nothing can hide it.
        open_view = upper + ((target == Region.BACKGROUND) | (target == Region.NOISE)).float()[:, None]
        return {
            "flow": end_point_error(flows, positions, valid, LEVEL_WEIGHTS),
            "bend": 0.15 * bending(flows),
            "regions": 2.5 * F.cross_entropy(logits.float(), target, self._weights.to(logits.device)),
            "mask": 5 * masked_l1(warped_mask[:, :1].float(), upper, open_view),
            "picture": 0.5 * masked_l1(warped[:, :3].float(), wanted, valid),
        }

    def validate(self, network: nn.Module, data: PackedDataset, device: torch.device) -> dict[str, float]:
        """End-point error in pixels at 256×192 (median and mean), mean IoU of the regions, IoU of the warped mask."""
        regions, masks, errors = np.zeros((len(Region), 2)), np.zeros((2, 2)), []
        samples = [validation_sample(data, index) for index in range(min(VALIDATION_SAMPLES, len(data)))]
        for start in range(0, len(samples), VALIDATION_BATCH):
            group = samples[start : start + VALIDATION_BATCH]
            batch = {key: torch.from_numpy(np.stack([s[key] for s in group])).to(device) for key in group[0]}
            flows, logits, _, warped_mask = network(*network_inputs(batch))
            target = batch["target"].cpu().numpy()
            count_overlap(regions, logits.argmax(1).cpu().numpy(), target)
            open_view = np.isin(target, (Region.UPPER, Region.BACKGROUND, Region.NOISE))
            truth = np.where(open_view, target == Region.UPPER, 255).astype(np.uint8)
            count_overlap(masks, (warped_mask[:, 0] > 0.5).long().cpu().numpy(), truth)
            errors.append(flow_errors(flows[-1], batch))
        found = np.concatenate(errors)
        return {
            "epe_median": float(np.median(found)),
            "epe_mean": float(found.mean()),
            "region_iou": mean_overlap(regions),
            "mask_iou": float(masks[1, 0] / max(masks[1, 1], 1)),
        }


def flow_errors(flow: Tensor, batch: dict[str, Tensor]) -> np.ndarray:
    """Distances in pixels, at the valid pixels of a batch, between where a flow reads the garment and where it should.

    Args:
        flow: (N, h, w, 2), the finest of a condition generator.
        batch: holds `flow` (N, 256, 192, 2) and `valid` (N, 256, 192).

    Returns:
        float32 (number of valid pixels,).
    """
    positions = F.interpolate(read_positions(flow, *MAP_SIZE), size=MAP_SIZE, mode="bilinear", align_corners=False)
    distance = (positions - batch["flow"].permute(0, 3, 1, 2)).norm(dim=1)
    return distance[batch["valid"] > 0].cpu().numpy()


def frame_sample(
    packed: dict[str, np.ndarray],
    keypoints: np.ndarray,
    to_torso: np.ndarray,
    to_garment: np.ndarray,
    mirrored: bool,
) -> dict[str, np.ndarray]:
    """Bring packed arrays into the frames of the condition generator.

    Args:
        packed: FIELDS of one sample.
        keypoints: (18, 3) in pixels of the 384×288 picture.
        to_torso, to_garment: 2×3, pixels of the 384×288 picture and garment → pixels of their frames.
        mirrored: mirror both.

    Returns:
        garment uint8 (256, 192, 3), garment_mask, worn (parse of the other top), parts, target (Region ids) and valid
        uint8 (256, 192), flow float32 (256, 192, 2) in pixels of the garment's frame, keypoints float32 (18, 3).
    """
    if mirrored:
        flip = mirroring(MAP_SIZE[1])
        to_torso, to_garment = compose(flip, to_torso), compose(flip, to_garment)
    size, nearest = MAP_SIZE[::-1], cv2.INTER_NEAREST
    parse_table = MIRRORED_PARSE if mirrored else np.arange(len(Parse), dtype=np.uint8)
    part_table = MIRRORED_PARTS if mirrored else np.arange(len(DENSEPOSE_PARTS), dtype=np.uint8)
    moved = move_keypoints(keypoints, to_torso)
    from_maps = scaling(MAP_SIZE, PICTURE_SIZE)
    valid = packed["valid"].astype(np.float32)
    weighted = np.dstack([packed["flow"].astype(np.float32) / FLOW_UNIT * valid[..., None], valid])
    weighted = cv2.warpAffine(weighted, compose(to_torso, from_maps), size, flags=cv2.INTER_LINEAR)
    known = weighted[..., 2] > 0.75
    reads = weighted[..., :2] / np.maximum(weighted[..., 2:], 1e-3)
    garment_matrix = compose(to_garment, from_maps)
    flow = (reads @ garment_matrix[:, :2].T + garment_matrix[:, 2]) * known[..., None]
    target = cv2.warpAffine(parse_table[packed["parse"]], to_torso, size, flags=nearest)
    return {
        "garment": cv2.warpAffine(packed["cloth"], to_garment, size, borderValue=(255, 255, 255)),
        "garment_mask": cv2.warpAffine(packed["cloth_mask"], to_garment, size),
        "worn": cv2.warpAffine(parse_table[packed["other_parse"]], to_torso, size, flags=nearest),
        "parts": cv2.warpAffine(part_table[packed["parts"]], to_torso, size, flags=nearest),
        "target": compact_regions(target),
        "flow": flow.astype(np.float32),
        "valid": known.astype(np.uint8),
        "keypoints": moved[MIRRORED_KEYPOINTS] if mirrored else moved,
    }


def person_maps(
    sample: dict[str, np.ndarray], worn: np.ndarray, parts: np.ndarray, reach: float | None
) -> dict[str, np.ndarray]:
    """A framed sample with what the network may know of the person in place of `worn` and `parts`.

    Adds regions uint8 (256, 192), densepose uint8 (256, 192, 3) and skeleton float16 (256, 192, 3).
    """
    keypoints = sample["keypoints"]
    return {
        **{key: value for key, value in sample.items() if key not in ("worn", "parts")},
        "regions": agnostic_regions(worn, keypoints, reach),
        "densepose": limb_picture(parts),
        "skeleton": skeleton_map(keypoints, *MAP_SIZE).astype(np.float16),
    }


def validation_sample(data: PackedDataset, index: int) -> dict[str, np.ndarray]:
    """A held-out sample framed as in use, without any disturbance."""
    packed = data.read(index, FIELDS)
    keypoints = packed["other_keypoints"]
    sample = frame_sample(packed, keypoints, torso_crop(keypoints), garment_crop(packed["cloth_mask"]), False)
    return person_maps(sample, sample["worn"], sample["parts"], WAIST_REACH)


def network_inputs(batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Both inputs of the condition generator from stacked samples."""

    def picture(pixels: Tensor) -> Tensor:
        return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1

    inputs = condition_inputs(
        picture(batch["garment"]),
        batch["garment_mask"][:, None].float() / 255,
        batch["regions"],
        picture(batch["densepose"]),
        batch["skeleton"].permute(0, 3, 1, 2).float(),
    )
    return tuple(value.contiguous(memory_format=torch.channels_last) for value in inputs)


def mistaken_parse(parse: np.ndarray, keypoints: np.ndarray, random: Random) -> np.ndarray:
    """A parse with a parser's mistakes: borders moved, sleeves taken for arms and arms for sleeves, pieces lost."""
    mistaken = wobble_labels(parse, random.uniform(0.5, 2.0), 24, random) if random.random() < 0.7 else parse.copy()
    unit = shoulder_width(keypoints)
    height, width = parse.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)

    def near(place: np.ndarray, reach: float) -> np.ndarray:
        return (columns - place[0]) ** 2 + (rows - place[1]) ** 2 < (reach * unit) ** 2

    for joint, label in ((Joint.RIGHT_WRIST, Parse.RIGHT_ARM), (Joint.LEFT_WRIST, Parse.LEFT_ARM)):
        chance = random.random()
        blob = near(keypoints[joint, :2] + random.normal(size=2) * 0.15 * unit, random.uniform(0.1, 0.5))
        if chance < 0.1:
            mistaken[blob & np.isin(mistaken, UPPER_LABELS)] = label
        elif chance < 0.2:
            mistaken[blob & np.isin(mistaken, ARM_LABELS)] = Parse.UPPER
        elif chance < 0.25:
            mistaken[blob] = Parse.BACKGROUND
    if random.random() < 0.15:
        hips = keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean()
        hem = hips + random.normal() * 0.2 * unit
        mistaken[np.isin(mistaken, UPPER_LABELS) & (rows > hem)] = Parse.PANTS
    if random.random() < 0.15:
        place = np.array([random.uniform(0, width), random.uniform(0, height)])
        mistaken[near(place, random.uniform(0.1, 0.4))] = Parse.BACKGROUND
    if random.random() < 0.1:
        collar = near(keypoints[Joint.NECK, :2], random.uniform(0.2, 0.4))
        mistaken[collar & np.isin(mistaken, UPPER_LABELS)] = Parse.HAIR if random.random() < 0.3 else Parse.FACE
    return mistaken


def mistaken_parts(parts: np.ndarray, random: Random) -> np.ndarray:
    """DensePose parts as a network might find them, or none at all."""
    if random.random() < UNKNOWN_PARTS:
        return np.zeros_like(parts)
    mistaken = wobble_labels(parts, random.uniform(0.5, 3.0), 16, random)
    if random.random() < 0.3:
        side = int(random.integers(2, 6))
        kernel = np.ones((side, side), np.uint8)
        mistaken = cv2.dilate(mistaken, kernel) if random.random() < 0.5 else cv2.erode(mistaken, kernel)
    if random.random() < 0.3:
        lost = random.integers(1, len(DENSEPOSE_PARTS), size=2)
        mistaken[np.isin(mistaken, lost)] = 0
    return mistaken


def _grid(positions: Tensor) -> Tensor:
    """Pixels of the 256×192 frame (N, 2, H, W) → a grid for grid_sample (N, H, W, 2)."""
    size = positions.new_tensor([MAP_SIZE[1], MAP_SIZE[0]])
    return (2 * positions.permute(0, 2, 3, 1) + 1) / size - 1
