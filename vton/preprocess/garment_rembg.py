"""rembg's models as one more way to find a garment: files that are on this machine; nothing is fetched here."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from vton import weights

MODELS = ("birefnet-general", "isnet-general-use", "u2net", "u2netp")
"""The models that give a mask of what is in front, the best first."""


def find_model(name: str | None = None) -> Path | None:
    """The file of a model on this machine, or None.

    Args:
        name: one of MODELS; the best one that is here by default.
    """
    found = (weights.locate(weights.rows(model)[0]) for model in ([name] if name else MODELS))
    return next((path for path in found if path), None)


class Rembg:
    """A model in rembg's ONNX format, run by rembg's own code for its kind of network.

    The kind is told by the file's name where that begins with one of rembg's (u2net, isnet, birefnet, in any case), and
    by the size of the network's input otherwise: U²-Net's is 320 pixels a side, IS-Net's 1024.
    """

    def __init__(self, path: Path):
        """Loading waits for the first picture. path: the file. Raises weights.MissingWeights: there is none."""
        if not path.is_file():
            raise weights.MissingWeights(f"{path}: there is no such file; python -m vton weights fetch u2net gets one.")
        self.path = path

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """How surely each pixel belongs to what is in front.

        Args:
            pixels: uint8 RGB (H, W, 3).

        Returns:
            float32 (H, W) in [0, 1].

        Raises:
            weights.WeightsError: the file is not such a model.
        """
        found = self._session.predict(Image.fromarray(pixels))[0]
        return np.asarray(found, np.float32) / 255

    @cached_property
    def _session(self):
        import onnxruntime

        with _nothing_compiled():
            from rembg.sessions.birefnet_general import BiRefNetSessionGeneral
            from rembg.sessions.dis_custom import DisCustomSession
            from rembg.sessions.u2net_custom import U2netCustomSession

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cv2.getNumThreads()
        try:
            network = onnxruntime.InferenceSession(self.path, options, onnxruntime.get_available_providers())
        except Exception as error:  # onnxruntime's errors share no class
            reason = str(error).strip().splitlines()[0]
            raise weights.WeightsError(f"{self.path}: not a model that rembg can run ({reason}).") from None
        name, side = self.path.stem.lower(), network.get_inputs()[0].shape[-1]
        if name.startswith("birefnet"):
            kind = BiRefNetSessionGeneral
        else:
            kind = DisCustomSession if name.startswith("isnet") or side == 1024 else U2netCustomSession
        # Not by its __init__, which would fetch a file of its own.
        session = kind.__new__(kind)
        session.inner_session = network
        return session


@contextmanager
def _nothing_compiled() -> Iterator[None]:
    """Import without Numba's compiling: rembg imports pymatting, which is not used here and takes a minute of it."""
    import numba

    before, numba.config.DISABLE_JIT = numba.config.DISABLE_JIT, True
    try:
        yield
    finally:
        numba.config.DISABLE_JIT = before
