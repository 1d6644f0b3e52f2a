"""How tests use the page: what a visitor would do, and what they would see."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PHOTO = EXAMPLES / "persons" / "rendered-1.jpg"
CHROMIUM_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
    # A page that was left would work on in the background.
    "--disable-features=BackForwardCache",
)  # fmt: skip
LOAD_SECONDS = 45
"""How long a page may take to load; most take two seconds."""


@contextmanager
def chromium(*more_flags: str) -> Iterator[Any]:
    """A headless Chromium of its own with some more flags."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip("no Chromium with its chromedriver on this machine")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = program
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*CHROMIUM_FLAGS, f"--user-data-dir={profile}", "--window-size=1440,900", *more_flags):
            options.add_argument(flag)
        running = webdriver.Chrome(options=options, service=Service(driver))
        running.set_page_load_timeout(LOAD_SECONDS)
        yield running
        running.quit()


def visit(browser, address: str) -> None:
    """Load a page, twice if need be: once in thousands of loads the driver never hears that one is complete."""
    from selenium.common.exceptions import TimeoutException

    try:
        browser.get(address)
    except TimeoutException:
        browser.get(address)


def forget(browser) -> None:
    """Leave the page, and with it its size, all that it stored and the browser's cache."""
    origin = browser.execute_script("return location.origin")
    visit(browser, "about:blank")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})


def wait_for(browser, selector: str, seconds: float = 120):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    def shown(driver):
        found = [element for element in driver.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]
        return found[0] if found else False

    return WebDriverWait(browser, seconds, poll_frequency=0.1).until(shown, f"{selector} never appeared")


def open_tab(browser, title: str) -> bool:
    """Whether the tab could be seen, and so was clicked."""
    return browser.execute_script(
        """
        const tabs = [...document.querySelectorAll('button[role=tab]')];
        const tab = tabs.find((button) => button.textContent.trim() === arguments[0] && button.offsetParent);
        if (tab) tab.click();
        return Boolean(tab);
        """,
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


def click_picture(browser, selector: str, x: float, y: float) -> None:
    """Click on a picture at shares of its width and height."""
    wait_for(browser, selector)
    browser.execute_script(
        """
        const picture = document.querySelector(arguments[0]);
        const box = picture.getBoundingClientRect();
        const place = { clientX: box.left + box.width * arguments[1], clientY: box.top + box.height * arguments[2] };
        picture.dispatchEvent(new MouseEvent("click", { bubbles: true, ...place }));
        """,
        selector,
        x,
        y,
    )


def wait_until(what, seconds: float = 120, otherwise: str = "it never came to be"):
    """Whatever `what()` gives once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.2)
    return found


def source(browser, selector: str) -> str:
    """The address of a picture."""
    return wait_for(browser, selector).get_attribute("src")


def pixels(address: str) -> np.ndarray:
    """A picture of the page, int (H, W, 3)."""
    with urlopen(address) as answer, Image.open(answer) as picture:
        return np.asarray(picture.convert("RGB"), int)
