"""The lock on the folder of index generations: one process at a time may change it."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import BuildBusyError, IndexDamagedError
from assistant.storage.files import THEN_BUILD, read_bounded, writing

_LOCK, _HOLDER = ".lock", ".lock-holder"


_BUILDING = "Another build is running in {folder}: {who}. Wait until it ends, " + THEN_BUILD


@contextmanager
def lock(
    folder: Path,
    busy: str = _BUILDING,
    writing: Callable[[Path], AbstractContextManager[None]] = writing,
) -> Iterator[None]:
    """Hold the right to change the folder; the thread that holds it may take it again.

    Raises `BuildBusyError` with the words `busy` at once if another holds it, and what `writing` makes of an
    `OSError` if the folder cannot be written.
    """
    holder = folder / _HOLDER
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        guard = FileLock(folder.resolve() / _LOCK, timeout=0, is_singleton=True)
        again = guard.is_locked
        try:
            guard.acquire()
        except Timeout:
            raise BuildBusyError(busy.format(folder=folder, who=_who(holder))) from None
    try:
        if not again:
            with writing(folder):
                _sign(holder)
        yield
    finally:
        if not again:
            with suppress(OSError):
                holder.unlink()
        guard.release()


def _sign(holder: Path) -> None:
    since = datetime.now(timezone.utc).isoformat(" ", "seconds")
    signature = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
    holder.write_text(json.dumps(signature), encoding="ascii")


def _who(holder: Path) -> str:
    try:
        signature = json.loads(read_bounded(holder, 1000))
        pid, host, since = int(signature["pid"]), str(signature["host"]), str(signature["since"])
    except (IndexDamagedError, ValueError, KeyError, TypeError):
        return "it has not said which process it is"
    # Left by a build that was killed: whoever holds the lock now has not signed yet.
    if host == socket.gethostname() and not _is_running(pid):
        return "it has not said which process it is"
    return f"process {pid} on {host} since {since}"


def _is_running(pid: int) -> bool:
    # On Windows os.kill ends the process, whatever the signal.
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
