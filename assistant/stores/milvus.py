"""Search by a Milvus server. The rows here are the truth; its collection is a copy of them that it searches."""

import itertools
import os
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import numpy as np

from assistant.errors import SearchUnavailableError
from assistant.milvus_settings import MilvusAddress
from assistant.storage.arrays import RowSource
from assistant.stores import (
    Rows,
    Scores,
    Vectors,
    check_dim,
    check_k,
    check_rows,
    read_rows,
    write_vectors,
)
from assistant.stores.flat import best_rows
from assistant.stores.milvus_collection import MOST_ROWS, Collection
from assistant.stores.milvus_server import RefusedError, server_at

_TOLERANCE = 1e-5
"""By which Milvus' score of a row may be off from ours; both round, each in its own order."""
_SCRATCH = itertools.count()


class MilvusStore:
    """Candidates come from Milvus, their scores from the rows here, so that they are those of every engine.

    With the index HNSW, rows may be missed; all else holds. What Milvus cannot give, because more rows are
    wanted than it gives at once, is found by comparing every row here.
    """

    address: ClassVar[MilvusAddress]

    def __init__(self, dim: int) -> None:
        """An empty store with a collection of its own, for trying it out; an index's is filled by `MilvusCopies`."""
        self._rows: RowSource = np.empty((0, check_dim(dim)), np.float32)
        name = f"{self.address.prefix}_scratch_{os.getpid()}_{next(_SCRATCH)}"
        self._collection = Collection(server_at(self.address), name)
        self._checked = True

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def dim(self) -> int:
        """Numbers in a row."""
        return int(self._rows.shape[1])

    def add(self, vectors: Vectors) -> None:
        """Append float32 unit rows `[n, dim]`; raises `ValueError` or `SearchUnavailableError`."""
        vectors = check_rows(vectors, self.dim)
        if not len(vectors):
            return
        if not len(self._rows):
            self._collection.drop()
            self._collection.create(self.dim)
            self._collection.index()
        self._collection.insert(len(self._rows), vectors)
        self._rows = np.concatenate([self._all(), vectors])

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """Scores and rows `[m, min(k, len(self))]`, best first, ties by row.

        Raises `ValueError`, `SearchUnavailableError`, or `IndexDamagedError` if the collection is not the copy of
        these rows.
        """
        rows = self._rows
        queries = check_rows(queries, self.dim)
        shape = len(queries), min(check_k(k), len(rows))
        scores, found = np.empty(shape, np.float32), np.empty(shape, np.int64)
        for number, query in enumerate(queries):
            scores[number], found[number] = self._best(rows, query, shape[1])
        return scores, found

    def save(self, path: Path) -> None:
        """Write the rows as one NumPy file; raises `OSError`."""
        write_vectors(path, self._all())

    @classmethod
    def load(cls, path: Path) -> "MilvusStore":
        """The store of the rows in the file; the folder that it is in bears its generation's name."""
        return cls.over(read_rows(path), path.parent.name)

    @classmethod
    def over(cls, rows: RowSource, build_id: str) -> "MilvusStore":
        """The store of a generation's rows.

        Raises `IndexDamagedError` if its collection is not their copy. If the server cannot be asked now, that is
        found out before the first search.
        """
        store = cls(rows.shape[1])
        store._rows = rows
        store._collection = Collection(server_at(cls.address), collection_name(cls.address, build_id))
        store._checked = False
        with suppress(SearchUnavailableError):
            store._check()
        return store

    def _all(self) -> Vectors:
        return self._rows[range(len(self._rows))]

    def _best(self, rows: RowSource, query: Vectors, k: int) -> tuple[Scores, Rows]:
        fetched = k + 1
        while k and fetched <= MOST_ROWS:
            near, least = self._candidates(rows, query, min(fetched, len(rows)))
            scores, best = best_rows(rows[near.tolist()], query, k)
            # Milvus neither orders ties nor says which it dropped: fetch on until a lower score follows the k-th.
            whole = self._collection.is_graph or len(near) == len(rows)
            if len(best) == k and (whole or least + _TOLERANCE < scores[-1]):
                return scores, near[best]
            fetched *= 2
        return best_rows(rows[range(len(rows))], query, k)

    def _candidates(self, rows: RowSource, query: Vectors, limit: int) -> tuple[Rows, float]:
        """Rows in order, and the score that all others have at most."""
        found, scores = self._asked(query, limit)
        exact = len(set(found.tolist())) == limit
        if not (exact or self._collection.is_graph) or found.min(initial=0) < 0:
            raise self._collection.damaged(f"gave {len(found)} rows where {limit} were asked for")
        # Rows that are being added at this moment are not there yet.
        return np.unique(found[found < len(rows)]), float(scores.min(initial=np.inf))

    def _asked(self, query: Vectors, limit: int) -> tuple[Rows, Scores]:
        self._check()
        try:
            return self._collection.nearest(query, limit)
        except RefusedError:
            # A server that was started again has the collection, but not loaded; or another one, or none.
            self._checked = False
            self._check()
            return self._collection.nearest(query, limit)
        except SearchUnavailableError:
            self._checked = False
            raise

    def _check(self) -> None:
        if not self._checked:
            self._collection.check(self._rows)
            self._checked = True


def bound_to(address: MilvusAddress) -> type[MilvusStore]:
    """The engine that searches by this server."""
    return type("MilvusStore", (MilvusStore,), {"address": address})


def collection_name(address: MilvusAddress, build_id: str) -> str:
    """The collection of an index generation."""
    return f"{address.prefix}_{build_id}"
