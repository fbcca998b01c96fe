"""The passage index: one immutable generation, opened only after every file is verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.encoder import Encoder, Vectors
from assistant.errors import IndexDamagedError, IndexStaleError
from assistant.generations import open_current, open_last_good
from assistant.manifest import Manifest
from assistant.records import DocumentRecord, read_documents, read_passages, write_documents, write_passages
from assistant.stores import VectorStore, open_store, read_vectors, write_vectors
from assistant.types import Document, Passage

DOCUMENTS = "documents.jsonl"
PASSAGES = "passages.jsonl"
VECTORS = "vectors.npy"
SENTENCE_VECTORS = "sentence_vectors.npy"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer: `dense` is its cosine, `sentences` the cosine of each of its sentences."""

    passage: Passage
    dense: float
    sentences: tuple[float, ...]

    @property
    def best_sentence(self) -> int:
        """Which sentence is nearest to the question; the first of equals."""
        return self.sentences.index(max(self.sentences))


@dataclass(frozen=True, slots=True)
class PassageIndex:
    """Passages and their vectors; row i of the store is passage i."""

    manifest: Manifest
    documents: dict[str, DocumentRecord]
    passages: tuple[Passage, ...]
    store: VectorStore
    sentence_vectors: Vectors
    first_sentence: tuple[int, ...]

    @classmethod
    def open(cls, index_dir: Path) -> "PassageIndex":
        """The current generation. Raises `IndexMissingError`, `IndexDamagedError` or `IndexStaleError`."""
        return _read(*open_current(index_dir))

    @classmethod
    def open_last_good(cls, index_dir: Path) -> "PassageIndex":
        """The newest generation that is whole, for when the current one is damaged."""
        return _read(*open_last_good(index_dir))

    def refuse_other_encoder(self, encoder: Encoder) -> None:
        """Raises `IndexStaleError` unless the index was built with this very encoder."""
        built = self.manifest.encoder
        if (built.name, built.revision) != (encoder.name, encoder.revision):
            raise IndexStaleError(
                f"The index was built with the encoder {built.name} ({built.revision[:12]}), but "
                f"{encoder.name} ({encoder.revision[:12]}) is set. Run: python -m assistant build"
            )
        if built.dim != encoder.dim:
            raise IndexStaleError(
                f"The index holds vectors of {built.dim} numbers, but {encoder.name} makes "
                f"{encoder.dim}. Run: python -m assistant build"
            )

    def refuse_other_corpus(self, corpus_sha256: str) -> None:
        """Raises `IndexStaleError` unless the index was built from this very corpus."""
        if self.manifest.corpus != corpus_sha256:
            raise IndexStaleError(
                "The index is stale: the articles or sources.toml changed since it was built. "
                "Run: python -m assistant build"
            )

    def search(self, query_vector: Vectors, top_k: int) -> list[Candidate]:
        """The `top_k` passages nearest to a query vector of shape [dim], nearest first."""
        [scores], [rows] = self.store.search(query_vector[np.newaxis], top_k)
        return [
            Candidate(self.passages[row], float(score), self._sentence_scores(query_vector, int(row)))
            for score, row in zip(scores, rows, strict=True)
        ]

    def _sentence_scores(self, query_vector: Vectors, row: int) -> tuple[float, ...]:
        first = self.first_sentence[row]
        vectors = self.sentence_vectors[first : first + len(self.passages[row].sentences)]
        return tuple(float(score) for score in vectors @ query_vector)


def write_payload(
    folder: Path,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    vectors: Vectors,
    sentence_vectors: Vectors,
) -> None:
    """Writes every file of a generation but its manifest."""
    write_documents(folder / DOCUMENTS, documents)
    write_passages(folder / PASSAGES, passages)
    store = open_store("faiss", vectors.shape[1])
    store.add(vectors)
    store.save(folder / VECTORS)
    write_vectors(folder / SENTENCE_VECTORS, sentence_vectors)


def _read(folder: Path, manifest: Manifest) -> PassageIndex:
    documents = read_documents(folder / DOCUMENTS)
    passages = read_passages(folder / PASSAGES)
    store = open_store("faiss", manifest.encoder.dim, load_from=folder / VECTORS)
    sentence_vectors = read_vectors(folder / SENTENCE_VECTORS)
    counts = [len(passage.sentences) for passage in passages]
    if len(store) != len(passages) or sentence_vectors.shape != (sum(counts), manifest.encoder.dim):
        raise IndexDamagedError(
            f"{folder}: passages and vectors do not belong together. Run: python -m assistant build"
        )
    first_sentence = tuple(int(first) for first in np.cumsum([0, *counts])[:-1])
    by_id = {document.doc_id: document for document in documents}
    return PassageIndex(manifest, by_id, passages, store, sentence_vectors, first_sentence)
