"""Preprocessing with the weights that ship, on rendered people whose truth is known."""

from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from vton import TryOnPipeline
from vton.images import load_photo
from vton.labels import ARM_LABELS, BOTTOM_LABELS, UPPER_LABELS, Joint, Parse
from vton.networks.places import GROUP_OF_PART, PART_GROUPS
from vton.preprocess.garment_mask import prepare_garment

pytestmark = pytest.mark.skipif(find_spec("anny") is None, reason="rendering needs the package anny")

SEED = 90_001
COUNT = 3
SIZE = (512, 384)
GROUPS = {
    "hair": (Parse.HAIR,),
    "face": (Parse.FACE,),
    "upper": UPPER_LABELS,
    "bottom": BOTTOM_LABELS,
    "arms": ARM_LABELS,
}


@pytest.fixture(scope="module")
def samples():
    from vton.rendering.samples import render_sample

    return [render_sample(SEED, index, SIZE) for index in range(COUNT)]


@pytest.fixture(scope="module")
def prepared(samples):
    """Pairs of a rendered sample and what preprocessing makes of its picture, both at the sample's size."""
    pipeline = TryOnPipeline.load(device="cpu")
    return [(sample, pipeline.prepare_person(Image.fromarray(sample.image))) for sample in samples]


def in_the_photo(person, labels: np.ndarray) -> np.ndarray:
    """Labels on the canvas → labels in the photo's own pixels; -1 outside the crop."""
    width, height = person.photo.size
    left, top, right, bottom = person.box
    x = ((np.arange(width) + 0.5 - left) / (right - left) * labels.shape[1]).astype(int)
    y = ((np.arange(height) + 0.5 - top) / (bottom - top) * labels.shape[0]).astype(int)
    inside = ((y >= 0) & (y < labels.shape[0]))[:, None] & ((x >= 0) & (x < labels.shape[1]))
    found = labels[y.clip(0, labels.shape[0] - 1)[:, None], x.clip(0, labels.shape[1] - 1)].astype(int)
    return np.where(inside, found, -1)


def overlap(pairs) -> float:
    pairs = list(pairs)
    return sum((a & b).sum() for a, b in pairs) / max(1, sum((a | b).sum() for a, b in pairs))


@pytest.mark.parametrize(
    ("group", "least"), [("hair", 0.6), ("face", 0.8), ("upper", 0.8), ("bottom", 0.7), ("arms", 0.6)]
)
def test_parse_meets_the_truth(prepared, group, least):
    pairs = []
    for sample, person in prepared:
        found = in_the_photo(person, person.parse)
        seen = found >= 0
        pairs.append((np.isin(found, GROUPS[group]) & seen, np.isin(sample.parse, GROUPS[group]) & seen))
    assert overlap(pairs) > least


def test_body_parts_meet_the_truth(prepared):
    """Front and back of a limb count as one, as the networks use them; the truth is of the body below the clothes."""
    groups, scores = np.array(GROUP_OF_PART), []
    for group in range(1, len(PART_GROUPS)):
        pairs = []
        for sample, person in prepared:
            found = in_the_photo(person, groups[person.parts])
            pairs.append(((found == group), (groups[sample.parts] == group) & (found >= 0)))
        scores.append(overlap(pairs))
    assert np.mean(scores) > 0.5


def test_keypoints_meet_the_truth(prepared):
    distances = []
    for sample, person in prepared:
        left, top, right, bottom = person.box
        found = person.keypoints[:, :2] * [(right - left) / 768, (bottom - top) / 1024] + [left, top]
        width = np.linalg.norm(sample.keypoints[Joint.RIGHT_SHOULDER, :2] - sample.keypoints[Joint.LEFT_SHOULDER, :2])
        for joint in (Joint.NECK, Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER, Joint.RIGHT_ELBOW, Joint.LEFT_ELBOW):
            if sample.keypoints[joint, 2] > 0 and person.keypoints[joint, 2] > 0:
                distances.append(np.linalg.norm(found[joint] - sample.keypoints[joint, :2]) / width)
    assert np.mean(np.array(distances) < 0.2) > 0.9


def test_silhouette_meets_the_truth(prepared):
    pairs = []
    for sample, person in prepared:
        found = in_the_photo(person, (person.silhouette > 0.5).astype(np.uint8))
        pairs.append((found == 1, (sample.parse > 0) & (found >= 0)))
    assert overlap(pairs) > 0.9


def test_agnostic_maps_hide_the_garment(prepared):
    for _, person in prepared:
        # Of a dress the published maps hide what is above the hips.
        garment = np.isin(person.parse, UPPER_LABELS) & (person.parse != Parse.DRESS)
        assert not np.isin(person.parse_agnostic, UPPER_LABELS).any()
        grey = (np.abs(person.agnostic.astype(int) - 128) <= 2).all(-1)
        assert grey[garment].sum() >= 0.8 * garment.sum()


def test_garment_mask_meets_the_truth(samples):
    pairs = []
    for sample in samples:
        garment = prepare_garment(load_photo(Image.fromarray(sample.cloth)))
        found = np.asarray(Image.fromarray((garment.mask * 255).astype(np.uint8)).resize((SIZE[1], SIZE[0]))) > 127
        pairs.append((found, sample.cloth_mask > 0))
    assert overlap(pairs) > 0.95
