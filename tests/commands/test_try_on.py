"""`python -m vton` as a user types it: results on disk, and one line for what cannot be used."""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vton.__main__ import main
from vton.types import MAP_NAMES

EXAMPLES = Path(__file__).parents[2] / "examples"
PERSON = EXAMPLES / "persons" / "rendered-1.jpg"
GARMENT = EXAMPLES / "garments" / "v-neck-burgundy.jpg"


def header_of_a_huge_png() -> bytes:
    """A PNG that says it is 12,000×12,000 and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", 12_000, 12_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def bad_picture(kind: str, folder: Path) -> Path:
    path = folder / f"{kind}.jpg"
    if kind == "text":
        path.write_text("not a picture")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "truncated":
        path.write_bytes(PERSON.read_bytes()[:3000])
    elif kind == "tiny":
        Image.new("RGB", (20, 30)).save(path)
    elif kind == "huge":
        path.write_bytes(header_of_a_huge_png())
    elif kind == "wall":
        noise = np.random.default_rng(0).normal(190, 3, (800, 600, 3))
        Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(path)
    elif kind == "folder":
        path.mkdir()
    return path


KINDS = ("text", "empty", "truncated", "tiny", "huge", "wall", "folder", "missing")


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_person_ends_with_one_line_and_no_output(kind, tmp_path, capfd):
    output = tmp_path / "out.png"
    bad = bad_picture(kind, tmp_path)
    assert main(["try-on", str(bad), str(GARMENT), "-o", str(output)]) == 2
    said = capfd.readouterr().err.strip()
    assert len(said.splitlines()) == 1 and bad.name in said and "Traceback" not in said
    assert not output.exists()


@pytest.mark.parametrize("kind", ("text", "truncated", "missing"))
def test_a_bad_garment_ends_with_one_line_and_no_output(kind, tmp_path, capfd):
    output = tmp_path / "out.png"
    bad = bad_picture(kind, tmp_path)
    assert main(["try-on", str(PERSON), str(bad), "-o", str(output)]) == 2
    said = capfd.readouterr().err.strip()
    assert len(said.splitlines()) == 1 and bad.name in said
    assert not output.exists()


def test_a_method_that_cannot_tuck_a_top_in_says_so(tmp_path, capfd):
    usual = ["try-on", str(PERSON), str(GARMENT), "-o", str(tmp_path / "out.jpg"), "--method", "pf-afn"]
    assert main([*usual, "--tucked"]) == 0
    assert "note: PF-AFN cannot" in capfd.readouterr().err


def test_try_on_writes_the_result_and_the_maps(tmp_path):
    output = tmp_path / "out.png"
    assert main(["try-on", str(PERSON), str(GARMENT), "-o", str(output), "--maps", str(tmp_path / "maps")]) == 0
    with Image.open(output) as made, Image.open(PERSON) as photo:
        assert made.size == photo.size
    names = [path.stem.split("-", 1)[1] for path in sorted((tmp_path / "maps").iterdir())]
    assert names == list(MAP_NAMES)


@pytest.fixture
def far() -> Image.Image:
    """A 3:4 picture of somebody far away."""
    with Image.open(PERSON) as picture:
        far = Image.new("RGB", (1200, 1600), picture.convert("RGB").getpixel((3, 3)))
        far.paste(picture.resize((480, 640)), (100, 700))
    return far


@pytest.fixture
def command(far, tmp_path) -> list[str]:
    """That person and a garment are to be preprocessed."""
    persons, garments = tmp_path / "persons", tmp_path / "garments"
    persons.mkdir()
    garments.mkdir()
    far.save(persons / "far.jpg")
    (garments / "top.jpg").write_bytes(GARMENT.read_bytes())
    return ["preprocess", "--persons", str(persons), "--garments", str(garments), "-o", str(tmp_path / "d")]


def test_preprocess_writes_the_viton_hd_layout(command, far, tmp_path):
    """A judge compares the maps with annotations of the same 3:4 picture, pixel by pixel."""
    (tmp_path / "persons" / "broken.jpg").write_text("no picture")
    assert main(command) == 0
    root = tmp_path / "d" / "test"
    with Image.open(root / "image-parse-v3" / "far.png") as picture:
        assert picture.mode == "P" and picture.size == (768, 1024)
        parse = np.asarray(picture)
    assert parse.max() < 20
    rows, columns = np.nonzero(parse)
    assert rows.min() > 430 and columns.max() < 390
    for folder, name in {
        "image": "far.jpg",
        "cloth": "top.jpg",
        "cloth-mask": "top.jpg",
        "image-parse-agnostic-v3.2": "far.png",
        "image-densepose": "far.jpg",
        "openpose_img": "far_rendered.png",
        "agnostic-v3.2": "far.jpg",
    }.items():
        with Image.open(root / folder / name) as picture:
            assert picture.size == (768, 1024)
    with Image.open(root / "image" / "far.jpg") as written:
        difference = np.asarray(written, float) - np.asarray(far.resize((768, 1024), Image.Resampling.BOX), float)
    assert np.abs(difference).mean() < 2
    people = json.loads((root / "openpose_json" / "far_keypoints.json").read_text())["people"]
    assert len(people[0]["pose_keypoints_2d"]) == 75
    assert (tmp_path / "d" / "test_pairs.txt").read_text() == "far.jpg top.jpg\n"
    placed = json.loads((root / "boxes.json").read_text())["far"]
    assert placed["photo"] == "far.jpg" and placed["box"] == [0, 0, 1200, 1600]


def test_preprocess_may_refocus(command, tmp_path):
    assert main([*command, "--frame", "refocus"]) == 0
    left, top, right, bottom = json.loads((tmp_path / "d" / "test" / "boxes.json").read_text())["far"]["box"]
    assert (right - left) / (bottom - top) == pytest.approx(0.75, abs=1e-3)
    assert bottom - top < 1500


def test_preprocess_names_what_a_step_misses(tmp_path, capfd):
    folder = PERSON.parent, GARMENT.parent
    command = ["preprocess", "--persons", str(folder[0]), "--garments", str(folder[1]), "-o", str(tmp_path / "d")]
    assert main([*command, "--parsing", "nonsense"]) == 2
    assert "compact or schp" in capfd.readouterr().err
