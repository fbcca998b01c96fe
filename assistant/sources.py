"""What `sources.toml` and the files of curated questions may say, and where in an article its words stand."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.corpus_files import SOURCES
from assistant.errors import CorpusError
from assistant.topics.recogniser import TOPICS_FILE, read_topics
from assistant.types import Span, TopicLabels

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


_Model = TypeVar("_Model", bound=BaseModel)


class _Skipped(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    text: str = Field(min_length=1)
    start: int | None = Field(None, ge=0)


class _Labels(BaseModel):
    """`[[article.topics]]`: the topics of the passage that holds these words."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    passage: str = Field(min_length=1)
    topics: tuple[str, ...]


class _Original(BaseModel):
    """The file that the text was taken from, where it was brought in by `add`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Entry(BaseModel):
    """One `[[article]]` table of sources.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")
    file: str = Field(min_length=1)
    title: str = Field(min_length=1)
    url: str = "unknown"
    publisher: str = "unknown"
    licence: str = "unknown"
    reviewed: str = Field("unknown", pattern=r"^(unknown|\d{4}(-\d{2}){0,2})$")
    subjects: tuple[str, ...] = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    skipped: tuple[_Skipped, ...] = ()
    examples: tuple[str, ...] = ()
    domain: Literal["", "medicine", "condition"] = ""
    topics: tuple[_Labels, ...] = ()
    original: _Original | None = None


class Answered(BaseModel):
    """A curated question with the exact words that answer it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    q: str = Field(min_length=1, max_length=1000)
    quote: str = Field(min_length=1)


class _Unanswered(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    q: str = Field(min_length=1, max_length=1000)
    missing: str = Field(min_length=1, max_length=100)


class Curated(BaseModel):
    """The questions of one article: corpus/questions/<id>.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    question: tuple[Answered, ...] = ()
    unanswered: tuple[_Unanswered, ...] = ()


class Sources(BaseModel):
    """All of sources.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    article: tuple[Entry, ...] = Field(min_length=1)


def parse_toml(path: Path, text: str, model: type[_Model]) -> _Model:
    """The tables of a file whose content is `text`. Raises `CorpusError`."""
    try:
        return model.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise CorpusError(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise CorpusError(f"{path}: {_first_problem(error)}.") from error


def _first_problem(error: ValidationError) -> str:
    problem: dict[str, Any] = dict(error.errors()[0])
    where = " ".join(str(part + 1) if isinstance(part, int) else str(part) for part in problem["loc"])
    return f"{where}: {problem['msg']}"


def refuse_repeats(entries: tuple[Entry, ...]) -> None:
    """Raises `CorpusError` if two articles share a name or a file."""
    for field in ("id", "file"):
        [(value, count)] = Counter(getattr(entry, field) for entry in entries).most_common(1)
        if count > 1:
            raise CorpusError(f"{SOURCES}: two articles have the {field} {value!r}. Give each its own.")


def quote_span(path: Path, item: Answered, text: str) -> Span:
    """Where the words stand that answer a curated question of the file `path`. Raises `CorpusError`."""
    start = text.find(item.quote)
    if start < 0:
        raise CorpusError(
            f"{path}: the quote {item.quote!r} for {item.q!r} is not in the article. Copy it exactly."
        )
    return Span(start, start + len(item.quote))


def topic_labels(entry: Entry, label: _Labels, text: str) -> TopicLabels:
    """Topics given for some words of the article. Raises `CorpusError`."""
    start = text.find(label.passage)
    if start < 0:
        raise CorpusError(
            f"{SOURCES}: {entry.id}: the words {label.passage!r} that topics are given for are not in the "
            "article. Copy them exactly."
        )
    known = {topic.id for topic in read_topics()}
    if unknown := [topic for topic in label.topics if topic not in known]:
        raise CorpusError(
            f"{SOURCES}: {entry.id}: there is no topic {unknown[0]!r}. The topics are in {TOPICS_FILE.name}."
        )
    return TopicLabels(Span(start, start + len(label.passage)), label.topics)


def skipped_span(entry: Entry, text: str, skipped: _Skipped) -> Span:
    """Where a text stands that is never to be shown. Raises `CorpusError`."""
    start = skipped.start
    if start is None:
        if text.count(skipped.text) != 1:
            raise CorpusError(
                f"{SOURCES}: {entry.id}: the skipped text {skipped.text!r} occurs "
                f"{text.count(skipped.text)} times. Copy it exactly, and add start = N if it occurs twice."
            )
        start = text.index(skipped.text)
    if not text.startswith(skipped.text, start):
        raise CorpusError(
            f"{SOURCES}: {entry.id}: the skipped text {skipped.text!r} is not at character {start}."
        )
    return Span(start, start + len(skipped.text))
