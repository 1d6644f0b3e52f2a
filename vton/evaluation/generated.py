"""Measure the compact image generator, paired, on held-out renders: the same person photographed in both garments."""

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from vton.data.pack import PICTURE_SIZE, PackedDataset
from vton.evaluation.metrics import correlation, similarity_map
from vton.finish import edit_of, finish
from vton.images import resize, to_pixels
from vton.labels import Region
from vton.methods.compact import CompactHRViton, Condition
from vton.training import image
from vton.training.augment import overprint
from vton.training.persons import GARMENT_FIELDS, PERSON_FIELDS, packed_garment, packed_person
from vton.types import Composition, Person

MEASURES = ("SSIM", "L1", "correlation with the warped garment")
Rows = dict[str, dict[str, float]]
LEAST_SHARED = 400
"""Pixels of 384×288 that two tops have in common at least, for a print on one to show in the other."""


def measures(
    made: np.ndarray, goal: np.ndarray, edit: np.ndarray, warped: np.ndarray, worn: np.ndarray
) -> tuple[float, float, float]:
    """How good a picture is inside the edit.

    Args:
        made, goal, warped: uint8 RGB (384, 288, 3): the picture, the photo of the garment worn, the warped garment.
        edit: bool (384, 288), pixels that count.
        worn: bool (384, 288), pixels that show the garment.

    Returns:
        Mean of the structural similarity, mean absolute difference (0 to 255), correlation of `warped` and `made`.
    """
    difference = np.abs(made.astype(np.float32) - goal.astype(np.float32))
    return (
        float(similarity_map(made, goal)[edit].mean()),
        float(difference[edit].mean()),
        correlation(warped, made, worn),
    )


@torch.inference_mode()
def measure_with_truth(network: nn.Module, root: Path, limit: int, device: torch.device) -> Rows:
    """The generator behind the true warp and the true target parse: what it does itself.

    Args:
        network: a `LightNet` in evaluation mode, on `device`.
        root: a packed dataset.
        limit: at most so many samples.

    Returns:
        Means of MEASURES by "rough composite" and "image generator".
    """
    data, random = PackedDataset(root, "test"), np.random.default_rng(0)
    found: dict[str, list[tuple[float, float, float]]] = {"rough composite": [], "image generator": []}
    for index in range(min(limit, len(data))):
        sample = image.validation_sample(data, index, random)
        batch = {key: torch.from_numpy(value)[None].to(device) for key, value in sample.items()}
        made, composite, edit = image.generate(network, batch)
        inside = (edit[0, 0].cpu().numpy() > 0.5) & (sample["known"] > 0)
        garment = (sample["target"] == Region.UPPER) & (sample["mask"] > 240) & (sample["keep"] < 15)
        worn = inside & (cv2.erode(garment.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)
        for name, picture in (("rough composite", composite), ("image generator", made)):
            found[name].append(measures(to_pixels(picture), sample["image"], inside, sample["garment"], worn))
    return _means(found)


@torch.inference_mode()
def measure_prints(network: nn.Module, root: Path, limit: int, device: torch.device) -> dict[str, float]:
    """How much of a print on the old top shows through the new one, behind the true warp and target parse.

    Args:
        network: a `LightNet` in evaluation mode, on `device`.
        root: a packed dataset.
        limit: at most so many samples; those whose two tops hardly overlap do not count.

    Returns:
        Mean absolute differences (0 to 255), inside both tops, that prints make: "photo" and "image generator".
    """
    data, random = PackedDataset(root, "test"), np.random.default_rng(0)
    found: dict[str, list[float]] = {"photo": [], "image generator": []}
    for index in range(min(limit, len(data))):
        sample = image.validation_sample(data, index, random)
        old = sample["before"] == Region.UPPER
        both = cv2.erode((old & (sample["target"] == Region.UPPER)).view(np.uint8), np.ones((9, 9), np.uint8)) > 0
        if both.sum() < LEAST_SHARED:
            continue
        photos = [sample["other"], overprint(sample["other"], old, random)]
        made = []
        for photo in photos:
            batch = {key: torch.from_numpy(value)[None].to(device) for key, value in {**sample, "other": photo}.items()}
            made.append(to_pixels(image.generate(network, batch)[0]))
        for name, (plain, printed) in zip(found, (photos, made), strict=True):
            found[name].append(float(np.abs(plain[both].astype(np.float32) - printed[both]).mean()))
    return {name: float(np.mean(values)) if values else 0.0 for name, values in found.items()}


@torch.inference_mode()
def measure_try_ons(condition: nn.Module, network: nn.Module, root: Path, limit: int) -> Rows:
    """Whole try-ons from the true maps of the person in the other top: warp and target parse are the networks' own.
    What is tucked in is told, where the dataset knows it.

    The edit is what the try-on repaints, but for places where the truth shows another top. Pictures are made on the
    canvas and compared at 384×288.

    Args:
        condition, network: the compact networks in evaluation mode, on one device.
        root: a packed dataset.
        limit: at most so many samples.

    Returns:
        Means of MEASURES by "rough composite", "image generator" and "finished", the picture that a visitor gets.
    """
    data, random = PackedDataset(root, "test"), np.random.default_rng(0)
    method, rough = CompactHRViton(condition, network), CompactHRViton(condition, _NoCorrection())
    found: dict[str, list[tuple[float, float, float]]] = {"rough composite": [], "image generator": [], "finished": []}
    fields = (*PERSON_FIELDS, *GARMENT_FIELDS, *data.held(("hem",)))
    for index in range(min(limit, len(data))):
        packed = data.read(index, fields)
        person, garment = packed_person(packed), packed_garment(packed)
        composition = method(person, garment)
        change = edit_of(person, composition)
        alpha, repaint = (resize(mask, PICTURE_SIZE[::-1]) for mask in (change.visible, change.repaint))
        truth = image.validation_sample(data, index, random)
        edit = (np.maximum(alpha, repaint) > 0.5) & (truth["known"] > 0)
        if not edit.any():
            continue
        warped = resize(composition.warped_garment, PICTURE_SIZE[::-1])
        pictures = {
            "rough composite": _composite(rough, person, composition),
            "image generator": composition.generated,
            "finished": finish(person, garment, composition).image,
        }
        for name, picture in pictures.items():
            made = resize(picture, PICTURE_SIZE[::-1])
            found[name].append(measures(made, truth["image"], edit, warped, alpha > 0.9))
    return _means(found)


class _NoCorrection(nn.Module):
    """Stands in for the image generator, so that what is left is the rough composite."""

    def forward(self, pictures: Tensor, layers: Tensor) -> Tensor:
        return torch.zeros_like(pictures[:, :3])


def _composite(rough: CompactHRViton, person: Person, made: Composition) -> np.ndarray:
    return rough.generate(person, Condition(made.flow, made.warped_mask, made.target), made.warped_garment)


def _means(found: dict[str, list[tuple[float, ...]]]) -> Rows:
    return {
        name: dict(zip(MEASURES, np.mean(rows, 0).tolist() if rows else [0.0] * len(MEASURES), strict=True))
        for name, rows in found.items()
    }
