"""Which index generations there are, which of them is the current one, and whether its files are whole."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.errors import IndexDamagedError, IndexMissingError, IndexStaleError
from assistant.storage.files import REMEDY, damaged, read_bounded, reading
from assistant.storage.manifest import MANIFEST_FILE, Manifest, is_build_id, read_manifest, verify_files

CURRENT = "CURRENT"
ROLLED_BACK = "ROLLED_BACK"
"""Names the generation that a person went back to; it counts only while that is the current one."""
Sign = tuple[int, int, bytes]


@dataclass(frozen=True, slots=True)
class Generation:
    """A folder named like a generation; `problem` says what is wrong with it, as far as that was looked for.

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


def open_current(index_dir: Path) -> tuple[Path, Manifest]:
    """The current generation, every file verified or to be so block by block.

    Raises `IndexMissingError`, `IndexDamagedError` or `IndexStaleError`.
    """
    return open_generation(index_dir, current_id(index_dir))


def verify_current(index_dir: Path) -> tuple[Path, Manifest]:
    """The current generation, every byte verified now. Raises what `open_current` raises."""
    return open_generation(index_dir, current_id(index_dir), whole=True)


def open_generation(index_dir: Path, build_id: str, *, whole: bool = False) -> tuple[Path, Manifest]:
    """The generation of that id, every file verified or, unless the `whole` is, to be so block by block.

    Raises `IndexDamagedError` or `IndexStaleError`.
    """
    folder = index_dir / build_id
    manifest = own_manifest(folder)
    verify_files(folder, manifest, whole)
    return folder, manifest


def open_last_good(index_dir: Path) -> tuple[Path, Manifest]:
    """The first of the `whole_generations`; raises what they raise."""
    return whole_generations(index_dir)[0]


def whole_generations(index_dir: Path) -> list[tuple[Path, Manifest]]:
    """Those up to the current one, newest first, and then later ones.

    Raises `IndexMissingError`, or `IndexDamagedError` if no generation is whole.
    """
    earlier, later = around_current(index_dir)
    whole = [(k.path, k.manifest) for k in earlier + later if k.manifest and not k.problem]
    if not whole:
        raise IndexDamagedError(f"No index in {index_dir} is whole. {REMEDY}")
    return whole


def is_rolled_back(index_dir: Path) -> bool:
    """Whether the current generation is one that a person went back to."""
    try:
        return (index_dir / ROLLED_BACK).read_text(encoding="ascii") == current_id(index_dir) + "\n"
    except (OSError, UnicodeDecodeError, IndexMissingError, IndexDamagedError):
        return False


def list_generations(index_dir: Path) -> list[Generation]:
    """Every generation, newest first, each verified now; empty if there is no folder."""
    return [verified(known) for known in known_generations(index_dir)]


def known_generations(index_dir: Path) -> list[Generation]:
    """Every generation, newest first, by its manifest alone: to verify a large one takes long."""
    generations = [_known(index_dir / name) for name in names_of(index_dir)]
    return sorted(generations, key=lambda known: known.sequence, reverse=True)


def verified(known: Generation) -> Generation:
    """The generation with what is wrong with its files now, if anything."""
    if known.manifest is None:
        return known
    try:
        verify_files(known.path, known.manifest)
    except IndexDamagedError as error:
        return replace(known, problem=str(error))
    return known


def names_of(index_dir: Path) -> list[str]:
    """The names of all generations; none if there is no folder."""
    if not os.path.lexists(index_dir):
        return []
    with reading(index_dir):
        return sorted(path.name for path in index_dir.iterdir() if is_build_id(path.name))


def _known(folder: Path) -> Generation:
    try:
        return Generation(folder, own_manifest(folder), "")
    except (IndexDamagedError, IndexStaleError) as error:
        return Generation(folder, None, str(error))


def own_manifest(folder: Path) -> Manifest:
    """The manifest of the generation in a folder that bears its name; raises `IndexDamagedError`."""
    if folder.is_symlink():
        raise damaged(folder, "is a link, not a folder")
    manifest = read_manifest(folder)
    if manifest.build_id != folder.name:
        raise damaged(folder / MANIFEST_FILE, f"belongs to the generation {manifest.build_id}")
    return manifest


def current_id(index_dir: Path) -> str:
    """The id that `CURRENT` names; raises `IndexMissingError` or `IndexDamagedError`."""
    path = index_dir / CURRENT
    if not os.path.lexists(path) and not names_of(index_dir):
        raise IndexMissingError(f"There is no index in {index_dir} yet. {REMEDY}")
    content = read_bounded(path, 100).decode("ascii", "replace")
    if not content.endswith("\n") or not is_build_id(content[:-1]):
        raise damaged(path, "does not name a generation")
    return content[:-1]


def readable_id(index_dir: Path) -> str | None:
    """The id that `CURRENT` names, or None if it names none."""
    try:
        return current_id(index_dir)
    except IndexDamagedError:
        return None


def sign_of_current(index_dir: Path) -> Sign | None:
    """Another one for each time that `CURRENT` was written, also with the same words; None if it is not there."""
    path = index_dir / CURRENT
    try:
        status = path.stat()
        return status.st_ino, status.st_mtime_ns, path.read_bytes()[:100]
    except OSError:
        return None


def around_current(index_dir: Path) -> tuple[list[Generation], list[Generation]]:
    """The generations up to the current one, and those after it, newest first."""
    current = readable_id(index_dir)
    generations = list_generations(index_dir)
    newest = next((k.sequence for k in generations if k.manifest and k.build_id == current), None)
    if newest is None:
        return generations, []
    later = [known for known in generations if known.sequence > newest]
    return generations[len(later) :], later
