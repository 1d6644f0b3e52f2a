"""What the compact image generator learns: the difference between a rough composite and the truth."""

from collections.abc import Callable

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vton.data.pack import FLOW_UNIT, MAP_SIZE, PICTURE_SIZE, PackedDataset
from vton.labels import DENSEPOSE_PARTS, MIRRORED_PARSE, MIRRORED_PARTS, Layer, Parse, Region
from vton.methods.compact import generator_inputs, generator_layers
from vton.methods.compact_inputs import compact_regions, hands
from vton.methods.compose import blur, grow, rough_composite, spread
from vton.methods.worn import FRONT_LABELS, bleed
from vton.preprocess.parts import limb_picture
from vton.training.augment import (
    Random,
    box_matrix,
    compose,
    keypoints_in_frame,
    mirroring,
    person_box,
    recolour,
    scaling,
    similarity,
    smooth_noise,
    wobble_labels,
)
from vton.training.condition import mistaken_parts
from vton.training.losses import BodyFeatures, gradient_l1, masked_l1, perceptual_l1

FIELDS = (
    "image", "other", "cloth", "cloth_mask", "parse", "other_parse", "parts", "flow", "valid", "other_keypoints",
)  # fmt: skip
PERCEPTUAL_WEIGHT = 0.3
VALIDATION_SAMPLES = 24
VALIDATION_BATCH = 4


class ImageTask:
    """Training of `networks.hr_viton.ImageGenerator` as a residual on `compose.rough_composite`; see `loop.Task`.

    Args:
        body: a trained body network whose features measure how alike pictures look; None leaves that loss out.
        sizes: arguments of the network that differ from the shipped checkpoint's.
    """

    kind = "image_generator"
    rate = 1e-3

    def __init__(self, body: nn.Module | None = None, **sizes: int):
        self.config = {
            "input_channels": 12,
            "label_channels": len(Layer),
            "width": 6,
            "upsamplings": 5,
            "hidden": 12,
            "feature_channels": 8,
            "spectral": False,
            **sizes,
        }
        self._features: Callable[[Tensor], list[Tensor]] | None = BodyFeatures(body) if body is not None else None

    def prepare(self, network: nn.Module) -> None:
        """Let an untrained network change nothing: what it starts from is the composite."""
        nn.init.zeros_(network.conv_img.weight)
        nn.init.zeros_(network.conv_img.bias)

    def sample(self, data: PackedDataset, index: int, random: Random) -> dict[str, np.ndarray]:
        """The person in the other top, the garment warped almost rightly, and the truth."""
        packed = data.read(index, FIELDS)
        stacked = recolour(np.concatenate([packed["image"], packed["other"], packed["cloth"]]), random, 0.7)
        packed["image"], packed["other"], packed["cloth"] = np.split(stacked, 3)
        turn = similarity(PICTURE_SIZE, 1.0, random.normal() * 1.5, (0.0, 0.0))
        matrix = compose(turn, box_matrix(person_box(packed["parse"], packed["other_keypoints"], random), PICTURE_SIZE))
        sample = frame_sample(packed, matrix, bool(random.random() < 0.5), random.uniform(0, 2.5), random)
        sample["before"] = wobble_labels(sample["before"], random.uniform(0, 1.5), 24, random)
        sample["target"] = wobble_labels(sample["target"], random.uniform(0, 2.0), 16, random)
        sample["densepose"] = limb_picture(mistaken_parts(sample.pop("parts"), random))
        return sample

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Absolute difference, of colours and of gradients, and of the parsing network's features, near the edit."""
        goal = _picture(batch["image"])
        made, goal, edit = self._near_edit(network, batch, goal)
        weight = blur(grow(edit, 6), 3)
        losses = {
            "colour": masked_l1(made, goal, weight),
            "gradient": gradient_l1(made, goal, weight),
        }
        if self._features is not None:
            with torch.no_grad():
                wanted = self._features(goal)
            losses["look"] = PERCEPTUAL_WEIGHT * perceptual_l1(self._features(made), wanted, weight)
        return losses

    def _near_edit(self, network: nn.Module, batch: dict[str, Tensor], goal: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Run the network on a window that holds most of the edit, which halves the cost of a step.

        Returns:
            Made picture, goal and edit of the window, (N, ·, 256, 192).
        """
        composite, edit, inputs, layers = compose_batch(batch)
        windows = edit_windows(edit)
        composite, goal, edit, inputs, layers = (cut(v, windows) for v in (composite, goal, edit, inputs, layers))
        return correct(network, composite, inputs, layers), goal, edit

    def validate(self, network: nn.Module, data: PackedDataset, device: torch.device) -> dict[str, float]:
        """Mean absolute difference near the edit, 0 to 2, of the result and, to compare, of the rough composite."""
        random = np.random.default_rng(0)
        samples = [self.sample(data, index, random) for index in range(min(VALIDATION_SAMPLES, len(data)))]
        made_error, rough_error = [], []
        for start in range(0, len(samples), VALIDATION_BATCH):
            group = samples[start : start + VALIDATION_BATCH]
            batch = {key: torch.from_numpy(np.stack([s[key] for s in group])).to(device) for key in group[0]}
            made, composite, edit = generate(network, batch)
            goal = _picture(batch["image"])
            made_error.append(float(masked_l1(made, goal, edit)))
            rough_error.append(float(masked_l1(composite, goal, edit)))
        return {"l1": float(np.mean(made_error)), "composite_l1": float(np.mean(rough_error))}


def generate(network: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Compose and correct a batch of stacked samples.

    Returns:
        The corrected picture (N, 3, 384, 288) in [-1, 1], the rough composite, and the edit mask (N, 1, 384, 288).
    """
    composite, edit, inputs, layers = compose_batch(batch)
    return correct(network, composite, inputs, layers), composite, edit


def correct(network: nn.Module, composite: Tensor, inputs: Tensor, layers: Tensor) -> Tensor:
    """The composite with the network's correction, (N, 3, H, W) in [-1, 1]."""
    inputs = inputs.contiguous(memory_format=torch.channels_last)
    return (composite + network(inputs, layers).float()).clamp(-1, 1)


@torch.no_grad()
def compose_batch(batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Rough composite (N, 3, 384, 288), edit mask (N, 1, ·, ·), and the generator's pictures and layers."""
    image, garment = _picture(batch["other"]), _picture(batch["garment"])
    mask, keep = (batch[key][:, None].float() / 255 for key in ("mask", "keep"))
    before = _one_hot(batch["before"])
    target = soften(_one_hot(batch["target"]))
    with torch.autocast(image.device.type, enabled=False):
        composite, edit = rough_composite(image, before, target, garment, mask, keep)
        inputs = generator_inputs(image, edit, _picture(batch["densepose"]), garment, mask, composite)
        layers = generator_layers(target)
    return composite, edit, inputs, layers


def edit_windows(edit: Tensor) -> list[tuple[int, int]]:
    """Top and left of a 256×192 window for each edit mask (N, 1, H, W), shifted at random about the edit's middle."""
    height, width = edit.shape[2:]
    windows = []
    for mask in edit[:, 0]:
        rows, columns = torch.nonzero(mask > 0.5, as_tuple=True)
        row = float(rows.float().mean()) if len(rows) else height / 2
        column = float(columns.float().mean()) if len(rows) else width / 2
        shift = torch.randn(2).tolist()
        top = round(row - MAP_SIZE[0] / 2 + 24 * shift[0])
        left = round(column - MAP_SIZE[1] / 2 + 24 * shift[1])
        windows.append((min(max(top, 0), height - MAP_SIZE[0]), min(max(left, 0), width - MAP_SIZE[1])))
    return windows


def cut(values: Tensor, windows: list[tuple[int, int]]) -> Tensor:
    """The windows of (N, C, H, W): (N, C, 256, 192)."""
    height, width = MAP_SIZE
    pairs = zip(values, windows, strict=True)
    return torch.stack([value[:, top : top + height, left : left + width] for value, (top, left) in pairs])


def soften(one_hot: Tensor) -> Tensor:
    """One-hot regions as soft as the condition generator's: seen at 256×192, blurred, and enlarged again."""
    small = F.interpolate(one_hot, size=MAP_SIZE, mode="bilinear", antialias=True)
    return F.interpolate(blur(small, 1), size=one_hot.shape[2:], mode="bilinear", align_corners=False)


def frame_sample(
    packed: dict[str, np.ndarray], matrix: np.ndarray, mirrored: bool, misplaced: float, random: Random
) -> dict[str, np.ndarray]:
    """Bring packed arrays into one framing of the photo.

    Args:
        packed: FIELDS of one sample.
        matrix: 2×3, pixels of the packed picture → pixels of the framing, both 384×288.
        mirrored: mirror everything.
        misplaced: by how many pixels the garment is warped wrongly.
        random: where chance comes from.

    Returns:
        image (the truth), other (the photo), garment (warped) uint8 (384, 288, 3); mask and keep uint8 0 to 255, before
        and target uint8 `Region` ids, parts uint8, all (384, 288).
    """
    if mirrored:
        matrix = compose(mirroring(PICTURE_SIZE[1]), matrix)
    size, nearest = PICTURE_SIZE[::-1], cv2.INTER_NEAREST
    parse_table = MIRRORED_PARSE if mirrored else np.arange(len(Parse), dtype=np.uint8)
    part_table = MIRRORED_PARTS if mirrored else np.arange(len(DENSEPOSE_PARTS), dtype=np.uint8)
    worn = cv2.warpAffine(parse_table[packed["other_parse"]], matrix, size, flags=nearest)
    parse = cv2.warpAffine(parse_table[packed["parse"]], matrix, size, flags=nearest)
    keypoints = keypoints_in_frame(packed["other_keypoints"], matrix, PICTURE_SIZE, mirrored)
    front = (np.isin(worn, FRONT_LABELS) | hands(worn, keypoints)).astype(np.uint8) * 255
    reads = cv2.warpAffine(
        _everywhere(packed["flow"], packed["valid"]),
        compose(matrix, scaling(MAP_SIZE, PICTURE_SIZE)),
        size,
        borderMode=cv2.BORDER_REPLICATE,
    )
    reads += smooth_noise(PICTURE_SIZE, 8, random) * misplaced
    mask = packed["cloth_mask"].astype(np.float32) / 255
    garment = cv2.remap(bleed(packed["cloth"], mask), reads, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    covered = cv2.remap(packed["cloth_mask"], reads, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # Beyond the garment's edge the flow is a guess, and covers too much.
    near = cv2.dilate((compact_regions(parse) == Region.UPPER).astype(np.uint8), np.ones((7, 7), np.uint8))
    return {
        "image": cv2.warpAffine(packed["image"], matrix, size, borderMode=cv2.BORDER_REPLICATE),
        "other": cv2.warpAffine(packed["other"], matrix, size, borderMode=cv2.BORDER_REPLICATE),
        "garment": garment,
        "mask": cv2.GaussianBlur(covered * near, (0, 0), 1.0),
        "keep": cv2.GaussianBlur(front, (0, 0), 1.2),
        "before": compact_regions(worn),
        "target": compact_regions(parse),
        "parts": cv2.warpAffine(part_table[packed["parts"]], matrix, size, flags=nearest),
    }


def _everywhere(flow: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """A packed flow, continued where it is unknown; float32 (256, 192, 2) in pixels of the 384×288 garment."""
    to_picture = scaling(MAP_SIZE, PICTURE_SIZE)
    reads = flow.astype(np.float32) / FLOW_UNIT @ to_picture[:, :2].T + to_picture[:, 2]
    known = torch.from_numpy(valid.astype(np.float32))[None, None]
    filled = spread(torch.from_numpy(reads.astype(np.float32)).permute(2, 0, 1)[None], known)
    return filled[0].permute(1, 2, 0).contiguous().numpy()


def _picture(pixels: Tensor) -> Tensor:
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1


def _one_hot(regions: Tensor) -> Tensor:
    return F.one_hot(regions.long(), len(Region)).permute(0, 3, 1, 2).float()
