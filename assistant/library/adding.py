"""Brings documents into the corpus, each with its entry in sources.toml."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import reduce
from itertools import islice
from pathlib import Path
from typing import Any

from assistant.corpus import parse_sources
from assistant.errors import CorpusError, DocumentRefusedError
from assistant.ingest.files import Original, files_in, read_original
from assistant.ingest.refusals import refused
from assistant.library.changes import changing_corpus, commit, entries_of, sources_text
from assistant.library.drafts import Draft, Facts, check_document, draft_of, free_file
from assistant.library.entries import entry_text, new_id, with_entry
from assistant.library.reports import ADDED, REFUSED, UNCHANGED, Outcome, outcome_of
from assistant.sources import Entry

Decide = Callable[[Draft], Draft]
"""Asked before a document is brought in; a person may change what is said of it."""

_AT_ONCE = 50


def as_proposed(draft: Draft) -> Draft:
    """Accepts the draft as it is: proposed stretches stay in the text and are reported."""
    return draft


def accept_skips(draft: Draft) -> Draft:
    """Accepts every stretch that is proposed to be never shown."""
    return draft.accepting(draft.proposed)


def add(
    corpus_dir: Path,
    sources: Iterable[Path | Original],
    facts: Facts | None = None,
    doc_id: str = "",
    decide: Decide = as_proposed,
) -> Iterator[Outcome]:
    """Brings in files, the files of folders, or originals read elsewhere; yields what came of each.

    A document that is refused stops none of the others. Raises `CorpusError` if the corpus itself cannot be
    read or written, `BuildBusyError` if another command is changing it.
    """
    facts = facts or Facts()
    given = _originals(sources)
    with changing_corpus(corpus_dir):
        while batch := list(islice(given, _AT_ONCE)):
            yield from _add_batch(corpus_dir, batch, facts, doc_id, decide)


def _originals(sources: Iterable[Path | Original]) -> Iterator[tuple[str, Original | DocumentRefusedError]]:
    for source in sources:
        if isinstance(source, Original):
            yield source.name, source
        elif source.is_dir():
            for path in files_in(source):
                yield str(path.relative_to(source)), _read(path, source)
        else:
            yield source.name, _read(source, None)


def _read(path: Path, inside: Path | None) -> Original | DocumentRefusedError:
    try:
        return read_original(path, inside)
    except DocumentRefusedError as error:
        return error


def _add_batch(
    corpus_dir: Path,
    batch: list[tuple[str, Original | DocumentRefusedError]],
    facts: Facts,
    doc_id: str,
    decide: Decide,
) -> Iterator[Outcome]:
    """One change of the corpus for several documents: one by one, each would cost as much as all."""
    entries = {entry.id: entry for entry in entries_of(corpus_dir)}
    listed, new, outcomes = list[str](), dict[str, str](), list[Outcome]()
    for name, original in batch:
        try:
            if isinstance(original, DocumentRefusedError):
                raise original
            if known := _known(entries.values(), original.sha256):
                outcomes.append(_already(name, known))
                continue
            draft = decide(draft_of(original, facts))
            if known := _known(entries.values(), draft.sha256):
                outcomes.append(_already(name, known))
                continue
            entry = entry_text(_fields(corpus_dir, draft, doc_id, entries))
            [added] = parse_sources(corpus_dir, entry)
            check_document(corpus_dir, added, draft.text)
        except DocumentRefusedError as error:
            outcomes.append(Outcome(name, REFUSED, reason=error.reason, message=str(error)))
            continue
        except CorpusError as error:
            outcomes.append(Outcome(name, REFUSED, reason="entry", message=str(error)))
            continue
        entries[added.id], new[added.file] = added, draft.text
        listed.append(entry)
        outcomes.append(outcome_of(name, ADDED, added.id, draft))
    if new:
        # Read only now: meanwhile a person may have written something into it.
        commit(corpus_dir, reduce(with_entry, listed, sources_text(corpus_dir)), new)
    yield from outcomes


def _known(entries: Iterable[Entry], sha256: str) -> Entry | None:
    for entry in entries:
        if sha256 in (entry.sha256, entry.original.sha256 if entry.original else ""):
            return entry
    return None


def _fields(corpus_dir: Path, draft: Draft, doc_id: str, entries: Collection[str]) -> dict[str, Any]:
    """The entry of sources.toml."""
    if doc_id in entries:
        raise refused("taken", f"{doc_id}: to put another text in its place, use replace")
    name = doc_id or new_id(str(draft.facts["title"]), draft.original.name, entries)
    return {
        "id": name,
        "file": free_file(corpus_dir, name, draft),
        **draft.facts,
        "sha256": draft.sha256,
        "original": draft.origin,
        "skipped": draft.skipped,
    }


def _already(name: str, entry: Entry) -> Outcome:
    return Outcome(name, UNCHANGED, entry.id, message=f"already in the corpus as {entry.id}")
