"""From the corpus to a published index generation."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np

from assistant.accounting import Account, account_of
from assistant.corpus import SOURCES, Corpus, read_corpus
from assistant.encoder import Encoder, Progress, prepare_encoder
from assistant.errors import (
    AssistantError,
    CorpusError,
    IndexDamagedError,
    IndexMissingError,
    IndexStaleError,
    VanishingError,
)
from assistant.evidence.context import PassageContext
from assistant.evidence.query import QueryReader
from assistant.index import IndexContent, PassageIndex, write_payload
from assistant.reusing import ReusingEncoder, Served, hash_of, served
from assistant.settings import read_settings
from assistant.splitter import PassageLength, split
from assistant.storage.generations import publish
from assistant.storage.locking import lock
from assistant.storage.manifest import FORMAT, Counts, EncoderRecord, FileRecord, Manifest
from assistant.storage.opening import CURRENT, is_rolled_back, open_current
from assistant.storage.records import DocumentRecord, QuestionRecord, record_of
from assistant.topics.labelling import Labeller, domain_of, row_holding
from assistant.types import CuratedQuestion, Document, Passage

ProgressBar = Callable[[int], AbstractContextManager[Progress]]
"""Given how many passages will be encoded, something that is told as they are."""

_SPLITTER = "paragraphs-1"
_CONTEXT = "title-heading-2"
_MOST_VANISHING = 0.2
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did; `built` is false when the index was already the one wanted, and then there is no
    `account`. `before` is the generation that served until now, empty if there was none."""

    build_id: str
    built: bool
    documents: int
    passages: int
    before: str = ""
    account: Account | None = None


def build_index(
    corpus: Corpus,
    encoder: Encoder | None = None,
    index_dir: Path | str | None = None,
    progress_bar: ProgressBar | None = None,
    *,
    force: bool = False,
) -> BuildReport:
    """Builds and publishes the index of a corpus, or does nothing if it is already the current one.

    Encoder and folder are those of the settings unless given. Only texts that the generation before has not
    are encoded. The folder need not be writable, nor free of another build, when there is nothing to do.
    Raises `BuildBusyError`, `PublishError`, or `VanishingError` if more than a fifth of the passages would
    vanish and it is not `force`d; the last good index serves on.
    """
    if encoder is None or index_dir is None:
        settings = read_settings()
        encoder = encoder or prepare_encoder(settings)
        index_dir = index_dir or settings.index_dir
    index_dir = Path(index_dir)
    build_id = build_id_of(corpus, encoder)
    if unchanged := _unchanged(index_dir, build_id):
        return unchanged
    with lock(index_dir):
        # Another build may have published it since.
        if unchanged := _unchanged(index_dir, build_id):
            return unchanged
        return _build(corpus, encoder, index_dir, build_id, progress_bar, force)


def _build(
    corpus: Corpus,
    encoder: Encoder,
    index_dir: Path,
    build_id: str,
    progress_bar: ProgressBar | None,
    force: bool,
) -> BuildReport:
    before = served(index_dir)
    passages = split_corpus(corpus, encoder)
    reusing = ReusingEncoder(encoder, before)
    account = account_of(before.content if before else None, corpus.documents, passages)
    splitter = f"{_SPLITTER}, {PassageLength()}"
    if before and before.manifest.splitter == splitter and not force:
        _refuse_vanishing(account, before)
    counts = Counts(len(corpus.documents), len(passages), sum(len(p.sentences) for p in passages))

    def write(folder: Path) -> None:
        write_payload(folder, encode_corpus(corpus.documents, passages, reusing, progress_bar))

    def finish(files: Mapping[str, FileRecord], sequence: int) -> Manifest:
        return Manifest(
            build_id=build_id,
            sequence=sequence,
            corpus=corpus.sha256,
            splitter=splitter,
            encoder=EncoderRecord(encoder.name, encoder.revision, encoder.dim),
            counts=counts,
            files=files,
        )

    publish(index_dir, build_id, write, finish)
    account = account.with_texts(reusing.encoded, reusing.reused)
    name = before.manifest.build_id if before else ""
    return BuildReport(build_id, True, counts.documents, counts.passages, name, account)


def _refuse_vanishing(account: Account, before: Served) -> None:
    vanishing, known = account.passages.removed, before.manifest.counts.passages
    if vanishing > _MOST_VANISHING * known:
        raise VanishingError(
            f"{vanishing} of {known} passages would vanish ({account.removed_from}). If that is meant, run: "
            "python -m assistant build --force. Until then the last good index serves."
        )


def ensure_index(
    corpus_dir: Path,
    index_dir: Path,
    encoder: Encoder,
    progress_bar: ProgressBar | None,
    warn: Callable[[str], None],
) -> PassageIndex:
    """The index of `corpus_dir`, built first if it is missing, damaged or stale.

    If it cannot be built, or a person went back to an earlier one, the last good index is opened and `warn`
    is told why.
    """
    try:
        if not (corpus_dir / SOURCES).exists() and (index_dir / CURRENT).exists():
            # An index that was copied here serves without its articles.
            index = PassageIndex.open(index_dir)
            index.refuse_other_encoder(encoder)
            return index
        if is_rolled_back(index_dir):
            index = PassageIndex.open(index_dir)
            index.refuse_other_encoder(encoder)
            warn(f"The index was rolled back to {index.build_id}, which serves until the next build.")
            return index
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
    titles = {document.doc_id: document.title for document in documents}

    @cache
    def before(title: str, heading: str) -> str:
        return PassageContext(encoder, title).text(heading, "")

    contexts = [before(titles[passage.doc_id], passage.heading) for passage in passages]
    texts = [context + passage.text for context, passage in zip(contexts, passages, strict=True)]
    sentences = [
        [context + text for text in passage.sentence_texts()]
        for context, passage in zip(contexts, passages, strict=True)
    ]
    questions = [record for document in documents for record in _question_records(document, passages)]
    asked = _asked(records, passages, questions)
    empty = np.empty((0, encoder.dim), np.float32)
    rows, sentence_rows = [empty], [empty]
    with progress_bar(len(texts)) if progress_bar else nullcontext() as progress:
        for start in range(0, len(texts), _AT_ONCE):
            block = slice(start, start + _AT_ONCE)
            rows.append(encoder.encode_passages(texts[block]))
            sentence_rows.append(encoder.encode_passages(list(chain(*sentences[block]))))
            if progress:
                progress(len(texts[block]))
    return IndexContent(
        records,
        Labeller(documents, passages, encoder).labelled(),
        tuple(questions),
        np.concatenate(rows),
        np.concatenate(sentence_rows),
        encoder.encode_passages(asked),
        tuple(hash_of(text) for text in (*texts, *chain(*sentences), *asked)),
    )


def _asked(
    records: Sequence[DocumentRecord], passages: Sequence[Passage], questions: Sequence[QuestionRecord]
) -> list[str]:
    """What is encoded of each curated question."""
    if not questions:
        # Reading questions needs every word of the articles, which takes time.
        return []
    reader = QueryReader(records, passages)
    return [reader.neutral(question.text) for question in questions]


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
