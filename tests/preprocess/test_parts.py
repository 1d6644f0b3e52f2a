"""Parts get the colours of VITON-HD's DensePose pictures."""

import numpy as np

from vton.labels import DENSEPOSE_PARTS, Joint
from vton.preprocess.parts import densepose_picture, without_torso_above


def test_published_colours():
    """A few rows of the table that DensePose's own visualiser gives."""
    published = {0: (0, 0, 0), 1: (37, 60, 163), 2: (20, 80, 194), 3: (4, 97, 223), 4: (8, 110, 221), 5: (14, 122, 216)}
    published |= {6: (20, 132, 212), 7: (15, 144, 208), 15: (145, 191, 116), 24: (249, 251, 14)}
    ids = np.array([list(published)], np.uint8)
    assert np.array_equal(densepose_picture(ids)[0], list(published.values()))


def test_every_part_has_its_own_colour():
    assert len(np.unique(densepose_picture(np.arange(25, dtype=np.uint8)[None])[0], axis=0)) == 25


def test_no_torso_above_the_neck():
    torso = DENSEPOSE_PARTS.index("torso front")
    parts = np.zeros((100, 80), np.uint8)
    parts[5:15, 30:50], parts[20:28, 35:45], parts[30:90, 20:60] = torso, DENSEPOSE_PARTS.index("left hand"), torso
    keypoints = np.zeros((18, 3), np.float32)
    keypoints[Joint.NECK] = (40, 32, 1)
    kept = without_torso_above(parts, keypoints)
    assert not kept[:16].any() and np.array_equal(kept[16:], parts[16:])
