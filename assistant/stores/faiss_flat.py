"""Exact search with FAISS; the only file that imports it."""

from pathlib import Path

import faiss
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


class FaissFlatStore:
    """Rows live in an `IndexFlatIP` that is never altered: `add` puts a larger one in its place."""

    def __init__(self, dim: int) -> None:
        self._index: faiss.Index = faiss.IndexFlatIP(check_dim(dim))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Numbers in a row."""
        return int(self._index.d)

    def add(self, vectors: Vectors) -> None:
        """Append float32 unit rows `[n, dim]`; raises `ValueError`."""
        # FAISS crashes when an index is searched while rows are added to it.
        larger = faiss.clone_index(self._index)
        larger.add(check_rows(vectors, self.dim))
        self._index = larger

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """Scores and rows `[m, min(k, len(self))]`, best first, ties by row; raises `ValueError`."""
        index = self._index
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
        index = self._index
        write_vectors(path, index.reconstruct_n(0, index.ntotal))

    @classmethod
    def load(cls, path: Path) -> "FaissFlatStore":
        """The store of the rows in the file; raises `IndexDamagedError`."""
        vectors = read_vectors(path)
        store = cls(vectors.shape[1])
        store.add(vectors)
        return store


def _best(index: faiss.Index, query: Vectors, k: int) -> tuple[Scores, Rows]:
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
