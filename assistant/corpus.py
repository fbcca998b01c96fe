"""The corpus: trusted articles, and what `sources.toml` says of each. Read, verified, never changed."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

from assistant.corpus_files import ARTICLES, QUESTIONS, SOURCES, files_sha256, pending, read_text
from assistant.errors import ChangedArticleError, CorpusError
from assistant.sources import (
    Curated,
    Entry,
    Sources,
    parse_toml,
    quote_span,
    refuse_repeats,
    skipped_span,
    topic_labels,
)
from assistant.types import CuratedQuestion, Document, Source

_TEXT_SUFFIXES = {".txt", ".md"}
_ALLOWED_CONTROLS = set("\t\n\v\f\r\x85")


@dataclass(frozen=True, slots=True)
class Corpus:
    """The documents, in the order of sources.toml. `files` is `files_sha256` of what they were read from."""

    documents: tuple[Document, ...]
    files: str = ""

    @classmethod
    def read(cls, corpus_dir: Path | str) -> "Corpus":
        """The articles in a folder, each verified. Raises `CorpusError`."""
        return read_corpus(Path(corpus_dir))

    @property
    def sha256(self) -> str:
        """Over everything of the corpus that an answer can show or depend on."""
        facts = [
            [doc.doc_id, doc.title, doc.subjects, doc.skipped, doc.examples, doc.domain]
            + [astuple(doc.source), [astuple(question) for question in doc.curated]]
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
        files = files_sha256(corpus_dir)
        try:
            entries = parse_sources(corpus_dir, sources)
            documents = _read_documents(corpus_dir, entries)
            _refuse_unlisted(corpus_dir, entries)
        except CorpusError:
            # Articles are changed file by file; whoever read the list from before the change reads again.
            if read_text(corpus_dir / SOURCES)[1] == sha256:
                raise
        else:
            if files_sha256(corpus_dir) == files:
                return Corpus(documents, files)


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
    entries = parse_toml(corpus_dir / SOURCES, sources, Sources).article
    refuse_repeats(entries)
    return entries


def article_path(corpus_dir: Path, doc_id: str) -> Path:
    """The file of one article, as sources.toml names it."""
    for entry in parse_sources(corpus_dir, read_text(corpus_dir / SOURCES)[0]):
        if entry.id == doc_id:
            return article_file(corpus_dir, entry)
    raise CorpusError(f"{corpus_dir / SOURCES} has no article with id {doc_id!r}.")


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
    skipped = tuple(sorted(skipped_span(entry, text, skipped) for skipped in entry.skipped))
    curated = _read_curated(corpus_dir / QUESTIONS / f"{entry.id}.toml", text)
    labels = tuple(topic_labels(entry, label, text) for label in entry.topics)
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
    curated = parse_toml(path, read_text(path)[0], Curated)
    answered = [CuratedQuestion(item.q, quote_span(path, item, text)) for item in curated.question]
    unanswered = [CuratedQuestion(item.q, None, item.missing) for item in curated.unanswered]
    return (*answered, *unanswered)
