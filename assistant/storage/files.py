"""Reading and writing the index's files so that every failure names the file and the remedy."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assistant.errors import CorpusError, IndexDamagedError, PublishError

REMEDY = "Run: python -m assistant build"
THEN_BUILD = "then run: python -m assistant build"
TEMPORARY = ".tmp-"
"""How the names of files and folders begin that are not finished; the next change clears them away."""

_MAY_NOT = "Let this user write there"
_ADVICE = {
    errno.ENOSPC: "Free some space on that disk",
    errno.EDQUOT: "Free some of this user's share of that disk",
    errno.EFBIG: "Raise the limit on the size of files (ulimit -f)",
    errno.EACCES: _MAY_NOT,
    errno.EPERM: _MAY_NOT,
    errno.EROFS: _MAY_NOT,
}


def damaged(path: Path, problem: str) -> IndexDamagedError:
    """The error that names a file, what is wrong with it, and the remedy."""
    return IndexDamagedError(f"{path} {problem}. {REMEDY}")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns an `OSError` into the `IndexDamagedError` that names the file."""
    try:
        yield
    except FileNotFoundError as error:
        raise damaged(path, "is missing") from error
    except OSError as error:
        raise damaged(path, f"cannot be read ({error.strerror})") from error


def read_bounded(path: Path, most: int) -> bytes:
    """A regular file of at most `most` bytes; raises `IndexDamagedError`."""
    with reading(path):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise damaged(path, "is not a regular file")
        with path.open("rb") as file:
            content = file.read(most + 1)
    if len(content) > most:
        raise damaged(path, f"has more than {most} bytes")
    return content


@contextmanager
def writing(index_dir: Path) -> Iterator[None]:
    """Turns an `OSError` into the `PublishError` that says what to correct."""
    try:
        yield
    except OSError as error:
        raise PublishError(
            f"The index could not be written to {index_dir}: {error.strerror or error}. "
            f"{_advice(error)}, {THEN_BUILD}. The last good index still serves."
        ) from error


@contextmanager
def changing(corpus_dir: Path) -> Iterator[None]:
    """Turns an `OSError` into the `CorpusError` that says what to correct."""
    try:
        yield
    except OSError as error:
        raise CorpusError(
            f"The articles in {corpus_dir} could not be changed: {error.strerror or error}. "
            f"{_advice(error)}, then try again. Nothing was changed."
        ) from error


def write_atomically(path: Path, content: bytes) -> None:
    """The file has its old content or all of the new, and is on the disk; raises `OSError`."""
    temporary = path.with_name(TEMPORARY + path.name)
    try:
        temporary.write_bytes(content)
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink()


def _advice(error: OSError) -> str:
    return _ADVICE.get(error.errno or 0, "Correct that")


def file_sizes(folder: Path) -> dict[str, int]:
    """Bytes of every file below a folder, by name; raises `IndexDamagedError` for links and the like."""
    sizes: dict[str, int] = {}
    pending = [folder]
    while pending:
        with reading(current := pending.pop()):
            entries = [(entry, entry.lstat()) for entry in current.iterdir()]
        for entry, status in entries:
            if stat.S_ISDIR(status.st_mode):
                pending.append(entry)
            elif stat.S_ISREG(status.st_mode):
                sizes[entry.relative_to(folder).as_posix()] = status.st_size
            else:
                raise damaged(entry, "is not a regular file")
    return sizes


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in lowercase hex; raises `OSError`."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def sync(path: Path) -> None:
    """Have a file or a folder on the disk before going on; raises `OSError`."""
    # Windows can do this neither for a folder nor for a file opened to read.
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
