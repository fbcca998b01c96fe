"""Approximate search with FAISS for many rows: lists of neighbours (IVF) with a byte a number (SQ8).

What it finds is scored again with the true rows, so that scores are cosines and their order is right; it may
miss a row. How many lists a search visits is measured when the index is built.
"""

from pathlib import Path

import faiss
import numpy as np

from assistant.storage.arrays import RowSource
from assistant.storage.files import damaged, reading
from assistant.stores import Rows, Scores, Vectors, check_k, check_rows

_LISTS_PER_ROOT = 2
"""Lists for each square root of rows: twice as many are no quicker to search and four times as long to learn."""
_LEARNT_FROM = 40
"""Rows a list is learnt from, the least that FAISS does not warn of."""
_ROUNDS = 8
_SEED = 1234
_TRIED, _TOP, _LEAST_RECALL = 200, 10, 0.995
_AT_ONCE = 20_000


class FaissNearStore:
    """Searches the file that `write_near` wrote, beside the true rows."""

    def __init__(self, path: Path, rows: RowSource) -> None:
        """`path` must be verified: FAISS loads altered files. Raises `IndexDamagedError`."""
        with reading(path):
            path.stat()
        try:
            index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise damaged(path, "cannot be read") from error
        if not isinstance(index, faiss.IndexIVF) or (index.ntotal, index.d) != tuple(rows.shape):
            raise damaged(path, "does not belong to these vectors")
        self._index, self._rows = index, rows

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Numbers in a row."""
        return int(self._index.d)

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """Scores and rows `[m, min(k, len(self))]`, best first, ties by row; raises `ValueError`."""
        queries = check_rows(queries, self.dim)
        shape = len(queries), min(check_k(k), len(self))
        scores, rows = np.empty(shape, np.float32), np.empty(shape, np.int64)
        for number, query in enumerate(queries):
            found = _near(self._index, query, shape[1])
            exact = np.einsum("ij,j->i", self._rows[found.tolist()], query)
            order = np.lexsort((found, -exact))[: shape[1]]
            scores[number], rows[number] = exact[order], found[order]
        return scores, rows


def write_near(path: Path, vectors: RowSource, asked: RowSource) -> None:
    """Builds the index of unit rows `[n, dim]` and writes it; raises `OSError`.

    `asked` are rows like those searched for, of which a sample tells how many lists a search must visit to
    find .995 of the nearest ten.
    """
    faiss.omp_set_num_threads(1)
    count, dim = vectors.shape
    lists = min(count, int(_LISTS_PER_ROOT * count**0.5))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim), dim, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.niter, index.cp.seed, index.cp.spherical = _ROUNDS, _SEED, True
    index.cp.min_points_per_centroid = 1
    index.train(_sample(vectors, _LEARNT_FROM * lists))
    for start in range(0, count, _AT_ONCE):
        index.add(vectors[range(start, min(start + _AT_ONCE, count))])
    index.nprobe = _lists_to_visit(index, vectors, _sample(asked, _TRIED))
    # FAISS itself says nothing of a full disk.
    path.write_bytes(faiss.serialize_index(index).data)


def _near(index: faiss.IndexIVF, query: Vectors, k: int) -> Rows:
    """At least k rows or all, more than asked for so that rounding to a byte loses none."""
    # OpenMP keeps this number for each thread, so setting it once on import would not reach the others.
    faiss.omp_set_num_threads(1)
    fetched, visited = min(index.ntotal, k + max(k // 4, 32)), index.nprobe
    chosen = faiss.SearchParametersIVF()
    while True:
        chosen.nprobe = visited
        _, rows = index.search(query[np.newaxis], fetched, params=chosen)
        found: Rows = rows[0][rows[0] >= 0]
        if len(found) >= k or visited >= index.nlist:
            return found
        visited = min(2 * visited, index.nlist)


def _lists_to_visit(index: faiss.IndexIVF, vectors: RowSource, asked: Vectors) -> int:
    nearest = [set(rows.tolist()) for rows in _exactly(vectors, asked)]
    visited = 1
    while visited < index.nlist:
        index.nprobe = visited
        found = [set(_near(index, query, _TOP).tolist()) for query in asked]
        hits = sum(len(own & all_of) for own, all_of in zip(nearest, found, strict=True))
        if hits >= _LEAST_RECALL * sum(map(len, nearest)):
            break
        visited = min(2 * visited, index.nlist)
    return visited


def _exactly(vectors: RowSource, asked: Vectors) -> Rows:
    best = np.empty((len(asked), 0), np.float32)
    rows = np.empty((len(asked), 0), np.int64)
    for start in range(0, len(vectors), _AT_ONCE):
        scores = asked @ vectors[range(start, min(start + _AT_ONCE, len(vectors)))].T
        numbers = np.broadcast_to(np.arange(start, start + scores.shape[1]), scores.shape)
        best, rows = np.concatenate([best, scores], axis=1), np.concatenate([rows, numbers], axis=1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :_TOP]
        best, rows = np.take_along_axis(best, order, 1), np.take_along_axis(rows, order, 1)
    return rows


def _sample(rows: RowSource, most: int) -> Vectors:
    chosen = np.random.default_rng(_SEED).choice(len(rows), min(most, len(rows)), replace=False)
    sample: Vectors = rows[sorted(chosen.tolist())]
    return sample
