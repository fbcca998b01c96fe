"""Exact search with numpy alone: the reference the other engines are held to."""

from pathlib import Path

import numpy as np

from assistant.stores import (
    Rows,
    Scores,
    Vectors,
    check_dim,
    check_k,
    check_rows,
    read_vectors,
    write_vectors,
)


class FlatStore:
    """Every row is compared with every query."""

    def __init__(self, dim: int) -> None:
        self._vectors = np.empty((0, check_dim(dim)), np.float32)

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def dim(self) -> int:
        """Numbers in a row."""
        return int(self._vectors.shape[1])

    def add(self, vectors: Vectors) -> None:
        """Append float32 unit rows `[n, dim]`; raises `ValueError`."""
        self._vectors = np.concatenate([self._vectors, check_rows(vectors, self.dim)])

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """Scores and rows `[m, min(k, len(self))]`, best first, ties by row; raises `ValueError`."""
        vectors = self._vectors
        queries = check_rows(queries, self.dim)
        shape = len(queries), min(check_k(k), len(vectors))
        scores, rows = np.empty(shape, np.float32), np.empty(shape, np.int64)
        for number, query in enumerate(queries):
            scores[number], rows[number] = best_rows(vectors, query, shape[1])
        return scores, rows

    def save(self, path: Path) -> None:
        """Write the rows as one NumPy file; raises `OSError`."""
        write_vectors(path, self._vectors)

    @classmethod
    def load(cls, path: Path) -> "FlatStore":
        """The store of the rows in the file; raises `IndexDamagedError`."""
        vectors = read_vectors(path)
        store = cls(vectors.shape[1])
        store.add(vectors)
        return store


def best_rows(vectors: Vectors, query: Vectors, k: int) -> tuple[Scores, Rows]:
    """Scores and numbers of the best `k` rows of `vectors` for one query `[dim]`, best first, ties by row."""
    # Not `vectors @ query`: BLAS gives equal rows unequal last bits depending on where they lie.
    scores: Scores = np.einsum("ij,j->i", vectors, query)
    rows = np.argsort(-scores, kind="stable")[:k]
    return scores[rows], rows
