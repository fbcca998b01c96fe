"""Says other things of an article whose text stays as it is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.corpus import article_file, parse_sources
from assistant.corpus_files import read_text
from assistant.errors import CorpusError
from assistant.library.changes import changing_corpus, commit, entries_of, sources_text
from assistant.library.drafts import UNKNOWN, Facts, check_document
from assistant.library.entries import with_facts
from assistant.sources import Entry


def entry_of(corpus_dir: Path, doc_id: str) -> Entry:
    """What sources.toml says of one article. Raises `CorpusError`."""
    for entry in entries_of(corpus_dir):
        if entry.id == doc_id:
            return entry
    raise CorpusError(f"There is no article with the id {doc_id!r}. See them with: python -m assistant list")


def edit(corpus_dir: Path, doc_id: str, facts: Facts, skipped: Sequence[str]) -> Entry:
    """Gives an article these facts, an empty one being not known, and these texts never to be shown.

    Raises `CorpusError` if they do not fit the text, and then nothing has changed; `BuildBusyError`.
    """
    with changing_corpus(corpus_dir):
        before = entry_of(corpus_dir, doc_id)
        candidate = with_facts(sources_text(corpus_dir), doc_id, _changed(before, facts), skipped)
        entry = next(each for each in parse_sources(corpus_dir, candidate) if each.id == doc_id)
        check_document(corpus_dir, entry, read_text(article_file(corpus_dir, entry))[0])
        commit(corpus_dir, candidate, {})
        return entry


def _changed(before: Entry, facts: Facts) -> dict[str, Any]:
    said: dict[str, Any] = {
        "title": facts.title or before.title,
        "publisher": facts.publisher or UNKNOWN,
        "url": facts.url or UNKNOWN,
        "licence": facts.licence or UNKNOWN,
        "reviewed": facts.reviewed or UNKNOWN,
        "subjects": facts.about or before.subjects,
    }
    return {name: value for name, value in said.items() if getattr(before, name) != value}
