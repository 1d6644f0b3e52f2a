"""Who is looking into the mirror: one picture of the camera in, one picture out, and nothing is kept or written."""

import base64
import io
import secrets
import threading
import time
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from vton.images import PictureError
from vton.pipeline import TryOnPipeline
from vton.preprocess.garment_clicks import Click
from vton.types import Garment
from vton.ui import words
from vton.ui.files import plain_sentence

VISITORS, SECONDS, SILENCE = 2, 120.0, 6.0
"""So many may look at once, each for so long; whoever sends no picture for SILENCE seconds has left."""

MAX_LETTERS, MAX_SIDE = 1_500_000, 1280
JPEG_PREFIX = "data:image/jpeg;base64,"

Dress = Callable[[np.ndarray, Garment, str], np.ndarray]
"""A frame, uint8 RGB (H, W, 3), a garment, and whose mirror it is → the frame with the garment worn."""


@dataclass
class _Look:
    started: float
    last: float


class Looks:
    """Serves the mirrors of all visitors; safe to use from several threads.

    A ticket stands for the garment that a visitor chose, a look for one stay before the mirror.
    """

    def __init__(self, pipeline: TryOnPipeline, dress: Dress):
        self._pipeline, self._dress = pipeline, dress
        self._chosen: dict[str, tuple[str, tuple[Click, ...]]] = {}
        self._garments: dict[str, Garment] = {}
        self._looks: dict[str, _Look] = {}
        self._lock = threading.Lock()

    def offer(self, path: str, clicks: tuple[Click, ...] = (), ticket: str | None = None) -> str:
        """Let a ticket, by default a new one that nobody can guess, stand for a garment's picture; returns it."""
        ticket = ticket or secrets.token_hex(16)
        with self._lock:
            self._chosen[ticket] = (path, clicks)
            self._garments.pop(ticket, None)
        return ticket

    def drop(self, ticket: str | None) -> None:
        """Forget what a ticket stands for."""
        with self._lock:
            self._chosen.pop(ticket, None)
            self._garments.pop(ticket, None)

    def look(self, message: dict) -> dict:
        """Answer one picture of a camera.

        Args:
            message: `look`, a word of the visitor's own choosing that names this stay; `ticket`; and `picture`, a JPEG
                as data URI, or nothing to step away.

        Returns:
            `picture`, a JPEG as data URI, or `sentence` and whether to `stop`.
        """
        name, ticket, picture = (str(message.get(key) or "")[:MAX_LETTERS] for key in ("look", "ticket", "picture"))
        if not picture:
            with self._lock:
                self._looks.pop(name, None)
            return {"sentence": "", "stop": True}
        sentence = self._admit(name)
        if sentence:
            return {"sentence": sentence, "stop": True}
        try:
            garment = self._garment(ticket)
            return {"picture": encode(self._dress(decode(picture), garment, name))}
        except KeyError:
            return {"sentence": words.MIRROR["no_garment"], "stop": True}
        except PictureError as error:
            return {"sentence": plain_sentence(error, self._chosen.get(ticket, ("",))[0]), "stop": True}

    def _admit(self, name: str) -> str:
        """A sentence when this visitor has to wait or has looked long enough."""
        now = time.monotonic()
        with self._lock:
            self._looks = {key: look for key, look in self._looks.items() if now - look.last < SILENCE}
            if name not in self._looks:
                if len(self._looks) >= VISITORS:
                    return words.MIRROR["busy"]
                self._looks[name] = _Look(now, now)
            look = self._looks[name]
            if now - look.started > SECONDS:
                del self._looks[name]
                return words.MIRROR["long"]
            look.last = now
        return ""

    def _garment(self, ticket: str) -> Garment:
        """Prepared at the first picture only. Raises KeyError for no such ticket, PictureError for no garment."""
        if ticket not in self._garments:
            chosen = self._chosen[ticket]
            garment = self._pipeline.prepare_garment(chosen[0], clicks=chosen[1])
            with self._lock:
                if self._chosen.get(ticket) == chosen:
                    self._garments[ticket] = garment
            return garment
        return self._garments[ticket]


def decode(picture: str) -> np.ndarray:
    """A JPEG as data URI → uint8 RGB (H, W, 3). Raises PictureError."""
    if not picture.startswith(JPEG_PREFIX):
        raise PictureError(words.MIRROR["unreadable"])
    try:
        with Image.open(io.BytesIO(base64.b64decode(picture[len(JPEG_PREFIX) :], validate=True))) as opened:
            if max(opened.size) > MAX_SIDE:
                raise PictureError(words.MIRROR["unreadable"])
            return np.asarray(opened.convert("RGB"))
    except (NotBase64, UnidentifiedImageError, OSError):
        raise PictureError(words.MIRROR["unreadable"]) from None


def encode(pixels: np.ndarray) -> str:
    """uint8 RGB (H, W, 3) → a JPEG as data URI."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85)
    return JPEG_PREFIX + base64.b64encode(buffer.getvalue()).decode()
