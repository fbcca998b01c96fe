"""The folder of index generations, and the file `CURRENT` that names the one in use.

A generation gets its name only once it is whole and on the disk; its payload is never altered afterwards.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.errors import (
    IndexDamagedError,
    IndexMissingError,
    IndexStaleError,
    PublishError,
)
from assistant.storage.files import REMEDY, damaged, read_bounded, reading, sync, writing
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

KEPT = 3
CURRENT = "CURRENT"

_TEMPORARY, _TRASH = ".tmp-", ".trash-"


@dataclass(frozen=True, slots=True)
class Generation:
    """A folder named like a generation; `problem` is empty if every file verified.

    `manifest` is None if it could not be read; such a generation counts as the oldest.
    """

    path: Path
    manifest: Manifest | None
    problem: str

    @property
    def build_id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def sequence(self) -> int:
        """Its place in the order of publishing."""
        return self.manifest.sequence if self.manifest else 0


def publish(
    index_dir: Path,
    build_id: str,
    write: Callable[[Path], None],
    finish: Callable[[Mapping[str, FileRecord], int], Manifest],
) -> Path:
    """Make this generation the current one and return its folder.

    `write` fills an empty folder and must raise if anything could not be written; it is not called if a
    generation of that id is there and whole. `finish` makes the manifest from the files and the sequence.
    Raises `BuildBusyError`, or `PublishError`, after which the last good generation still serves.
    """
    if not is_build_id(build_id):
        raise ValueError(f"build_id must be 8 to 64 lowercase hex digits, not {build_id!r}")
    with lock(index_dir), writing(index_dir):
        _sweep(index_dir)
        generations = list_generations(index_dir)
        newest = max((known.sequence for known in generations), default=0)
        same = next((known for known in generations if known.build_id == build_id), None)
        if same is None or same.manifest is None or same.problem:
            _add(index_dir / build_id, newest + 1, write, finish)
        elif same.sequence < newest:
            _renumber(same.path, replace(same.manifest, sequence=newest + 1))
        _point(index_dir, build_id)
        _collect(index_dir, build_id)
    return index_dir / build_id


def open_current(index_dir: Path) -> tuple[Path, Manifest]:
    """The current generation, every file verified.

    Raises `IndexMissingError`, `IndexDamagedError` or `IndexStaleError`.
    """
    folder = index_dir / _current_id(index_dir)
    manifest = _own_manifest(folder)
    verify_files(folder, manifest)
    return folder, manifest


def open_last_good(index_dir: Path) -> tuple[Path, Manifest]:
    """The newest whole generation up to the current one; only if there is none, a later one.

    Raises `IndexMissingError`, or `IndexDamagedError` if no generation is whole.
    """
    earlier, later = _around_current(index_dir)
    for known in earlier + later:
        if known.manifest and not known.problem:
            return known.path, known.manifest
    raise IndexDamagedError(f"No index in {index_dir} is whole. {REMEDY}")


def rollback(index_dir: Path) -> str:
    """Make the newest whole generation before the current one the current one, and return its build id.

    Raises `IndexMissingError` if there is none, `BuildBusyError` or `PublishError`.
    """
    with lock(index_dir), writing(index_dir):
        current = _readable_id(index_dir)
        for known in _around_current(index_dir)[0]:
            if known.build_id != current and not known.problem:
                _point(index_dir, known.build_id)
                return known.build_id
    raise IndexMissingError(f"There is no earlier whole index in {index_dir} to go back to. {REMEDY}")


def list_generations(index_dir: Path) -> list[Generation]:
    """Every generation, newest first, each verified now; empty if there is no folder."""
    generations = [_inspect(index_dir / name) for name in _names(index_dir)]
    return sorted(generations, key=lambda known: known.sequence, reverse=True)


def _add(
    folder: Path,
    sequence: int,
    write: Callable[[Path], None],
    finish: Callable[[Mapping[str, FileRecord], int], Manifest],
) -> None:
    temporary = folder.with_name(_TEMPORARY + folder.name)
    try:
        temporary.mkdir()
        write(temporary)
        files = _settled_files(temporary)
        manifest = finish(files, sequence)
        if (manifest.build_id, manifest.sequence, manifest.files) != (folder.name, sequence, files):
            raise ValueError(f"the manifest is not that of {folder.name}, sequence {sequence}")
        _seal(temporary, manifest)
        if os.path.lexists(folder):
            _set_aside(folder)
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
    temporary = folder.with_name(_TEMPORARY + folder.name)
    try:
        temporary.mkdir()
        write_manifest(temporary, manifest)
        sync(temporary / MANIFEST_FILE)
        (temporary / MANIFEST_FILE).replace(folder / MANIFEST_FILE)
        sync(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _point(index_dir: Path, build_id: str) -> None:
    temporary = index_dir / (_TEMPORARY + CURRENT)
    try:
        temporary.write_bytes(build_id.encode("ascii") + b"\n")
        sync(temporary)
        temporary.replace(index_dir / CURRENT)
        sync(index_dir)
    finally:
        with suppress(OSError):
            temporary.unlink()


def _collect(index_dir: Path, current: str) -> None:
    def worth(known: Generation) -> tuple[bool, bool, int]:
        return known.build_id == current, not known.problem, known.sequence

    # The new index already serves: what cannot be deleted now is no failure, the next build tries again.
    with suppress(OSError):
        for known in sorted(list_generations(index_dir), key=worth, reverse=True)[KEPT:]:
            _set_aside(known.path)
        _sweep(index_dir)


def _set_aside(folder: Path) -> None:
    # Renamed before it is deleted, so that a generation half deleted never bears a generation's name.
    trash = tempfile.mkdtemp(prefix=_TRASH, dir=folder.parent)
    folder.rename(Path(trash, folder.name))


def _sweep(index_dir: Path) -> None:
    for path in list(index_dir.iterdir()):
        if not path.name.startswith((_TEMPORARY, _TRASH)):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def _names(index_dir: Path) -> list[str]:
    if not os.path.lexists(index_dir):
        return []
    with reading(index_dir):
        return sorted(path.name for path in index_dir.iterdir() if is_build_id(path.name))


def _inspect(folder: Path) -> Generation:
    manifest = None
    try:
        manifest = _own_manifest(folder)
        verify_files(folder, manifest)
    except (IndexDamagedError, IndexStaleError) as error:
        return Generation(folder, manifest, str(error))
    return Generation(folder, manifest, "")


def _own_manifest(folder: Path) -> Manifest:
    if folder.is_symlink():
        raise damaged(folder, "is a link, not a folder")
    manifest = read_manifest(folder)
    if manifest.build_id != folder.name:
        raise damaged(folder / MANIFEST_FILE, f"belongs to the generation {manifest.build_id}")
    return manifest


def _current_id(index_dir: Path) -> str:
    path = index_dir / CURRENT
    if not os.path.lexists(path) and not _names(index_dir):
        raise IndexMissingError(f"There is no index in {index_dir} yet. {REMEDY}")
    content = read_bounded(path, 100).decode("ascii", "replace")
    if not content.endswith("\n") or not is_build_id(content[:-1]):
        raise damaged(path, "does not name a generation")
    return content[:-1]


def _readable_id(index_dir: Path) -> str | None:
    try:
        return _current_id(index_dir)
    except IndexDamagedError:
        return None


def _around_current(index_dir: Path) -> tuple[list[Generation], list[Generation]]:
    current = _readable_id(index_dir)
    generations = list_generations(index_dir)
    newest = next((k.sequence for k in generations if k.manifest and k.build_id == current), None)
    if newest is None:
        return generations, []
    later = [known for known in generations if known.sequence > newest]
    return generations[len(later) :], later
