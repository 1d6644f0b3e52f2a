"""The page in a real browser."""

import re
import time

import pytest
from PIL import Image

from tests.ui.driving import EXAMPLES, PHOTO, click_thumbnail, open_tab, upload, visit, wait_for, wait_until
from vton.images import load_photo
from vton.types import MAP_NAMES


def test_a_photo_and_a_click_on_a_garment_give_a_try_on_and_all_maps(page, pipeline, browser):
    pipeline.forget()
    visit(browser, page)
    upload(browser, "person", PHOTO)
    key = (load_photo(PHOTO).digest, None)
    wait_until(lambda: pipeline._persons.get(key), 30, "nobody looked at the photo while its visitor chooses a garment")
    click_thumbnail(browser, "garment-strip", 1)
    wait_for(browser, "#mirror img")
    wait_for(browser, "#download")
    score = re.search(r"\d+ of 100", wait_for(browser, "#verdict p").text).group()
    open_tab(browser, "Steps")
    for name in MAP_NAMES:
        wait_for(browser, f"#map-{name} img", 20)
    assert score in wait_for(browser, "#verdict-table table").text
    assert "Together" in wait_for(browser, "#timings table").text
    assert "had been prepared" in wait_for(browser, "#timings .fmu-hint").text


def test_a_tick_tucks_the_top_in(page, pipeline, browser, monkeypatch):
    method, worn = pipeline._loaded["hr-viton"], []
    monkeypatch.setitem(pipeline._loaded, "hr-viton", lambda *pair: worn.append(pair[1].tucked) or method(*pair))
    visit(browser, page)
    upload(browser, "person", PHOTO)
    click_thumbnail(browser, "garment-strip", 1)
    before = wait_for(browser, "#mirror img").get_attribute("src")
    wait_for(browser, "#tucked input").click()
    shown = lambda: {image.get_attribute("src") for image in browser.find_elements("css selector", "#mirror img")}  # noqa: E731
    wait_until(lambda: shown() and before not in shown(), 30, "the top was not tried on anew")
    assert worn == [False, True]


def test_a_garment_that_a_visitor_brings_is_prepared_at_once(page, pipeline, browser, tmp_path):
    own = tmp_path / "own.png"
    with Image.open(EXAMPLES / "garments" / "polo-forest.jpg") as garment:
        garment.reduce(2).save(own)
    visit(browser, page)
    upload(browser, "garment", own)
    key = (load_photo(own).digest, ())
    wait_until(lambda: pipeline._garments.get(key), 30, "nobody looked at the garment while its visitor has no photo")


def test_a_garment_of_the_wall_can_be_searched_and_tried_on(page, browser):
    from selenium.webdriver.common.by import By

    visit(browser, page)
    upload(browser, "person", PHOTO)
    open_tab(browser, "Garments")
    wait_for(browser, "#garment-search textarea, #garment-search input").send_keys("polka")
    deadline = time.monotonic() + 20
    while len(browser.find_elements(By.CSS_SELECTOR, "#garment-wall button.thumbnail-lg")) != 1:
        assert time.monotonic() < deadline, "the search did not narrow the wall"
        time.sleep(0.2)
    click_thumbnail(browser, "garment-wall", 0)
    wait_for(browser, "#mirror img")


def test_what_is_wrong_is_said_on_the_page(page, browser, tmp_path):
    wall = tmp_path / "wall.png"
    Image.new("RGB", (600, 800), (200, 200, 190)).save(wall)
    visit(browser, page)
    wait_for(browser, "#go").click()
    assert "photo of yourself" in wait_for(browser, "#notice p").text
    upload(browser, "person", wall)
    click_thumbnail(browser, "garment-strip", 0)
    assert "wall.png" in wait_for(browser, "#notice .fmu-error").text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_the_page_without_scrolling_sideways(page, browser, theme):
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    visit(browser, f"{page}?__theme={theme}")
    wait_for(browser, "#go")
    for tab in ("Garments", "Steps", "Compare", "Mirror", "Try on"):
        assert open_tab(browser, tab), f"{tab} is not in the row of tabs"
        time.sleep(0.5)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390, tab


def test_the_page_asks_no_other_server(page, browser):
    visit(browser, page)
    wait_for(browser, "#go")
    time.sleep(1)
    asked = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert asked
    assert [address for address in asked if not address.startswith((page.rstrip("/"), "data:", "blob:"))] == []
