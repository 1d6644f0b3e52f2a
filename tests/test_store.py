import json

import pytest
from PIL import Image

from vton.store import GARMENTS_FOLDER, GarmentStore


@pytest.fixture
def store(tmp_path):
    return GarmentStore(f"sqlite:///{tmp_path / 'garments.sqlite'}")


def test_every_example_is_on_offer_with_its_picture(store):
    garments = store.list_garments()
    assert len(garments) >= 12
    for garment in garments:
        with Image.open(garment.file) as picture:
            assert picture.size == (768, 1024)
        assert store.get_garment(garment.id) == garment
    assert {garment.file.name for garment in garments} == {path.name for path in GARMENTS_FOLDER.glob("*.jpg")}


def test_search_wants_every_word_anywhere_and_ignores_case(store):
    found = store.list_garments("STRIPED navy")
    assert [garment.id for garment in found] == ["breton-long-sleeve"]
    assert store.list_garments("100%") == []
    assert store.list_garments("striped", "Shirts") == [store.get_garment("oxford-sky")]


def test_categories_split_the_whole_offer(store):
    split = [garment for category in store.categories() for garment in store.list_garments(category=category)]
    assert sorted(g.id for g in split) == sorted(g.id for g in store.list_garments())


def test_unknown_garment_is_none(store):
    assert store.get_garment("nothing") is None


def test_reopening_takes_over_changed_entries_and_keeps_others(tmp_path):
    url = f"sqlite:///{tmp_path / 'garments.sqlite'}"
    row = {"id": "a", "name": "Tee", "category": "T-shirts", "tags": ["red"], "file": "a.jpg", "licence": "CC0-1.0"}
    for name in ("Tee", "Better tee"):
        (tmp_path / "garments.json").write_text(json.dumps([{**row, "name": name}]))
        opened = GarmentStore(url, tmp_path)
    assert [garment.name for garment in opened.list_garments()] == ["Better tee"]


def test_the_environment_names_the_database(tmp_path, monkeypatch):
    monkeypatch.setenv("VTON_DATABASE", f"sqlite:///{tmp_path / 'elsewhere.sqlite'}")
    GarmentStore()
    assert (tmp_path / "elsewhere.sqlite").exists()
