"""The passage index: one immutable generation, opened only after every file is verified."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.encoder import Encoder, Vectors
from assistant.errors import IndexDamagedError, IndexStaleError
from assistant.rows import rows_by_article
from assistant.storage.files import REMEDY, reading
from assistant.storage.manifest import Manifest
from assistant.storage.opening import open_current, open_generation, open_last_good, readable_id
from assistant.storage.records import (
    DocumentRecord,
    QuestionRecord,
    read_documents,
    read_passages,
    read_questions,
    write_documents,
    write_passages,
    write_questions,
)
from assistant.stores import AUTO, VectorStore, engine_for, open_store, read_vectors, write_vectors
from assistant.types import Passage

DOCUMENTS = "documents.jsonl"
PASSAGES = "passages.jsonl"
QUESTIONS = "questions.jsonl"
VECTORS = "vectors.npy"
SENTENCE_VECTORS = "sentence_vectors.npy"
QUESTION_VECTORS = "question_vectors.npy"
ENCODED = "encoded.txt"
LABELLED = "labelled.txt"


@dataclass(frozen=True, slots=True)
class IndexContent:
    """Everything an index holds. Row i of `vectors` is passage i, of `question_vectors` question i;
    `sentence_vectors` has the sentences of all passages in order. All rows are float32 of length 1.

    `encoded` has for each of these rows, passages first and questions last, the SHA-256 of the very text that
    was encoded, or nothing at all if that is not known. `labelled` has for each passage the SHA-256 of all
    that its topics were recognised from, empty where they were not recognised, or nothing at all.
    """

    documents: tuple[DocumentRecord, ...]
    passages: tuple[Passage, ...]
    questions: tuple[QuestionRecord, ...]
    vectors: Vectors
    sentence_vectors: Vectors
    question_vectors: Vectors
    encoded: tuple[str, ...] = ()
    labelled: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        sentences = sum(len(passage.sentences) for passage in self.passages)
        rows = [len(self.vectors), len(self.sentence_vectors), len(self.question_vectors)]
        if rows != [len(self.passages), sentences, len(self.questions)]:
            raise ValueError("passages, questions and vectors do not belong together")
        if len(self.encoded) not in (0, sum(rows)):
            raise ValueError("the hashes of what was encoded do not belong to these vectors")
        if len(self.labelled) not in (0, len(self.passages)):
            raise ValueError("the hashes of what topics were recognised from do not belong to these passages")


class PassageIndex:
    """Passages and their vectors, searchable. `encoder` and `build_id` say what they were made with."""

    def __init__(self, content: IndexContent, store: VectorStore, manifest: Manifest | None) -> None:
        """An index held only in memory has no manifest."""
        self.manifest = manifest
        self.documents: Mapping[str, DocumentRecord] = {record.doc_id: record for record in content.documents}
        self.passages = content.passages
        self.questions = content.questions
        self.question_vectors = content.question_vectors
        self.store = store
        self._vectors = content.vectors
        self._sentence_vectors = content.sentence_vectors
        self._rows = rows_by_article(content.passages)
        counts = [len(passage.sentences) for passage in content.passages]
        self._first_sentence: list[int] = np.cumsum([0, *counts]).tolist()

    @classmethod
    def open(cls, index_dir: Path, store: str = AUTO) -> "PassageIndex":
        """The current generation, its vectors searched as the setting `store` says.

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
    def open_last_good(cls, index_dir: Path, store: str = AUTO) -> "PassageIndex":
        """The newest generation that is whole, for when the current one is damaged."""
        return _read(*open_last_good(index_dir), store)

    @classmethod
    def open_one(cls, index_dir: Path, build_id: str, store: str = AUTO) -> "PassageIndex":
        """The generation of that id, for comparing. Raises `IndexDamagedError` or `IndexStaleError`."""
        return _read(*open_generation(index_dir, build_id), store)

    @classmethod
    def in_memory(cls, content: IndexContent) -> "PassageIndex":
        """An index that is not on disk, for measuring."""
        store = open_store(engine_for(AUTO), content.vectors.shape[1])
        store.add(content.vectors)
        return cls(content, store, None)

    @property
    def build_id(self) -> str:
        """The generation's name; empty for an index in memory."""
        return self.manifest.build_id if self.manifest else ""

    def refuse_other_encoder(self, encoder: Encoder) -> None:
        """Raises `IndexStaleError` unless the index was built with this very encoder."""
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

    def refuse_other_corpus(self, corpus_sha256: str) -> None:
        """Raises `IndexStaleError` unless the index was built from this very corpus."""
        if self.manifest and self.manifest.corpus != corpus_sha256:
            raise IndexStaleError(
                "The index is stale: the articles, their questions or sources.toml changed since it was "
                f"built. {REMEDY}"
            )

    def rows_of(self, doc_id: str) -> list[int]:
        """The rows of one article's passages, in order."""
        return self._rows.get(doc_id, [])

    def passage_score(self, query_vector: Vectors, row: int) -> float:
        """The cosine of passage `row` with a query vector of shape [dim]."""
        return float(self._vectors[row] @ query_vector)

    def passage_scores(self, query_vector: Vectors, rows: Sequence[int]) -> list[float]:
        """The cosine of each of these passages with a query vector of shape [dim]."""
        scores: list[float] = np.einsum("ij,j->i", self._vectors[rows], query_vector).tolist()
        return scores

    def best_sentences(self, query_vector: Vectors, rows: Sequence[int]) -> list[tuple[float, int]]:
        """The cosine of each passage's best sentence with a query vector of shape [dim], and which it is."""
        spans = [(self._first_sentence[row], self._first_sentence[row + 1]) for row in rows]
        places = [place for first, end in spans for place in range(first, end)]
        # Not `@`: BLAS gives equal rows unequal last bits depending on where they lie.
        scores = np.einsum("ij,j->i", self._sentence_vectors[places], query_vector).tolist()
        best, start = [], 0
        for first, end in spans:
            own = scores[start : start + end - first]
            start += end - first
            best.append((max(own), own.index(max(own))))
        return best


def write_payload(folder: Path, content: IndexContent) -> None:
    """Writes every file of a generation but its manifest."""
    write_documents(folder / DOCUMENTS, content.documents)
    write_passages(folder / PASSAGES, content.passages)
    write_questions(folder / QUESTIONS, content.questions)
    write_vectors(folder / VECTORS, content.vectors)
    write_vectors(folder / SENTENCE_VECTORS, content.sentence_vectors)
    write_vectors(folder / QUESTION_VECTORS, content.question_vectors)
    for name, hashes in ((ENCODED, content.encoded), (LABELLED, content.labelled)):
        (folder / name).write_text("".join(f"{sha256}\n" for sha256 in hashes), encoding="ascii")


def read_content(folder: Path) -> IndexContent:
    """What is in a generation's folder, already verified. Raises `IndexDamagedError`."""
    try:
        with reading(folder):
            return IndexContent(
                read_documents(folder / DOCUMENTS),
                read_passages(folder / PASSAGES),
                read_questions(folder / QUESTIONS),
                read_vectors(folder / VECTORS),
                read_vectors(folder / SENTENCE_VECTORS),
                read_vectors(folder / QUESTION_VECTORS),
                _read_hashes(folder / ENCODED),
                _read_hashes(folder / LABELLED),
            )
    except ValueError as error:
        raise IndexDamagedError(f"{folder}: {error}. {REMEDY}") from error


def _read_hashes(path: Path) -> tuple[str, ...]:
    # Indexes built before anything was reused have no such files.
    return tuple(path.read_text(encoding="ascii").splitlines()) if path.exists() else ()


def _read(folder: Path, manifest: Manifest, store: str) -> PassageIndex:
    opened = open_store(engine_for(store), manifest.encoder.dim, load_from=folder / VECTORS)
    return PassageIndex(read_content(folder), opened, manifest)
