"""Deletes index generations that are no longer kept, and what was left unfinished."""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from assistant.storage.files import TEMPORARY
from assistant.storage.opening import Generation, list_generations

KEPT = 3
_TRASH = ".trash-"


def collect(index_dir: Path, current: str) -> None:
    """Deletes what is older than the last few generations, the current one and whole ones kept first."""

    def worth(known: Generation) -> tuple[bool, bool, int]:
        return known.build_id == current, not known.problem, known.sequence

    # The new index already serves: what cannot be deleted now is no failure, the next build tries again.
    with suppress(OSError):
        for known in sorted(list_generations(index_dir), key=worth, reverse=True)[KEPT:]:
            set_aside(known.path)
        sweep(index_dir)


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
