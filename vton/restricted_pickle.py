"""Reads pickles of numpy arrays and plain containers, and nothing else: a pickle of anything more can run code."""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np


class RefusedPickle(ValueError):
    """A pickle that holds more than arrays and containers, or that is broken; the message is a sentence."""


def read_pickle(path: Path | str) -> Any:
    """Read a pickle of dicts, lists, tuples, strings, numbers and numpy arrays without running anything from it.

    Strings of Python 2 are read as latin1, which numpy's own old pickles need.

    Args:
        path: the file; any protocol.

    Returns:
        What was pickled.

    Raises:
        RefusedPickle: it asks for anything else, of which the message names the first, or it is not a whole pickle.
        OSError: the file cannot be read.
    """
    path = Path(path)
    with path.open("rb") as file:
        try:
            return _Reader(file).load()
        except RefusedPickle as error:
            raise RefusedPickle(f"{path}: {error}") from None
        except OSError:
            raise
        # A broken pickle fails in as many ways as there are instructions in one.
        except Exception as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise RefusedPickle(f"{path}: it is not a whole pickle ({reason}); fetch the file again.") from None


class _Reader(pickle.Unpickler):
    def __init__(self, file: BinaryIO):
        super().__init__(file, encoding="latin1")

    def find_class(self, module: str, name: str) -> Any:
        """What a pickle may call by name. Names are compared whole, so no attribute of theirs is reached."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("numpy", "ndarray"):
            return np.ndarray
        if (module, name) == ("numpy", "dtype"):
            return np.dtype
        if module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            # numpy's helpers have moved between versions; objects of this one name the right ones.
            if name == "_reconstruct":
                return np.empty(0).__reduce__()[0]
            if name == "scalar":
                return np.float32(0).__reduce__()[0]
        if (module, name) == ("_codecs", "encode"):
            return _new_latin1_encoder()
        raise RefusedPickle(
            f"it asks for {module}.{name}, but only arrays and plain containers are read, because anything else "
            "could run a program hidden in the file; do not use this file."
        )


def _new_latin1_encoder() -> Any:
    """How pickles of protocol 2 spell bytes; made anew each time, as a pickle can set attributes of what it gets."""

    def encode(text: str, encoding: str) -> bytes:
        if encoding != "latin1":
            raise RefusedPickle(f"it encodes text as {encoding!r}, which no pickled array does; do not use this file.")
        return text.encode("latin1")

    return encode
