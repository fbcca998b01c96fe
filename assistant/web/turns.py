"""Questions take turns: few at once, some waiting, and a friendly word for whoever comes when all is full."""

import threading
from collections.abc import Sequence
from typing import Any, Protocol

from assistant.errors import AssistantError, BusyError, QuestionError, UnavailableError
from assistant.messages import SERVER
from assistant.safety.urgent import UrgentOnly
from assistant.types import Answer

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


class TakingTurns(Around):
    """An assistant that any number of threads may ask. Emergency cards never wait.

    Raises `BusyError` at once when `at_once` questions are being answered and `waiting` more wait, and
    `UnavailableError`, which names no file of this machine, when there is no index to answer from.
    """

    def __init__(
        self, assistant: Asked, region: str = "neutral", at_once: int = AT_ONCE, waiting: int = WAITING
    ) -> None:
        super().__init__(assistant)
        self._turns = threading.Semaphore(at_once)
        self._places = threading.Semaphore(at_once + waiting)
        self._when_full = UrgentOnly(BusyError(SERVER["busy"]), region)

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The reply to one question, when its turn comes. Raises `AssistantError`."""
        if not self._places.acquire(blocking=False):
            return self._when_full.ask(question, about)
        try:
            with self._turns:
                return self._assistant.ask(question, about)
        except (QuestionError, BusyError, UnavailableError):
            raise
        except AssistantError as error:
            raise UnavailableError(SERVER["unavailable"]) from error
        finally:
            self._places.release()
