"""What is read once and kept, though many threads ask for it first at the same time."""

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Decorates what reads: the first call does, all others get the same, also those that come meanwhile.

    With `lru_cache` alone each of these would read as well, all at the cost of all the others.
    """

    def __init__(self, read: Callable[[], T]) -> None:
        update_wrapper(self, read)
        self._kept = lru_cache(maxsize=1)(read)
        self._lock = Lock()

    def __call__(self) -> T:
        """What was read. Raises what reading raises, and then the next call reads again."""
        with self._lock:
            return self._kept()

    def cache_clear(self) -> None:
        """The next call reads again."""
        self._kept.cache_clear()
