"""Documents and curated questions as JSON lines: what an index keeps besides passages and vectors."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import IndexDamagedError
from assistant.types import Document, Source


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What an index keeps of a document: everything but its text."""

    doc_id: str
    title: str
    source: Source
    subjects: tuple[str, ...]
    examples: tuple[str, ...]
    domain: str = ""


def record_of(document: Document, domain: str = "") -> DocumentRecord:
    """The record of one document, whose topics are those of `domain`."""
    return DocumentRecord(
        document.doc_id, document.title, document.source, document.subjects, document.examples, domain
    )


def write_documents(path: Path, documents: Iterable[DocumentRecord]) -> None:
    """One JSON object a document."""
    _write_lines(path, (asdict(document) for document in documents))


def read_documents(path: Path) -> tuple[DocumentRecord, ...]:
    """The records written by `write_documents`. Raises `IndexDamagedError`."""
    return tuple(
        DocumentRecord(
            row["doc_id"],
            row["title"],
            Source(**row["source"]),
            tuple(row["subjects"]),
            tuple(row["examples"]),
            row["domain"],
        )
        for row in _read_lines(path)
    )


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """A curated question: answered by passage `row`, or by none (None), and then what is `missing`.

    `at`: where in the article the words begin that answer it; None where no editor has said so.
    """

    doc_id: str
    text: str
    row: int | None
    missing: str
    at: int | None = None


def write_questions(path: Path, questions: Iterable[QuestionRecord]) -> None:
    """One JSON object a question."""
    _write_lines(path, (asdict(question) for question in questions))


def read_questions(path: Path) -> tuple[QuestionRecord, ...]:
    """The questions written by `write_questions`. Raises `IndexDamagedError`."""
    return tuple(QuestionRecord(**row) for row in _read_lines(path))


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            # ASCII only: no character of an article can then look like the end of a line.
            file.write(json.dumps(row, ensure_ascii=True) + "\n")


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError as error:
                raise _damaged(path) from error


def _damaged(path: Path) -> IndexDamagedError:
    return IndexDamagedError(f"{path} cannot be understood. Run: python -m assistant build")
