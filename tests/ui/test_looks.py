"""The mirror's server side: who may look, what comes back, and that nothing is left behind."""

import io
import os
import sys
import tempfile
from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vton.ui import words


def encoded(frame: np.ndarray) -> str:
    """As the camera's page sends it."""
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "JPEG")
    return f"data:image/jpeg;base64,{b64encode(file.getvalue()).decode()}"


GARMENT = Path(__file__).resolve().parents[2] / "examples" / "garments" / "sunset-tee-navy.jpg"
FRAME = encoded(np.random.default_rng(0).integers(0, 255, (96, 72, 3), np.uint8))
WRITTEN: list[str] = []
"""Every file that Python opens for writing while this is not None; an audit hook cannot be taken away again."""


def _watch(event: str, arguments: tuple) -> None:
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
        WRITTEN.append(str(arguments[0]))


@pytest.fixture(scope="module")
def watched():
    sys.addaudithook(_watch)
    return WRITTEN


def dressed(frame, garment, visitor=None):
    """As the mirror's backend: a frame of the same size that depends on both."""
    return (255 - frame) // 2 + int(garment.mask.mean() * 100)


@pytest.fixture(scope="module")
def module():
    from vton.ui import looks

    return looks


@pytest.fixture
def looks(module, pipeline):
    return module.Looks(pipeline, dressed)


def send(looks, ticket: str, look: str = "a", picture: str = FRAME) -> dict:
    return looks.look({"look": look, "ticket": ticket, "picture": picture})


def test_a_picture_comes_back_dressed(looks, module, pipeline):
    reply = send(looks, looks.offer(str(GARMENT)))
    wanted = dressed(module.decode(FRAME), pipeline.prepare_garment(str(GARMENT)))
    assert np.abs(module.decode(reply["picture"]).astype(int) - wanted).mean() < 12


def test_no_file_is_written_for_a_frame(looks, watched):
    ticket = looks.offer(str(GARMENT))
    send(looks, ticket)
    before = set(Path(tempfile.gettempdir()).iterdir())
    watched.clear()
    for _ in range(5):
        assert "picture" in send(looks, ticket)
    assert watched == []
    assert set(Path(tempfile.gettempdir()).iterdir()) - before == set()
    with open(os.devnull, "w"):
        pass
    assert watched == [os.devnull]


def test_another_garment_shows_at_the_next_picture(looks):
    ticket = looks.offer(str(GARMENT))
    first = send(looks, ticket)
    assert looks.offer(str(GARMENT.with_name("polo-forest.jpg")), (), ticket) == ticket
    assert send(looks, ticket)["picture"] != first["picture"]


def test_a_dropped_ticket_and_a_made_up_one_show_nothing(looks):
    ticket = looks.offer(str(GARMENT))
    looks.drop(ticket)
    for wrong in (ticket, "../../etc/passwd", ""):
        assert send(looks, wrong) == {"sentence": words.MIRROR["no_garment"], "stop": True}


def test_so_many_may_look_at_once_and_leaving_makes_room(looks, module):
    ticket = looks.offer(str(GARMENT))
    for name in range(module.VISITORS):
        assert "picture" in send(looks, ticket, str(name))
    assert send(looks, ticket, "late") == {"sentence": words.MIRROR["busy"], "stop": True}
    send(looks, ticket, "0", "")
    assert "picture" in send(looks, ticket, "late")


@pytest.mark.parametrize(("name", "sentence"), [("SECONDS", "long"), ("SILENCE", "")])
def test_a_look_ends_after_its_time_and_when_nothing_comes(looks, module, monkeypatch, name, sentence):
    ticket = looks.offer(str(GARMENT))
    for look in range(module.VISITORS):
        send(looks, ticket, str(look))
    monkeypatch.setattr(module, name, 0.0)
    if sentence:
        assert send(looks, ticket, "0") == {"sentence": words.MIRROR[sentence], "stop": True}
    else:
        assert "picture" in send(looks, ticket, "late")


@pytest.mark.parametrize(
    "picture",
    [
        "data:image/jpeg;base64,AAAA",
        "data:image/jpeg;base64,?",
        "file:///etc/passwd",
        FRAME[:200],
        encoded(np.zeros((2000, 8, 3), np.uint8)),
    ],
    ids=["no picture", "no base64", "an address", "cut off", "too large"],
)
def test_what_is_no_camera_picture_is_refused_in_a_sentence(looks, picture):
    reply = send(looks, looks.offer(str(GARMENT)), picture=picture)
    assert reply == {"sentence": words.MIRROR["unreadable"], "stop": True}
