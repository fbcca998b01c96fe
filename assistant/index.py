"""The passage index: one immutable generation, opened only after every file is verified."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.content import NEAR, VECTORS, IndexContent, read_content
from assistant.encoder import Encoder, Vectors
from assistant.errors import IndexDamagedError, IndexStaleError
from assistant.milvus_settings import MilvusAddress
from assistant.rows import Layout
from assistant.storage.arrays import RowSource
from assistant.storage.files import REMEDY
from assistant.storage.manifest import Manifest
from assistant.storage.opening import open_current, open_generation, readable_id, whole_generations
from assistant.storage.records import DocumentRecord
from assistant.stores import AUTO, Searcher, VectorSearch, engine_for, open_store

Scores = NDArray[np.float32]
Places = NDArray[np.intp]

_KEPT = 8
"""Sets of rows whose sentences are known: those of a small index are asked for again and again."""


class _Sentences(NamedTuple):
    """Of some rows one after another: where their vectors are, where each row's begin among these, whose each is."""

    vectors: Sequence[int]
    starts: Places
    owner: Places


class PassageIndex:
    """Passages and their vectors, searchable. `encoder` and `build_id` say what they were made with."""

    def __init__(
        self, content: IndexContent, store: VectorSearch, manifest: Manifest | None, on_a_server: bool = False
    ) -> None:
        """An index held only in memory has no manifest. `on_a_server`: where its vectors are searched."""
        self.manifest = manifest
        self.documents: Mapping[str, DocumentRecord] = {record.doc_id: record for record in content.documents}
        self.passages = content.passages
        self.questions = content.questions
        self.question_vectors = content.question_vectors
        self.question_pulls = content.question_pulls
        self.store = store
        self._on_a_server = on_a_server
        self._vectors = content.vectors
        self._sentence_vectors = content.sentence_vectors
        self.wording = content.wording
        self.postings = content.postings
        self._layout = content.layout
        self._numbers = {record.doc_id: number for number, record in enumerate(content.documents)}
        self._sentences = lru_cache(_KEPT)(partial(_sentences_of, content.layout))

    @classmethod
    def open(cls, index_dir: Path, store: Searcher = AUTO) -> "PassageIndex":
        """The current generation, its vectors searched by `store`.

        Raises `IndexMissingError`, `IndexDamagedError` or `IndexStaleError`.
        """
        while True:
            named = readable_id(index_dir)
            try:
                return _read(*open_current(index_dir), store)
            except IndexDamagedError:
                # Others may have been published since, and this one collected while it was being read.
                if readable_id(index_dir) == named:
                    raise

    @classmethod
    def open_last_good(cls, index_dir: Path, store: Searcher = AUTO) -> "PassageIndex":
        """The newest generation that is whole, also where `store` keeps it, for when the current one is damaged."""
        *newer, oldest = whole_generations(index_dir)
        for folder, manifest in newer:
            with suppress(IndexDamagedError):
                return _read(folder, manifest, store)
        return _read(*oldest, store)

    @classmethod
    def open_one(cls, index_dir: Path, build_id: str, store: Searcher = AUTO) -> "PassageIndex":
        """The generation of that id, for comparing. Raises `IndexDamagedError` or `IndexStaleError`."""
        return _read(*open_generation(index_dir, build_id), store)

    @classmethod
    def in_memory(cls, content: IndexContent) -> "PassageIndex":
        """An index that is not on disk, for measuring."""
        store = open_store(engine_for(AUTO), content.vectors.shape[1])
        store.add(content.vectors[range(len(content.vectors))])
        return cls(content, store, None)

    @property
    def build_id(self) -> str:
        """The generation's name; empty for an index in memory."""
        return self.manifest.build_id if self.manifest else ""

    def refuse_other_models(self, encoder: Encoder, reader: str) -> None:
        """Raises `IndexStaleError` unless the index was built with this very encoder, for a reader of this revision."""
        if self.manifest is None:
            return
        built = self.manifest.encoder
        if (built.name, built.revision) != (encoder.name, encoder.revision):
            raise IndexStaleError(
                f"The index was built with the encoder {built.name} ({built.revision[:12]}), but "
                f"{encoder.name} ({encoder.revision[:12]}) is set. {REMEDY}"
            )
        if built.dim != encoder.dim:
            raise IndexStaleError(
                f"The index holds vectors of {built.dim} numbers, but {encoder.name} makes "
                f"{encoder.dim}. {REMEDY}"
            )
        if self.manifest.reader != reader:
            raise IndexStaleError(
                f"The index was built with the reader {self.manifest.reader[:12]}, but {reader[:12]} is set. "
                f"Set ASSISTANT_READER as it was, or build anew. {REMEDY}"
            )

    def refuse_other_corpus(self, corpus_sha256: str) -> None:
        """Raises `IndexStaleError` unless the index was built from this very corpus."""
        if self.manifest and self.manifest.corpus != corpus_sha256:
            raise IndexStaleError(
                "The index is stale: the articles, their questions or sources.toml changed since it was "
                f"built. {REMEDY}"
            )

    def rows_of(self, doc_id: str) -> Sequence[int]:
        """The rows of one article's passages, in order."""
        number = self._numbers.get(doc_id)
        return range(0) if number is None else self._layout.rows(number)

    def is_searched_for(self, count: int) -> bool:
        """Whether the `count` nearest passages are to be searched for: not if they are all and no server is asked."""
        return self._on_a_server or count < len(self.passages)

    def passage_scores(self, query_vector: Vectors, rows: Sequence[int]) -> Scores:
        """The cosine of each of these passages with a query vector of shape [dim]."""
        scores: Scores = np.einsum("ij,j->i", _of(self._vectors, _stretch(rows)), query_vector)
        return scores

    def best_sentences(self, query_vector: Vectors, rows: Sequence[int]) -> tuple[Scores, Places]:
        """The cosine of each passage's best sentence with a query vector of shape [dim], and which it is."""
        if not rows:
            return np.empty(0, np.float32), np.empty(0, np.intp)
        found = self._sentences(rows if isinstance(rows, range) else tuple(rows))
        # Not `@`: BLAS gives equal rows unequal last bits depending on where they lie.
        scores = np.einsum("ij,j->i", _of(self._sentence_vectors, found.vectors), query_vector)
        best = np.maximum.reduceat(scores, found.starts)
        equal = np.flatnonzero(scores == best[found.owner])
        return best, equal[np.searchsorted(equal, found.starts)] - found.starts


# A cache of a method would hold what it belongs to, and an index that was replaced would stay open.
def _sentences_of(layout: Layout, rows: Sequence[int]) -> _Sentences:
    first, counts = layout.sentences_of(rows)
    starts = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(len(rows)), counts)
    places = (first - starts)[owner] + np.arange(len(owner))
    return _Sentences(_stretch(places.tolist()), starts, owner)


def _of(vectors: RowSource, places: Sequence[int]) -> Vectors:
    """The rows at these places; a stretch of those in memory is not copied."""
    if isinstance(vectors, np.ndarray) and isinstance(places, range):
        return vectors[places.start : places.stop]
    return vectors[places]


def _stretch(places: Sequence[int]) -> Sequence[int]:
    """The same places; as a range, if they are neighbours: so are those of all passages of a small index.

    Otherwise as a list: NumPy takes a tuple for one place in several dimensions.
    """
    if isinstance(places, range) or not places:
        return places
    whole = range(places[0], places[0] + len(places))
    return whole if list(places) == list(whole) else list(places)


def _read(folder: Path, manifest: Manifest, store: Searcher) -> PassageIndex:
    content = read_content(folder)
    searching = _search(folder, manifest, content, store)
    return PassageIndex(content, searching, manifest, on_a_server=isinstance(store, MilvusAddress))


def _search(folder: Path, manifest: Manifest, content: IndexContent, store: Searcher) -> VectorSearch:
    if isinstance(store, MilvusAddress):
        from assistant.stores.milvus import bound_to

        return bound_to(store).over(content.vectors, folder.name)
    if store == AUTO and NEAR in manifest.files:
        from assistant.stores.faiss_near import FaissNearStore

        return FaissNearStore(folder / NEAR, content.vectors)
    engine, dim = engine_for(store), manifest.encoder.dim
    if isinstance(content.vectors, np.ndarray):
        return open_store(engine, dim, load_from=folder / VECTORS)
    exact = open_store(engine, dim)
    exact.add(content.vectors[range(len(content.vectors))])
    return exact
