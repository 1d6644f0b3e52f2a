"""One packed fake dataset for all training tests."""

from pathlib import Path

import pytest

from tests.training.fake import write_packed


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a packed fake dataset with 6 training and 2 test samples."""
    return write_packed(tmp_path_factory.mktemp("rendered"))
