"""What the library builds gives way to visitors."""

import os
import sys
import threading

import pytest

from assistant.priority import LOWEST, give_way
from tests.fakes import WordEncoder
from tests.web.operating import Operator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities of threads")


def own_niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_a_thread_and_those_it_starts_give_way_and_no_other() -> None:
    seen: list[int] = []

    def give_way_and_work() -> None:
        give_way()
        child = threading.Thread(target=lambda: seen.append(own_niceness()))
        child.start()
        child.join()
        seen.append(own_niceness())

    before = own_niceness()
    thread = threading.Thread(target=give_way_and_work)
    thread.start()
    thread.join()
    assert seen == [LOWEST, LOWEST]
    assert own_niceness() == before < LOWEST


def test_a_build_of_the_library_gives_way_and_the_server_does_not(live, settings) -> None:
    seen: set[int] = set()

    class Seeing(WordEncoder):
        def encode_passages(self, passages, progress=None):
            seen.add(own_niceness())
            return super().encode_passages(passages, progress)

    live._encoder = Seeing(("fits", "panic", "sleepy", "dose", "stop"), revision="2")
    before = own_niceness()
    operator = Operator(live, settings)
    operator.build()
    assert seen == {LOWEST}
    assert own_niceness() == before < LOWEST
