"""What a Milvus server holds of the index generations: a collection each, and an alias for the current one."""

from collections.abc import Sequence
from pathlib import Path

from assistant.errors import IndexDamagedError
from assistant.milvus_settings import MilvusAddress
from assistant.storage.arrays import RowSource
from assistant.storage.manifest import is_build_id
from assistant.stores import read_rows
from assistant.stores.milvus import collection_name
from assistant.stores.milvus_collection import PATIENT, Collection
from assistant.stores.milvus_server import RefusedError, server_at

VECTORS = "vectors.npy"


class MilvusCopies:
    """Holds what `storage.generations` publishes. Every method raises `SearchUnavailableError`.

    Each step can be the last before a crash: a collection is sealed only once it is whole, and whatever is found
    half done is done again.
    """

    def __init__(self, address: MilvusAddress) -> None:
        self._server = server_at(address)
        self._address = address
        self._alias = f"{address.prefix}_current"

    def are_settled(self, folder: Path) -> bool:
        """Whether the generation in that folder has its collection, and the alias names it."""
        try:
            self._collection(folder.name).check(read_rows(folder / VECTORS))
        except IndexDamagedError:
            return False
        return self._current() == self._name(folder.name)

    def fill(self, folder: Path) -> None:
        """Copies the vectors in a generation's folder, unless that was done. Raises `IndexDamagedError`."""
        collection, vectors = self._collection(folder.name), read_rows(folder / VECTORS)
        try:
            collection.check(vectors, PATIENT)
        except IndexDamagedError:
            self._fill(collection, vectors)

    def settle(self, build_id: str, kept: Sequence[str]) -> None:
        """Makes the alias name that generation; drops the collections of generations that are not `kept`.

        Of those kept only two stay in the server's memory: the new one, and the one that the alias named until now,
        which another machine may still be searching.
        """
        before, wanted = self._current(), self._name(build_id)
        if before != wanted:
            self._server.call("alter_alias" if before else "create_alias", wanted, self._alias)
        staying = {self._name(build_id) for build_id in kept}
        for name in self._server.call("list_collections"):
            if not self._is_ours(name) or name in (before, wanted):
                continue
            if name in staying:
                Collection(self._server, name).release()
            else:
                Collection(self._server, name).drop()

    def _is_ours(self, name: str) -> bool:
        ours = self._name("")
        return name.startswith(ours) and is_build_id(name.removeprefix(ours))

    def _fill(self, collection: Collection, vectors: RowSource) -> None:
        if self._current() == collection.name:
            # Milvus drops no collection that an alias names.
            self._server.call("drop_alias", self._alias)
        collection.drop()
        collection.create(vectors.shape[1])
        collection.insert(0, vectors)
        collection.index()
        collection.seal(vectors)

    def _current(self) -> str:
        """The collection that the alias names; empty if there is no alias."""
        try:
            return str(self._server.call("describe_alias", self._alias)["collection_name"])
        except RefusedError:
            return ""

    def _collection(self, build_id: str) -> Collection:
        return Collection(self._server, self._name(build_id))

    def _name(self, build_id: str) -> str:
        return collection_name(self._address, build_id)
