"""The list `SHA256SUMS` beside files that ship with the package, as `sha256sum` writes and `sha256sum -c` reads it."""

from pathlib import Path

from assistant.storage.files import sha256_of

SUMS = "SHA256SUMS"


def verify_listed(folder: Path, *names: str) -> None:
    """Raises `ValueError` or `OSError` unless these files are listed in the folder and are as listed."""
    lines = (folder / SUMS).read_text(encoding="ascii").splitlines()
    listed = {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
    for name in names:
        if listed.get(name) != sha256_of(folder / name):
            raise ValueError(f"{name} is not the file that {SUMS} lists")
