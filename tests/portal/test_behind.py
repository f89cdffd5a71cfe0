"""What nobody waits for: done soon, in order, at the end of a process too, and never too much."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from portal.behind import Behind

PROGRAM = """
import multiprocessing
from portal.behind import Behind

def work():
    late = Behind(lambda batch: print(*batch, flush=True), pause=3600)
    for number in range(3):
        late.put(number)

if {is_worker}:
    worker = multiprocessing.get_context("fork").Process(target=work)
    worker.start()
    worker.join()
else:
    work()
"""


def test_it_is_done_without_being_waited_for():
    done, told = [], threading.Event()

    def deal(batch):
        done.extend(batch)
        if len(done) == 3:
            told.set()

    late = Behind(deal, pause=0.01)
    for number in range(3):
        assert late.put(number)

    assert told.wait(60)
    assert done == [0, 1, 2]


def test_who_settles_does_it_at_once():
    done: list[int] = []
    late = Behind(done.extend, pause=3600)
    for number in range(1200):
        late.put(number)

    late.settle()

    assert done == list(range(1200))


def test_what_is_too_much_is_dropped_and_the_caller_knows():
    done: list[str] = []
    late = Behind(done.extend, room=2, pause=3600)

    assert [late.put(name) for name in "abc"] == [True, True, False]
    late.settle()
    assert late.put("d")
    late.settle()
    assert done == ["a", "b", "d"]


def test_a_failure_loses_its_batch_and_nothing_more(caplog):
    done = []

    def deal(batch):
        if "bad" in batch:
            raise LookupError
        done.extend(batch)

    late = Behind(deal, pause=3600)
    late.put("bad")
    late.settle()
    late.put("good")
    late.settle()

    assert done == ["good"]
    assert "behind_failed" in caplog.text


def test_many_threads_bring_things_and_each_is_done_once():
    done: list[int] = []
    late = Behind(done.extend, pause=0.001)

    def bring(first: int) -> None:
        for number in range(first, first + 200):
            late.put(number)

    threads = [threading.Thread(target=bring, args=[first]) for first in range(0, 1600, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    late.settle()

    assert sorted(done) == list(range(1600))


@pytest.mark.parametrize("is_worker", [False, True], ids=["alone", "a server's worker"])
def test_at_the_end_of_the_process_what_waits_is_done(is_worker):
    program = PROGRAM.format(is_worker=is_worker)
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert ended.stdout.split() == ["0", "1", "2"]
