"""Deletes index generations that are no longer kept, and what was left unfinished."""

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from assistant.storage.files import TEMPORARY
from assistant.storage.opening import Generation, known_generations, verified

KEPT = 3
_TRASH = ".trash-"


def collect(index_dir: Path, current: str) -> None:
    """Deletes what is older than the last few generations, the current one and whole ones kept first."""
    # The new index already serves: what cannot be deleted now is no failure, the next build tries again.
    with suppress(OSError):
        others = [known for known in known_generations(index_dir) if known.build_id != current]
        for known in _no_longer_kept(others):
            set_aside(known.path)
        sweep(index_dir)


def _no_longer_kept(others: Sequence[Generation]) -> list[Generation]:
    """Those besides the current one to be deleted, of all from the newest on; none is verified that need not be."""
    room = KEPT - 1
    if len(others) <= room:
        return []
    whole, altered = list[Generation](), list[Generation]()
    for place, known in enumerate(others):
        if len(whole) == room:
            return [*altered, *others[place:]]
        (altered if verified(known).problem else whole).append(known)
    return altered[room - len(whole) :]


def set_aside(folder: Path) -> None:
    """Puts a generation among what `sweep` deletes; raises `OSError`."""
    # Renamed before it is deleted, so that a generation half deleted never bears a generation's name.
    trash = tempfile.mkdtemp(prefix=_TRASH, dir=folder.parent)
    folder.rename(Path(trash, folder.name))


def sweep(index_dir: Path) -> None:
    """Deletes what was set aside or left unfinished; raises `OSError`."""
    for path in list(index_dir.iterdir()):
        if not path.name.startswith((TEMPORARY, _TRASH)):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
