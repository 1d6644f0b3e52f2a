"""The real page around the real pipeline with the weights that ship, served once for all tests of this folder."""

import pytest

from tests.ui.driving import chromium, forget
from vton.pipeline import TryOnPipeline
from vton.store import GarmentStore
from vton.ui import demo as demo_module
from vton.ui.demo import build_demo, launch
from vton.weights import MissingWeights


@pytest.fixture(scope="session")
def pipeline() -> TryOnPipeline:
    try:
        return TryOnPipeline.load()
    except MissingWeights as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def page(pipeline, tmp_path_factory) -> str:
    """The address of the running page."""
    store = GarmentStore(f"sqlite:///{tmp_path_factory.mktemp('store') / 'garments.sqlite'}")
    demo = build_demo(pipeline, store)
    # Three garments tell as much as all, and leave the processor to the tests.
    demo_module.SHELF = 3
    launch(demo, pipeline, store, server_name="127.0.0.1", server_port=None, prevent_thread_lock=True, quiet=True)
    yield demo.local_url
    demo.close()


@pytest.fixture(scope="session")
def client(page, tmp_path_factory):
    from gradio_client import Client

    return Client(page, verbose=False, download_files=tmp_path_factory.mktemp("downloads"))


@pytest.fixture(scope="session")
def opened_browser():
    """A headless Chromium; the test is skipped where there is none."""
    with chromium() as running:
        yield running


@pytest.fixture
def browser(opened_browser):
    """That Chromium, as if just started: what the test before left behind is gone."""
    yield opened_browser
    forget(opened_browser)
