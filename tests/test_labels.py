"""Labels: looked up, and decided."""

import numpy as np

from vton.labels import REGION_OF_PARSE, UPPER_LABELS, Parse, among, likeliest, looked_up


def test_tables_are_looked_up_as_by_indexing():
    parse = np.random.default_rng(0).integers(0, len(Parse), (31, 17), np.uint8)
    for ids in (parse, parse[::2, 3:9], parse[:0], parse.ravel()):
        assert np.array_equal(looked_up(ids, REGION_OF_PARSE), REGION_OF_PARSE[ids])
        assert np.array_equal(among(ids, UPPER_LABELS), np.isin(ids, UPPER_LABELS))


def test_of_equal_shares_the_first_label_is_the_likeliest():
    shares = np.random.default_rng(0).integers(0, 4, (5, 31, 17)).astype(np.float32)
    assert np.array_equal(likeliest(shares), shares.argmax(0))
    for left_out in (0, 2):
        without = shares.copy()
        without[left_out] = -1
        assert np.array_equal(likeliest(shares, but=left_out), without.argmax(0))
