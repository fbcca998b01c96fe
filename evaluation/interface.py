"""What is measured, as the measuring sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from assistant.corpus import Corpus
from assistant.types import AnswerKind, Passage, Span
from evaluation.judgements import Collection, Entry


class Ranked(Protocol):
    """A candidate passage; a larger `score` is stronger evidence, `highlight` is its best sentence."""

    @property
    def passage(self) -> Passage: ...
    @property
    def score(self) -> float: ...
    @property
    def highlight(self) -> Span: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What was replied to one question: candidates best first, and what a person is told.

    `probability` is the engine's own that its best passage answers; `signals` say why.
    """

    ranked: Sequence[Ranked]
    probability: float
    kind: AnswerKind
    signals: Mapping[str, object] = field(default_factory=dict)


class Responder(Protocol):
    """An engine over one collection."""

    @property
    def build_id(self) -> str: ...
    @property
    def passages(self) -> Sequence[Passage]:
        """Every passage that could be shown."""

    def reply(self, question: str, history: Sequence[str]) -> Reply:
        """The reply after the turns in `history`. Raises `QuestionError`."""


class Engine(Protocol):
    """A way to answer, before it is given something to answer from."""

    @property
    def facts(self) -> Mapping[str, object]:
        """Encoder, settings and version: what the figures belong to. No paths of this machine."""

    def over_corpus(self, corpus: Corpus) -> Responder:
        """Over articles, split and indexed as the product does."""

    def over_entries(self, entries: Sequence[Entry]) -> Responder:
        """Over passages ready cut, none with a heading."""


def open_responder(engine: Engine, collection: Collection) -> Responder:
    """The engine over either kind of collection."""
    if isinstance(collection, Corpus):
        return engine.over_corpus(collection)
    return engine.over_entries(collection)
