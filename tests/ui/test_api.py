"""The endpoints, as gradio_client sees them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from vton.labels import KEYPOINTS
from vton.methods import METHODS

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
RENDERED = sorted((EXAMPLES / "persons").glob("rendered-*.jpg"))
GARMENT = EXAMPLES / "garments" / "sunset-tee-navy.jpg"
ENDPOINTS = {"/try_on", "/preprocess", "/garment_mask", "/list_garments", "/try_on_garment", "/health"}


def test_only_the_documented_endpoints_are_public(client):
    described = client.view_api(return_format="dict")
    assert set(described["named_endpoints"]) == ENDPOINTS
    assert not described["unnamed_endpoints"]
    names = [p["parameter_name"] for p in described["named_endpoints"]["/try_on"]["parameters"]]
    assert names == ["person", "garment", "method", "tucked"]


def test_health(client):
    health = client.predict(api_name="/health")
    assert health["status"] == "ok"
    assert health["weights"] == "compact"
    assert "hr-viton" in health["methods"]
    assert {*health["methods"], *health["missing"]} == set(METHODS)
    assert health["preprocessors"] == {
        "parsing": "compact",
        "parts": "compact",
        "garment_mask": "classical",
        "clicks": "grabcut",
    }


def test_try_on_returns_the_photo_s_size_and_a_report(client):
    path, report = client.predict(handle_file(RENDERED[0]), handle_file(GARMENT), api_name="/try_on")
    with Image.open(path) as result, Image.open(RENDERED[0]) as photo:
        assert result.size == photo.size
    assert set(report) == {"timings", "warnings", "score", "verdict", "method", "weights", "device"}
    assert 0 <= report["score"] == min(report["verdict"]["parts"].values()) <= 1
    assert report["method"] == "hr-viton"
    assert all(seconds >= 0 for seconds in report["timings"].values())


@pytest.mark.parametrize("endpoint", ["/try_on", "/try_on_garment"])
def test_a_top_is_tucked_in_for_programs_too(client, pipeline, monkeypatch, endpoint):
    method, worn = pipeline._loaded["hr-viton"], []
    monkeypatch.setitem(pipeline._loaded, "hr-viton", lambda *pair: worn.append(pair[1].tucked) or method(*pair))
    garment = handle_file(GARMENT) if endpoint == "/try_on" else client.predict(api_name="/list_garments")[0]["id"]
    client.predict(handle_file(RENDERED[0]), garment, tucked=True, api_name=endpoint)
    assert worn == [True]


def test_preprocess_names_its_maps_and_keypoints(client):
    maps, keypoints = client.predict(handle_file(RENDERED[0]), api_name="/preprocess")
    names = [entry["caption"] for entry in maps]
    assert names == ["refocused", "pose", "parse", "densepose", "agnostic", "parse_agnostic"]
    assert [point["name"] for point in keypoints] == list(KEYPOINTS)
    with Image.open(maps[2]["image"]) as parse:
        assert parse.size == (768, 1024)
        assert np.asarray(parse).max() < 20


def test_garment_mask_covers_the_garment(client):
    path = client.predict(handle_file(GARMENT), api_name="/garment_mask")
    with Image.open(path) as mask:
        covered = np.asarray(mask.convert("L")) > 127
    assert 0.15 < covered.mean() < 0.7
    assert not covered[:20].any()


def test_list_garments_filters_and_its_addresses_work(client):
    found = client.predict("striped", "Long sleeves", api_name="/list_garments")
    assert [entry["id"] for entry in found] == ["breton-long-sleeve"]
    assert urlopen(found[0]["url"]).read(2) == b"\xff\xd8"
    assert len(client.predict(api_name="/list_garments")) >= 12


def test_try_on_garment_takes_an_id(client):
    path, _ = client.predict(handle_file(RENDERED[0]), "polo-forest", api_name="/try_on_garment")
    with Image.open(path) as result, Image.open(RENDERED[0]) as photo:
        assert np.abs(np.asarray(result.convert("RGB"), int) - np.asarray(photo.convert("RGB"), int)).max() > 20


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (b"not a picture at all", "not a picture"), (GARMENT.read_bytes()[:3000], "broken")],
    ids=["empty", "text", "truncated"],
)
def test_a_bad_picture_is_explained_in_a_sentence(client, tmp_path, content, says):
    path = tmp_path / "holiday.jpg"
    path.write_bytes(content)
    with pytest.raises(AppError) as error:
        client.predict(handle_file(path), handle_file(GARMENT), api_name="/try_on")
    assert says in str(error.value)
    assert "holiday.jpg" in str(error.value)
    assert "/tmp" not in str(error.value)


def test_a_picture_of_nobody_an_unknown_garment_and_method_are_explained(client, tmp_path):
    wall = tmp_path / "wall.png"
    Image.new("RGB", (600, 800), (200, 200, 190)).save(wall)
    for call in (
        lambda: client.predict(handle_file(wall), handle_file(GARMENT), api_name="/try_on"),
        lambda: client.predict(handle_file(RENDERED[0]), "no-such-thing", api_name="/try_on_garment"),
        lambda: client.predict(handle_file(RENDERED[0]), handle_file(GARMENT), "magic", api_name="/try_on"),
    ):
        with pytest.raises(AppError, match=r"wall\.png|no-such-thing|magic"):
            call()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_dresses_or_says_what_it_lacks(client, pipeline, method):
    send = (handle_file(RENDERED[0]), handle_file(GARMENT), method)
    if method in pipeline.methods:
        path, report = client.predict(*send, api_name="/try_on")
        assert report["method"] == method
        with Image.open(path) as result, Image.open(RENDERED[0]) as photo:
            assert result.size == photo.size
    else:
        with pytest.raises(AppError, match=pipeline.missing[method].split(".")[0]):
            client.predict(*send, api_name="/try_on")


def test_three_clients_at_once_each_get_their_own_person(page):
    def dress(path):
        image, _ = Client(page, verbose=False).predict(handle_file(path), handle_file(GARMENT), api_name="/try_on")
        with Image.open(image) as result:
            return np.asarray(result.convert("RGB"), int)

    persons = RENDERED[:3]
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(dress, persons))
    for result, path in zip(results, persons, strict=True):
        with Image.open(path) as photo:
            own = np.asarray(photo.convert("RGB"), int)
        corner = np.s_[:60, :60]
        assert np.abs(result[corner] - own[corner]).max() == 0, path.name
