"""What an index holds, and its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexDamagedError
from assistant.rows import Layout
from assistant.storage.arrays import RowSource, read_array, write_array
from assistant.storage.blocks import CheckedFile, read_by_block, write_blocks
from assistant.storage.files import REMEDY, reading
from assistant.storage.passage_file import PASSAGES, StoredPassages, write_passages
from assistant.storage.postings import Postings, read_postings, write_postings
from assistant.storage.records import (
    DocumentRecord,
    QuestionRecord,
    read_documents,
    read_questions,
    write_documents,
    write_questions,
)
from assistant.storage.wording import Wording, read_wording, write_wording
from assistant.stores import Vectors, read_rows, read_vectors, write_vectors
from assistant.types import Passage

DOCUMENTS = "documents.jsonl"
QUESTIONS = "questions.jsonl"
VECTORS = "vectors.npy"
SENTENCE_VECTORS = "sentence_vectors.npy"
QUESTION_VECTORS = "question_vectors.npy"
QUESTION_PULLS = "question_pulls.npy"
ENCODED = "encoded.txt"
LABELLED = "labelled.txt"
NEAR = "near.faiss"
"""Only where there are many passages: what their vectors are searched by."""
_ARTICLES = "articles.npy"
_SENTENCES = "sentences.npy"
_BY_BLOCK = (PASSAGES, VECTORS, SENTENCE_VECTORS, ENCODED, LABELLED)
"""Files that are read a little at a time while questions are answered, or not at all."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """From where on an index counts as large.

    Files of more than `whole_bytes` that are read a little at a time are verified so too. More than
    `exact_rows` passages are searched approximately: comparing each would take more than 10 ms.
    """

    whole_bytes: int = 32 << 20
    exact_rows: int = 75_000


@dataclass(frozen=True, slots=True)
class IndexContent:
    """Everything an index holds. Row i of `vectors` is passage i, of `question_vectors` question i;
    `sentence_vectors` has the sentences of all passages in order. All rows are float32 of length 1. `question_pulls`
    has for each question how hard it pulls towards answered, shape [questions]: see `evidence/leaning.py`.

    `layout` says which rows belong together; `wording` and `postings` are gathered from the articles.
    `encoded` has for each of these rows, passages first and questions last, the SHA-256 of the very text that
    was encoded, or nothing at all if that is not known. `labelled` has for each passage the SHA-256 of all
    that its topics were recognised from, empty where they were not recognised, or nothing at all.
    """

    documents: tuple[DocumentRecord, ...]
    passages: Sequence[Passage]
    questions: tuple[QuestionRecord, ...]
    vectors: RowSource
    sentence_vectors: RowSource
    question_vectors: Vectors
    question_pulls: NDArray[np.float32]
    layout: Layout
    wording: Wording
    postings: Postings
    encoded: tuple[str, ...] = ()
    labelled: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rows = [len(self.vectors), len(self.sentence_vectors), len(self.question_vectors)]
        counts = [len(self.passages), int(self.layout.sentences[-1]), len(self.questions)]
        if (
            rows != counts
            or self.postings.size != len(self.passages)
            or len(self.question_pulls) != counts[2]
        ):
            raise ValueError("passages, questions and vectors do not belong together")
        ends = len(self.layout.articles) - 1, int(self.layout.articles[-1]), len(self.layout.sentences) - 1
        if ends != (len(self.documents), len(self.passages), len(self.passages)):
            raise ValueError("the layout does not belong to these articles and passages")
        if len(self.encoded) not in (0, sum(rows)):
            raise ValueError("the hashes of what was encoded do not belong to these vectors")
        if len(self.labelled) not in (0, len(self.passages)):
            raise ValueError("the hashes of what topics were recognised from do not belong to these passages")


def write_content(folder: Path, content: IndexContent, sizes: Sizes) -> None:
    """Writes every file of a generation but its manifest; rows that are in the folder already are left.

    Raises `OSError`.
    """
    write_documents(folder / DOCUMENTS, content.documents)
    write_passages(folder, content.passages)
    write_questions(folder / QUESTIONS, content.questions)
    for name, rows in ((VECTORS, content.vectors), (SENTENCE_VECTORS, content.sentence_vectors)):
        if not (folder / name).exists():
            write_vectors(folder / name, rows[range(len(rows))])
    if len(content.vectors) > sizes.exact_rows:
        from assistant.stores.faiss_near import write_near

        write_near(folder / NEAR, content.vectors, content.sentence_vectors)
    write_vectors(folder / QUESTION_VECTORS, content.question_vectors)
    write_array(folder / QUESTION_PULLS, content.question_pulls)
    write_array(folder / _ARTICLES, content.layout.articles)
    write_array(folder / _SENTENCES, content.layout.sentences)
    write_wording(folder, content.wording)
    write_postings(folder, content.postings)
    for name, hashes in ((ENCODED, content.encoded), (LABELLED, content.labelled)):
        with (folder / name).open("w", encoding="ascii") as file:
            file.writelines(f"{sha256}\n" for sha256 in hashes)
    for name in _BY_BLOCK:
        if (folder / name).stat().st_size > sizes.whole_bytes:
            write_blocks(folder / name)


def read_content(folder: Path, hashes: bool = False) -> IndexContent:
    """What is in a generation's folder, already verified; `encoded` and `labelled` only if `hashes` are needed.

    Raises `IndexDamagedError`.
    """
    try:
        with reading(folder):
            return IndexContent(
                read_documents(folder / DOCUMENTS),
                StoredPassages(folder),
                read_questions(folder / QUESTIONS),
                read_rows(folder / VECTORS),
                read_rows(folder / SENTENCE_VECTORS),
                read_vectors(folder / QUESTION_VECTORS),
                read_array(folder / QUESTION_PULLS),
                Layout(read_array(folder / _ARTICLES), read_array(folder / _SENTENCES)),
                read_wording(folder),
                read_postings(folder),
                _hashes(folder / ENCODED) if hashes else (),
                _hashes(folder / LABELLED) if hashes else (),
            )
    except (ValueError, TypeError) as error:
        raise IndexDamagedError(f"{folder}: {error}. {REMEDY}") from error


def _hashes(path: Path) -> tuple[str, ...]:
    if read_by_block(path):
        file = CheckedFile(path)
        return tuple(bytes(file.read(0, file.size)).decode("ascii").splitlines())
    return tuple(path.read_text(encoding="ascii").splitlines())
