"""One change of the corpus folder: all of it or none, whenever the power goes.

The files of new articles are written first, then sources.toml is replaced in one step, which is the change,
then the files of old articles go. `.pending` names both kinds meanwhile, so that a corpus in which the change
was cut off reads as before or as after it; the next change clears what was left.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from assistant.corpus import parse_sources
from assistant.corpus_files import ARTICLES, PENDING, QUESTIONS, SOURCES, pending, read_text
from assistant.errors import CorpusError
from assistant.sources import Entry
from assistant.storage.files import TEMPORARY, changing, sync, write_atomically
from assistant.storage.locking import lock

_BUSY = "Another command is changing the articles in {folder}: {who}. Wait until it ends, then try again."
_NEW_SOURCES = """\
# What is known of each article. Unknown is written "unknown", and shown so.
# A passage is never taken from a skipped text; the file itself stays exactly as it was given.
"""


@contextmanager
def changing_corpus(corpus_dir: Path) -> Iterator[None]:
    """Holds the right to change the articles, after clearing what a change that was cut off left behind.

    Raises `BuildBusyError` if another command holds it, `CorpusError` if the folder cannot be written.
    """
    with lock(corpus_dir, _BUSY, changing):
        with changing(corpus_dir):
            (corpus_dir / ARTICLES).mkdir(exist_ok=True)
            _clear(corpus_dir)
        yield


def sources_text(corpus_dir: Path) -> str:
    """The text of sources.toml, or that of one without articles."""
    path = corpus_dir / SOURCES
    return read_text(path)[0] if path.exists() else _NEW_SOURCES


def entries_of(corpus_dir: Path) -> tuple[Entry, ...]:
    """What sources.toml says of each article; none if there is no such file. Raises `CorpusError`."""
    path = corpus_dir / SOURCES
    return parse_sources(corpus_dir, read_text(path)[0]) if path.exists() else ()


def commit(corpus_dir: Path, sources: str, new: Mapping[str, str]) -> None:
    """Writes the new articles (file name -> text) and then `sources`; files that it no longer lists go.

    Raises `CorpusError`, and then nothing has changed.
    """
    before = {entry.file for entry in entries_of(corpus_dir)}
    gone = before - {entry.file for entry in parse_sources(corpus_dir, sources)}
    with changing(corpus_dir):
        try:
            write_atomically(corpus_dir / PENDING, _as_lines(gone | set(new)))
            for name, text in new.items():
                write_atomically(corpus_dir / ARTICLES / name, text.encode())
            write_atomically(corpus_dir / SOURCES, sources.encode())
        finally:
            _clear(corpus_dir)


def drop_questions(corpus_dir: Path, doc_id: str) -> None:
    """Deletes the curated questions of an article that is there no more; raises `CorpusError`."""
    with changing(corpus_dir):
        (corpus_dir / QUESTIONS / f"{doc_id}.toml").unlink(missing_ok=True)


def _as_lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in sorted(names)).encode()


def _clear(corpus_dir: Path) -> None:
    """Deletes what was announced and is not listed, and only then the announcement."""
    listed = {entry.file for entry in entries_of(corpus_dir)}
    for name in pending(corpus_dir) - listed:
        if Path(name).name != name:
            raise CorpusError(
                f"{corpus_dir / PENDING} names {name!r}, which is no article. Delete {PENDING}."
            )
        (corpus_dir / ARTICLES / name).unlink(missing_ok=True)
    for folder in (corpus_dir, corpus_dir / ARTICLES, corpus_dir / QUESTIONS):
        for left in folder.glob(f"{TEMPORARY}*"):
            left.unlink()
    if (corpus_dir / PENDING).exists():
        sync(corpus_dir / ARTICLES)
        (corpus_dir / PENDING).unlink()
