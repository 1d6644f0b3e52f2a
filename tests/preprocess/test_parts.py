"""Parts get the colours of VITON-HD's DensePose pictures."""

import numpy as np

from vton.preprocess.parts import densepose_picture


def test_published_colours():
    """A few rows of the table that DensePose's own visualiser gives."""
    published = {0: (0, 0, 0), 1: (37, 60, 163), 2: (20, 80, 194), 3: (4, 97, 223), 4: (8, 110, 221), 5: (14, 122, 216)}
    published |= {6: (20, 132, 212), 7: (15, 144, 208), 15: (145, 191, 116), 24: (249, 251, 14)}
    ids = np.array([list(published)], np.uint8)
    assert np.array_equal(densepose_picture(ids)[0], list(published.values()))


def test_every_part_has_its_own_colour():
    assert len(np.unique(densepose_picture(np.arange(25, dtype=np.uint8)[None])[0], axis=0)) == 25
