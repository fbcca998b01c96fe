"""One collection of a Milvus server: unit rows by number, sealed once they are all there."""

import hashlib
from typing import Any

import numpy as np

from assistant.errors import IndexDamagedError
from assistant.storage.arrays import RowSource
from assistant.storage.files import REMEDY
from assistant.stores import Rows, Scores, Vectors
from assistant.stores.milvus_server import SECONDS, MilvusServer

MOST_ROWS = 16_384
"""Milvus gives no more for one query."""

_ROW, _VECTOR = "row", "vector"
_SEAL = "assistant.vectors"
_METRIC = "IP"
"""Of unit rows the inner product is the cosine."""
_GRAPH = {"M": 16, "efConstruction": 200}
_LEAST_SEARCHED = 256
_BATCH_BYTES = 8 << 20
PATIENT = 3600
"""Seconds in which a build may write, index or load rows."""
_SAMPLE = 8
_FINGERPRINTED = 1000


class Collection:
    """`name` in full, prefix included. Every method raises `SearchUnavailableError`."""

    def __init__(self, server: MilvusServer, name: str) -> None:
        self.server = server
        self.name = name

    def exists(self) -> bool:
        """Whether there is a collection of that name, sealed or not."""
        return bool(self.server.call("has_collection", self.name))

    def drop(self) -> None:
        """Away with it, if it is there."""
        self.server.call("drop_collection", self.name, seconds=PATIENT)

    def create(self, dim: int) -> None:
        """An empty one for rows of `dim` numbers."""
        _, types = self.server.libraries()
        schema = types.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field(_ROW, types.DataType.INT64, is_primary=True)
        schema.add_field(_VECTOR, types.DataType.FLOAT_VECTOR, dim=dim)
        self.server.call("create_collection", self.name, schema=schema, seconds=PATIENT)

    def insert(self, first: int, vectors: RowSource) -> None:
        """Rows numbered from `first`, on the server's disk when this returns."""
        batch = max(1, _BATCH_BYTES // (4 * vectors.shape[1]))
        for start in range(0, len(vectors), batch):
            part = vectors[range(start, min(start + batch, len(vectors)))]
            rows = [{_ROW: number, _VECTOR: vector} for number, vector in enumerate(part, first + start)]
            self.server.call("insert", self.name, rows, seconds=PATIENT)
        self.server.call("flush", self.name, seconds=PATIENT)

    def index(self) -> None:
        """Makes it searchable; returns when it is."""
        _, types = self.server.libraries()
        params = types.MilvusClient.prepare_index_params()
        kind = self.server.address.index
        params.add_index(
            _VECTOR, index_type=kind, metric_type=_METRIC, params=_GRAPH if self.is_graph else {}
        )
        # Only a graph takes time to be made.
        self.server.call("create_index", self.name, params, sync=self.is_graph, seconds=PATIENT)
        self.server.call("load_collection", self.name, seconds=PATIENT)

    def seal(self, vectors: RowSource) -> None:
        """Says for good that these are its rows, after looking; raises `IndexDamagedError`."""
        self._check_rows(vectors)
        self.server.call("alter_collection_properties", self.name, {_SEAL: self._seal(vectors)})

    def check(self, vectors: RowSource, seconds: float = SECONDS) -> None:
        """Loads it if need be, within so many `seconds`.

        Raises `IndexDamagedError` unless it was sealed with these very rows and has them.
        """
        if not self.exists():
            raise self.damaged("is not there")
        properties = self.server.call("describe_collection", self.name).get("properties") or {}
        if (seal := dict(properties).get(_SEAL, "")) != self._seal(vectors):
            otherwise = "was made from other vectors, or for another ASSISTANT_MILVUS_INDEX"
            raise self.damaged(otherwise if seal else "was never finished")
        self.server.call("load_collection", self.name, seconds=seconds)
        self._check_rows(vectors)

    def release(self) -> None:
        """Out of the server's memory until it is loaded again."""
        self.server.call("release_collection", self.name)

    def nearest(self, query: Vectors, limit: int) -> tuple[Rows, Scores]:
        """Rows and scores of the best `limit` for one query `[dim]`, as Milvus orders them."""
        graph = {"ef": max(_LEAST_SEARCHED, 2 * limit)} if self.is_graph else {}
        [hits] = self.server.call(
            "search",
            self.name,
            data=[query],
            anns_field=_VECTOR,
            limit=limit,
            output_fields=[_ROW],
            search_params={"metric_type": _METRIC, "params": graph},
        )
        return np.array(hits.ids, np.int64), np.array(hits.distances, np.float32)

    @property
    def is_graph(self) -> bool:
        """Whether it finds most of the best rows instead of all."""
        return self.server.address.index == "HNSW"

    def damaged(self, problem: str) -> IndexDamagedError:
        """The error that names it, what is wrong with it, and the remedy."""
        where = self.server.address.uri
        return IndexDamagedError(f"The collection {self.name} of Milvus at {where} {problem}. {REMEDY}")

    def _seal(self, vectors: RowSource) -> str:
        return f"{self.server.address.index} {fingerprint(vectors)}"

    def _check_rows(self, vectors: RowSource) -> None:
        [answer] = self._query("", ["count(*)"])
        if (count := int(answer["count(*)"])) != len(vectors):
            raise self.damaged(f"has {count} rows instead of {len(vectors)}")
        sample = _spread(len(vectors), _SAMPLE)
        if not sample:
            return
        found = self._query(f"{_ROW} in {sample}", [_ROW, _VECTOR])
        held = {int(each[_ROW]): each[_VECTOR] for each in found}
        if any(
            not np.array_equal(held.get(n, []), row) for n, row in zip(sample, vectors[sample], strict=True)
        ):
            raise self.damaged("holds other numbers than the index")

    def _query(self, condition: str, fields: list[str]) -> Any:
        # Strong: no row that was written before is overlooked.
        return self.server.call(
            "query", self.name, filter=condition, output_fields=fields, consistency_level="Strong"
        )


def fingerprint(vectors: RowSource) -> str:
    """SHA-256 of the shape and of up to 1,000 rows spread evenly: as quick for a billion rows as for a few."""
    rows = np.ascontiguousarray(vectors[_spread(len(vectors), _FINGERPRINTED)], "<f4")
    return hashlib.sha256(f"{vectors.shape}".encode("ascii") + rows.tobytes()).hexdigest()


def _spread(count: int, most: int) -> list[int]:
    """Up to `most` numbers below `count`, the first and the last among them."""
    return sorted(set(np.linspace(0, count - 1, min(count, most)).astype(int).tolist())) if count else []
