"""How many processor threads networks count on."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread(wanted: bool = True) -> Iterator[None]:
    """Let this thread's networks count alone, where that is wanted, and as before afterwards.

    Layers of a fraction of a millisecond lose more by waiting for each other at every step than a second core gains.
    """
    before = torch.get_num_threads()
    if not wanted or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
