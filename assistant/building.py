"""From the corpus to a published index generation."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from assistant.corpus import Corpus, read_corpus
from assistant.encoder import Encoder, Progress
from assistant.errors import (
    AssistantError,
    CorpusError,
    IndexDamagedError,
    IndexMissingError,
    IndexStaleError,
)
from assistant.evidence.context import PassageContext
from assistant.evidence.query import QueryReader
from assistant.index import IndexContent, PassageIndex, write_payload
from assistant.splitter import PassageLength, split
from assistant.storage.generations import open_current, publish
from assistant.storage.locking import lock
from assistant.storage.manifest import FORMAT, Counts, EncoderRecord, FileRecord, Manifest
from assistant.storage.records import QuestionRecord, record_of
from assistant.topics.labelling import Labeller, domain_of, row_holding
from assistant.types import CuratedQuestion, Document, Passage

ProgressBar = Callable[[int], AbstractContextManager[Progress]]
"""Given how many texts will be encoded, something that is told as they are."""

_SPLITTER = "paragraphs-1"
_CONTEXT = "title-heading-2"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did; `built` is false when the index was already the one wanted."""

    build_id: str
    built: bool
    documents: int
    passages: int


def build_index(
    corpus: Corpus, encoder: Encoder, index_dir: Path, progress_bar: ProgressBar | None = None
) -> BuildReport:
    """Builds and publishes the index of a corpus, or does nothing if it is already the current one.

    The folder need not be writable, nor free of another build, when there is nothing to do.
    Raises `BuildBusyError` or `PublishError`; the last good index serves on.
    """
    build_id = build_id_of(corpus, encoder)
    if unchanged := _unchanged(index_dir, build_id):
        return unchanged
    with lock(index_dir):
        # Another build may have published it since.
        if unchanged := _unchanged(index_dir, build_id):
            return unchanged
        passages = split_corpus(corpus, encoder)
        counts = Counts(len(corpus.documents), len(passages), sum(len(p.sentences) for p in passages))

        def write(folder: Path) -> None:
            write_payload(folder, encode_corpus(corpus.documents, passages, encoder, progress_bar))

        def finish(files: Mapping[str, FileRecord], sequence: int) -> Manifest:
            return Manifest(
                build_id=build_id,
                sequence=sequence,
                corpus=corpus.sha256,
                splitter=f"{_SPLITTER}, {PassageLength()}",
                encoder=EncoderRecord(encoder.name, encoder.revision, encoder.dim),
                counts=counts,
                files=files,
            )

        publish(index_dir, build_id, write, finish)
        return BuildReport(build_id, True, counts.documents, counts.passages)


def ensure_index(
    corpus_dir: Path,
    index_dir: Path,
    encoder: Encoder,
    progress_bar: ProgressBar | None,
    warn: Callable[[str], None],
) -> PassageIndex:
    """The index of `corpus_dir`, built first if it is missing, damaged or stale.

    If it cannot be built, the last good index is opened and `warn` is told why.
    """
    try:
        build_index(read_corpus(corpus_dir), encoder, index_dir, progress_bar)
        return PassageIndex.open(index_dir)
    except AssistantError as error:
        try:
            index = PassageIndex.open_last_good(index_dir)
            index.refuse_other_encoder(encoder)
        except (IndexMissingError, IndexDamagedError, IndexStaleError):
            raise error from None
        warn(f"{error} Until then the last good index ({index.build_id}) serves.")
        return index


def build_id_of(corpus: Corpus, encoder: Encoder) -> str:
    """The name of the generation: equal input, equal name."""
    text = [corpus.sha256, _SPLITTER, str(PassageLength()), _CONTEXT]
    inputs = [FORMAT, *text, encoder.name, encoder.revision]
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:16]


def _unchanged(index_dir: Path, build_id: str) -> BuildReport | None:
    try:
        current = open_current(index_dir)[1]
    except (IndexMissingError, IndexDamagedError, IndexStaleError):
        return None
    if current.build_id != build_id:
        return None
    return BuildReport(build_id, False, current.counts.documents, current.counts.passages)


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
) -> IndexContent:
    """The content of an index. Raises `CorpusError` if a curated question's quote is in no passage."""
    records = tuple(record_of(document, domain_of(document)) for document in documents)
    contexts = {document.doc_id: PassageContext(encoder, document.title) for document in documents}
    texts = [contexts[passage.doc_id].text(passage.heading, passage.text) for passage in passages]
    sentences = [
        contexts[passage.doc_id].text(passage.heading, text)
        for passage in passages
        for text in passage.sentence_texts()
    ]
    questions = [record for document in documents for record in _question_records(document, passages)]
    reader = QueryReader(records, passages)
    asked = [reader.neutral(question.text) for question in questions]
    labeller = Labeller(documents, passages, encoder)
    total = len(texts) + len(sentences) + len(asked) + len(labeller.texts)
    with progress_bar(total) if progress_bar else nullcontext() as progress:
        return IndexContent(
            records,
            labeller.labelled(progress),
            tuple(questions),
            encoder.encode_passages(texts, progress),
            encoder.encode_passages(sentences, progress),
            encoder.encode_passages(asked, progress),
        )


def _question_records(document: Document, passages: Sequence[Passage]) -> Iterator[QuestionRecord]:
    """The curated questions, and every heading that asks what its passage answers, as in a FAQ."""
    for question in document.curated:
        row = _row_of(document, question, passages)
        yield QuestionRecord(document.doc_id, question.text, row, question.missing)
    own = [(row, passage) for row, passage in enumerate(passages) if passage.doc_id == document.doc_id]
    for row, passage in own:
        heading = passage.heading or (document.title if len(own) == 1 else "")
        if heading.rstrip().endswith("?"):
            yield QuestionRecord(document.doc_id, heading, row, "")


def _row_of(document: Document, question: CuratedQuestion, passages: Sequence[Passage]) -> int | None:
    if question.quote is None:
        return None
    row = row_holding(question.quote, document.doc_id, passages)
    if row is None:
        raise CorpusError(
            f"{document.doc_id}: the quote for the question {question.text!r} is in no passage."
        )
    return row
