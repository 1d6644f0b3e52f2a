"""The real page around the real pipeline with the weights that ship, served once for all tests of this folder.

Gradio, and with it most of `vton.ui`, takes seconds to import: only tests and fixtures do it, for the processes that
collect these tests and do not run them.
"""

from pathlib import Path

import cv2
import pytest

from tests.ui.driving import EXAMPLES, chromium, forget
from vton.pipeline import TryOnPipeline
from vton.store import GarmentStore
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
    from vton.ui import demo as demo_module
    from vton.ui.demo import build_demo, launch

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
def film(tmp_path_factory) -> Path:
    """Rendered people, each for a third of a second, as Chromium reads a camera from a file."""
    path = tmp_path_factory.mktemp("film") / "people.mjpeg"
    with path.open("wb") as file:
        for photo in sorted((EXAMPLES / "persons").glob("rendered-*.jpg")):
            picture = cv2.resize(cv2.imread(str(photo)), (480, 640), interpolation=cv2.INTER_AREA)
            file.write(cv2.imencode(".jpg", picture)[1].tobytes() * 10)
    return path


@pytest.fixture(scope="session")
def opened_browser(film):
    """A headless Chromium with that camera; the test is skipped where there is none."""
    flags = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}")
    with chromium(*flags) as running:
        yield running


@pytest.fixture
def browser(opened_browser):
    """That Chromium, as if just started: what the test before left behind is gone."""
    yield opened_browser
    forget(opened_browser)
