"""What an index generation was built from, and the proof that its files are the ones written.

Verify before parsing: altered vectors and text load without complaint and answer wrongly.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from assistant.errors import IndexStaleError
from assistant.storage.blocks import BLOCKS
from assistant.storage.files import REMEDY, damaged, file_sizes, read_bounded, reading, sha256_of

FORMAT = 8
MANIFEST_FILE = "manifest.json"

_MOST_BYTES = 1 << 20
_SHA256 = "[0-9a-f]{64}"
_BUILD_ID = "[0-9a-f]{8,64}"
_FILE_NAME = "{0}(/{0})*".format("[A-Za-z0-9_-][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file's exact size in bytes and its SHA-256 in lowercase hex."""

    size: int
    sha256: str

    def __post_init__(self) -> None:
        _check_whole(0, size=self.size)
        _check_text(_SHA256, sha256=self.sha256)


@dataclass(frozen=True, slots=True)
class EncoderRecord:
    """Which encoder made the vectors, how many numbers each holds, and in which precision it encoded."""

    name: str
    revision: str
    dim: int
    precision: str

    def __post_init__(self) -> None:
        _check_text(".+", name=self.name, revision=self.revision, precision=self.precision)
        _check_whole(1, dim=self.dim)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was indexed."""

    documents: int
    passages: int
    sentences: int

    def __post_init__(self) -> None:
        _check_whole(0, documents=self.documents, passages=self.passages, sentences=self.sentences)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation; the newest has the highest `sequence`, whatever clocks say.

    `files` maps names relative to the generation's folder, parted by `/`; the manifest itself is not in it.
    `corpus` is the hash of what the corpus says, `corpus_files` that of the files it was read from, if any.
    `reader` is the revision of the reader that passages are read by, or `off`.
    """

    build_id: str
    sequence: int
    corpus: str
    splitter: str
    encoder: EncoderRecord
    counts: Counts
    files: Mapping[str, FileRecord]
    corpus_files: str = ""
    reader: str = "off"
    format: int = FORMAT

    def __post_init__(self) -> None:
        _check_text(_BUILD_ID, build_id=self.build_id)
        _check_text(_SHA256, corpus=self.corpus)
        _check_text(f"({_SHA256})?", corpus_files=self.corpus_files)
        _check_text(".+", splitter=self.splitter)
        _check_text(f"off|{_SHA256}", reader=self.reader)
        _check_whole(1, sequence=self.sequence, format=self.format)
        for name in self.files:
            _check_text(_FILE_NAME, file=name)
        if self.format != FORMAT or not self.files or MANIFEST_FILE in self.files:
            raise ValueError(f"format must be {FORMAT}, and files are needed besides {MANIFEST_FILE}")
        object.__setattr__(self, "files", MappingProxyType(dict(self.files)))


def is_build_id(name: str) -> bool:
    """Whether this can name a generation: 8 to 64 lowercase hex digits."""
    return bool(re.fullmatch(_BUILD_ID, name))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `manifest.json`; raises `OSError`."""
    (folder / MANIFEST_FILE).write_bytes(_encode(manifest))


def read_manifest(folder: Path) -> Manifest:
    """The manifest as written; raises `IndexStaleError` for another format, else `IndexDamagedError`."""
    path = folder / MANIFEST_FILE
    content = read_bounded(path, _MOST_BYTES)
    try:
        body = json.loads(content)
        if type(body["format"]) is int and body["format"] != FORMAT:
            raise IndexStaleError(f"{path} was built by another version of this program. {REMEDY}")
        manifest = _decode(body)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise damaged(path, f"is not a whole manifest ({error})") from error
    # Byte for byte, so that the checksum, doubled keys and stray white space need no checks of their own.
    if _encode(manifest) != content:
        raise damaged(path, "was altered: its checksum is not the one recorded")
    return manifest


def record_files(folder: Path) -> dict[str, FileRecord]:
    """The record of every file in a folder; raises `IndexDamagedError` for links and the like."""
    return {name: FileRecord(size, _sha256(folder / name)) for name, size in file_sizes(folder).items()}


def verify_files(folder: Path, manifest: Manifest, whole: bool = True) -> None:
    """Raises `IndexDamagedError` unless the folder holds exactly the manifest's files, byte for byte.

    Unless the `whole` of it is wanted, files that are verified block by block as they are read are left to that.
    """
    sizes = file_sizes(folder)
    sizes.pop(MANIFEST_FILE, None)
    for name in sorted(sizes.keys() | manifest.files.keys()):
        if name not in manifest.files:
            raise damaged(folder / name, "does not belong to this index")
        if name not in sizes:
            raise damaged(folder / name, "is missing")
        if sizes[name] != (size := manifest.files[name].size):
            raise damaged(folder / name, f"has {sizes[name]} bytes instead of {size}")
    for name, record in manifest.files.items():
        if not whole and name + BLOCKS in manifest.files:
            continue
        if _sha256(folder / name) != record.sha256:
            raise damaged(folder / name, "was altered: its SHA-256 is not the one recorded")


def _encode(manifest: Manifest) -> bytes:
    body = {field.name: getattr(manifest, field.name) for field in fields(manifest)}
    body["encoder"] = asdict(manifest.encoder)
    body["counts"] = asdict(manifest.counts)
    body["files"] = {name: asdict(record) for name, record in manifest.files.items()}
    return _canonical({**body, "checksum": hashlib.sha256(_canonical(body)).hexdigest()})


def _canonical(body: Mapping[str, Any]) -> bytes:
    return (json.dumps(body, indent=1, sort_keys=True) + "\n").encode("ascii")


def _decode(body: dict[str, Any]) -> Manifest:
    encoder = EncoderRecord(**body["encoder"])
    counts = Counts(**body["counts"])
    files = {name: FileRecord(**record) for name, record in body["files"].items()}
    known = {name: value for name, value in body.items() if name != "checksum"}
    return Manifest(**{**known, "encoder": encoder, "counts": counts, "files": files})


def _sha256(path: Path) -> str:
    with reading(path):
        return sha256_of(path)


def _check_whole(least: int, **numbers: object) -> None:
    for name, value in numbers.items():
        if type(value) is not int or value < least:
            raise ValueError(f"{name} must be a whole number from {least}, not {value!r}")


def _check_text(pattern: str, **texts: object) -> None:
    for name, value in texts.items():
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(f"{name} cannot be {value!r}")
