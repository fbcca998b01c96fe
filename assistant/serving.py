"""An assistant that serves on while indexes are published under it: every answer is from one generation."""

import threading
from collections.abc import Callable, Sequence

from assistant.answering import Assistant
from assistant.articles import Articles
from assistant.encoder import Encoder, prepare_encoder
from assistant.encoding import ProgressBar
from assistant.ensuring import ensure_index
from assistant.errors import AssistantError, IndexDamagedError
from assistant.feedback import FeedbackFile
from assistant.index import PassageIndex
from assistant.safety.urgent import UrgentOnly
from assistant.settings import Settings
from assistant.storage.opening import sign_of_current
from assistant.types import Answer

OK, LAST_GOOD, CARDS_ONLY = "ok", "last good index", "emergency cards only"
SECONDS_BETWEEN_LOOKS = 2.0

Engine = Assistant | UrgentOnly
"""What answers: an assistant, or what stands in for it while there is no index."""


def open_live(
    settings: Settings,
    progress_bar: ProgressBar | None,
    warn: Callable[[str], None],
    encoder: Encoder | None = None,
) -> "LiveAssistant":
    """The index of the settings, built first if need be; `warn` is told if another or none can be opened.

    The encoder is that of the settings unless given. Whatever the state of index and encoder, the emergency
    cards are served.
    """
    told = list[str]()
    try:
        encoder = encoder or prepare_encoder(settings)
        folders = settings.corpus_dir, settings.index_dir
        index = ensure_index(
            *folders, encoder, progress_bar, told.append, settings.searched_by, settings.reader
        )
        engine: Engine = _assistant(index, encoder, settings)
        status = LAST_GOOD if told else OK
    except AssistantError as error:
        told.append(f"{error} Until then only the emergency cards are served.")
        engine, status = UrgentOnly(error, settings.region), CARDS_ONLY
    for message in told:
        warn(message)
    return LiveAssistant(engine, encoder, settings, status, warn)


class LiveAssistant:
    """Hands each question to the engine of the moment, and puts another in its place when one is published.

    A question keeps the engine that it began with, so that no answer mixes two generations.
    """

    def __init__(
        self,
        engine: Engine,
        encoder: Encoder | None,
        settings: Settings,
        status: str,
        warn: Callable[[str], None],
    ) -> None:
        """`status` says what `engine` is: OK, LAST_GOOD or CARDS_ONLY. `warn` is told what cannot be opened.

        Without an encoder no index can be opened, and `engine` stays.
        """
        self._engine, self._status = engine, status
        self._articles: Articles | None = None
        self._encoder = encoder
        self._settings = settings
        self._warn = warn
        self._seen = sign_of_current(settings.index_dir)
        self._stop = threading.Event()
        self._replacing = threading.Lock()

    @property
    def examples(self) -> tuple[str, ...]:
        """Questions that the articles are known to answer."""
        return self._engine.examples

    @property
    def articles(self) -> Articles | None:
        """The articles of the generation served now, to be read whole; None if none is served."""
        engine, shelf = self._engine, self._articles
        if not isinstance(engine, Assistant):
            return None
        if shelf is None or shelf.index is not engine.index:
            shelf = self._articles = Articles(engine.index, self._settings.corpus_dir)
        return shelf

    @property
    def feedback(self) -> FeedbackFile | None:
        """Where visitors' words on replies are kept; None unless the settings say that they are."""
        return FeedbackFile(self._settings.feedback_file) if self._settings.feedback else None

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The answer to one question, from one generation. Raises `AssistantError`.

        If that generation's files turn out damaged while they are read, another one answers as soon as it is
        verified, and only the emergency cards until then.
        """
        engine = self._engine
        try:
            return engine.ask(question, about)
        except IndexDamagedError as error:
            if not isinstance(engine, Assistant):
                raise
            self._leave(engine, error)
        return self._engine.ask(question, about)

    def health(self) -> dict[str, str]:
        """What is served, and from which generation; no path of this machine."""
        engine = self._engine
        build_id = engine.build_id if isinstance(engine, Assistant) else ""
        return {"status": self._status, "build_id": build_id}

    @property
    def index(self) -> PassageIndex | None:
        """The generation that serves at this moment; None while only the emergency cards are served."""
        engine = self._engine
        return engine.index if isinstance(engine, Assistant) else None

    @property
    def encoder(self) -> Encoder | None:
        """What questions are encoded with; None if it could not be opened."""
        return self._encoder

    def look(self) -> bool:
        """Opens the current generation if another was published since the last look; whether it now serves.

        If it cannot be opened, the one before serves on and `warn` is told why.
        """
        sign = sign_of_current(self._settings.index_dir)
        if sign == self._seen or self._encoder is None:
            return False
        self._seen = sign
        try:
            index = PassageIndex.open(self._settings.index_dir, self._settings.searched_by)
            engine = _assistant(index, self._encoder, self._settings)
        except AssistantError as error:
            with self._replacing:
                if self._status == OK:
                    self._status = LAST_GOOD
            self._warn(f"{error} Until then the index opened before serves on.")
            return False
        with self._replacing:
            self._engine, self._status = engine, OK
        return True

    def _leave(self, engine: Assistant, damage: IndexDamagedError) -> None:
        """Puts the emergency cards in the place of a damaged generation, and then the newest whole one, if any."""
        # At once: to verify generations takes long, and emergencies do not wait for it.
        stand_in = UrgentOnly(damage, self._settings.region)
        if self._encoder is None or not self._replace(engine, stand_in, CARDS_ONLY):
            return
        try:
            index = PassageIndex.open_last_good(self._settings.index_dir, self._settings.searched_by)
            good = _assistant(index, self._encoder, self._settings)
        except AssistantError:
            self._warn(f"{damage} Until then only the emergency cards are served.")
            return
        if self._replace(stand_in, good, LAST_GOOD):
            self._warn(f"{damage} Until then the last good index ({index.build_id}) serves.")

    def _replace(self, engine: Engine, other: Engine, status: str) -> bool:
        """Puts another engine in the place of this one, unless one was published meanwhile."""
        with self._replacing:
            if self._engine is not engine:
                return False
            self._engine, self._status = other, status
            return True

    def watch(self, seconds: float = SECONDS_BETWEEN_LOOKS) -> None:
        """Looks for a new generation every few seconds, in the background, until `close`."""
        threading.Thread(target=self._look_on, args=(seconds,), name="index-watch", daemon=True).start()

    def close(self) -> None:
        """Stops looking."""
        self._stop.set()

    def _look_on(self, seconds: float) -> None:
        # Waiting does not ask the clock of the day, which can jump.
        while not self._stop.wait(seconds):
            self.look()


def _assistant(index: PassageIndex, encoder: Encoder, settings: Settings) -> Assistant:
    return Assistant(index, encoder, settings.top_k, settings.region, reader=settings.reader)
