"""A rendered sample's truths agree with each other."""

from importlib.util import find_spec

import cv2
import numpy as np
import pytest

from vton.labels import ARM_LABELS, DENSEPOSE_PARTS, LEG_LABELS, UPPER_LABELS, Joint, Parse
from vton.rendering.backgrounds import random_background
from vton.rendering.samples import Sample, render_sample

pytestmark = pytest.mark.skipif(find_spec("anny") is None, reason="rendering needs the optional group `train`")

SIZE = (256, 192)
SEED = 11
ARM_PARTS = [i for i, name in enumerate(DENSEPOSE_PARTS) if "arm" in name or "hand" in name]
LEG_PARTS = [i for i, name in enumerate(DENSEPOSE_PARTS) if "leg" in name or "foot" in name]


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return [render_sample(SEED, index, SIZE) for index in range(5)]


def test_same_seed_and_index_give_the_same_sample(samples):
    again = render_sample(SEED, 0, SIZE)
    for name in Sample.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(samples[0], name), getattr(again, name), err_msg=name)


def test_a_top_is_tucked_in_as_it_was_cut(samples):
    assert {sample.tucked for sample in samples} == {False, True}


def test_other_index_and_other_seed_differ(samples):
    assert np.abs(samples[0].image.astype(int) - samples[1].image).mean() > 1
    assert np.abs(samples[0].image.astype(int) - render_sample(SEED + 1, 0, SIZE).image).mean() > 1


def test_both_pictures_show_one_person(samples):
    """Face, background and legs stay; the garment changes."""
    for sample in samples:
        for label in (Parse.FACE, Parse.BACKGROUND):
            both = cv2.erode(
                ((sample.parse == label) & (sample.other_parse == label)).astype(np.uint8), np.ones((9, 9))
            )
            if both.sum() < 50:
                continue
            difference = np.abs(sample.image.astype(int) - sample.other)[both > 0]
            assert np.median(difference) <= 4, label


def test_flow_reads_the_garment(samples):
    """Where the flow is valid it points into the garment's mask."""
    for sample in samples:
        read_mask = cv2.remap(sample.cloth_mask.astype(np.uint8), sample.flow, None, cv2.INTER_NEAREST)
        assert read_mask[sample.valid].all()


def test_flow_is_valid_on_the_garment_alone_and_on_most_of_it(samples):
    shares = []
    for sample in samples:
        garment = np.isin(sample.parse, UPPER_LABELS)
        assert not (sample.valid & ~garment).any()
        shares.append(sample.valid.sum() / garment.sum())
    assert np.median(shares) > 0.9


def test_the_flow_brings_the_garment_where_it_is_worn(samples):
    """The garment read through the flow resembles the worn one more than its unmoved picture does."""
    better = 0
    for sample in samples:
        worn = sample.image[sample.valid].astype(float)
        read = cv2.remap(sample.cloth, sample.flow, None, cv2.INTER_LINEAR)[sample.valid]
        better += np.abs(worn - read).mean() < np.abs(worn - sample.cloth[sample.valid]).mean()
    assert better >= len(samples) - 1


def test_keypoints_lie_on_the_body(samples):
    for sample in samples:
        body = cv2.dilate((sample.parts > 0).astype(np.uint8), np.ones((9, 9)))
        for x, y, confidence in sample.keypoints:
            if confidence:
                assert body[min(int(y), SIZE[0] - 1), min(int(x), SIZE[1] - 1)]
            else:
                assert not (0 <= x < SIZE[1] and 0 <= y < SIZE[0])


def test_left_is_the_persons_own(samples):
    """People face the camera, so their left shoulder is on the right of the picture."""
    for sample in samples:
        assert sample.keypoints[Joint.LEFT_SHOULDER, 0] > sample.keypoints[Joint.RIGHT_SHOULDER, 0]


def test_parse_and_parts_agree(samples):
    """Bare arms and legs lie where the body's parts say so."""
    for sample in samples:
        for labels, parts in ((ARM_LABELS, ARM_PARTS), (LEG_LABELS, LEG_PARTS)):
            bare = np.isin(sample.parse, labels)
            if bare.sum() > 30:
                assert np.isin(sample.parts, parts)[bare].mean() > 0.95


def test_garment_fills_its_picture(samples):
    for sample in samples:
        rows, columns = np.nonzero(sample.cloth_mask)
        extent = max(np.ptp(rows) / SIZE[0], np.ptp(columns) / SIZE[1])
        assert 0.7 < extent <= 1
        border = np.concatenate([sample.cloth_mask[0], sample.cloth_mask[-1]])
        assert border.mean() < 0.1


def test_backgrounds_come_at_any_size():
    for seed in range(8):
        background = random_background((1024, 768), np.random.default_rng(seed))
        assert background.shape == (1024, 768, 3) and np.isfinite(background).all()
