"""The whole way on the pictures that ship, with the weights that ship."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from tiny_methods import TINY
from torch.nn.modules.module import register_module_forward_pre_hook

from vton import TryOnPipeline, weights
from vton.images import PictureError, load_photo
from vton.labels import Parse
from vton.methods import METHODS
from vton.types import MAP_NAMES, TryOnResult

EXAMPLES = Path(__file__).parents[1] / "examples"
PERSON = EXAMPLES / "persons" / "rendered-1.jpg"
RED, GREEN = EXAMPLES / "garments" / "v-neck-burgundy.jpg", EXAMPLES / "garments" / "polo-forest.jpg"


@pytest.fixture(scope="module")
def pipeline():
    return TryOnPipeline.load(device="cpu")


@pytest.fixture(scope="module")
def threads():
    """On how many threads networks counted while `result` was made, and its caller after it."""
    return {"networks": set(), "caller": 0}


@pytest.fixture(scope="module")
def result(pipeline, threads):
    """Made by a caller who counts on two threads."""
    before = torch.get_num_threads()
    hook = register_module_forward_pre_hook(lambda *_: threads["networks"].add(torch.get_num_threads()))
    torch.set_num_threads(2)
    try:
        made = pipeline(PERSON, RED)
        threads["caller"] = torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
        hook.remove()
    return made


@pytest.fixture(scope="module")
def told():
    """The progress that was told while `second` was made."""
    return []


@pytest.fixture(scope="module")
def second(pipeline, result, told):
    """The same person in another garment."""
    return pipeline(PERSON, GREEN, progress=lambda fraction, sentence: told.append((fraction, sentence)))


def canvas_mask(pipeline, picture: Image.Image) -> np.ndarray:
    """A map on the canvas → float32 in the photo's own pixels, 0 outside the crop."""
    person = pipeline.prepare_person(PERSON)
    left, top, right, bottom = person.box
    width, height = person.photo.size
    scale_x, scale_y = (right - left) / 768, (bottom - top) / 1024
    matrix = np.array([[scale_x, 0, left + scale_x / 2 - 0.5], [0, scale_y, top + scale_y / 2 - 0.5]])
    return cv2.warpAffine(np.asarray(picture).astype(np.float32) / 255, matrix, (width, height))


def test_result_has_the_photos_size_all_maps_and_timings(result):
    assert result.image.size == load_photo(PERSON).size
    assert tuple(result.maps) == MAP_NAMES
    assert all(picture.size == (768, 1024) for picture in result.maps.values())
    assert {"pose", "parse", "garment_mask", "generators", "finish"} <= set(result.timings)
    assert all(seconds >= 0 for seconds in result.timings.values())


def test_a_result_comes_with_a_verdict_and_its_sentences_are_warnings(pipeline, result):
    verdict = result.verdict
    assert {"agreement", "proportions", "smoothness"} <= set(verdict.parts) == set(verdict.figures)
    assert verdict.score == min(verdict.parts.values()) and 0 <= verdict.score <= 1
    assert (verdict.score < 0.5) == bool(verdict.sentences)
    assert result.warnings[len(result.warnings) - len(verdict.sentences) :] == list(verdict.sentences)
    assert result.timings["verdict"] < 1


def test_small_networks_count_on_one_thread_and_the_caller_on_as_many_as_before(result, threads):
    assert threads == {"networks": {1}, "caller": 2}


def test_pixels_outside_the_edit_are_the_photos_own(pipeline, result):
    photo, made = load_photo(PERSON).pixels, np.asarray(result.image)
    edit = cv2.dilate(canvas_mask(pipeline, result.maps["edit_mask"]), np.ones((5, 5), np.uint8))
    assert (edit > 0).mean() < 0.8
    assert np.array_equal(made[edit == 0], photo[edit == 0])


def test_the_face_stays(pipeline, result):
    person = pipeline.prepare_person(PERSON)
    face = cv2.erode((person.parse == Parse.FACE).astype(np.uint8) * 255, np.ones((9, 9), np.uint8))
    inside = canvas_mask(pipeline, Image.fromarray(face)) == 1
    assert inside.sum() > 500
    assert np.array_equal(np.asarray(result.image)[inside], person.photo.pixels[inside])


@pytest.mark.parametrize(("garment", "made"), [(RED, "result"), (GREEN, "second")], ids=("red", "green"))
def test_the_garments_colour_arrives_on_the_torso(pipeline, request, garment, made):
    made = request.getfixturevalue(made)
    person, cloth = pipeline.prepare_person(PERSON), pipeline.prepare_garment(garment)
    torso = np.zeros((1024, 768), np.uint8)
    neck, hips = person.keypoints[1, :2], person.keypoints[[8, 11], :2].mean(0)
    middle = (0.6 * neck + 0.4 * hips).astype(int)
    cv2.circle(torso, tuple(int(v) for v in middle), 60, 255, -1)
    inside = canvas_mask(pipeline, Image.fromarray(torso)) > 0.9
    worn = np.median(lab(np.asarray(made.image))[inside], 0)
    flat = np.median(lab(cloth.image)[cloth.mask > 0.95], 0)
    assert np.linalg.norm((worn - flat)[1:]) < 12


def lab(pixels: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def test_flat_garments_are_taken_as_they_are_and_worn_ones_are_cut_out(pipeline):
    # Some tell as much as all nineteen, in a fifth of the time.
    for garment in sorted((EXAMPLES / "garments").glob("*.jpg"))[::5]:
        assert pipeline.prepare_garment(garment).warnings == (), garment.name
    worn = pipeline.prepare_garment(EXAMPLES / "persons" / "rendered-2.jpg")
    assert any("shows a person" in warning for warning in worn.warnings)
    assert 0.03 < worn.mask.mean() < 0.6


def test_a_second_garment_runs_only_the_generators(second):
    assert "pose" not in second.timings and "parse" not in second.timings
    assert {"generators", "finish"} <= set(second.timings)


def test_what_is_on_the_shelf_stays_when_the_rest_is_forgotten(pipeline, tmp_path):
    blank = tmp_path / "blank.png"
    Image.new("RGB", (400, 500), (240, 240, 240)).save(blank)
    fresh = TryOnPipeline(pipeline._preparer, pipeline._loaded, "compact", pipeline.device)
    fresh.shelve([RED, blank])
    fresh.prepare_garment(GREEN)
    fresh.forget()
    timings = {}
    assert np.array_equal(fresh.prepare_garment(RED, timings).mask, pipeline.prepare_garment(RED).mask)
    assert "garment_mask" not in timings
    fresh.prepare_garment(GREEN, timings)
    assert "garment_mask" in timings, "a visitor's garment is not kept"


def test_two_who_want_the_same_picture_have_it_prepared_once(pipeline):
    pipeline.forget()
    taken = [{}, {}]
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(pipeline.prepare_person, [PERSON] * 2, taken)
    assert first is second and sum("pose" in timings for timings in taken) == 1


def test_pictures_and_paths_are_the_same_to_it(pipeline, result, second):
    with Image.open(PERSON) as person, Image.open(RED) as garment:
        made = pipeline(person, garment)
    assert np.array_equal(np.asarray(made.image), np.asarray(result.image))


def test_progress_runs_from_start_to_end(second, told):
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions) and fractions[0] >= 0 and fractions[-1] <= 1
    assert all(sentence for _, sentence in told)


def test_an_unknown_method_is_named(pipeline):
    with pytest.raises(ValueError, match="hr-viton"):
        pipeline(PERSON, RED, method="magic")


def test_nobody_in_the_picture_is_a_sentence(pipeline, tmp_path):
    wall = tmp_path / "wall.png"
    Image.new("RGB", (600, 800), (200, 190, 180)).save(wall)
    with pytest.raises(PictureError, match=r"wall\.png"):
        pipeline(wall, RED)


def test_missing_weights_are_all_listed(monkeypatch, tmp_path):
    monkeypatch.setattr(weights, "CHECKPOINTS", tmp_path)
    monkeypatch.delenv(weights.FOLDER_VARIABLE, raising=False)
    with pytest.raises(weights.MissingWeights) as raised:
        TryOnPipeline.load("official")
    for needed in ("body.safetensors", "mtviton.pth", "gen.pth", "python -m vton weights fetch hr-viton-image"):
        assert needed in str(raised.value)


def only_compact_hr_viton_in(monkeypatch, folder: Path) -> None:
    """A checkpoints folder of its own, with the weights that ship and nothing else."""
    for file in weights.find("compact"):
        (folder / file.name).symlink_to(file)
    monkeypatch.setattr(weights, "CHECKPOINTS", folder)
    monkeypatch.delenv(weights.FOLDER_VARIABLE, raising=False)


def test_methods_without_weights_say_what_is_missing(pipeline, monkeypatch, tmp_path):
    only_compact_hr_viton_in(monkeypatch, tmp_path)
    fresh = TryOnPipeline(pipeline._preparer, {}, "compact", pipeline.device)
    assert fresh.methods == ("hr-viton",)
    assert set(fresh.missing) == set(METHODS) - {"hr-viton"}
    assert "seg_final.pth" in fresh.missing["viton-hd"]
    with pytest.raises(weights.MissingWeights, match=r"latest_net_U\.pth"):
        fresh(PERSON, RED, method="acgpn")


def test_a_method_is_loaded_when_it_is_first_used(pipeline, monkeypatch, tmp_path):
    only_compact_hr_viton_in(monkeypatch, tmp_path)
    fresh = TryOnPipeline(pipeline._preparer, {}, "compact", pipeline.device)
    rows = [weights.CHECKPOINTS_BY_NAME[name] for name in METHODS["pf-afn"].variants["official"].checkpoints]
    for row, build in zip(rows, TINY["pf-afn", "official"], strict=True):
        monkeypatch.setitem(weights.NETWORKS, row.network, build)
        torch.manual_seed(0)
        torch.save(build().state_dict(), tmp_path / row.file)
    assert fresh.methods == ("hr-viton", "pf-afn")
    assert fresh.variant("pf-afn") == "official"
    made = fresh(PERSON, RED, method="pf-afn")
    assert made.image.size == load_photo(PERSON).size
    assert tuple(made.maps) == MAP_NAMES


def test_compare_prepares_once_and_explains_what_cannot_run(pipeline, result, monkeypatch, tmp_path):
    only_compact_hr_viton_in(monkeypatch, tmp_path)
    told = []
    compared = pipeline.compare(
        PERSON, RED, ["hr-viton", "viton-hd"], progress=lambda fraction, sentence: told.append(fraction)
    )
    assert tuple(compared) == ("hr-viton", "viton-hd")
    assert isinstance(compared["hr-viton"], TryOnResult)
    assert np.array_equal(np.asarray(compared["hr-viton"].image), np.asarray(result.image))
    assert {"generators", "finish"} <= set(compared["hr-viton"].timings)
    assert "pose" not in compared["hr-viton"].timings
    assert "gmm_final.pth" in compared["viton-hd"]
    assert told == sorted(told) and told[-1] == 1
    with pytest.raises(ValueError, match="magic"):
        pipeline.compare(PERSON, RED, ["magic"])


def test_the_preprocessors_in_use_are_told(pipeline):
    assert pipeline.preprocessors["parsing"] == "compact"
    with pytest.raises(ValueError, match="parsing"):
        TryOnPipeline.load(steps={"parsing": "magic"})


def test_a_tucked_top_shows_the_trousers_that_it_would_hang_over(pipeline):
    worn_short, top = EXAMPLES / "persons" / "rendered-2.jpg", EXAMPLES / "garments" / "logo-tee-white.jpg"
    loose, tucked = (pipeline(worn_short, top, tucked=tucked) for tucked in (False, True))
    assert not tucked.warnings
    person = pipeline.prepare_person(worn_short)
    trousers = cv2.erode((person.parse == Parse.PANTS).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    hung, within = (np.asarray(result.maps["edit_mask"])[trousers] > 127 for result in (loose, tucked))
    assert hung.mean() > 0.3 and within.mean() < 0.6 * hung.mean()
