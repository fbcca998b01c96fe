"""The files of the corpus: where they lie, how they are read, and the one number that tells if any changed."""

import hashlib
from pathlib import Path

from assistant.errors import CorpusError
from assistant.storage.files import sha256_of

SOURCES = "sources.toml"
ARTICLES = "articles"
QUESTIONS = "questions"
PENDING = ".pending"
"""Names the article files that a change is about to list or has just unlisted, one a line: see library/."""


def read_text(path: Path) -> tuple[str, str]:
    """A file's text, every character kept as it is in the file, and the SHA-256 of its bytes."""
    try:
        raw = path.read_bytes()
        return raw.decode("utf-8"), hashlib.sha256(raw).hexdigest()
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path} is not UTF-8 text (byte {error.start}). Save it as UTF-8, then run build again."
        ) from error
    except OSError as error:
        raise CorpusError(f"{path} cannot be read ({error.strerror}).") from error


def pending(corpus_dir: Path) -> set[str]:
    """The article files that an unfinished change may have left unlisted."""
    path = corpus_dir / PENDING
    return set(read_text(path)[0].splitlines()) if path.is_file() else set()


def files_sha256(corpus_dir: Path) -> str:
    """Over the names and bytes of all files that a corpus is read from: where it is the same, so is the corpus.

    Far quicker than reading what they say. Raises `CorpusError`.
    """
    names = [SOURCES, PENDING, *_inside(corpus_dir / ARTICLES), *_inside(corpus_dir / QUESTIONS)]
    whole = hashlib.sha256()
    try:
        for name in names:
            path = corpus_dir / name
            if path.is_file():
                whole.update(f"{name}\0{sha256_of(path)}\0".encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise CorpusError(f"{path} cannot be read ({error.strerror}).") from error
    return whole.hexdigest()


def _inside(folder: Path) -> list[str]:
    return [f"{folder.name}/{path.name}" for path in sorted(folder.iterdir())] if folder.is_dir() else []
