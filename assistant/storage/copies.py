"""What must hold a copy of an index generation elsewhere before the generation may serve."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from assistant.errors import IndexDamagedError, PublishError, SearchUnavailableError


class Copies(Protocol):
    """Copies on a server. Every method raises `SearchUnavailableError`."""

    def are_settled(self, folder: Path) -> bool:
        """Whether the generation in that folder is there and the current one; changes nothing."""

    def fill(self, folder: Path) -> None:
        """Copies a generation, unless that was done; called before `CURRENT` names it. `IndexDamagedError`."""

    def settle(self, build_id: str, kept: Sequence[str]) -> None:
        """Makes that generation the current one there too, and forgets those that are not `kept`."""


@contextmanager
def copying(meanwhile: str) -> Iterator[None]:
    """Turns what a server is at fault for into the `PublishError` that says what is so `meanwhile`."""
    try:
        yield
    except (SearchUnavailableError, IndexDamagedError) as error:
        raise PublishError(f"The index could not be copied: {error} {meanwhile}") from error
