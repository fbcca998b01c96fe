"""Puts another text in the place of an article's, or takes an article away."""

import dataclasses
from collections.abc import Collection
from pathlib import Path
from typing import Any

from assistant.corpus import article_file, parse_sources
from assistant.corpus_files import read_text
from assistant.errors import CorpusError, DocumentRefusedError
from assistant.ingest.files import Original
from assistant.library.adding import Decide, as_proposed
from assistant.library.changes import changing_corpus, commit, drop_questions, entries_of, sources_text
from assistant.library.curated import settle_questions
from assistant.library.drafts import Draft, Facts, check_document, draft_of, free_file
from assistant.library.entries import with_new_text, without_entry
from assistant.library.reports import REFUSED, REPLACED, UNCHANGED, Outcome, outcome_of, text_changes
from assistant.sources import Entry


def replace(
    corpus_dir: Path,
    doc_id: str,
    original: Original,
    facts: Facts | None = None,
    decide: Decide = as_proposed,
    drop_lost_questions: bool = False,
) -> Outcome:
    """Gives an article another text; what was said of it stays unless `facts` say otherwise.

    A curated question whose quote the new text has not must go first: with `drop_lost_questions`, or by hand.
    Raises `CorpusError`, `BuildBusyError`.
    """
    with changing_corpus(corpus_dir):
        old = _entry(corpus_dir, doc_id)
        before = read_text(article_file(corpus_dir, old))[0]
        try:
            draft = draft_of(original, _over(old, facts or Facts()))
            standing = {skip.text for skip in old.skipped if _stands(skip.text, skip.start, draft.text)}
            new = tuple(each for each in draft.proposed if each.text not in standing)
            draft = decide(dataclasses.replace(draft, proposed=new))
            if draft.sha256 == old.sha256:
                return Outcome(original.name, UNCHANGED, doc_id, message=f"{doc_id} has this text already")
            lost = [skip.text for skip in old.skipped if skip.text not in standing]
            fields = {**_changed(old, draft), "file": free_file(corpus_dir, doc_id, draft)}
            sources = sources_text(corpus_dir)
            candidate = with_new_text(
                sources, doc_id, fields, draft.sha256, draft.origin, lost, draft.skipped
            )
            notes = [f"no longer in the text, so no longer skipped: {text}" for text in lost]
            notes += settle_questions(corpus_dir, doc_id, draft.text, drop_lost_questions)
            [entry] = [each for each in parse_sources(corpus_dir, candidate) if each.id == doc_id]
            check_document(corpus_dir, entry, draft.text)
        except DocumentRefusedError as error:
            return Outcome(original.name, REFUSED, doc_id, reason=error.reason, message=str(error))
        commit(corpus_dir, candidate, {entry.file: draft.text})
        outcome = outcome_of(original.name, REPLACED, doc_id, draft, text_changes(before, draft.text))
        return dataclasses.replace(outcome, notes=(*outcome.notes, *notes))


def remove(corpus_dir: Path, doc_ids: Collection[str]) -> None:
    """Takes articles away, with their questions. Raises `CorpusError` if one is not there, or none would stay."""
    with changing_corpus(corpus_dir):
        sources = sources_text(corpus_dir)
        names = {_entry(corpus_dir, doc_id).id for doc_id in doc_ids}
        if len(names) == len(entries_of(corpus_dir)):
            raise CorpusError("A corpus needs at least one article. Add another before you remove the last.")
        for doc_id in names:
            sources = without_entry(sources, doc_id)
        commit(corpus_dir, sources, {})
        for doc_id in names:
            drop_questions(corpus_dir, doc_id)


def _entry(corpus_dir: Path, doc_id: str) -> Entry:
    entries = {entry.id: entry for entry in entries_of(corpus_dir)}
    if doc_id not in entries:
        raise CorpusError(
            f"There is no article with the id {doc_id!r}. See them with: python -m assistant list"
        )
    return entries[doc_id]


def _over(old: Entry, facts: Facts) -> Facts:
    """What is said now, and what was said before where nothing is."""
    return Facts(
        facts.title or old.title,
        facts.publisher or old.publisher,
        facts.url or old.url,
        facts.licence or old.licence,
        facts.reviewed or old.reviewed,
        facts.about or old.subjects,
        facts.encoding,
    )


def _changed(old: Entry, draft: Draft) -> dict[str, Any]:
    """What is now said otherwise than before."""
    return {name: value for name, value in draft.facts.items() if getattr(old, name) != value}


def _stands(text: str, start: int | None, new: str) -> bool:
    return new.count(text) == 1 if start is None else new.startswith(text, start)
