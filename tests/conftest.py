"""Networks filled with the deterministic weights of the parity fixtures, once a session: filling 100 million numbers
takes seconds."""

import pytest
from parity_tools import fill_network, seed_of

from vton.networks.hr_viton import ConditionGenerator, ImageGenerator


@pytest.fixture(scope="session")
def official_condition_generator() -> ConditionGenerator:
    """Published sizes; its flow layers are not yet scaled."""
    return fill_network(ConditionGenerator(), seed_of("hrviton"))


@pytest.fixture(scope="session")
def official_image_generator() -> ImageGenerator:
    """Published sizes."""
    return fill_network(ImageGenerator(), seed_of("hrviton"))
