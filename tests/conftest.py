"""What all tests share: one thread for each of the two processes, and the published networks filled once a session."""

import os

import pytest
import torch
from parity_tools import fill_network, seed_of

from vton.networks.hr_viton import ConditionGenerator, ImageGenerator

if "PYTEST_XDIST_WORKER" in os.environ:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def official_condition_generator() -> ConditionGenerator:
    """Published sizes; its flow layers are not yet scaled."""
    return fill_network(ConditionGenerator(), seed_of("hrviton"))


@pytest.fixture(scope="session")
def official_image_generator() -> ImageGenerator:
    """Published sizes."""
    return fill_network(ImageGenerator(), seed_of("hrviton"))
