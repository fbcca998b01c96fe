"""Questions take turns: few at once, some waiting, and a friendly word for whoever comes when all is full."""

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from assistant.errors import AssistantError, BusyError, QuestionError, UnavailableError
from assistant.messages import SERVER
from assistant.safety.urgent import UrgentOnly
from assistant.types import Answer

log = logging.getLogger(__name__)

AT_ONCE = 2
WAITING = 16


class Asked(Protocol):
    """Whatever answers questions."""

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The reply to one question. Raises `AssistantError`."""


class Around:
    """Stands before an assistant; what is not said here is the assistant's own."""

    def __init__(self, assistant: Asked) -> None:
        self._assistant = assistant

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assistant, name)


class Line:
    """Lets `at_once` threads through, and `waiting` more stand in line: first come, first let through.

    A semaphore would let a newcomer pass those who wait, some of them again and again.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self._free = at_once
        self._places = waiting
        self._waiting = deque[threading.Event]()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """True when it is one's turn; False at once if the line is full."""
        called = self._stand()
        if called is None:
            yield False
            return
        called.wait()
        try:
            yield True
        finally:
            self._call_next()

    def _stand(self) -> threading.Event | None:
        called = threading.Event()
        with self._lock:
            if self._free:
                self._free -= 1
                called.set()
            elif len(self._waiting) < self._places:
                self._waiting.append(called)
            else:
                return None
        return called

    def _call_next(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class TakingTurns(Around):
    """An assistant that any number of threads may ask. Emergency cards never wait.

    Raises `BusyError` at once when `at_once` questions are being answered and `waiting` more wait, and
    `UnavailableError`, which names no file of this machine, when there is no index to answer from.
    """

    def __init__(
        self, assistant: Asked, region: str = "neutral", at_once: int = AT_ONCE, waiting: int = WAITING
    ) -> None:
        super().__init__(assistant)
        self._line = Line(at_once, waiting)
        self._when_full = UrgentOnly(BusyError(SERVER["busy"]), region)
        self._trouble = ""

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The reply to one question, when its turn comes. Raises `AssistantError`."""
        with self._line.turn() as is_mine:
            if is_mine:
                return self._answer(question, about)
        return self._when_full.ask(question, about)

    def _answer(self, question: str, about: Sequence[str]) -> Answer:
        try:
            answer = self._assistant.ask(question, about)
        except (QuestionError, BusyError, UnavailableError):
            raise
        except AssistantError as error:
            self._tell(str(error))
            raise UnavailableError(SERVER["unavailable"]) from error
        self._trouble = ""
        return answer

    def _tell(self, trouble: str) -> None:
        """Whoever runs the server learns once what visitors need not know."""
        if trouble != self._trouble:
            log.error("%s", trouble)
        self._trouble = trouble
