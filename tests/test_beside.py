import os
import signal
import threading

import pytest
import torch

from vton.beside import beside


def test_work_goes_on_in_another_thread_and_answers():
    begun = threading.Event()
    with beside(lambda a, b: begun.wait(5) and a + b, 1, 2) as work:
        # Had the work not begun elsewhere, nobody would tell it to go on.
        begun.set()
        assert work.result() == 3


def test_what_goes_wrong_there_is_raised_where_the_result_is_asked_for():
    with beside(lambda: {}["nothing"]) as work, pytest.raises(KeyError):
        work.result()


def test_nothing_goes_on_after_the_block_whatever_happens_in_it():
    asked, done = threading.Event(), []

    def slow():
        asked.wait(5)
        threading.Event().wait(0.05)
        done.append(True)

    with pytest.raises(ValueError), beside(slow):
        asked.set()
        raise ValueError
    assert done


def test_work_may_begin_work():
    def outer():
        with beside(threading.get_ident) as inner:
            return inner.result() == threading.get_ident()

    with beside(outer) as work:
        assert work.result()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork")
def test_a_forked_process_has_a_thread_of_its_own():
    with beside(int, "1") as work:
        assert work.result() == 1
    child = os.fork()
    if child == 0:
        # Without a thread the work would never begin, and nobody would hear of it.
        signal.alarm(5)
        with beside(int, "2") as work:
            os._exit(0 if work.result(5) == 2 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_what_goes_wrong_in_work_that_work_began_is_raised_with_its_result():
    def outer():
        with beside(lambda: {}["nothing"]) as inner, pytest.raises(KeyError):
            inner.result()

    with beside(outer) as work:
        work.result()


def test_its_networks_count_on_as_many_threads_as_the_callers():
    before = torch.get_num_threads()
    try:
        for threads in (2, 1):
            torch.set_num_threads(threads)
            with beside(torch.get_num_threads) as work:
                assert work.result() == threads
    finally:
        torch.set_num_threads(before)
