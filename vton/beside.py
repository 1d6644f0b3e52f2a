"""Work for a second core: whatever needs nothing of what its caller does meanwhile."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import torch

_here = threading.local()


def _one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "beside", initializer=lambda: setattr(_here, "is_other", True))


_other = _one_thread()


def _begin_anew() -> None:
    global _other
    _other = _one_thread()


if hasattr(os, "register_at_fork"):
    # A forked process, as on servers that lend an accelerator for a call, has none of its parent's threads.
    os.register_at_fork(after_in_child=_begin_anew)


@contextmanager
def beside(work: Callable[..., Any], *given: Any) -> Iterator[Future]:
    """Begin `work(*given)` in another thread, whose networks count on as many threads as the caller's.

    There is one such thread: works that wait for it are done in turn, and what one of them begins is done at once. The
    end of the block waits for the work, so that nothing of it goes on once a caller has given a lock back.

    Yields:
        The work; its `result()` waits, and raises what the work raised.
    """
    if getattr(_here, "is_other", False):
        done: Future = Future()
        try:
            done.set_result(work(*given))
        except Exception as error:
            done.set_exception(error)
        yield done
        return
    begun = _other.submit(_with_threads, torch.get_num_threads(), work, *given)
    try:
        yield begun
    finally:
        wait([begun])


def _with_threads(threads: int, work: Callable[..., Any], *given: Any) -> Any:
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    return work(*given)
