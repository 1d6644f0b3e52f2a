"""The page in a real browser."""

import time
from pathlib import Path

import pytest

from vton.types import MAP_NAMES

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PHOTO = EXAMPLES / "persons" / "rendered-1.jpg"


def wait_for(browser, selector: str, seconds: float = 60):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    def shown(driver):
        found = [element for element in driver.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]
        return found[0] if found else False

    return WebDriverWait(browser, seconds).until(shown, f"{selector} never appeared")


def open_tab(browser, title: str) -> None:
    browser.execute_script(
        "[...document.querySelectorAll('button[role=tab]')].find(b => b.textContent.trim() === arguments[0]).click()",
        title,
    )


def click_thumbnail(browser, gallery: str, index: int) -> None:
    wait_for(browser, f"#{gallery} button.thumbnail-lg")
    browser.execute_script(
        "document.querySelectorAll(`#${arguments[0]} button.thumbnail-lg`)[arguments[1]].click()", gallery, index
    )


def upload(browser, box: str, path) -> None:
    from selenium.webdriver.common.by import By

    wait_for(browser, f"#{box}")
    browser.find_element(By.CSS_SELECTOR, f"#{box} input[type=file]").send_keys(str(path))
    wait_for(browser, f"#{box} img")


def test_a_photo_and_a_click_on_a_garment_give_a_try_on_and_all_maps(page, browser):
    browser.get(page)
    upload(browser, "person", PHOTO)
    click_thumbnail(browser, "garment-strip", 1)
    wait_for(browser, "#mirror img")
    wait_for(browser, "#download")
    open_tab(browser, "Behind the scenes")
    for name in MAP_NAMES:
        wait_for(browser, f"#map-{name} img", 20)
    assert "Together" in wait_for(browser, "#timings table").text


def test_a_garment_of_the_wall_can_be_searched_and_tried_on(page, browser):
    from selenium.webdriver.common.by import By

    browser.get(page)
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
    from PIL import Image

    wall = tmp_path / "wall.png"
    Image.new("RGB", (600, 800), (200, 200, 190)).save(wall)
    browser.get(page)
    wait_for(browser, "#go").click()
    assert "photo of yourself" in wait_for(browser, "#notice p").text
    upload(browser, "person", wall)
    click_thumbnail(browser, "garment-strip", 0)
    assert "wall.png" in wait_for(browser, "#notice .fmu-error").text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_the_page_without_scrolling_sideways(page, browser, theme):
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(f"{page}?__theme={theme}")
    wait_for(browser, "#go")
    for tab in ("Garments", "Behind the scenes", "Try on"):
        open_tab(browser, tab)
        time.sleep(0.5)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390, tab


def test_the_page_asks_no_other_server(page, browser):
    browser.get(page)
    wait_for(browser, "#go")
    time.sleep(1)
    asked = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert asked
    assert [address for address in asked if not address.startswith((page.rstrip("/"), "data:", "blob:"))] == []
