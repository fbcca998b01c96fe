"""Articles into what an index holds: passages with vectors and topics, and the questions known of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from assistant.content import SENTENCE_VECTORS, VECTORS, IndexContent
from assistant.corpus import Corpus
from assistant.encoder import Encoder, Progress
from assistant.errors import CorpusError
from assistant.evidence.context import PassageContext
from assistant.evidence.leaning import pulls_of
from assistant.evidence.lexical import terms
from assistant.evidence.query import QueryReader
from assistant.evidence.wording import wording_of_passages
from assistant.reusing import hash_of
from assistant.rows import layout_of, row_holding, rows_by_article
from assistant.splitter import split
from assistant.storage.arrays import RowList, RowWriter
from assistant.storage.postings import postings_of
from assistant.storage.records import DocumentRecord, QuestionRecord, record_of
from assistant.topics.labelling import KnownTopics, Labeller, Topics, domain_of
from assistant.types import CuratedQuestion, Document, Passage

ProgressBar = Callable[[int], AbstractContextManager[Progress]]
"""Given how many passages there are, something that is told as they are done."""

_AT_ONCE = 64


def split_corpus(corpus: Corpus, encoder: Encoder) -> list[Passage]:
    """The passages of every article. Raises `CorpusError` for an article that has none."""
    passages: list[Passage] = []
    for document in corpus.documents:
        own = split(document, PassageContext(encoder, document.title).fits)
        if not own:
            raise CorpusError(
                f"The article {document.doc_id} has no paragraph to answer from. "
                "Give it its text, or take it out of sources.toml."
            )
        passages += own
    return passages


def encode_corpus(
    documents: Sequence[Document],
    passages: Sequence[Passage],
    encoder: Encoder,
    progress_bar: ProgressBar | None = None,
    known: KnownTopics | None = None,
    folder: Path | None = None,
) -> IndexContent:
    """The content of an index; topics that are `known` are not recognised again.

    The vectors of passages and sentences are written to `folder` as they are made, or held in memory if there
    is none. Raises `CorpusError` if a curated question's quote, or words that topics are given for, are in no
    passage, and `OSError`.
    """
    domains = {document.doc_id: domain_of(document) for document in documents}
    records = tuple(record_of(document, domains[document.doc_id]) for document in documents)
    layout = layout_of([document.doc_id for document in documents], passages)
    labeller = Labeller(documents, passages, domains, encoder, known)
    questions = list(_questions(documents, passages))
    wording = wording_of_passages(records, passages, layout)
    reader = QueryReader(records, wording)
    asked = [reader.neutral(question.text) for question in questions]
    read = _Reading(documents, encoder)
    topics, hashes, sentence_hashes = list[Topics](), list[str](), list[str]()
    sentences = int(layout.sentences[-1])
    with (
        progress_bar(len(passages)) if progress_bar else nullcontext() as progress,
        _rows(folder, VECTORS, len(passages), encoder.dim) as rows,
        _rows(folder, SENTENCE_VECTORS, sentences, encoder.dim) as sentence_rows,
    ):
        for start in range(0, len(passages), _AT_ONCE):
            block = passages[start : start + _AT_ONCE]
            texts, single = read.passages(block), read.sentences(block)
            vectors = encoder.encode_passages([*texts, *single])
            rows.add(vectors[: len(texts)])
            sentence_rows.add(vectors[len(texts) :])
            topics += labeller.topics(range(start, start + len(block)))
            hashes += map(hash_of, texts)
            sentence_hashes += map(hash_of, single)
            if progress:
                progress(len(block))
    question_vectors = encoder.encode_passages(asked)
    return IndexContent(
        records,
        tuple(
            passage if own == passage.topics else replace(passage, topics=own)
            for passage, own in zip(passages, topics, strict=True)
        ),
        tuple(questions),
        rows.done(),
        sentence_rows.done(),
        question_vectors,
        pulls_of(questions, question_vectors),
        layout,
        wording,
        postings_of(_terms(records, passages)),
        (*hashes, *sentence_hashes, *map(hash_of, asked)),
        labeller.keys,
    )


class _Reading:
    """What is encoded of passages and of their sentences."""

    def __init__(self, documents: Sequence[Document], encoder: Encoder) -> None:
        self._contexts = {each.doc_id: PassageContext(encoder, each.title) for each in documents}

    def passages(self, passages: Sequence[Passage]) -> list[str]:
        return [self._in_context(passage, passage.text) for passage in passages]

    def sentences(self, passages: Sequence[Passage]) -> list[str]:
        return [self._in_context(passage, text) for passage in passages for text in passage.sentence_texts()]

    def _in_context(self, passage: Passage, text: str) -> str:
        return self._contexts[passage.doc_id].text(passage.heading, text)


def _terms(documents: Sequence[DocumentRecord], passages: Sequence[Passage]) -> Iterator[Sequence[str]]:
    """What lexical search finds a passage by."""
    titles = {record.doc_id: record.title for record in documents}
    for passage in passages:
        text = f"{passage.heading}\n{passage.text}"
        # The title tells articles apart; within a single one it only makes its words look common.
        yield terms(f"{titles[passage.doc_id]}\n{text}" if len(documents) > 1 else text)


def _rows(folder: Path | None, name: str, count: int, dim: int) -> "RowWriter | RowList":
    return RowWriter(folder / name, count, dim) if folder else RowList(dim)


def _questions(documents: Sequence[Document], passages: Sequence[Passage]) -> Iterator[QuestionRecord]:
    """The curated questions, and every heading that asks what its passage answers, as in a FAQ."""
    rows = rows_by_article(passages)
    for document in documents:
        own = rows.get(document.doc_id, [])
        for question in document.curated:
            row = _row_of(document, question, own, passages)
            at = question.quote.start if question.quote else None
            yield QuestionRecord(document.doc_id, question.text, row, question.missing, at)
        for row in own:
            heading = passages[row].heading or (document.title if len(own) == 1 else "")
            if heading.rstrip().endswith("?"):
                yield QuestionRecord(document.doc_id, heading, row, "")


def _row_of(
    document: Document, question: CuratedQuestion, own: Sequence[int], passages: Sequence[Passage]
) -> int | None:
    if question.quote is None:
        return None
    row = row_holding(question.quote, own, passages)
    if row is None:
        raise CorpusError(
            f"{document.doc_id}: the quote for the question {question.text!r} is in no passage."
        )
    return row
