"""A document on its way into the corpus: its canonical text and what is to be said of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from assistant.corpus import document_of
from assistant.corpus_files import ARTICLES
from assistant.ingest.files import Original
from assistant.ingest.proposals import SkipProposal, skips_of, subjects_of
from assistant.ingest.refusals import refused
from assistant.ingest.sandbox import parse
from assistant.ingest.types import Dropped
from assistant.outline import BlockKind, outline
from assistant.sources import Entry

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a person says of a document; what is empty is taken from the document or stays unknown."""

    title: str = ""
    publisher: str = ""
    url: str = ""
    licence: str = ""
    reviewed: str = ""
    about: tuple[str, ...] = ()
    encoding: str = ""

    def given(self) -> dict[str, Any]:
        """The fields of sources.toml that were said."""
        said: dict[str, Any] = {
            "title": self.title,
            "publisher": self.publisher,
            "url": self.url,
            "licence": self.licence,
            "reviewed": self.reviewed,
            "subjects": self.about,
        }
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Draft:
    """One document read and ready; `skipped` are texts of it that are never to be shown."""

    original: Original
    text: str
    suffix: str
    facts: Mapping[str, Any]
    dropped: tuple[Dropped, ...] = ()
    proposed: tuple[SkipProposal, ...] = ()
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def sha256(self) -> str:
        """Of the canonical text's bytes, in lowercase hex."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def origin(self) -> dict[str, str]:
        """Which file the text was taken from."""
        return {"name": self.original.name, "sha256": self.original.sha256}

    def accepting(self, proposals: tuple[SkipProposal, ...]) -> "Draft":
        """The draft with these proposals accepted and the others turned down."""
        return replace(self, skipped=tuple(each.text for each in proposals), proposed=())


def draft_of(original: Original, facts: Facts) -> Draft:
    """Reads a document and proposes what to say of it. Raises `DocumentRefusedError`."""
    found = parse(original.kind, original.raw, facts.encoding)
    given = facts.given()
    stem = original.name.rsplit(".", 1)[0]
    title = given.get("title") or found.title or stem
    notes = []
    subjects = given.get("subjects") or subjects_of(title, found.text)
    if not subjects:
        subjects = (title,)
        notes.append(
            "no medicine is named often enough to be its subject, so its title is used; "
            "say with --about if it is about something else"
        )
    known = dict.fromkeys(("url", "publisher", "licence", "reviewed"), UNKNOWN)
    all_facts = {"title": title, **known, **found.facts, **given, "subjects": tuple(subjects)}
    return Draft(
        original,
        found.text,
        ".md" if found.marked else ".txt",
        all_facts,
        found.dropped,
        tuple(skips_of(found.text)),
        notes=tuple(notes),
    )


def check_document(corpus_dir: Path, entry: Entry, text: str) -> None:
    """Raises `CorpusError` unless the entry and the text make an article that passages can be taken from."""
    document = document_of(corpus_dir, entry, text)
    if not any(block.kind is BlockKind.PARAGRAPH for block in outline(document)):
        raise refused("empty", "it has headings only")


def free_file(corpus_dir: Path, doc_id: str, draft: Draft) -> str:
    """A name for the text's file. An article's second text gets another file than its first, so that the
    first is whole until sources.toml names the second."""
    plain = f"{doc_id}{draft.suffix}"
    taken = (corpus_dir / ARTICLES / plain).exists()
    return f"{doc_id}.{draft.sha256[:8]}{draft.suffix}" if taken else plain
