"""What is counted and timed for Prometheus: numbers only, never a word of a question or an answer."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from assistant.errors import BusyError, QuestionError, UnavailableError
from assistant.types import Answer, AnswerKind
from assistant.web.turns import Around, Asked

SURFACES = ("chat", "api")
_OUTCOMES = (*(kind.value for kind in AnswerKind), "REFUSED", "BUSY", "UNAVAILABLE", "BROKEN")
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

Health = Callable[[], Mapping[str, str]]
"""Says what is served and from which index generation."""


class Meters:
    """The counters of one server."""

    def __init__(self, health: Health) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Served(health))
        self._questions = Counter(
            "assistant_questions", "Questions by outcome.", ("surface", "outcome"), registry=self._registry
        )
        self._seconds = Histogram(
            "assistant_question_seconds",
            "From question to reply, waiting included.",
            ("surface",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._asked = Gauge(
            "assistant_questions_in_progress", "Being answered or waiting.", registry=self._registry
        )
        for surface in SURFACES:
            self._seconds.labels(surface)
            for outcome in _OUTCOMES:
                self._questions.labels(surface, outcome)

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)

    def count(self, surface: str, outcome: str) -> None:
        """One more question with this outcome."""
        self._questions.labels(surface, outcome).inc()

    @contextmanager
    def timing(self, surface: str) -> Iterator[None]:
        """Measures one question."""
        with self._asked.track_inprogress(), self._seconds.labels(surface).time():
            yield


class Measured(Around):
    """An assistant whose replies are counted; `surface` is one of `SURFACES`."""

    def __init__(self, assistant: Asked, meters: Meters, surface: str) -> None:
        super().__init__(assistant)
        self._meters = meters
        self._surface = surface

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The reply to one question. Raises `AssistantError`."""
        outcome = "BROKEN"
        try:
            with self._meters.timing(self._surface):
                answer = self._assistant.ask(question, about)
            outcome = answer.kind.value
        except QuestionError:
            outcome = "REFUSED"
            raise
        except BusyError:
            outcome = "BUSY"
            raise
        except UnavailableError:
            outcome = "UNAVAILABLE"
            raise
        finally:
            self._meters.count(self._surface, outcome)
        return answer


class _Served(Collector):
    """Which generation serves, read when it is asked for."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        """One gauge that is always 1; its labels say it."""
        health = self._health()
        family = GaugeMetricFamily("assistant_index", "What is served.", labels=("status", "build_id"))
        family.add_metric((health.get("status", ""), health.get("build_id", "")), 1)
        yield family
