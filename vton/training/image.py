"""What the compact image generator learns: the light that a rough composite lacks of the truth."""

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
from vton.methods.relight import LIFT, corrected, half, predicted_light, relit
from vton.methods.worn import FRONT_LABELS, bleed
from vton.preprocess.parts import limb_picture
from vton.training.augment import (
    Random,
    box_matrix,
    compose,
    keypoints_in_frame,
    mirroring,
    overprint,
    person_box,
    recolour,
    scaling,
    similarity,
    smooth_noise,
    wobble_labels,
)
from vton.training.losses import BodyFeatures, dissimilarity, gradient_l1, masked_l1, perceptual_l1
from vton.training.mistakes import mistaken_parts

FIELDS = (
    "image", "other", "cloth", "cloth_mask", "parse", "other_parse", "parts", "flow", "valid", "other_keypoints",
)  # fmt: skip
GRADIENT_WEIGHT, STRUCTURE_WEIGHT, PERCEPTUAL_WEIGHT = 1.0, 1.0, 0.2
MISPLACED = 0.5
"""At most so many pixels is the garment warped wrongly: a generator that must guess a print's place blurs it."""
BALANCE, LEAST_GARMENT = 0.8, 50
"""How much of the garment's exposure is taken out of the truth, and from how many pixels it is known."""
PRINTED = 0.85
"""How often the old top gets another print, from which the generator learns to tell prints from light."""
GAP = 9
"""Gaps of the known flow that are narrower, in pixels, are folds and not another garment."""
VALIDATION_SAMPLES = 24
VALIDATION_BATCH = 4


class ImageTask:
    """Training of `networks.light.LightNet` as the light of `compose.rough_composite`; see `loop.Task`.

    Args:
        body: a trained body network whose features measure how alike pictures look; None leaves that loss out.
        sizes: arguments of the network that differ from the shipped checkpoint's.
    """

    kind = "light_generator"
    rate = 2e-3

    def __init__(self, body: nn.Module | None = None, **sizes: object):
        self.config = sizes
        self._features: Callable[[Tensor], list[Tensor]] | None = BodyFeatures(body) if body is not None else None

    def prepare(self, network: nn.Module) -> None:
        """Let an untrained network change nothing: what it starts from is the composite."""
        nn.init.zeros_(network.head.weight)
        nn.init.zeros_(network.head.bias)

    def sample(self, data: PackedDataset, index: int, random: Random) -> dict[str, np.ndarray]:
        """The person in the other top, the garment warped almost rightly, and the truth."""
        packed = data.read(index, FIELDS)
        stacked = recolour(np.concatenate([packed["image"], packed["other"], packed["cloth"]]), random, 0.7)
        packed["image"], packed["other"], packed["cloth"] = np.split(stacked, 3)
        turn = similarity(PICTURE_SIZE, 1.0, random.normal() * 1.5, (0.0, 0.0))
        matrix = compose(turn, box_matrix(person_box(packed["parse"], packed["other_keypoints"], random), PICTURE_SIZE))
        sample = frame_sample(packed, matrix, bool(random.random() < 0.5), random.uniform(0, MISPLACED), random)
        if random.random() < PRINTED:
            sample["other"] = overprint(sample["other"], sample["before"] == Region.UPPER, random)
        sample["before"] = wobble_labels(sample["before"], random.uniform(0, 1.0), 24, random)
        sample["target"] = wobble_labels(sample["target"], random.uniform(0, 1.0), 16, random)
        sample["densepose"] = limb_picture(mistaken_parts(sample.pop("parts"), random))
        return sample

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Difference of colours, of gradients, of structure and of the parsing network's features, near the edit.

        All at half size, where the network works. Where the truth shows a garment that nobody gave, nothing counts.
        """
        composite, edit, inputs, layers = compose_batch(batch, shrink=2)
        known = half(batch["known"][:, None].float())
        weight = blur(grow(edit, 3), 2) * known
        goal = half(_picture(batch["image"]))
        goal = balanced(goal, composite, layers[:, Layer.UPPER : Layer.UPPER + 1], known)
        made = relit(composite, predicted_light(network, inputs, layers))
        losses = {
            "colour": masked_l1(made, goal, weight),
            "gradient": GRADIENT_WEIGHT * gradient_l1(made, goal, weight),
            "structure": STRUCTURE_WEIGHT * dissimilarity(_grey(made), _grey(goal), edit * known),
        }
        if self._features is not None:
            with torch.no_grad():
                wanted = self._features(goal)
            losses["look"] = PERCEPTUAL_WEIGHT * perceptual_l1(self._features(made), wanted, weight)
        return losses

    def validate(self, network: nn.Module, data: PackedDataset, device: torch.device) -> dict[str, float]:
        """Mean absolute difference (0 to 2) and structural dissimilarity inside the edit, of result and composite."""
        random = np.random.default_rng(0)
        samples = [self.sample(data, index, random) for index in range(min(VALIDATION_SAMPLES, len(data)))]
        found: dict[str, list[float]] = {"l1": [], "composite_l1": [], "dssim": [], "composite_dssim": []}
        for start in range(0, len(samples), VALIDATION_BATCH):
            group = samples[start : start + VALIDATION_BATCH]
            batch = {key: torch.from_numpy(np.stack([s[key] for s in group])).to(device) for key in group[0]}
            made, composite, edit = generate(network, batch)
            goal, inside = _picture(batch["image"]), edit * batch["known"][:, None]
            for name, picture in (("", made), ("composite_", composite)):
                found[f"{name}l1"].append(float(masked_l1(picture, goal, inside)))
                found[f"{name}dssim"].append(float(dissimilarity(picture, goal, inside, 5, 1.5)))
        return {name: float(np.mean(values)) for name, values in found.items()}


def balanced(goal: Tensor, composite: Tensor, garment: Tensor, known: Tensor) -> Tensor:
    """The truth with its garment about as bright, and of about the colour, as in the garment's picture.

    How the picture was exposed beside the photo is chance that no network can know; and a try-on is to show the colours
    of the picture.

    Args:
        goal, composite: (N, 3, H, W) in [-1, 1].
        garment: (N, 1, H, W) in [0, 1], where the truth shows a top.
        known: (N, 1, H, W) in [0, 1], where that top, if any, is the garment.

    Returns:
        (N, 3, H, W) in [-1, 1].
    """
    inner = (garment > 0.9) * known
    count = inner.sum((2, 3), keepdim=True)
    means = [((picture + 1 + LIFT) * inner).sum((2, 3), keepdim=True) for picture in (goal, composite)]
    ratio = (means[1] / means[0].clamp(min=1e-3)).clamp(0.3, 3) ** BALANCE
    ratio = torch.where(count > LEAST_GARMENT, ratio, torch.ones_like(ratio))
    return ((goal + 1 + LIFT) * (1 + (ratio - 1) * garment) - 1 - LIFT).clamp(-1, 1)


def validation_sample(data: PackedDataset, index: int, random: Random) -> dict[str, np.ndarray]:
    """A held-out sample as it is, the garment warped rightly."""
    sample = frame_sample(data.read(index, FIELDS), scaling(PICTURE_SIZE, PICTURE_SIZE), False, 0, random)
    sample["densepose"] = limb_picture(sample.pop("parts"))
    return sample


def generate(network: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Compose and correct a batch of stacked samples.

    Returns:
        The corrected picture (N, 3, 384, 288) in [-1, 1], the rough composite, and the edit mask (N, 1, 384, 288).
    """
    composite, edit, inputs, layers = compose_batch(batch)
    return corrected(network, composite, edit, inputs, layers), composite, edit


@torch.no_grad()
def compose_batch(batch: dict[str, Tensor], shrink: int = 1) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Rough composite (N, 3, 384, 288), edit mask (N, 1, ·, ·), and the generator's pictures and layers.

    `shrink` divides the size: composing at the generator's own takes a quarter of the time.
    """

    def picture(key: str) -> Tensor:
        return F.avg_pool2d(_picture(batch[key]), shrink)

    image, garment = picture("other"), picture("garment")
    mask, keep = (F.avg_pool2d(batch[key][:, None].float() / 255, shrink) for key in ("mask", "keep"))
    before = _one_hot(batch["before"][:, ::shrink, ::shrink])
    target = soften(_one_hot(batch["target"][:, ::shrink, ::shrink]))
    with torch.autocast(image.device.type, enabled=False):
        composite, edit = rough_composite(image, before, target, garment, mask, keep)
        inputs = generator_inputs(image, edit, picture("densepose"), garment, mask, composite)
        inputs = torch.cat([inputs, image], 1)
        layers = generator_layers(target)
    return composite, edit, inputs, layers


def soften(one_hot: Tensor) -> Tensor:
    """One-hot regions as soft as the condition generator's: seen at 256×192, blurred, and brought back."""
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
        and target uint8 `Region` ids, parts uint8, all (384, 288). known uint8 in {0, 1}: 0 where the truth shows a top
        that the garment's picture does not, as a jacket over it.
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
    worn_top = compact_regions(parse) == Region.UPPER
    # Beyond the garment's edge the flow is a guess, and covers too much.
    near = cv2.dilate(worn_top.astype(np.uint8), np.ones((7, 7), np.uint8))
    valid = cv2.warpAffine(packed["valid"].astype(np.uint8), compose(matrix, scaling(MAP_SIZE, PICTURE_SIZE)), size)
    seen = cv2.morphologyEx(valid, cv2.MORPH_CLOSE, np.ones((GAP, GAP), np.uint8)) > 0
    return {
        "image": cv2.warpAffine(packed["image"], matrix, size, borderMode=cv2.BORDER_REPLICATE),
        "other": cv2.warpAffine(packed["other"], matrix, size, borderMode=cv2.BORDER_REPLICATE),
        "garment": garment,
        "mask": cv2.GaussianBlur(covered * near, (0, 0), 1.0),
        "keep": cv2.GaussianBlur(front, (0, 0), 1.2),
        "before": compact_regions(worn),
        "target": compact_regions(parse),
        "parts": cv2.warpAffine(part_table[packed["parts"]], matrix, size, flags=nearest),
        "known": (seen | ~worn_top).astype(np.uint8),
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


def _grey(pictures: Tensor) -> Tensor:
    return pictures.mean(1, keepdim=True)


def _one_hot(regions: Tensor) -> Tensor:
    return F.one_hot(regions.long(), len(Region)).permute(0, 3, 1, 2).float()
