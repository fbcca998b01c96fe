"""Vectors and topics of the generation before, taken over for every text that is the same word for word."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.content import IndexContent, read_content
from assistant.encoder import Encoder, Progress, Vectors
from assistant.errors import IndexDamagedError, IndexMissingError, IndexStaleError
from assistant.storage.arrays import RowSource
from assistant.storage.manifest import Manifest
from assistant.storage.opening import open_last_good, verify_current
from assistant.topics.labelling import KnownTopics

_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Served:
    """The generation that serves while a new one is built."""

    manifest: Manifest
    content: IndexContent


def served(index_dir: Path) -> Served | None:
    """The current generation, or the last good one, every byte verified; None if there is none that is whole."""
    for opener in (verify_current, open_last_good):
        try:
            folder, manifest = opener(index_dir)
            return Served(manifest, read_content(folder, hashes=True))
        except (IndexMissingError, IndexDamagedError, IndexStaleError):
            continue
    return None


def known_topics(before: Served | None) -> KnownTopics:
    """The topics that a generation's passages were recognised to speak of."""
    if before is None or not before.content.labelled:
        return KnownTopics()
    keys = zip(before.content.labelled, before.content.passages, strict=True)
    return KnownTopics({key: passage.topics for key, passage in keys if key})


def hash_of(text: str) -> str:
    """SHA-256 of a text exactly as it is encoded."""
    return hashlib.sha256(text.encode()).hexdigest()


class ReusingEncoder:
    """An encoder that knows the rows of the texts of a generation, and of those it met last.

    `encoded` and `reused` count the texts of `encode_passages`.
    """

    def __init__(self, encoder: Encoder, before: Served | None) -> None:
        """A generation made by another encoder, or in another precision, is of no use."""
        self._encoder = encoder
        self.name, self.revision, self.precision = encoder.name, encoder.revision, encoder.precision
        self.dim, self.max_tokens = encoder.dim, encoder.max_tokens
        self.encoded = self.reused = 0
        own = encoder.name, encoder.revision, encoder.precision
        made_by = before.manifest.encoder if before else None
        same = made_by is not None and (made_by.name, made_by.revision, made_by.precision) == own
        self._known = _KnownRows(before.content) if before and same else None
        self._met: dict[str, Vectors] = {}

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, special tokens counted."""
        return self._encoder.count_tokens(text)

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """One row a query."""
        return self._encoder.encode_queries(queries)

    def encode_passages(self, passages: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One row a passage; only those not known are encoded."""
        hashes = [hash_of(text) for text in passages]
        found = {key: row for key in set(hashes) if (row := self._find(key)) is not None}
        new = {key: text for key, text in zip(hashes, passages, strict=True) if key not in found}
        if new:
            rows = self._encoder.encode_passages(list(new.values()), progress)
            made = dict(zip(new, rows, strict=True))
            found |= made
            self._remember(made)
        self.encoded += len(new)
        self.reused += len(passages) - len(new)
        empty = np.empty((0, self.dim), np.float32)
        return np.stack([found[key] for key in hashes]) if hashes else empty

    def _find(self, key: str) -> Vectors | None:
        met = self._met.get(key)
        return met if met is not None or self._known is None else self._known.find(key)

    def _remember(self, made: dict[str, Vectors]) -> None:
        self._met |= made
        # The sentences of a passage are met again soon or never: a million are not all kept.
        while len(self._met) > _KEPT:
            del self._met[next(iter(self._met))]


class _KnownRows:
    """The rows of a generation, by the hash of what was encoded."""

    def __init__(self, content: IndexContent) -> None:
        self._rows: list[RowSource] = [content.vectors, content.sentence_vectors, content.question_vectors]
        self._places = {key: place for place, key in enumerate(content.encoded)}

    def find(self, key: str) -> Vectors | None:
        place = self._places.get(key)
        if place is None:
            return None
        for rows in self._rows:
            if place < len(rows):
                found: Vectors = rows[[place]][0]
                return found
            place -= len(rows)
        return None
