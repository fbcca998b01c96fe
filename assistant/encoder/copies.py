"""Exported copies of an encoder on disk: where they lie, and the proof that one is whole.

A copy is a folder named after the encoder's revision and the exporter's version. It gets its name only once it is
complete and proven equal; its record names every file's size and SHA-256, which are checked before any is parsed.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.encoder.models import Identity
from assistant.errors import EncoderError
from assistant.storage.files import sha256_of

EXPORTER = 4
"""Another number for every change of what is exported."""

RECORD, GRAPH, WEIGHTS, TOKENIZER = "copy.json", "model.onnx", "model.onnx.data", "tokenizer.json"
FILES = (GRAPH, WEIGHTS, TOKENIZER)
EIGHT_BITS = "eight_bits.onnx"
"""The graph in eight bits, where one can be made."""

_REMEDY = "Run: python -m assistant export"


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy is of. `least_cosine` is that of the export's proof: 1 for the very same vectors.

    `files` has each file's SHA-256. Where there is a graph in eight bits, `least_cosine_in_eight_bits` is that of
    its own proof, and `probe` the vector that a fixed text must come near on every machine it is loaded on.
    """

    name: str
    revision: str
    dim: int
    max_tokens: int
    least_cosine: float
    files: Mapping[str, str]
    least_cosine_in_eight_bits: float = 0.0
    probe: Sequence[float] = ()
    exporter: int = EXPORTER


def folder_of(identity: Identity, place: Path) -> Path:
    """Where in the folder `place` a model's copy lies."""
    key = hashlib.sha256(f"{identity.name} {identity.revision} {EXPORTER}".encode()).hexdigest()
    return place / key[:32]


def find_copy(identity: Identity, places: Iterable[Path]) -> Path | None:
    """The first folder with a copy of this model, whole or not."""
    folders = (folder_of(identity, place) for place in places)
    return next((folder for folder in folders if is_copy(folder)), None)


def is_copy(folder: Path) -> bool:
    """Whether a folder holds a copy, whole or not."""
    return (folder / RECORD).is_file()


def record_copy(folder: Path, copy: Copy) -> None:
    """Writes the record of a folder's files; raises `OSError`."""
    (folder / RECORD).write_bytes(_encode(copy))


def read_copy(folder: Path) -> Copy:
    """What a folder holds a copy of; its files are not looked at. Raises `EncoderError`."""
    try:
        content = (folder / RECORD).read_bytes()
        body = json.loads(content)
        copy = Copy(**{name: value for name, value in body.items() if name != "checksum"})
        if (
            _encode(copy) != content
            or set(copy.files) - {EIGHT_BITS} != set(FILES)
            or copy.exporter != EXPORTER
        ):
            raise ValueError("its record was altered or is of another version")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unusable(folder, error) from error
    return copy


def verify(folder: Path, copy: Copy, names: Iterable[str]) -> None:
    """Raises `EncoderError` unless these files are those of the copy's record."""
    for name in names:
        try:
            if sha256_of(folder / name) != copy.files[name]:
                raise ValueError(f"{name} was altered")
        except (OSError, ValueError) as error:
            raise _unusable(folder, error) from error


def hashes_of(folder: Path) -> dict[str, str]:
    """The SHA-256 of a copy's files; raises `OSError`."""
    return {name: sha256_of(folder / name) for name in (*FILES, EIGHT_BITS) if (folder / name).exists()}


def _unusable(folder: Path, error: Exception) -> EncoderError:
    return EncoderError(f"The exported encoder in {folder} cannot be used: {error}. {_REMEDY}")


def _encode(copy: Copy) -> bytes:
    body: dict[str, Any] = {**asdict(copy), "files": dict(copy.files)}
    checksum = hashlib.sha256(_canonical(body)).hexdigest()
    return _canonical({**body, "checksum": checksum})


def _canonical(body: Mapping[str, Any]) -> bytes:
    return (json.dumps(body, indent=1, sort_keys=True) + "\n").encode("ascii")
