"""Pictures that several tests of preprocessing look at."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def person_photo():
    """A rendered person, standing, from head to knees."""
    return Path(__file__).parents[2] / "examples" / "persons" / "rendered-1.jpg"
