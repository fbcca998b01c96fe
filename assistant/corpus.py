"""The corpus: trusted articles, and what `sources.toml` says of each. Read, verified, never changed."""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import ChangedArticleError, CorpusError
from assistant.topics.recogniser import TOPICS_FILE, read_topics
from assistant.types import CuratedQuestion, Document, Source, Span, TopicLabels

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SOURCES = "sources.toml"
ARTICLES = "articles"
QUESTIONS = "questions"
PENDING = ".pending"
"""Names the article files that a change is about to list or has just unlisted, one a line: see library/."""

_Model = TypeVar("_Model", bound=BaseModel)
_TEXT_SUFFIXES = {".txt", ".md"}
_ALLOWED_CONTROLS = set("\t\n\v\f\r\x85")


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


class _Answered(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    q: str = Field(min_length=1, max_length=1000)
    quote: str = Field(min_length=1)


class _Unanswered(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    q: str = Field(min_length=1, max_length=1000)
    missing: str = Field(min_length=1, max_length=100)


class _Curated(BaseModel):
    """The questions of one article: corpus/questions/<id>.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    question: tuple[_Answered, ...] = ()
    unanswered: tuple[_Unanswered, ...] = ()


class _Sources(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    article: tuple[Entry, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Corpus:
    """The documents, in the order of sources.toml."""

    documents: tuple[Document, ...]

    @classmethod
    def read(cls, corpus_dir: Path | str) -> "Corpus":
        """The articles in a folder, each verified. Raises `CorpusError`."""
        return read_corpus(Path(corpus_dir))

    @property
    def sha256(self) -> str:
        """Over everything of the corpus that an answer can show or depend on."""
        facts = [
            [doc.doc_id, doc.title, doc.subjects, doc.skipped, doc.examples, doc.domain]
            + [_source_facts(doc.source), [astuple(question) for question in doc.curated]]
            + [[astuple(label) for label in doc.labels]]
            for doc in self.documents
        ]
        canonical = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def read_corpus(corpus_dir: Path) -> Corpus:
    """Reads and verifies every article of `corpus_dir`.

    Raises `CorpusError` naming the article, what is wrong, and what to do.
    """
    while True:
        sources, sha256 = read_text(corpus_dir / SOURCES)
        try:
            entries = parse_sources(corpus_dir, sources)
            documents = _read_documents(corpus_dir, entries)
            _refuse_unlisted(corpus_dir, entries)
            return Corpus(documents)
        except CorpusError:
            # Articles are changed file by file; whoever read the list from before the change reads again.
            if read_text(corpus_dir / SOURCES)[1] == sha256:
                raise


def _read_documents(corpus_dir: Path, entries: Iterable[Entry]) -> tuple[Document, ...]:
    """Every article, or one error that tells what is wrong with each that is wrong."""
    documents, problems = [], []
    for entry in entries:
        try:
            documents.append(read_document(corpus_dir, entry))
        except CorpusError as error:
            problems.append(error)
    if len(problems) > 1:
        raise CorpusError("\n".join(map(str, problems))) from problems[0]
    if problems:
        raise problems[0]
    return tuple(documents)


def parse_sources(corpus_dir: Path, sources: str) -> tuple[Entry, ...]:
    """What the text of a sources.toml says of each article. Raises `CorpusError`."""
    entries = _parse_toml(corpus_dir / SOURCES, sources, _Sources).article
    _refuse_repeats(entries)
    return entries


def article_path(corpus_dir: Path, doc_id: str) -> Path:
    """The file of one article, as sources.toml names it."""
    for entry in parse_sources(corpus_dir, read_text(corpus_dir / SOURCES)[0]):
        if entry.id == doc_id:
            return article_file(corpus_dir, entry)
    raise CorpusError(f"{corpus_dir / SOURCES} has no article with id {doc_id!r}.")


def read_text(path: Path) -> tuple[str, str]:
    """An article's text, every character kept as it is in the file, and the SHA-256 of its bytes."""
    try:
        raw = path.read_bytes()
        return raw.decode("utf-8"), hashlib.sha256(raw).hexdigest()
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path} is not UTF-8 text (byte {error.start}). Save it as UTF-8, then run build again."
        ) from error
    except OSError as error:
        raise CorpusError(f"{path} cannot be read ({error.strerror}).") from error


def _source_facts(source: Source) -> list[str]:
    return [source.publisher, source.url, source.licence, source.reviewed, source.sha256]


def _parse_toml(path: Path, text: str, model: type[_Model]) -> _Model:
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


def _refuse_repeats(entries: tuple[Entry, ...]) -> None:
    for field in ("id", "file"):
        [(value, count)] = Counter(getattr(entry, field) for entry in entries).most_common(1)
        if count > 1:
            raise CorpusError(f"{SOURCES}: two articles have the {field} {value!r}. Give each its own.")


def _refuse_unlisted(corpus_dir: Path, entries: tuple[Entry, ...]) -> None:
    """A text that nobody listed would silently not be answered from."""
    paths = sorted((corpus_dir / ARTICLES).iterdir())
    # In this order: a change names its files before they come and takes the names back after they went.
    known = {entry.file for entry in entries} | pending(corpus_dir)
    for path in paths:
        is_text = path.suffix.lower() in _TEXT_SUFFIXES and not path.name.startswith(".")
        if is_text and path.name not in known and path.exists():
            raise CorpusError(
                f"{path} is not listed in {SOURCES}. Take it away, or add an [[article]] with id, "
                f'file = "{path.name}", title, subjects and sha256 = "{read_text(path)[1]}".'
            )


def pending(corpus_dir: Path) -> set[str]:
    """The article files that an unfinished change may have left unlisted."""
    path = corpus_dir / PENDING
    return set(read_text(path)[0].splitlines()) if path.is_file() else set()


def article_file(corpus_dir: Path, entry: Entry) -> Path:
    """Where the article lies. Raises `CorpusError` if that is not in the folder of articles."""
    path = corpus_dir / ARTICLES / entry.file
    folder = (corpus_dir / ARTICLES).resolve()
    if path.resolve().parent != folder:
        raise CorpusError(f"{SOURCES}: {entry.id}: {entry.file!r} is not a file inside {folder.name}/.")
    return path


def read_document(corpus_dir: Path, entry: Entry) -> Document:
    """One article, verified. Raises `CorpusError`."""
    path = article_file(corpus_dir, entry)
    text, sha256 = read_text(path)
    if sha256 != entry.sha256:
        raise ChangedArticleError(
            f"{path} is not the text that was accepted: its SHA-256 is now {sha256}. Put the old file "
            f'back, or, if you have read the new text and trust it, set sha256 = "{sha256}" for '
            f"{entry.id} in {SOURCES}; then run: python -m assistant build"
        )
    return document_of(corpus_dir, entry, text)


def document_of(corpus_dir: Path, entry: Entry, text: str) -> Document:
    """The article of an entry with this text, its questions read. Raises `CorpusError` if they do not fit."""
    path = article_file(corpus_dir, entry)
    _refuse_controls(path, text)
    if not text.strip("\ufeff").strip():
        raise CorpusError(f"{path} holds no text. Take it out of {SOURCES}, or give it its text.")
    source = Source(entry.publisher, entry.url, entry.licence, entry.reviewed, entry.sha256)
    skipped = tuple(sorted(_skipped_span(entry, text, skipped) for skipped in entry.skipped))
    curated = _read_curated(corpus_dir / QUESTIONS / f"{entry.id}.toml", text)
    labels = tuple(_topic_labels(entry, label, text) for label in entry.topics)
    try:
        return Document(
            entry.id,
            entry.title,
            text,
            source,
            entry.subjects,
            skipped,
            entry.examples,
            curated,
            entry.domain,
            labels,
        )
    except ValueError as error:
        raise CorpusError(f"{SOURCES}: {entry.id}: {error}.") from error


def _refuse_controls(path: Path, text: str) -> None:
    """Control characters are never words; in a terminal or a page they can change what is seen."""
    for position, character in enumerate(text):
        if character not in _ALLOWED_CONTROLS and (character < " " or "\x7f" <= character <= "\x9f"):
            raise CorpusError(
                f"{path} has the control character U+{ord(character):04X} at character {position}. "
                "It is not plain text: save it again as UTF-8 text without control characters."
            )


def _read_curated(path: Path, text: str) -> tuple[CuratedQuestion, ...]:
    if not path.exists():
        return ()
    curated = _parse_toml(path, read_text(path)[0], _Curated)
    answered = [CuratedQuestion(item.q, _quote_span(path, item, text)) for item in curated.question]
    unanswered = [CuratedQuestion(item.q, None, item.missing) for item in curated.unanswered]
    return (*answered, *unanswered)


def _quote_span(path: Path, item: _Answered, text: str) -> Span:
    start = text.find(item.quote)
    if start < 0:
        raise CorpusError(
            f"{path}: the quote {item.quote!r} for {item.q!r} is not in the article. Copy it exactly."
        )
    return Span(start, start + len(item.quote))


def _topic_labels(entry: Entry, label: _Labels, text: str) -> TopicLabels:
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


def _skipped_span(entry: Entry, text: str, skipped: _Skipped) -> Span:
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
