"""What the server may know of the index behind the chat."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from assistant.encoder import Encoder
from assistant.index import PassageIndex


class Live(Protocol):
    """An assistant that serves on while indexes are published under it."""

    @property
    def index(self) -> PassageIndex | None:
        """The generation that serves at this moment, if one does."""

    @property
    def encoder(self) -> Encoder | None:
        """What questions are encoded with, if it could be opened."""

    def look(self) -> bool:
        """Takes up a generation that was published since."""


@dataclass(frozen=True, slots=True)
class NotLive:
    """For a server without an index of its own: there are no passages to look up."""

    index: PassageIndex | None = None
    encoder: Encoder | None = None
    look: Callable[[], bool] = bool
