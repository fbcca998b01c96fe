"""Articles into what an index holds: passages with vectors and topics, and the questions known of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import chain

import numpy as np

from assistant.corpus import Corpus
from assistant.encoder import Encoder, Progress
from assistant.errors import CorpusError
from assistant.evidence.context import PassageContext
from assistant.evidence.query import QueryReader
from assistant.index import IndexContent
from assistant.reusing import hash_of
from assistant.rows import row_holding, rows_by_article
from assistant.splitter import split
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
) -> IndexContent:
    """The content of an index; topics that are `known` are not recognised again.

    Raises `CorpusError` if a curated question's quote, or words that topics are given for, are in no passage.
    """
    domains = {document.doc_id: domain_of(document) for document in documents}
    records = tuple(record_of(document, domains[document.doc_id]) for document in documents)
    labeller = Labeller(documents, passages, domains, encoder, known)
    questions = list(_questions(documents, passages))
    asked = _asked(records, passages, questions)
    texts, sentences = _in_context(documents, passages, encoder)
    empty = np.empty((0, encoder.dim), np.float32)
    rows, sentence_rows, topics = [empty], [empty], list[Topics]()
    with progress_bar(len(texts)) if progress_bar else nullcontext() as progress:
        for start in range(0, len(texts), _AT_ONCE):
            block = slice(start, start + _AT_ONCE)
            rows.append(encoder.encode_passages(texts[block]))
            sentence_rows.append(encoder.encode_passages(list(chain(*sentences[block]))))
            topics += labeller.topics(range(len(texts))[block])
            if progress:
                progress(len(texts[block]))
    return IndexContent(
        records,
        tuple(replace(passage, topics=own) for passage, own in zip(passages, topics, strict=True)),
        tuple(questions),
        np.concatenate(rows),
        np.concatenate(sentence_rows),
        encoder.encode_passages(asked),
        tuple(hash_of(text) for text in (*texts, *chain(*sentences), *asked)),
        labeller.keys,
    )


def _in_context(
    documents: Sequence[Document], passages: Sequence[Passage], encoder: Encoder
) -> tuple[list[str], list[list[str]]]:
    """What is encoded of each passage, and of each of its sentences."""
    contexts = {document.doc_id: PassageContext(encoder, document.title) for document in documents}

    def read(passage: Passage, text: str) -> str:
        return contexts[passage.doc_id].text(passage.heading, text)

    texts = [read(passage, passage.text) for passage in passages]
    return texts, [[read(passage, text) for text in passage.sentence_texts()] for passage in passages]


def _asked(
    records: Sequence[DocumentRecord], passages: Sequence[Passage], questions: Sequence[QuestionRecord]
) -> list[str]:
    """What is encoded of each curated question."""
    if not questions:
        # Reading questions needs every word of the articles, which takes time.
        return []
    reader = QueryReader(records, passages)
    return [reader.neutral(question.text) for question in questions]


def _questions(documents: Sequence[Document], passages: Sequence[Passage]) -> Iterator[QuestionRecord]:
    """The curated questions, and every heading that asks what its passage answers, as in a FAQ."""
    rows = rows_by_article(passages)
    for document in documents:
        own = rows.get(document.doc_id, [])
        for question in document.curated:
            row = _row_of(document, question, own, passages)
            yield QuestionRecord(document.doc_id, question.text, row, question.missing)
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
