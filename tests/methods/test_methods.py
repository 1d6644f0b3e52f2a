"""What every method of METHODS promises, with its networks at tiny sizes."""

import dataclasses

import numpy as np
import pytest
import torch
from tiny_methods import TINY, made_up_garment, made_up_person, tiny_networks

from vton import weights
from vton.finish import finish
from vton.labels import Region, likeliest
from vton.methods import METHODS, load_method, variant_here, what_is_missing
from vton.methods.acgpn import ACGPN
from vton.types import CANVAS_HEIGHT, CANVAS_WIDTH, MAP_NAMES
from vton.visualise import result_maps, worn

VARIANTS = [(name, which) for name, method in METHODS.items() for which in method.variants]
CANVAS = (CANVAS_HEIGHT, CANVAS_WIDTH)


@pytest.fixture(scope="module")
def person():
    return made_up_person()


@pytest.fixture(scope="module")
def garment():
    return made_up_garment()


@pytest.fixture(scope="module", params=VARIANTS, ids="-".join)
def method(request):
    name, which = request.param
    return METHODS[name].variants[which].build(*tiny_networks(name, which))


@pytest.fixture(scope="module")
def composition(method, person, garment):
    return method(person, garment)


def test_every_row_is_tried():
    assert set(VARIANTS) == set(TINY)


def test_a_composition_covers_the_canvas(composition):
    assert composition.warped_garment.shape == composition.generated.shape == (*CANVAS, 3)
    assert composition.warped_garment.dtype == composition.generated.dtype == np.uint8
    assert composition.flow.shape == (*CANVAS, 2) and composition.flow.dtype == np.float32
    planes = [composition.warped_mask, *([] if composition.visible is None else [composition.visible])]
    if composition.target is not None:
        assert composition.target.shape[0] == len(Region)
        assert composition.target.shape[1] * CANVAS_WIDTH == composition.target.shape[2] * CANVAS_HEIGHT
        planes.append(composition.target)
    for plane in planes:
        assert plane.dtype == np.float32 and plane.min() >= 0 and plane.max() <= 1 + 1e-4


def test_the_photo_comes_back_at_its_own_size_and_untouched_outside_the_edit(composition, person, garment):
    finished = finish(person, garment, composition)
    assert finished.image.shape == person.photo.pixels.shape
    left, top, right, bottom = (round(side) for side in person.box)
    outside = np.ones(finished.image.shape[:2], bool)
    rows, columns = np.nonzero(finished.edit_mask > 0)
    if rows.size:
        step_x, step_y = (right - left) / CANVAS_WIDTH, (bottom - top) / CANVAS_HEIGHT
        y0, y1 = int(top + rows.min() * step_y) - 3, int(top + rows.max() * step_y) + 4
        x0, x1 = int(left + columns.min() * step_x) - 3, int(left + columns.max() * step_x) + 4
        outside[y0:y1, x0:x1] = False
    assert np.array_equal(finished.image[outside], person.photo.pixels[outside])
    face = finished.edit_mask[160:260, 340:430]
    assert face.max() == 0


def test_the_same_pair_gives_the_same_picture_and_stays_as_it_was(method, composition, person, garment):
    before = [value.copy() for value in arrays_of(person) + arrays_of(garment)]
    again = method(person, garment)
    assert np.array_equal(again.generated, composition.generated)
    assert np.array_equal(again.flow, composition.flow)
    for then, now in zip(before, arrays_of(person) + arrays_of(garment), strict=True):
        assert np.array_equal(then, now)


def test_an_edit_found_while_a_generator_runs_is_the_finishs_own(composition, person, garment):
    without = dataclasses.replace(composition, edit=None)
    given, found = finish(person, garment, composition), finish(person, garment, without)
    assert np.array_equal(given.image, found.image) and np.array_equal(given.edit_mask, found.edit_mask)


def test_all_maps_can_be_drawn(composition, person, garment):
    maps = result_maps(person, garment, composition)
    assert (*maps, "edit_mask") == MAP_NAMES
    assert all(picture.size == (CANVAS_WIDTH, CANVAS_HEIGHT) for picture in maps.values())
    shown = 1.0 if composition.target is None else worn(likeliest(composition.target))
    assert np.abs(np.asarray(maps["warped_mask"]) / 255 - composition.warped_mask * shown).max() < 0.01


def arrays_of(prepared) -> list[np.ndarray]:
    values = (getattr(prepared, field.name) for field in dataclasses.fields(prepared))
    return [value for value in values if isinstance(value, np.ndarray)]


def test_another_seed_is_another_noise(person, garment):
    networks = tiny_networks("acgpn", "official")
    first, second = (ACGPN(*networks, seed=seed)(person, garment).generated for seed in (0, 1))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize(("name", "which"), VARIANTS)
def test_what_is_missing_is_named_with_the_way_to_get_it(monkeypatch, tmp_path, name, which):
    only_this_folder(monkeypatch, tmp_path)
    assert variant_here(name, which) is None
    sentence = what_is_missing(name, which)
    assert METHODS[name].title in sentence
    for checkpoint in METHODS[name].variants[which].checkpoints:
        assert weights.CHECKPOINTS_BY_NAME[checkpoint].file in sentence
    assert "python -m vton" in sentence
    with pytest.raises(weights.MissingWeights):
        load_method(name, which, torch.device("cpu"))


@pytest.mark.parametrize(("name", "which"), VARIANTS)
def test_a_method_is_built_from_its_files(monkeypatch, tmp_path, name, which):
    only_this_folder(monkeypatch, tmp_path)
    rows = [weights.CHECKPOINTS_BY_NAME[checkpoint] for checkpoint in METHODS[name].variants[which].checkpoints]
    for row, build in zip(rows, TINY[name, which], strict=True):
        monkeypatch.setitem(weights.NETWORKS, row.network, build)
        if which == "compact":
            weights.save_checkpoint(tmp_path / row.file, row.network, {}, build().state_dict(), {})
        else:
            torch.save(build().state_dict(), tmp_path / row.file)
    assert variant_here(name, which) == which
    built = load_method(name, which, torch.device("cpu"))
    assert type(built) is METHODS[name].variants[which].build
    size = sum((tmp_path / row.file).stat().st_size for row in rows)
    assert METHODS[name].variants[which].megabytes == pytest.approx(size / 1e6)


def only_this_folder(monkeypatch, folder) -> None:
    monkeypatch.setattr(weights, "CHECKPOINTS", folder)
    monkeypatch.delenv(weights.FOLDER_VARIABLE, raising=False)


@pytest.mark.parametrize("name", METHODS)
def test_parameters_are_those_of_the_published_networks(name):
    variant = METHODS[name].variants["official"]
    with torch.device("meta"):
        networks = [weights.NETWORKS[weights.CHECKPOINTS_BY_NAME[row].network]() for row in variant.checkpoints]
    count = sum(parameter.numel() for network in networks for parameter in network.parameters())
    assert count / 1e6 == pytest.approx(variant.parameters, abs=0.06)


@pytest.mark.parametrize("method", ["hr-viton", "pf-afn"])
def test_the_networks_that_ship_are_as_large_as_the_table_says(method):
    variant = METHODS[method].variants["compact"]
    networks = [weights.load_network(weights.find(name)[0]) for name in variant.checkpoints]
    count = sum(value.numel() for network in networks for value in network.parameters())
    assert count / 1e6 == pytest.approx(variant.parameters, abs=0.06)
