"""What came of each document, as data for scripts and as words for people."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.ingest.proposals import SkipProposal
from assistant.ingest.types import Dropped
from assistant.library.drafts import Draft
from assistant.sentences import sentence_spans

ADDED, REPLACED, UNCHANGED, REFUSED = "added", "replaced", "unchanged", "refused"
_MOST_SHOWN = 200
_MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one document. `reason` is a word for scripts and `message` a sentence; both empty unless
    it was refused, or stands there already."""

    file: str
    status: str
    doc_id: str = ""
    title: str = ""
    subjects: tuple[str, ...] = ()
    words: int = 0
    dropped: tuple[Dropped, ...] = ()
    skipped: tuple[str, ...] = ()
    proposed_skips: tuple[SkipProposal, ...] = ()
    changes: tuple[str, ...] = ()
    reason: str = ""
    message: str = ""
    notes: tuple[str, ...] = field(default=())


def outcome_of(file: str, status: str, doc_id: str, draft: Draft, changes: tuple[str, ...] = ()) -> Outcome:
    """The outcome of a document that was brought in."""
    return Outcome(
        file,
        status,
        doc_id,
        str(draft.facts["title"]),
        tuple(draft.facts["subjects"]),
        len(draft.text.split()),
        draft.dropped,
        draft.skipped,
        draft.proposed,
        changes,
        notes=draft.notes,
    )


def as_data(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The report that `--json` prints."""
    counts = dict.fromkeys((ADDED, REPLACED, UNCHANGED, REFUSED), 0)
    for outcome in outcomes:
        counts[outcome.status] += 1
    return {"counts": counts, "files": [asdict(outcome) for outcome in outcomes]}


def as_lines(outcome: Outcome) -> Iterator[str]:
    """One document's outcome for people: what became of it, and what was left out of its text."""
    if outcome.status == REFUSED:
        yield f"{outcome.file}: refused: {outcome.message}"
        return
    if outcome.status == UNCHANGED:
        yield f"{outcome.file}: {outcome.message}"
        return
    what = f"{outcome.title!r}, {outcome.words:,} words, about {', '.join(outcome.subjects)}"
    yield f"{outcome.file}: {outcome.status} as {outcome.doc_id}: {what}"
    yield from (f"  {note}" for note in outcome.notes)
    yield from _limited([line for dropped in outcome.dropped for line in _dropped_lines(dropped)])
    yield from _limited(list(outcome.changes))
    for text in outcome.skipped:
        yield f"  never shown: {_short(text)}"
    for proposal in outcome.proposed_skips:
        yield f"  {proposal.why}; to have it never shown, add to this article in sources.toml:"
        yield "    [[article.skipped]]"
        yield f"    text = {_toml(proposal.text)}"


def text_changes(before: str, after: str) -> tuple[str, ...]:
    """The sentences that went (`-`) and came (`+`), in the order of the text."""
    old, new = _sentences(before), _sentences(after)
    changed = difflib.unified_diff(old, new, lineterm="", n=0)
    return tuple(line for line in changed if not line.startswith(("---", "+++", "@@")))


def _sentences(text: str) -> list[str]:
    return [text[start:end].replace("\n", " ") for start, end in sentence_spans(text, 0, len(text))]


def _dropped_lines(dropped: Dropped) -> Iterator[str]:
    yield f"- {_short(dropped.text)}   ({dropped.kind})"
    if dropped.instead:
        yield f"+ {_short(dropped.instead)}"


def _limited(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield f"  … and {len(lines) - _MOST_LINES} more lines; --json shows all"


def _short(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]} … ({len(text):,} characters)"


def _toml(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
