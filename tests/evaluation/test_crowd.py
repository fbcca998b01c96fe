"""The benchmark's people tell answers, a busy server and every way to be lost apart."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import repeat

import pytest

from evaluation.crowd import ANSWERED, BUSY, Crowd, Reply, ask_together


def reply_of(status: int, body: str = "{}", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n{headers}\r\n{body}".encode()


@contextmanager
def answering(*replies: bytes) -> Iterator[str]:
    """A server that gives each connection these replies, then closes it as soon as one more question has come.

    An empty reply never comes.
    """
    over = threading.Event()

    class Connection(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for reply in replies:
                if not self._question():
                    return
                if not reply:
                    over.wait(20)
                self.wfile.write(reply)
            self._question()

        def _question(self) -> bytes:
            asked = b""
            while not asked.endswith(b"}") and (byte := self.rfile.read(1)):
                asked += byte
            return asked

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            over.set()
            server.shutdown()
            thread.join(20)


def ask(address: str, questions: int = 1, people: int = 1, patience: float = 20) -> Crowd:
    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor() as pool:
        return pool.submit(ask_together, address, repeat("fits", questions), people, 60, patience).result()


def test_every_question_is_asked_once_and_answered() -> None:
    with answering(*[reply_of(200)] * 7) as address:
        crowd = ask(address, 7, people=3)
    assert (crowd.outcomes, crowd.lost, len(crowd.replies)) == ({ANSWERED: 7}, 0, 7)


def test_who_is_told_that_it_is_busy_comes_again_when_told_to() -> None:
    busy = reply_of(503, '{"code": "busy"}', "retry-after: 0\r\n")
    with answering(busy, reply_of(200)) as address:
        crowd = ask(address, 2)
    assert [reply.outcome for reply in crowd.replies] == [BUSY, ANSWERED]
    assert crowd.lost == 0


@pytest.mark.parametrize(
    ("replies", "outcomes"),
    [
        ([], {"lost: ReadError on a new connection", "lost: RemoteProtocolError on a new connection"}),
        (
            [reply_of(200)],
            {"lost: ReadError on a reused connection", "lost: RemoteProtocolError on a reused connection"},
        ),
        ([reply_of(200), b""], {"lost: ReadTimeout"}),
        ([reply_of(200), reply_of(500)], {"lost: status 500"}),
        ([reply_of(200), reply_of(503, '{"code": "unavailable"}')], {"lost: status 503"}),
    ],
)
def test_how_a_question_was_lost(replies: list[bytes], outcomes: set[str]) -> None:
    with answering(*replies) as address:
        crowd = ask(address, max(len(replies), 2), patience=1)
    lost = [reply.outcome for reply in crowd.replies if reply.outcome != ANSWERED]
    assert len(lost) == crowd.lost >= 1
    assert set(lost) <= outcomes


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        crowd = ask(f"http://127.0.0.1:{free.getsockname()[1]}", 2)
    assert crowd.outcomes == {"lost: no connection": 2}


def test_the_figures() -> None:
    times = [
        (ANSWERED, 0.1, 1.0),
        (ANSWERED, 0.3, 2.0),
        (ANSWERED, 9.0, 11.0),
        (BUSY, 0.05, 3.0),
        ("lost: x", 1.0, 4.0),
    ]
    crowd = Crowd(5, 10.0, tuple(Reply(*each) for each in times))
    assert (crowd.lost, crowd.a_second) == (1, 0.2)
    assert crowd.milliseconds(0.5) == 300
    assert (crowd.milliseconds(0.95, BUSY), crowd.milliseconds(0.95, "none")) == (50, 0)
    assert crowd.figures()["outcomes"] == {ANSWERED: 3, BUSY: 1, "lost: x": 1}
    both = Crowd.together([crowd, Crowd(5, 10.0, ())])
    assert (both.people, both.seconds, both.a_second) == (5, 20.0, 0.15)
