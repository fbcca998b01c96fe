"""Which stage of an answer takes how long: functions are wrapped while it is measured, and nothing else changes."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from time import perf_counter
from typing import Any

from assistant import answering
from assistant.encoder import Encoder
from assistant.evidence.curated import CuratedQuestions
from assistant.evidence.lexical import LexicalIndex
from assistant.evidence.query import QueryReader
from assistant.evidence.reading import PassageReading
from assistant.evidence.topical import QuestionTopics
from assistant.index import PassageIndex
from assistant.stores import VectorSearch

Seconds = defaultdict[str, float]

STAGES = ("triage", "read", "encode", "lexical", "dense", "topics", "reader", "judge", "render")


@contextmanager
def stages_timed(encoder: Encoder, store: VectorSearch) -> Iterator[Seconds]:
    """Seconds spent in each stage so far; `read` is spelling, subjects and lay words."""
    spent: Seconds = defaultdict(float)
    functions: list[tuple[Any, str, str]] = [
        (answering, "triage", "triage"),
        (QueryReader, "read", "read"),
        (type(encoder), "encode_queries", "encode"),
        *((LexicalIndex, name, "lexical") for name in ("scores", "coverage", "known")),
        (type(store), "search", "dense"),
        *((PassageIndex, name, "dense") for name in ("passage_scores", "best_sentences")),
        *((CuratedQuestions, name, "dense") for name in ("cosines", "likeness", "likenesses", "rows_near")),
        (QuestionTopics, "asked", "topics"),
        (PassageReading, "read", "reader"),
        *((answering, name, "judge") for name in ("judge", "warnings_among", "notices_for", "explanation")),
    ]
    with ExitStack() as undo:
        for owner, name, stage in functions:
            original = getattr(owner, name)
            setattr(owner, name, _timed(original, stage, spent))
            undo.callback(setattr, owner, name, original)
        yield spent


def seconds_of(ask: Callable[[], object]) -> float:
    """How long a call takes."""
    began = perf_counter()
    ask()
    return perf_counter() - began


def _timed(function: Callable[..., Any], stage: str, spent: Seconds) -> Callable[..., Any]:
    def timed(*arguments: Any, **options: Any) -> Any:
        began = perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            spent[stage] += perf_counter() - began

    return timed
