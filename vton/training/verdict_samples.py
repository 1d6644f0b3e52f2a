"""What the condition discriminator is trained on: true try-ons of rendered people, predicted ones and spoilt ones."""

from collections.abc import Iterator

import cv2
import numpy as np
from torch import nn

from vton.data.pack import FLOW_UNIT, MAP_SIZE, PICTURE_SIZE, PackedDataset
from vton.labels import MIRRORED_KEYPOINTS, MIRRORED_PARTS, MIRRORED_REGIONS, Joint, Region
from vton.methods.compact import CompactHRViton
from vton.methods.compact_inputs import compact_regions, garment_crop, torso_crop
from vton.methods.judge_inputs import OPEN_REGIONS, SIZE, View, normalised, view
from vton.training.augment import (
    Random,
    compose,
    scaling,
    shake_keypoints,
    shoulder_width,
    similarity,
    smooth_noise,
    wobble_labels,
)
from vton.training.mistakes import mistaken_parse
from vton.training.persons import GARMENT_FIELDS, PERSON_FIELDS, packed_garment, packed_person
from vton.types import Composition

FIELDS = (*PERSON_FIELDS, *GARMENT_FIELDS, "parse", "flow", "valid")
MISLED_EVERY = 3
"""Every so many samples the condition generator is also run on a skeleton that is wrong."""

WORN = (Region.UPPER, Region.LEFT_ARM, Region.RIGHT_ARM, Region.NOISE)
"""Regions that a change of tops can change."""


def collect(condition: nn.Module, data: PackedDataset, count: int) -> Iterator[dict[str, View]]:
    """Try-ons of samples 0 to `count` - 1 as Views: "true", "made" (by a compact condition generator) and, of some,
    "misled" (by the same with the skeleton or the parse wrong). They differ in regions, mask and reads only.
    """
    method, random = CompactHRViton(condition, nn.Identity()), np.random.default_rng(0)
    fields = (*FIELDS, *data.held(("hem",)))
    for index in range(min(count, len(data))):
        packed = data.read(index, fields)
        seen = _as_met(packed, 0.02, random)
        entry = {"made": _predicted(method, seen, packed)}
        entry["true"] = {**entry["made"], **_true(packed, seen["other_keypoints"])}
        if index % MISLED_EVERY == 0:
            wrong = _as_met(packed, random.uniform(0.1, 0.3), random)
            entry["misled"] = _predicted(method, wrong, packed, seen)
        yield entry


def _as_met(packed: dict[str, np.ndarray], noise: float, random: Random) -> dict[str, np.ndarray]:
    """A sample with keypoints `noise` shoulder widths off, and the parser's mistakes."""
    keypoints = shake_keypoints(packed["other_keypoints"], noise, random)
    return {
        **packed,
        "other_keypoints": keypoints,
        "other_parse": mistaken_parse(packed["other_parse"], keypoints, random),
    }


def _predicted(
    method: CompactHRViton,
    told: dict[str, np.ndarray],
    packed: dict[str, np.ndarray],
    shown: dict[str, np.ndarray] | None = None,
) -> View:
    """What the generator makes of the person it is told of, beside the person that is shown (the same by default)."""
    garment, person = packed_garment(packed), packed_person(told)
    found = method.predict_condition(person, garment)
    judged = person if shown is None else packed_person(shown)
    return view(judged, garment, Composition(garment.image, found.mask, found.flow, found.target, garment.image))


def _true(packed: dict[str, np.ndarray], keypoints: np.ndarray) -> View:
    """Regions, mask and reads as they are; where a pixel reads is continued to those that the flat picture hides."""
    to_frame = torso_crop(keypoints, *SIZE)
    regions = cv2.warpAffine(compact_regions(packed["parse"]), to_frame, SIZE[::-1], flags=cv2.INTER_NEAREST)
    valid = packed["valid"].astype(np.float32)
    weighted = np.dstack([packed["flow"].astype(np.float32) / FLOW_UNIT * valid[..., None], valid])
    weighted = cv2.warpAffine(weighted, compose(to_frame, scaling(MAP_SIZE, PICTURE_SIZE)), SIZE[::-1])
    for sigma in (1.5, 4, 12, 40):
        # Folds of single pixels, which no network predicts, would give the truth away.
        spread = cv2.GaussianBlur(weighted, (0, 0), sigma)
        weighted = spread if sigma < 2 else np.where(weighted[..., 2:] > 0.05, weighted, spread)
    reads = weighted[..., :2] / np.maximum(weighted[..., 2:], 1e-6)
    matrix = compose(garment_crop(packed["cloth_mask"], *SIZE), scaling(MAP_SIZE, PICTURE_SIZE))
    return {
        "regions": regions,
        "mask": (regions == Region.UPPER) * np.uint8(255),
        "reads": normalised(reads @ matrix[:, :2].T + matrix[:, 2]).astype(np.float16),
    }


def mistakes(judged: View, truth: View) -> np.ndarray:
    """bool (128, 96): where top, arms and neck have the wrong region or the warped garment covers what it should not,
    or fails to cover what it should."""
    regions, right = judged["regions"], truth["regions"]
    covered, worn = judged["mask"] > 127, right == Region.UPPER
    # Whether a garment goes on behind arms and hair is not known.
    missed = (covered != worn) & np.isin(right, OPEN_REGIONS)
    concerned = np.isin(regions, WORN) | np.isin(right, WORN) | covered
    return ((regions != right) | missed) & concerned


def goodness(judged: View, truth: View) -> float:
    """1 less the mistakes, as a share of the area of top, arms and neck; 0 at worst."""
    concerned = np.isin(judged["regions"], WORN) | np.isin(truth["regions"], WORN)
    return float(max(0, 1 - mistakes(judged, truth).sum() / max(concerned.sum(), 1)))


def mirrored(judged: View) -> View:
    """The same mirrored, left and right exchanged."""
    keypoints = judged["keypoints"][MIRRORED_KEYPOINTS].copy()
    keypoints[:, 0] = SIZE[1] - 1 - keypoints[:, 0]
    reads = judged["reads"][:, ::-1].copy()
    reads[..., 0] *= -1
    return {
        "regions": MIRRORED_REGIONS[judged["regions"][:, ::-1]],
        "mask": judged["mask"][:, ::-1].copy(),
        "reads": reads,
        "agnostic": MIRRORED_REGIONS[judged["agnostic"][:, ::-1]],
        "parts": MIRRORED_PARTS[judged["parts"][:, ::-1]],
        "keypoints": keypoints,
    }


def spoilt(judged: View, stranger: View, random: Random) -> View:
    """A try-on with one of the faults that photographs provoke, of random size.

    stranger: another try-on, whose regions may take the place of these.
    """
    kind = random.integers(5)
    if kind == 0:
        return _moved(judged, random, with_regions=True)
    if kind == 1:
        return _moved(judged, random, with_regions=False)
    if kind == 2:
        return {**judged, "regions": stranger["regions"]}
    if kind == 3:
        return {**judged, "regions": _pieces_lost(judged["regions"], judged["keypoints"], random)}
    return {**judged, "regions": wobble_labels(judged["regions"], random.uniform(2, 6), 10, random)}


def _moved(judged: View, random: Random, with_regions: bool) -> View:
    """The garment, and with it the regions, shifted, turned, scaled and bent, as by a skeleton that is wrong."""
    unit = shoulder_width(judged["keypoints"])
    shift = random.normal(size=2) * 0.2 * unit
    matrix = similarity(SIZE, float(np.exp(random.normal() * 0.2)), random.normal() * 10, tuple(shift))
    rows, columns = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float32)
    bend = smooth_noise(SIZE, 4, random) * random.uniform(0, 0.2) * unit
    at = np.stack([columns, rows], -1) @ matrix[:, :2].T + matrix[:, 2] + bend
    at = at.astype(np.float32)
    moved = {
        **judged,
        "mask": cv2.remap(judged["mask"], at, None, cv2.INTER_LINEAR),
        "reads": cv2.remap(
            judged["reads"].astype(np.float32), at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.float16),
    }
    if with_regions:
        moved["regions"] = cv2.remap(judged["regions"], at, None, cv2.INTER_NEAREST)
    return moved


def _pieces_lost(regions: np.ndarray, keypoints: np.ndarray, random: Random) -> np.ndarray:
    """Round pieces at the joints that became something else: bare where there is cloth, cloth or nothing on an arm."""
    lost = regions.copy()
    unit = shoulder_width(keypoints)
    rows, columns = np.mgrid[0 : regions.shape[0], 0 : regions.shape[1]].astype(np.float32)
    joints = (
        Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER, Joint.RIGHT_ELBOW, Joint.LEFT_ELBOW, Joint.RIGHT_WRIST,
        Joint.LEFT_WRIST, Joint.NECK, Joint.RIGHT_HIP, Joint.LEFT_HIP,
    )  # fmt: skip
    for joint in random.choice(joints, size=int(random.integers(1, 4)), replace=False):
        x, y = keypoints[joint, :2] + random.normal(size=2) * 0.12 * unit
        blob = (columns - x) ** 2 + (rows - y) ** 2 < (random.uniform(0.12, 0.4) * unit) ** 2
        before = random.choice((Region.UPPER, Region.LEFT_ARM, Region.RIGHT_ARM))
        lost[blob & (lost == before)] = random.choice((*WORN, Region.BACKGROUND))
    return lost
