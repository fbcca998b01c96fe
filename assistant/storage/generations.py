"""The folder of index generations, and the file `CURRENT` that names the one in use.

A generation gets its name only once it is whole and on the disk; its payload is never altered afterwards.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from assistant.errors import IndexDamagedError, IndexMissingError, PublishError
from assistant.storage.clearing import collect, set_aside, sweep
from assistant.storage.copies import Copies, copying
from assistant.storage.files import REMEDY, TEMPORARY, sync, write_atomically, writing
from assistant.storage.locking import lock
from assistant.storage.manifest import (
    MANIFEST_FILE,
    FileRecord,
    Manifest,
    is_build_id,
    read_manifest,
    record_files,
    verify_files,
    write_manifest,
)
from assistant.storage.opening import (
    CURRENT,
    ROLLED_BACK,
    around_current,
    is_rolled_back,
    known_generations,
    list_generations,
    names_of,
    readable_id,
    verified,
)


def publish(
    index_dir: Path,
    build_id: str,
    write: Callable[[Path], None],
    finish: Callable[[Mapping[str, FileRecord], int], Manifest],
    copies: Copies | None = None,
) -> Path:
    """Make this generation the current one and return its folder.

    `write` fills an empty folder and must raise if anything could not be written; it is not called if a
    generation of that id is there and whole. `finish` makes the manifest from the files and the sequence.
    `copies` hold it elsewhere before it serves.
    Raises `BuildBusyError`, or `PublishError`, after which the last good generation still serves.
    """
    if not is_build_id(build_id):
        raise ValueError(f"build_id must be 8 to 64 lowercase hex digits, not {build_id!r}")
    with lock(index_dir), writing(index_dir):
        sweep(index_dir)
        if not is_rolled_back(index_dir):
            _forget_rollback(index_dir)
        generations = known_generations(index_dir)
        newest = max((known.sequence for known in generations), default=0)
        same = next((verified(known) for known in generations if known.build_id == build_id), None)
        if same is None or same.manifest is None or same.problem:
            _add(index_dir / build_id, newest + 1, write, finish)
        elif same.sequence < newest:
            _renumber(same.path, replace(same.manifest, sequence=newest + 1))
        _fill(index_dir / build_id, copies)
        _point(index_dir, build_id)
        _forget_rollback(index_dir)
        collect(index_dir, build_id)
        _settle(index_dir, build_id, copies)
    return index_dir / build_id


def serve_again(index_dir: Path, build_id: str, copies: Copies) -> None:
    """Copies the current generation anew where its copies are not as they should be, and tells servers to look.

    Raises `BuildBusyError` or `PublishError`.
    """
    with lock(index_dir), writing(index_dir):
        _fill(index_dir / build_id, copies)
        _point(index_dir, build_id)
        _settle(index_dir, build_id, copies)


def rollback(index_dir: Path, build_id: str = "", copies: Copies | None = None) -> str:
    """Make an earlier generation the current one until the next build, and return its build id.

    That is the one named, or else the newest whole one before the current. Raises `IndexMissingError` if
    there is none, `BuildBusyError` or `PublishError`.
    """
    with lock(index_dir), writing(index_dir):
        current = readable_id(index_dir)
        candidates = list_generations(index_dir) if build_id else around_current(index_dir)[0]
        for known in candidates:
            if known.build_id != current and not known.problem and build_id in ("", known.build_id):
                _fill(known.path, copies)
                write_atomically(index_dir / ROLLED_BACK, known.build_id.encode("ascii") + b"\n")
                _point(index_dir, known.build_id)
                _settle(index_dir, known.build_id, copies)
                return known.build_id
    if build_id:
        raise IndexMissingError(
            f"There is no other whole index {build_id} in {index_dir}. See: python -m assistant generations"
        )
    raise IndexMissingError(f"There is no earlier whole index in {index_dir} to go back to. {REMEDY}")


def _add(
    folder: Path,
    sequence: int,
    write: Callable[[Path], None],
    finish: Callable[[Mapping[str, FileRecord], int], Manifest],
) -> None:
    temporary = folder.with_name(TEMPORARY + folder.name)
    try:
        temporary.mkdir()
        write(temporary)
        files = _settled_files(temporary)
        manifest = finish(files, sequence)
        if (manifest.build_id, manifest.sequence, manifest.files) != (folder.name, sequence, files):
            raise ValueError(f"the manifest is not that of {folder.name}, sequence {sequence}")
        _seal(temporary, manifest)
        if os.path.lexists(folder):
            set_aside(folder)
        temporary.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _settled_files(folder: Path) -> dict[str, FileRecord]:
    with _reading_back():
        files = record_files(folder)
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync(Path(parent, name))
        sync(Path(parent))
    return files


def _seal(folder: Path, manifest: Manifest) -> None:
    write_manifest(folder, manifest)
    sync(folder / MANIFEST_FILE)
    sync(folder)
    with _reading_back():
        verify_files(folder, read_manifest(folder))


@contextmanager
def _reading_back() -> Iterator[None]:
    try:
        yield
    except IndexDamagedError as error:
        raise PublishError(
            f"The new index cannot be used: {error}. The last good one still serves."
        ) from error


def _renumber(folder: Path, manifest: Manifest) -> None:
    temporary = folder.with_name(TEMPORARY + folder.name)
    try:
        temporary.mkdir()
        write_manifest(temporary, manifest)
        sync(temporary / MANIFEST_FILE)
        (temporary / MANIFEST_FILE).replace(folder / MANIFEST_FILE)
        sync(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _point(index_dir: Path, build_id: str) -> None:
    write_atomically(index_dir / CURRENT, build_id.encode("ascii") + b"\n")


def _fill(folder: Path, copies: Copies | None) -> None:
    if copies:
        with copying("The last good index still serves."):
            copies.fill(folder)


def _settle(index_dir: Path, build_id: str, copies: Copies | None) -> None:
    if copies:
        with copying("The index serves all the same; to finish, run: python -m assistant build"):
            copies.settle(build_id, names_of(index_dir))


def _forget_rollback(index_dir: Path) -> None:
    with suppress(OSError):
        (index_dir / ROLLED_BACK).unlink(missing_ok=True)
