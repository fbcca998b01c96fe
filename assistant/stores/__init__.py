"""Where vectors are kept and searched; a store knows rows and numbers, never text."""

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexDamagedError, SettingsError
from assistant.milvus_settings import MilvusAddress
from assistant.storage.arrays import RowFile, RowSource, write_array
from assistant.storage.blocks import read_by_block
from assistant.storage.copies import Copies
from assistant.storage.files import REMEDY

Vectors = NDArray[np.float32]
Scores = NDArray[np.float32]
Rows = NDArray[np.int64]

ENGINES = {
    "faiss": "assistant.stores.faiss_flat:FaissFlatStore",
    "flat": "assistant.stores.flat:FlatStore",
}
"""Where each engine is; another one is one more line."""
AUTO = "auto"
"""Leaves the choice of the engine to us."""
Searcher = str | MilvusAddress
"""An engine's name, or the server that is the engine."""

_UNIT_TOLERANCE = 1e-4


class VectorSearch(Protocol):
    """Unit rows of `dim` numbers searched by cosine, by any thread."""

    def __len__(self) -> int: ...

    @property
    def dim(self) -> int:
        """Numbers in a row."""
        ...

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """The best `k' = min(k, len(self))` rows of each query: scores `[m, k']`, rows `[m, k']`.

        Scores descend and equal scores come in row order; a query finds the same alone or among others.
        Raises `ValueError` unless queries are float32 unit rows `[m, dim]` and `k` is at least 1.
        """
        ...


class VectorStore(VectorSearch, Protocol):
    """Searched exactly, and to be added to by one thread at a time."""

    def __init__(self, dim: int) -> None: ...

    def add(self, vectors: Vectors) -> None:
        """Append float32 unit rows `[n, dim]`; raises `ValueError` and adds nothing if they are not that."""
        ...

    def save(self, path: Path) -> None:
        """Write the rows as one NumPy file, the same for every engine; raises `OSError`."""
        ...

    @classmethod
    def load(cls, path: Path) -> "VectorStore":
        """The store of the rows in the file, saved by any engine; raises `IndexDamagedError`."""
        ...


def store_class(name: Searcher) -> type[VectorStore]:
    """The engine of that name, imported now; raises `SettingsError` for an unknown name."""
    if isinstance(name, MilvusAddress):
        from assistant.stores.milvus import bound_to

        return bound_to(name)
    if name not in ENGINES:
        raise SettingsError(f"There is no vector store named {name!r}. Choose one of: {', '.join(ENGINES)}.")
    module, engine = ENGINES[name].split(":")
    return cast(type[VectorStore], getattr(import_module(module), engine))


def engine_for(setting: Searcher) -> Searcher:
    """The exact engine's name that the setting `store` stands for, or its server."""
    return "faiss" if setting == AUTO else setting


def copies_for(setting: Searcher) -> Copies | None:
    """What must hold a copy of an index before it is searched; None for what searches the index itself."""
    if not isinstance(setting, MilvusAddress):
        return None
    from assistant.stores.milvus_copies import MilvusCopies

    return MilvusCopies(setting)


def open_store(name: Searcher, dim: int, load_from: Path | None = None) -> VectorStore:
    """An empty store, or the one saved in the file `load_from`.

    Raises `SettingsError` for an unknown name, `IndexDamagedError` if the file does not hold rows of `dim`.
    """
    engine = store_class(name)
    if load_from is None:
        return engine(dim)
    store = engine.load(load_from)
    if store.dim != dim:
        raise IndexDamagedError(f"{load_from} holds rows of {store.dim} numbers, not {dim}. {REMEDY}")
    return store


def check_dim(dim: int) -> int:
    """`dim` itself; raises `ValueError` unless it is at least 1."""
    if dim < 1:
        raise ValueError(f"dim must be at least 1, not {dim}")
    return dim


def check_k(k: int) -> int:
    """`k` itself; raises `ValueError` unless it is at least 1."""
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    return k


def check_rows(vectors: Vectors, dim: int) -> Vectors:
    """`vectors` as a contiguous array; raises `ValueError` unless they are float32 unit rows `[n, dim]`."""
    if not isinstance(vectors, np.ndarray) or vectors.dtype != np.float32:
        kind = getattr(vectors, "dtype", type(vectors).__name__)
        raise ValueError(f"vectors must be a float32 array, not {kind}")
    if vectors.ndim != 2 or vectors.shape[1] != dim:
        raise ValueError(f"vectors must have the shape [n, {dim}], not {list(vectors.shape)}")
    if not (finite := np.isfinite(vectors).all(axis=1)).all():
        raise ValueError(f"row {finite.argmin()} holds NaN or infinity")
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    if not (unit := np.abs(lengths - 1) <= _UNIT_TOLERANCE).all():
        row = unit.argmin()
        raise ValueError(f"row {row} has the length {lengths[row]:.6g}, not 1")
    return np.ascontiguousarray(vectors)


def write_vectors(path: Path, vectors: Vectors) -> None:
    """Write rows as a NumPy file; raises `OSError`, also when only the last few bytes do not fit."""
    write_array(path, vectors)


def read_rows(path: Path) -> RowSource:
    """The same of a file that may be large: then rows are read, and verified, as they are asked for."""
    return RowFile(path) if read_by_block(path) else read_vectors(path)


def read_vectors(path: Path) -> Vectors:
    """The float32 unit rows of a NumPy file; raises `IndexDamagedError` if it is not exactly that."""
    try:
        with path.open("rb") as file:
            vectors = np.lib.format.read_array(file, allow_pickle=False)
            if file.read(1):
                raise ValueError("it goes on after the last row")
        return check_rows(vectors, vectors.shape[1] if vectors.ndim == 2 else 0)
    except (OSError, ValueError, MemoryError) as error:
        raise IndexDamagedError(f"{path} cannot be read: {error}. {REMEDY}") from error
