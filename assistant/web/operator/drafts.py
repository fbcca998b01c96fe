"""Documents that were sent and read, until a person has looked at them and decided."""

import dataclasses
import io
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from assistant.ingest.files import Original, read_pasted
from assistant.ingest.kinds import BY_SUFFIX
from assistant.ingest.refusals import refused
from assistant.library.adding import Decide, add
from assistant.library.drafts import UNKNOWN, Draft, Facts, draft_of
from assistant.library.replacing import replace
from assistant.library.reports import Outcome
from assistant.sources import Entry

MOST_DRAFTS = 12


@dataclass(frozen=True, slots=True)
class Held:
    """A draft, and the article whose text it is to replace, if any."""

    name: str
    draft: Draft
    replaces: str = ""


class Drafts:
    """The drafts of this server, in memory; the oldest goes when there are too many."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._lock = threading.Lock()

    def hold(self, original: Original, replaces: Entry | None = None) -> Held:
        """Reads a document in a child process within its limits. Raises `DocumentRefusedError`."""
        facts = _facts_of(replaces) if replaces else Facts()
        held = Held(secrets.token_hex(8), draft_of(original, facts), replaces.id if replaces else "")
        with self._lock:
            self._held[held.name] = held
            while len(self._held) > MOST_DRAFTS:
                self._held.popitem(last=False)
        return held

    def get(self, name: str) -> Held | None:
        """The draft of that name, if it is still there."""
        return self._held.get(name)

    def drop(self, name: str) -> None:
        """Forgets a draft."""
        with self._lock:
            self._held.pop(name, None)

    def all(self) -> list[Held]:
        """Every draft, the newest first."""
        return list(reversed(self._held.values()))


def original_of(name: str, raw: bytes) -> Original:
    """A file as a browser sent it. Raises `DocumentRefusedError` if its name promises no known kind."""
    plain = PurePosixPath(name.replace("\\", "/")).name
    suffix = PurePosixPath(plain).suffix.lower()
    if suffix not in BY_SUFFIX:
        raise refused("unknown kind", suffix or "no suffix")
    return Original(plain, BY_SUFFIX[suffix], raw)


def pasted(text: str) -> Original:
    """Text from the box. Raises `DocumentRefusedError`."""
    # Browsers send every line end as two characters.
    return read_pasted(io.BytesIO(text.replace("\r\n", "\n").encode("utf-8", "replace")))


def bring_in(
    corpus_dir: Path, held: Held, facts: Facts, skipped: tuple[str, ...], doc_id: str, drop_questions: bool
) -> Outcome:
    """Puts a draft into the corpus as a person has decided. Raises `CorpusError` or `BuildBusyError`."""
    decide = _deciding(facts, skipped)
    if held.replaces:
        original = held.draft.original
        return replace(corpus_dir, held.replaces, original, facts, decide, drop_questions)
    [outcome] = add(corpus_dir, [held.draft.original], facts, doc_id, decide)
    return outcome


def _deciding(facts: Facts, skipped: tuple[str, ...]) -> Decide:
    def decide(draft: Draft) -> Draft:
        unknown = dict.fromkeys(("url", "publisher", "licence", "reviewed"), UNKNOWN)
        said = {**unknown, **facts.given()}
        return dataclasses.replace(draft, facts={**draft.facts, **said}, skipped=skipped, proposed=())

    return decide


def _facts_of(entry: Entry) -> Facts:
    known = {
        name: value
        for name in ("title", "publisher", "url", "licence", "reviewed")
        if (value := getattr(entry, name)) != UNKNOWN
    }
    return Facts(**known, about=entry.subjects)
