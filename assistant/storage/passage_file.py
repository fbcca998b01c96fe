"""Passages as JSON lines, of which each is read only when it is asked for."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import overload

import numpy as np

from assistant.storage.arrays import read_array, write_array
from assistant.storage.blocks import CheckedFile, read_by_block
from assistant.storage.files import damaged, reading
from assistant.types import Passage, Span

PASSAGES = "passages.jsonl"
_LINES = "passage_lines.npy"
_KEPT = 4096
"""Passages that are kept once read: all of a small index, and a few megabytes of a large one."""

_FIELDS = tuple(field.name for field in fields(Passage))


def write_passages(folder: Path, passages: Iterable[Passage]) -> None:
    """One JSON object a passage, and the byte that each line begins at; raises `OSError`."""
    starts = [0]
    with (folder / PASSAGES).open("wb") as file:
        for passage in passages:
            # ASCII only: no character of an article can then look like the end of a line.
            row = {name: getattr(passage, name) for name in _FIELDS}
            line = json.dumps(row, ensure_ascii=True).encode("ascii") + b"\n"
            file.write(line)
            starts.append(starts[-1] + len(line))
    write_array(folder / _LINES, np.array(starts, np.int64))


class StoredPassages(Sequence[Passage]):
    """The passages that `write_passages` wrote to a folder; its files must be verified already, or be verified
    block by block."""

    def __init__(self, folder: Path) -> None:
        """Raises `IndexDamagedError`."""
        path = folder / PASSAGES
        self._file = CheckedFile(path) if read_by_block(path) else _Whole(path)
        with reading(folder / _LINES):
            self._starts = read_array(folder / _LINES)
        if not len(self._starts) or self._starts[-1] != self._file.size:
            raise damaged(folder / _LINES, f"does not belong to {PASSAGES}")
        self._count = len(self._starts) - 1
        self._passage = lru_cache(_KEPT)(self._read)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, row: int) -> Passage: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Passage]: ...
    def __getitem__(self, row: int | slice) -> Passage | Sequence[Passage]:
        """Raises `IndexError`, or `IndexDamagedError` if the file was altered."""
        if isinstance(row, int) and 0 <= row < self._count:
            # Not by way of a range: a question asks for hundreds.
            return self._passage(row)
        rows = range(self._count)[row]
        return self._passage(rows) if isinstance(rows, int) else [self._passage(each) for each in rows]

    def __iter__(self) -> Iterator[Passage]:
        """Not by way of those that are kept: whoever reads all needs none twice."""
        return map(self._read, range(len(self)))

    def _read(self, number: int) -> Passage:
        line = self._file.read(int(self._starts[number]), int(self._starts[number + 1]))
        try:
            row = json.loads(bytes(line))
            return Passage(
                **{
                    **row,
                    "sentences": tuple(Span(*span) for span in row["sentences"]),
                    "topics": tuple(row["topics"]),
                }
            )
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(self._file.path, "cannot be understood") from error


class _Whole:
    """A file that is small enough to be held in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with reading(path):
            self._content = memoryview(path.read_bytes())
        self.size = len(self._content)

    def read(self, start: int, end: int) -> memoryview:
        return self._content[start:end]
