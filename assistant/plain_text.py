"""An `Answer` as text for a terminal."""

from collections.abc import Iterator

from assistant.messages import FOUND_INTRODUCTION, UNKNOWN, WEB
from assistant.types import Answer, AnswerKind, Hit, Source


def answer_as_text(answer: Answer) -> str:
    """The fixed words, then each passage exactly as in its article, then the disclaimer once."""
    return "\n\n".join(_parts(answer))


def source_line(source: Source) -> str:
    """Publisher, link, licence and review date; what is unknown is said to be."""
    facts = [
        (WEB["publisher"], source.publisher),
        (WEB["link"], source.url),
        (WEB["licence"], source.licence),
        (WEB["reviewed"], source.reviewed),
    ]
    return " · ".join(f"{label}: {UNKNOWN if value == 'unknown' else value}" for label, value in facts)


def _parts(answer: Answer) -> Iterator[str]:
    if answer.kind is AnswerKind.FOUND:
        yield FOUND_INTRODUCTION
    yield from (notice.text for notice in answer.notices)
    for hit in answer.hits:
        yield _place(hit)
        yield hit.passage.text
        yield source_line(hit.source)
    yield answer.disclaimer


def _place(hit: Hit) -> str:
    section = f" › {hit.passage.heading}" if hit.passage.heading else ""
    return f"[{hit.rank}] {hit.title}{section}"
