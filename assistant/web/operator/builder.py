"""One build at a time in the background, and how far it is."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum

from assistant.errors import AssistantError, BuildBusyError, UnavailableError, VanishingError
from assistant.messages import LIBRARY
from assistant.priority import give_way
from assistant.settings import Settings
from assistant.web.faults import place_of
from assistant.web.live import Live
from assistant.web.operator.staging import Staged, differing, discard, publish_staged, stage

log = logging.getLogger(__name__)


class Phase(str, Enum):
    """What a build is at."""

    IDLE = "idle"
    READING = "reading"
    ENCODING = "encoding"
    FINISHING = "finishing"
    COMPARING = "comparing"
    UNCHANGED = "unchanged"
    STAGED = "staged"
    FAILED = "failed"


_RUNNING = {Phase.READING, Phase.ENCODING, Phase.FINISHING, Phase.COMPARING}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: `done` of `total` passages. `vanishing`: it failed only for want of `force`."""

    phase: Phase = Phase.IDLE
    done: int = 0
    total: int = 0
    error: str = ""
    vanishing: bool = False
    staged: Staged | None = None
    differences: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self.phase in _RUNNING


class Builder:
    """Builds for the operator; what is built waits until `publish`."""

    def __init__(self, settings: Settings, live: Live) -> None:
        self._settings = settings
        self._live = live
        self._lock = threading.Lock()
        self.progress = Progress()

    def start(self, force: bool = False, compare: bool = True) -> None:
        """Begins in a thread of its own, which gives way to visitors. Raises `BuildBusyError` if one is running."""
        with self._lock:
            if self.progress.running:
                raise BuildBusyError(LIBRARY["build_busy"])
            self.progress = Progress(Phase.READING)
        threading.Thread(target=self._run, args=(force, compare), name="library-build", daemon=True).start()

    def publish(self) -> None:
        """Visitors are answered from the staged generation. Raises `PublishError`."""
        with self._lock:
            staged, encoder = self.progress.staged, self._live.encoder
            if staged is None or encoder is None:
                raise UnavailableError(LIBRARY["nothing_staged"])
            publish_staged(self._settings, staged, encoder)
            self.progress = Progress()
        self._live.look()

    def discard(self) -> None:
        """Forgets what is staged; the articles stay as they are."""
        with self._lock:
            if self.progress.running:
                raise BuildBusyError(LIBRARY["build_busy"])
            discard(self._settings)
            self.progress = Progress()

    def _run(self, force: bool, compare: bool) -> None:
        give_way()
        try:
            self._build(force, compare)
        except AssistantError as error:
            self._fail(str(error), isinstance(error, VanishingError))
        except Exception as error:  # noqa: BLE001
            # The outermost wall of this thread: a build that ends without a word would seem to run for ever.
            log.error("%s while building, at %s", type(error).__name__, place_of(error))
            self._fail(LIBRARY["build_broken"], False)

    def _build(self, force: bool, compare: bool) -> None:
        encoder = self._live.encoder
        if encoder is None:
            raise UnavailableError(LIBRARY["no_encoder"])
        staged = stage(self._settings, encoder, self._bar, force)
        if staged is None:
            self.progress = Progress(Phase.UNCHANGED)
            return
        differences: list[str] = []
        if compare:
            self.progress = replace(self.progress, phase=Phase.COMPARING)
            differences += differing(self._settings, staged, encoder)
        self.progress = Progress(Phase.STAGED, staged=staged, differences=tuple(differences))

    def _fail(self, error: str, vanishing: bool) -> None:
        self.progress = Progress(Phase.FAILED, error=error, vanishing=vanishing)

    @contextmanager
    def _bar(self, total: int) -> Iterator[Callable[[int], None]]:
        self.progress = Progress(Phase.ENCODING, 0, total)

        def update(count: int) -> None:
            self.progress = replace(self.progress, done=self.progress.done + count)

        yield update
        self.progress = replace(self.progress, phase=Phase.FINISHING)
