"""What is said under a result does not contradict itself."""

import pytest

from vton.types import Verdict
from vton.ui.words import verdict_line


@pytest.mark.parametrize(
    ("sentences", "warnings", "calm"),
    [((), [], True), ((), ["The photo is very dark."], False), (("Folded.",), ["Folded."], False)],
)
def test_nothing_looks_wrong_only_where_nothing_is_said_below(sentences, warnings, calm):
    line = verdict_line(Verdict(0.76, {}, {}, sentences), warnings)
    assert ("nothing looks wrong" in line) == calm and "<b>76</b> of 100" in line
    assert ("said below" in line) != calm
