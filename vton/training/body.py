"""What the body network learns: a person's parse and DensePose parts from a photo, a silhouette and keypoints."""

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vton.data.pack import MAP_SIZE, PICTURE_SIZE, PackedDataset
from vton.labels import (
    ARM_LABELS,
    DENSEPOSE_PARTS,
    LEG_LABELS,
    MIRRORED_PARSE,
    MIRRORED_PARTS,
    SHOE_LABELS,
    Parse,
)
from vton.networks.body import keypoint_heatmaps
from vton.training.augment import (
    IGNORED,
    Random,
    box_matrix,
    compose,
    disturb_silhouette,
    keypoints_in_frame,
    lay_strap,
    mirroring,
    person_box,
    recolour,
    scaling,
    shake_keypoints,
    similarity,
)

PARTS_WEIGHT = 0.5
VALIDATION_SAMPLES = 96
VALIDATION_BATCH = 16


def class_weights() -> Tensor:
    """Weights of the parse labels: small and easily confused ones count more."""
    weights = torch.ones(len(Parse))
    for labels, weight in (((Parse.HAIR, Parse.FACE), 1.2), ((Parse.NECK,), 1.5), (ARM_LABELS, 1.3)):
        weights[list(labels)] = weight
    weights[list(LEG_LABELS + SHOE_LABELS)] = 2.0
    return weights


class BodyTask:
    """Training of `networks.body.BodyNet`; see `loop.Task`."""

    kind = "body"
    rate = 2.5e-3

    def __init__(self, widths: tuple[int, ...] = (16, 32, 64, 128, 192)):
        self.config = {"widths": list(widths)}
        self._weights = class_weights()

    def prepare(self, network: nn.Module) -> None:
        """The network's own first weights will do."""

    def sample(self, data: PackedDataset, index: int, random: Random) -> dict[str, np.ndarray]:
        """A random framing of one of a sample's two pictures, changed as photos and their maps differ from renders."""
        which, other = ("image", "") if random.random() < 0.5 else ("other", "other_")
        fields = (which, f"{other}parse", "parts", f"{which}_keypoints", f"{which}_silhouette")
        image, parse, parts, keypoints, silhouette = data.read(index, fields).values()
        mirrored = bool(random.random() < 0.5)
        matrix = box_matrix(person_box(parse, keypoints, random), MAP_SIZE)
        turn = similarity(
            MAP_SIZE,
            float(np.exp(random.normal() * 0.05)),
            random.normal() * 3,
            tuple(random.normal(size=2) * 4),
        )
        matrix = compose(turn, matrix)
        if mirrored:
            matrix = compose(mirroring(MAP_SIZE[1]), matrix)
        framed = frame_person(image, parse, parts, keypoints, silhouette, matrix, mirrored)
        framed["image"] = recolour(framed["image"], random)
        if random.random() < 0.1:
            framed["image"] = lay_strap(framed["image"], framed["keypoints"], random)
        framed["keypoints"] = _disturb_keypoints(framed["keypoints"], random)
        framed["silhouette"] = disturb_silhouette(framed["silhouette"], random)
        if random.random() < 0.08:
            framed["silhouette"] *= 0
        return framed

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Cross entropy of parse and parts, each step at another quarter of the pixels, for speed."""
        parse_logits, part_logits = network(*network_inputs(batch))
        weights = self._weights.to(parse_logits.device)
        row, column = torch.randint(2, (2,)).tolist()
        quarter = (..., slice(row, None, 2), slice(column, None, 2))
        parse = F.cross_entropy(
            parse_logits[quarter].float(), batch["parse"][quarter].long(), weights, ignore_index=IGNORED
        )
        parts = F.cross_entropy(part_logits[quarter].float(), batch["parts"][quarter].long(), ignore_index=IGNORED)
        return {"parse": parse, "parts": PARTS_WEIGHT * parts}

    def validate(self, network: nn.Module, data: PackedDataset, device: torch.device) -> dict[str, float]:
        """Mean IoU of parse and parts over the labels that occur, on close framings of held-out pictures."""
        parse_counts = np.zeros((len(Parse), 2))
        part_counts = np.zeros((len(DENSEPOSE_PARTS), 2))
        random = np.random.default_rng(0)
        indices = range(min(VALIDATION_SAMPLES, len(data)))
        samples = [validation_sample(data, index, random) for index in indices]
        for start in range(0, len(samples), VALIDATION_BATCH):
            group = samples[start : start + VALIDATION_BATCH]
            batch = {key: torch.from_numpy(np.stack([s[key] for s in group])).to(device) for key in group[0]}
            parse_logits, part_logits = network(*network_inputs(batch))
            count_overlap(parse_counts, parse_logits.argmax(1).cpu().numpy(), batch["parse"].cpu().numpy())
            count_overlap(part_counts, part_logits.argmax(1).cpu().numpy(), batch["parts"].cpu().numpy())
        return {"parse_iou": mean_overlap(parse_counts), "parts_iou": mean_overlap(part_counts)}


def frame_person(
    image: np.ndarray,
    parse: np.ndarray,
    parts: np.ndarray,
    keypoints: np.ndarray,
    silhouette: np.ndarray,
    matrix: np.ndarray,
    mirrored: bool,
) -> dict[str, np.ndarray]:
    """Bring packed arrays of a person into the network's 256×192 frame.

    Args:
        image, parse, parts, keypoints: as packed, at 384×288.
        silhouette: uint8 (256, 192), as packed.
        matrix: 2×3, pixels of the 384×288 picture → pixels of the frame.
        mirrored: whether the matrix mirrors.

    Returns:
        image uint8 (256, 192, 3), parse and parts uint8 (256, 192) with IGNORED outside the picture, keypoints float32
        (18, 3), silhouette float32 (256, 192).
    """
    size = MAP_SIZE[::-1]
    labels = {"flags": cv2.INTER_NEAREST, "borderMode": cv2.BORDER_CONSTANT, "borderValue": IGNORED}
    if mirrored:
        parse, parts = MIRRORED_PARSE[parse], MIRRORED_PARTS[parts]
    soft = cv2.warpAffine(silhouette, compose(matrix, scaling(MAP_SIZE, PICTURE_SIZE)), size)
    return {
        "image": cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        "parse": cv2.warpAffine(parse, matrix, size, **labels),
        "parts": cv2.warpAffine(parts, matrix, size, **labels),
        "keypoints": keypoints_in_frame(keypoints, matrix, MAP_SIZE, mirrored),
        "silhouette": soft.astype(np.float32) / 255,
    }


def validation_sample(data: PackedDataset, index: int, random: Random) -> dict[str, np.ndarray]:
    """A held-out picture in one of the framings of photos, otherwise unchanged."""
    fields = ("image", "parse", "parts", "image_keypoints", "image_silhouette")
    image, parse, parts, keypoints, silhouette = data.read(index, fields).values()
    matrix = box_matrix(person_box(parse, keypoints, random), MAP_SIZE)
    return frame_person(image, parse, parts, keypoints, silhouette, matrix, False)


def network_inputs(batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """The three inputs of `BodyNet` from stacked samples."""
    image = batch["image"].permute(0, 3, 1, 2).float() / 127.5 - 1
    return image, batch["silhouette"][:, None], keypoint_heatmaps(batch["keypoints"])


def _disturb_keypoints(keypoints: np.ndarray, random: Random) -> np.ndarray:
    """The detector's own errors are in the data; this adds a little, loses single points and sometimes all."""
    disturbed = shake_keypoints(keypoints, random.uniform(0.0, 0.04), random)
    lost = random.random(len(keypoints)) < 0.03
    if random.random() < 0.05:
        lost[random.integers(len(keypoints), size=6)] = True
    if random.random() < 0.08:
        lost[:] = True
    disturbed[lost, 2] = 0
    return disturbed


def count_overlap(counts: np.ndarray, predicted: np.ndarray, truth: np.ndarray) -> None:
    """Add intersection and union of every label (rows of `counts`), leaving out IGNORED pixels."""
    known = truth != IGNORED
    classes = len(counts)
    pairs = np.bincount(truth[known].astype(int) * classes + predicted[known], minlength=classes**2)
    table = pairs.reshape(classes, classes)
    counts[:, 0] += table.diagonal()
    counts[:, 1] += table.sum(0) + table.sum(1) - table.diagonal()


def mean_overlap(counts: np.ndarray) -> float:
    """Mean intersection over union of the labels that occur; 0 when none does."""
    occurring = counts[:, 1] > 0
    return float((counts[occurring, 0] / counts[occurring, 1]).mean()) if occurring.any() else 0.0
