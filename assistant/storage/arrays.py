"""NumPy arrays as files."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.storage.blocks import CheckedFile
from assistant.storage.files import damaged

Rows = NDArray[np.float32]


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write an array as a NumPy file; raises `OSError`, also when only the last few bytes do not fit."""
    # np.save to a file hands small arrays to C's stdio, which loses them on a full disk and raises nothing.
    buffer = BytesIO()
    np.save(buffer, array, allow_pickle=False)
    path.write_bytes(buffer.getbuffer())


def read_array(path: Path) -> NDArray[Any]:
    """The array of a NumPy file. Raises `ValueError` or `OSError`."""
    # Not mapped: of an index that serves, what is altered on the disk would be ranked with, what is cut short would
    # end the process. A million passages take 300 MB for it.
    array: NDArray[Any] = np.load(path, allow_pickle=False)
    return array


class RowList:
    """Rows `[n, dim]` held in memory as they are made."""

    def __init__(self, dim: int) -> None:
        self._rows = [np.empty((0, dim), np.float32)]

    def __enter__(self) -> "RowList":
        return self

    def add(self, rows: Rows) -> None:
        """The next rows."""
        self._rows.append(rows)

    def __exit__(self, *error: object) -> None:
        pass

    def done(self) -> Rows:
        """All rows."""
        return np.concatenate(self._rows)


class RowWriter:
    """Writes rows to a NumPy file as they are made: byte for byte what `write_array` would write."""

    def __init__(self, path: Path, count: int, dim: int) -> None:
        self._path = path
        self._shape = count, dim
        self._written = 0
        self._file = path.open("wb")
        header = {"descr": "<f4", "fortran_order": False, "shape": self._shape}
        np.lib.format.write_array_header_1_0(self._file, header)

    def __enter__(self) -> "RowWriter":
        return self

    def add(self, rows: Rows) -> None:
        """The next rows; raises `OSError`."""
        self._file.write(np.ascontiguousarray(rows, "<f4").data)
        self._written += len(rows)

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._file.close()
        if kind is None and self._written != self._shape[0]:
            raise ValueError(f"{self._written} rows were written instead of {self._shape[0]}")

    def done(self) -> Rows:
        """All rows, read as they are used: of a large build they need not fit in memory."""
        # A plain array on the same memory: each slice of a memmap is made at some cost.
        return np.asarray(np.load(self._path, mmap_mode="r", allow_pickle=False))


class RowFile:
    """The float32 rows of a NumPy file that is verified block by block: only the rows asked for are read."""

    def __init__(self, path: Path) -> None:
        """Raises `IndexDamagedError`."""
        self._file = CheckedFile(path)
        try:
            self.shape, self._start = _header(BytesIO(self._file.read(0, min(self._file.size, 256))))
        except ValueError as error:
            raise damaged(path, f"cannot be read: {error}") from error
        self._bytes = 4 * self.shape[1]
        if self._start + self.shape[0] * self._bytes != self._file.size:
            raise damaged(path, f"does not hold {self.shape[0]} rows")

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Sequence[int]) -> Rows:
        """These rows, `[n, dim]`, in the order asked for. Raises `IndexDamagedError`, `IndexError`."""
        found = np.empty((len(rows), self.shape[1]), np.float32)
        at = 0
        while at < len(rows):
            # Neighbours, such as the sentences of a passage, are read together.
            end = at + 1
            while end < len(rows) and rows[end] == rows[end - 1] + 1:
                end += 1
            found[at:end] = self._run(rows[at], rows[end - 1] + 1)
            at = end
        return found

    def _run(self, first: int, end: int) -> Rows:
        if not 0 <= first < end <= len(self):
            raise IndexError(f"there are no rows {first} to {end}")
        content = self._file.read(self._start + first * self._bytes, self._start + end * self._bytes)
        return np.frombuffer(content, "<f4").reshape(end - first, self.shape[1])


RowSource = Rows | RowFile
"""Rows in memory or on disk: `rows[places]` gives those of a sequence of places."""


def _header(file: Any) -> tuple[tuple[int, int], int]:
    """Shape and place of the first row; raises `ValueError` unless it is of float32 rows, one after another."""
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"it is of NumPy's format {version}")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    if fortran or dtype != np.dtype("<f4") or len(shape) != 2:
        raise ValueError(f"it holds {dtype} of the shape {list(shape)}")
    return (shape[0], shape[1]), file.tell()
