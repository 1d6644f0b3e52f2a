"""Annotated photographs are measured as the dataset command prepares them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vton.evaluation.command import main
from vton.evaluation.photographs import read_part_picture, visible_part_overlaps
from vton.images import load_photo
from vton.labels import DENSEPOSE_PARTS
from vton.preprocess.choose import build_preparer
from vton.preprocess.parts import densepose_picture
from vton.preprocess.pose import openpose_json

EXAMPLES = Path(__file__).parents[2] / "examples"


def blocks(size=64):
    """All 25 ids, each a square."""
    return np.kron(np.arange(25, dtype=np.uint8).reshape(5, 5), np.ones((size, size), np.uint8))


def test_part_pictures_are_read_back_through_jpeg(tmp_path):
    Image.fromarray(densepose_picture(blocks())).save(tmp_path / "parts.jpg", quality=90)
    found = read_part_picture(tmp_path / "parts.jpg")
    assert (found == blocks()).mean() > 0.97
    assert set(np.unique(found)) == set(range(25))


def test_only_visible_parts_count():
    truth = np.zeros((100, 100), np.uint8)
    truth[:50], truth[60:70, :10], truth[75:78], truth[90:] = 2, 5, 7, 255
    predicted = truth.copy()
    predicted[40:50] = 3
    assert visible_part_overlaps(predicted, truth) == {DENSEPOSE_PARTS[2]: pytest.approx(0.8)}


@pytest.fixture(scope="module")
def annotated(tmp_path_factory):
    """A folder whose annotations are what the weights that ship find."""
    root = tmp_path_factory.mktemp("annotated")
    preparer = build_preparer()
    for folder in ("image", "image-parse-v3", "openpose_json", "image-densepose", "cloth", "cloth-mask"):
        (root / folder).mkdir()
    picture = Image.open(EXAMPLES / "persons" / "rendered-1.jpg").resize((768, 1024))
    picture.save(root / "image" / "a.jpg", quality=95)
    person = preparer.person(load_photo(root / "image" / "a.jpg"), frame="auto")
    Image.fromarray(person.parse).save(root / "image-parse-v3" / "a.png")
    (root / "openpose_json" / "a_keypoints.json").write_text(json.dumps(openpose_json(person.keypoints)))
    Image.fromarray(densepose_picture(person.parts)).save(root / "image-densepose" / "a.jpg", quality=95)
    shutil.copy(EXAMPLES / "garments" / "v-neck-burgundy.jpg", root / "cloth" / "g.jpg")
    mask = preparer.garment(load_photo(root / "cloth" / "g.jpg")).mask
    Image.fromarray((mask > 0.5).astype(np.uint8) * 255).save(root / "cloth-mask" / "g.jpg")
    return root


def figures_of(printed: str) -> dict[str, float]:
    """Every figure of the printed tables by its name."""
    lines, found = printed.splitlines(), {}
    for names, rule, values in zip(lines, lines[1:], lines[2:], strict=False):
        if rule.startswith("|---"):
            names, values = ([cell.strip() for cell in row.strip("|").split("|")] for row in (names, values))
            found |= dict(zip(names, map(float, values), strict=True))
    return found


def test_what_equals_the_annotation_scores_full_marks(annotated, capsys):
    assert main([str(annotated)]) == 0
    printed = capsys.readouterr().out
    assert "N = 1" in printed
    figures = figures_of(printed)
    assert figures["parse: mean"] == figures["a"] == figures["PCK@0.1"] == figures["PCK@0.2"] == 1
    assert figures["median"] == figures["hips, median"] == 0
    assert figures["parts: mean"] > 0.8  # thin parts lose their rims to the JPEG
    assert figures["worst"] == figures["g"] > 0.99
