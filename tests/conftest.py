"""What all tests share: how they are spread over two processes, and the published networks filled once a process."""

import atexit
import gc
import os

import pytest
from xdist.scheduler import LoadFileScheduling

# torch is imported where it is used: the process that only hands tests out does without.

TOGETHER = {"test_imports": "page", "/ui/": "page", "parity": "parity"}
"""Files whose address has one of these run one after another in one process, with those of the same group: they share
what is dear to make or to import."""
LONG = (*TOGETHER, "on_rendered_people", "test_pipeline", "test_try_on", "test_methods")
"""What is long begins first, so that no process ends long after the other."""


def pytest_configure(config: pytest.Config) -> None:
    """Have the processes that run tests keep to one thread each and keep the memory that they were given: new pages
    would take a quarter of the time of a network at its published size."""
    if config.getoption("numprocesses"):
        # Numba, which rembg brings, would tell torch to count on every core.
        os.environ |= {"OMP_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1", "NUMBA_NUM_THREADS": "1"}
        os.environ |= {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 33)}
    # What imports make is there to stay: to look through it for garbage again and again would take seconds a process.
    gc.disable()
    atexit.register(gc.unfreeze)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def first_in(texts: tuple[str, ...], file: str) -> int:
    """The place of the first of the texts that is in a file's address, or how many there are."""
    return next((place for place, text in enumerate(texts) if text in file), len(texts))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By length, then by name, so that a network's test stands beside that of its composition."""
    items.sort(key=lambda item: (first_in(LONG, item.nodeid.split("::")[0]), item.path.name))


class Scheduling(LoadFileScheduling):
    """By file, but with the files of a group of `TOGETHER` as one."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return (*TOGETHER.values(), file)[first_in((*TOGETHER,), file)]


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> Scheduling:
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def official_condition_generator():
    """Published sizes; its flow layers are not yet scaled."""
    from parity_tools import build_filled, seed_of

    from vton.networks.hr_viton import ConditionGenerator

    return build_filled(ConditionGenerator, seed_of("hrviton"))


@pytest.fixture(scope="session")
def official_image_generator():
    """Published sizes."""
    from parity_tools import build_filled, seed_of

    from vton.networks.hr_viton import ImageGenerator

    return build_filled(ImageGenerator, seed_of("hrviton"))


@pytest.fixture(scope="session")
def official_alias_generator():
    """Published sizes."""
    from parity_tools import build_filled, seed_of

    from vton.networks.viton_hd import AliasGenerator

    return build_filled(AliasGenerator, seed_of("vitonhd"))
