"""What is said under a result does not contradict itself."""

import pytest

from vton.types import Verdict
from vton.ui.words import verdict_line


@pytest.mark.parametrize("warnings", [[], ["The photo is very dark."]])
def test_nothing_looks_wrong_only_where_nothing_is_said_below(warnings):
    line = verdict_line(Verdict(0.76, {}, {}), warnings)
    assert ("nothing looks wrong" in line) == (not warnings) and "<b>76</b> of 100" in line
    assert ("said below" in line) == bool(warnings)
