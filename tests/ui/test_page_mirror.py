"""The mirror in a real browser whose camera is a film of the people that ship."""

import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.ui.driving import click_thumbnail, open_tab, visit, wait_for, wait_until
from vton.ui import words

METHOD = "pf-afn"
WRITTEN: list[str] = []


def _watch(event: str, arguments: tuple) -> None:
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
        WRITTEN.append(str(arguments[0]))


@pytest.fixture
def mirror_browser(pipeline, browser):
    """The browser, where there is a mirror."""
    if METHOD not in pipeline.methods:
        pytest.skip(pipeline.missing[METHOD])
    return browser


@pytest.fixture
def camera(mirror_browser):
    """That browser; its owner lets pages use the camera."""
    decide(mirror_browser, "granted")
    return mirror_browser


@pytest.fixture
def no_permission(mirror_browser):
    """The same, but its owner refuses."""
    decide(mirror_browser, "denied")
    return mirror_browser


def decide(browser, setting: str) -> None:
    browser.execute_cdp_cmd("Browser.setPermission", {"permission": {"name": "camera"}, "setting": setting})


def start(browser, page: str) -> None:
    visit(browser, page)
    wait_for(browser, "#go")
    open_tab(browser, "Mirror")
    click_thumbnail(browser, "mirror-strip", 1)
    wait_for(browser, "#mirror-garment img")
    wait_for(browser, "#camera button").click()


def shown(browser) -> str:
    return browser.execute_script("return document.querySelector('#camera img').src")


def test_the_camera_is_dressed_picture_by_picture_and_no_file_is_written(page, camera):
    start(camera, page)
    seen = {wait_until(lambda: shown(camera))}
    sys.addaudithook(_watch)
    before = set(Path(tempfile.gettempdir()).rglob("*gradio*/**/*"))
    for _ in range(2):
        seen.add(wait_until(lambda: (now := shown(camera)) not in seen and now))
    assert all(picture.startswith("data:image/jpeg;base64,") for picture in seen)
    assert "pictures a second" in wait_for(camera, "#camera output").text
    assert [path for path in WRITTEN if path != os.devnull] == []
    assert set(Path(tempfile.gettempdir()).rglob("*gradio*/**/*")) == before


def test_the_mirror_stops_when_its_tab_is_left(page, camera):
    start(camera, page)
    wait_until(lambda: shown(camera))
    open_tab(camera, "Garments")
    wait_until(lambda: not camera.execute_script("return document.querySelector('#camera video').srcObject"), 5)
    open_tab(camera, "Mirror")
    assert wait_for(camera, "#camera [role=status]").text == words.MIRROR["left"]
    assert not shown(camera)


def test_without_a_garment_the_camera_stays_off(page, camera):
    visit(camera, page)
    wait_for(camera, "#go")
    open_tab(camera, "Mirror")
    wait_for(camera, "#camera button").click()
    assert wait_for(camera, "#camera [role=status]").text == words.MIRROR["no_garment"]
    assert not camera.execute_script("return document.querySelector('#camera video').srcObject")


def test_a_refused_camera_is_explained(page, no_permission):
    start(no_permission, page)
    wait_until(lambda: wait_for(no_permission, "#camera [role=status]").text == words.MIRROR["NotAllowedError"], 15)
    time.sleep(0.5)
    assert wait_for(no_permission, "#camera button").text == words.MIRROR["start"]


def test_where_its_weights_are_missing_the_tab_says_so(page, browser, pipeline):
    if METHOD in pipeline.methods:
        pytest.skip("the mirror is here")
    visit(browser, page)
    wait_for(browser, "#go")
    open_tab(browser, "Mirror")
    assert "PF-AFN needs weights" in wait_for(browser, "#mirror-missing p").text
