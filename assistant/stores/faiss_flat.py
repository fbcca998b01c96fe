"""Exact search with FAISS."""

from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

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
from assistant.stores.flat import best_rows

if TYPE_CHECKING:
    import faiss


FEW = 256
"""So many rows are compared by NumPy alone: to import FAISS takes longer than hundreds of such searches."""


class FaissFlatStore:
    """Rows live in an `IndexFlatIP` that is never altered: more rows put a larger one in its place.

    It is made at the first search of more than `FEW` rows, and FAISS imported no earlier.
    """

    def __init__(self, dim: int) -> None:
        self._index: faiss.Index | None = None
        self._added = [np.empty((0, check_dim(dim)), np.float32)]
        self._one_at_a_time = Lock()

    def __len__(self) -> int:
        with self._one_at_a_time:
            return (0 if self._index is None else int(self._index.ntotal)) + sum(map(len, self._added))

    @property
    def dim(self) -> int:
        """Numbers in a row."""
        return int(self._added[0].shape[1])

    def add(self, vectors: Vectors) -> None:
        """Append float32 unit rows `[n, dim]`; raises `ValueError`."""
        # A copy, for whoever adds may alter their own.
        rows = check_rows(vectors, self.dim).copy()
        with self._one_at_a_time:
            self._added = [*self._added, rows]

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """Scores and rows `[m, min(k, len(self))]`, best first, ties by row; raises `ValueError`."""
        queries = check_rows(queries, self.dim)
        index = self._whole()
        if isinstance(index, np.ndarray):
            count, best = len(index), partial(best_rows, index)
        else:
            count, best = int(index.ntotal), partial(_best, index)
        shape = len(queries), min(check_k(k), count)
        scores, rows = np.empty(shape, np.float32), np.empty(shape, np.int64)
        # One by one: from 20 queries on, FAISS uses BLAS, whose scores depend on the other queries.
        for number, query in enumerate(queries):
            scores[number], rows[number] = best(query, shape[1])
        return scores, rows

    def _whole(self) -> "faiss.Index | Vectors":
        """All that was added: a few rows as they are, or the index of many."""
        with self._one_at_a_time:
            if len(self._added) > 1:
                self._added = [np.concatenate(self._added)]
            index, [added] = self._index, self._added
            if index is None and len(added) <= FEW:
                return added
            if index is None or len(added):
                import faiss

                # FAISS crashes when an index is searched while rows are added to it.
                index = faiss.IndexFlatIP(self.dim) if index is None else faiss.clone_index(index)
                index.add(added)
                self._index, self._added = index, [added[:0].copy()]
            return index

    def save(self, path: Path) -> None:
        """Write the rows as one NumPy file; raises `OSError`."""
        index = self._whole()
        rows = index if isinstance(index, np.ndarray) else index.reconstruct_n(0, index.ntotal)
        write_vectors(path, rows)

    @classmethod
    def load(cls, path: Path) -> "FaissFlatStore":
        """The store of the rows in the file; raises `IndexDamagedError`."""
        vectors = read_vectors(path)
        store = cls(vectors.shape[1])
        store._added = [vectors]
        return store


def _best(index: "faiss.Index", query: Vectors, k: int) -> tuple[Scores, Rows]:
    import faiss

    # OpenMP keeps this number for each thread, so setting it once on import would not reach the others.
    faiss.omp_set_num_threads(1)
    # FAISS neither orders ties nor says which it dropped: fetch on until a lower score follows the k-th.
    if k == 0:
        return np.empty(0, np.float32), np.empty(0, np.int64)
    fetched = min(k + 1, index.ntotal)
    scores, rows = index.search(query[np.newaxis], fetched)
    while scores[0, -1] == scores[0, k - 1] and fetched < index.ntotal:
        fetched = min(2 * fetched, index.ntotal)
        scores, rows = index.search(query[np.newaxis], fetched)
    order = np.lexsort((rows[0], -scores[0]))[:k]
    return scores[0, order], rows[0, order]
