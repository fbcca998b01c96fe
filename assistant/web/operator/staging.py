"""A build that nobody is answered from until a person says so."""

import dataclasses
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from assistant.building import build_id_of, build_index
from assistant.corpus import read_corpus
from assistant.encoder import Encoder
from assistant.encoding import ProgressBar
from assistant.errors import (
    IndexDamagedError,
    IndexMissingError,
    IndexStaleError,
    PublishError,
)
from assistant.messages import LIBRARY
from assistant.settings import Settings
from assistant.storage.copies import Copies
from assistant.storage.files import writing
from assistant.storage.generations import publish
from assistant.storage.manifest import FileRecord, Manifest
from assistant.storage.opening import open_current, open_generation
from assistant.stores import AUTO, copies_for

STAGED = ".staged"
"""A folder of generations inside the folder of generations, which never looks into it."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A generation that waits to be published; `account` says in lines how it differs from the one before."""

    build_id: str
    before: str
    documents: int
    passages: int
    account: tuple[str, ...]


def stage(settings: Settings, encoder: Encoder, progress: ProgressBar, force: bool) -> Staged | None:
    """Builds beside the index that serves, whose vectors are taken over; None if nothing has changed.

    Raises `CorpusError`, `PublishError`, or `VanishingError` unless `force`d.
    """
    corpus = read_corpus(settings.corpus_dir)
    folder = staging_dir(settings)
    discard(settings)
    # Without a whole index there is nothing to take over, and nothing to compare with.
    with suppress(IndexMissingError, IndexDamagedError, IndexStaleError):
        _carry(settings.index_dir, open_current(settings.index_dir)[1].build_id, folder)
    report = build_index(corpus, encoder, folder, progress, force=force, reader=settings.reader)
    if not report.built or report.account is None:
        discard(settings)
        return None
    return Staged(
        report.build_id, report.before, report.documents, report.passages, tuple(report.account.lines())
    )


def differing(settings: Settings, staged: Staged, encoder: Encoder) -> Iterator[str]:
    """One line for each question of the evaluation that gets another answer, and one that counts them."""
    if not staged.before:
        yield LIBRARY["nothing_before"]
        return
    # What waits is copied to no server.
    inside = settings.but(index_dir=staging_dir(settings), store=AUTO)
    # Late, because the package does not import the evaluation.
    try:
        compare = import_module("evaluation.comparing").compare
    except ImportError:
        yield LIBRARY["no_evaluation"]
        return
    yield from compare(inside, staged.before, staged.build_id, encoder)


def publish_staged(settings: Settings, staged: Staged, encoder: Encoder) -> None:
    """Makes the staged generation the one that serves. Raises `PublishError` if the articles changed since."""
    if build_id_of(read_corpus(settings.corpus_dir), encoder, settings.reader) != staged.build_id:
        raise PublishError(LIBRARY["changed_since"])
    copies = copies_for(settings.searched_by)
    _carry(staging_dir(settings), staged.build_id, settings.index_dir, copies)
    discard(settings)


def discard(settings: Settings) -> None:
    """Forgets what is staged."""
    with writing(settings.index_dir):
        if staging_dir(settings).exists():
            shutil.rmtree(staging_dir(settings))


def staging_dir(settings: Settings) -> Path:
    """Where a build waits."""
    return settings.index_dir / STAGED


def _carry(source: Path, build_id: str, target: Path, copies: Copies | None = None) -> None:
    """Publishes a generation of one folder in another, every byte verified."""
    folder, manifest = open_generation(source, build_id, whole=True)

    def write(new: Path) -> None:
        for name in manifest.files:
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, new / name)

    def finish(files: Mapping[str, FileRecord], sequence: int) -> Manifest:
        if files != manifest.files:
            raise PublishError(LIBRARY["not_copied"])
        return dataclasses.replace(manifest, files=files, sequence=sequence)

    publish(target, build_id, write, finish, copies)
