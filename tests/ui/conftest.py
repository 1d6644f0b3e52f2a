"""The real page around the real pipeline with the weights that ship, served once for all tests of this folder."""

import shutil
import tempfile

import pytest

from vton.pipeline import TryOnPipeline
from vton.store import GarmentStore
from vton.ui.demo import build_demo, launch
from vton.weights import MissingWeights

CHROMIUM_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


@pytest.fixture(scope="session")
def page(tmp_path_factory) -> str:
    """The address of the running page."""
    try:
        pipeline = TryOnPipeline.load()
    except MissingWeights as missing:
        pytest.skip(str(missing))
    store = GarmentStore(f"sqlite:///{tmp_path_factory.mktemp('store') / 'garments.sqlite'}")
    demo = build_demo(pipeline, store)
    launch(demo, pipeline, server_name="127.0.0.1", server_port=None, prevent_thread_lock=True, quiet=True)
    yield demo.local_url
    demo.close()


@pytest.fixture(scope="session")
def client(page, tmp_path_factory):
    from gradio_client import Client

    return Client(page, verbose=False, download_files=tmp_path_factory.mktemp("downloads"))


@pytest.fixture
def browser():
    """A headless Chromium; the test is skipped where there is none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("no Chromium with its chromedriver on this machine")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*CHROMIUM_FLAGS, f"--user-data-dir={profile}", "--window-size=1440,900"):
            options.add_argument(flag)
        running = webdriver.Chrome(options=options, service=Service(driver))
        yield running
        running.quit()
