import pytest
import torch

from vton.networks.threads import one_thread


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_one_thread_counts_and_afterwards_as_many_as_before(two_threads):
    with pytest.raises(ValueError), one_thread():
        assert torch.get_num_threads() == 1
        raise ValueError
    assert torch.get_num_threads() == 2
    with one_thread(wanted=False):
        assert torch.get_num_threads() == 2
