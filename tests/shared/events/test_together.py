"""What gathers while one writes is written as one, and each hears of its own part."""

import threading

import pytest

from shared.events.together import Together


def test_parts_that_come_while_one_is_written_are_written_together():
    first_is_writing, go_on, written = threading.Event(), threading.Event(), []

    def write(parts):
        first_is_writing.set()
        go_on.wait(10)
        written.append(list(parts))
        return [part * 10 for part in parts]

    together, outcomes = Together(write), {}
    threads = [
        threading.Thread(target=lambda n=n: outcomes.update({n: together.put(n)})) for n in range(4)
    ]
    threads[0].start()
    assert first_is_writing.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(together._gathered) < 3:
        threading.Event().wait(0.001)
    go_on.set()
    for thread in threads:
        thread.join()
    assert outcomes == {n: 10 * n for n in range(4)}
    assert [sorted(parts) for parts in written] == [[0], [1, 2, 3]]


def test_a_failure_is_heard_by_all_whose_parts_were_in_it_and_by_nobody_later():
    failing = [OSError("full")]

    def write(parts):
        if failing:
            raise failing.pop()
        return parts

    together = Together(write)
    with pytest.raises(OSError, match="full"):
        together.put("a")
    assert together.put("b") == "b"
