"""Exact search with FAISS; the only file that imports it."""

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

if TYPE_CHECKING:
    import faiss


class FaissFlatStore:
    """Rows live in an `IndexFlatIP` that is never altered: `add` puts a larger one in its place.

    That is made once it is needed: to import FAISS takes longer than many a cold start has, and few need it.
    """

    def __init__(self, dim: int) -> None:
        self._dim = check_dim(dim)
        self._index: faiss.Index | None = None
        self._added: list[Vectors] = []
        self._one_at_a_time = Lock()

    def __len__(self) -> int:
        with self._one_at_a_time:
            return (0 if self._index is None else int(self._index.ntotal)) + sum(map(len, self._added))

    @property
    def dim(self) -> int:
        """Numbers in a row."""
        return self._dim

    def add(self, vectors: Vectors) -> None:
        """Append float32 unit rows `[n, dim]`; raises `ValueError`."""
        # A copy, for whoever adds may alter their own.
        rows = check_rows(vectors, self.dim).copy()
        with self._one_at_a_time:
            self._added.append(rows)

    def _whole(self) -> "faiss.Index":
        """The index with all that was added."""
        import faiss

        with self._one_at_a_time:
            if self._added or self._index is None:
                # FAISS crashes when an index is searched while rows are added to it.
                known = self._index
                larger = faiss.IndexFlatIP(self.dim) if known is None else faiss.clone_index(known)
                for rows in self._added:
                    larger.add(rows)
                self._index, self._added = larger, []
            return self._index

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """Scores and rows `[m, min(k, len(self))]`, best first, ties by row; raises `ValueError`."""
        import faiss

        index = self._whole()
        queries = check_rows(queries, self.dim)
        shape = len(queries), min(check_k(k), index.ntotal)
        scores, rows = np.empty(shape, np.float32), np.empty(shape, np.int64)
        # OpenMP keeps this number for each thread, so setting it once on import would not reach the others.
        faiss.omp_set_num_threads(1)
        # One by one: from 20 queries on, FAISS uses BLAS, whose scores depend on the other queries.
        for number in range(len(queries)):
            scores[number], rows[number] = _best(index, queries[number : number + 1], shape[1])
        return scores, rows

    def save(self, path: Path) -> None:
        """Write the rows as one NumPy file; raises `OSError`."""
        index = self._whole()
        write_vectors(path, index.reconstruct_n(0, index.ntotal))

    @classmethod
    def load(cls, path: Path) -> "FaissFlatStore":
        """The store of the rows in the file; raises `IndexDamagedError`."""
        vectors = read_vectors(path)
        store = cls(vectors.shape[1])
        store._added.append(vectors)
        return store


def _best(index: "faiss.Index", query: Vectors, k: int) -> tuple[Scores, Rows]:
    # FAISS neither orders ties nor says which it dropped: fetch on until a lower score follows the k-th.
    if k == 0:
        return np.empty(0, np.float32), np.empty(0, np.int64)
    fetched = min(k + 1, index.ntotal)
    scores, rows = index.search(query, fetched)
    while scores[0, -1] == scores[0, k - 1] and fetched < index.ntotal:
        fetched = min(2 * fetched, index.ntotal)
        scores, rows = index.search(query, fetched)
    order = np.lexsort((rows[0], -scores[0]))[:k]
    return scores[0, order], rows[0, order]
