"""Reads the files a person names, or those in a folder they name, without ever following a trap."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from assistant.ingest.kinds import BY_SUFFIX
from assistant.ingest.limits import MIB, MOST_BYTES, MOST_FILES
from assistant.ingest.refusals import refused


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes that somebody gave: their file's name, and what kind of document that name promises."""

    name: str
    kind: str
    raw: bytes

    @property
    def sha256(self) -> str:
        """Of the bytes, in lowercase hex."""
        return hashlib.sha256(self.raw).hexdigest()


def files_in(folder: Path) -> Iterator[Path]:
    """Every file below a folder in the order of their names, hidden ones and unknown kinds left out.

    What is no regular file is yielded too, so that it is refused with a reason. Raises
    `DocumentRefusedError` if there are too many.
    """
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked = [name for name in folders if Path(parent, name).is_symlink()]
        # os.walk does not go into linked folders; named here, they are refused and not passed over.
        known = [
            name for name in names if Path(name).suffix.lower() in BY_SUFFIX and not name.startswith(".")
        ]
        found += [Path(parent, name) for name in (*known, *linked)]
        if len(found) > MOST_FILES:
            raise refused("too large", f"more than {MOST_FILES:,} files in one folder")
    yield from sorted(found)


def read_original(path: Path, inside: Path | None = None) -> Original:
    """The bytes of one file; `inside` is the folder that it must not lead out of.

    Raises `DocumentRefusedError`.
    """
    try:
        if inside is not None and not path.resolve().is_relative_to(inside.resolve()):
            raise refused("link")
        raw = _read_regular(path)
    except OSError as error:
        raise refused("unreadable", error.strerror or str(error)) from error
    except RuntimeError as error:
        raise refused("link", "it leads in a circle") from error
    kind = BY_SUFFIX.get(path.suffix.lower())
    if kind is None:
        raise refused("unknown kind", path.suffix or "no suffix")
    return Original(path.name, kind, raw)


def read_pasted(stream: BinaryIO) -> Original:
    """Text given on standard input. Raises `DocumentRefusedError`."""
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise refused("too large", f"more than {MOST_BYTES // MIB} MiB")
    return Original("pasted", "text", raw)


def _read_regular(path: Path) -> bytes:
    # Opened without waiting, and only then looked at: a name can change its meaning in between.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:  # noqa: PTH123
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise refused("not a file", _what(status.st_mode))
        if status.st_size > MOST_BYTES:
            raise refused("too large", f"{status.st_size / MIB:,.0f} MiB; at most {MOST_BYTES // MIB}")
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise refused("too large", f"more than {MOST_BYTES // MIB} MiB")
    return raw


def _what(mode: int) -> str:
    names = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((name for test, name in names if test(mode)), "a device")
