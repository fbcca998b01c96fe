"""What many threads ask for first at the same time is read once."""

import threading

import pytest

from assistant.once import Once
from assistant.safety.rulebook import rulebook
from assistant.safety.second_look import second_look


class Reading:
    """Counts how often it is read, and lets nobody finish before `let`."""

    def __init__(self) -> None:
        self.begun, self.let = threading.Semaphore(0), threading.Event()
        self.times = 0

    def __call__(self) -> object:
        self.times += 1
        self.begun.release()
        self.let.wait(20)
        return object()


def test_many_threads_at_once_get_the_same_which_was_read_once() -> None:
    reading, got = Reading(), list[object]()
    once = Once(reading)
    threads = [threading.Thread(target=lambda: got.append(once())) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert reading.begun.acquire(timeout=20)
    assert not reading.begun.acquire(timeout=0.2)
    reading.let.set()
    for thread in threads:
        thread.join(20)
    assert (reading.times, len(got), len(set(map(id, got)))) == (1, 8, 1)


def test_an_error_is_not_kept() -> None:
    replies = iter([ValueError("unreadable"), "read"])

    def read() -> str:
        reply = next(replies)
        if isinstance(reply, Exception):
            raise reply
        return reply

    once = Once(read)
    with pytest.raises(ValueError, match="unreadable"):
        once()
    assert (once(), once()) == ("read", "read")


def test_the_safety_layer_reads_its_rules_and_its_model_so() -> None:
    assert isinstance(rulebook, Once)
    assert isinstance(second_look, Once)
    assert rulebook() is rulebook()
