"""From the corpus to a published index generation."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from assistant.context import PassageContext
from assistant.corpus import Corpus, read_corpus
from assistant.encoder import Encoder, Progress
from assistant.errors import (
    AssistantError,
    CorpusError,
    IndexDamagedError,
    IndexMissingError,
    IndexStaleError,
)
from assistant.generations import lock, open_current, publish
from assistant.index import PassageIndex, write_payload
from assistant.manifest import FORMAT, Counts, EncoderRecord, FileRecord, Manifest
from assistant.splitter import PassageLength, split
from assistant.types import Document, Passage

ProgressBar = Callable[[int], AbstractContextManager[Progress]]
"""Given how many texts will be encoded, something that is told as they are."""

_SPLITTER = "paragraphs-1"
_CONTEXT = "title-heading-1"


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

    Raises `BuildBusyError` or `PublishError`; the last good index serves on.
    """
    with lock(index_dir):
        build_id = build_id_of(corpus, encoder)
        existing = _current(index_dir)
        if existing and existing.build_id == build_id:
            return BuildReport(build_id, False, existing.counts.documents, existing.counts.passages)
        passages = [passage for document in corpus.documents for passage in _split(document, encoder)]
        _refuse_empty(corpus, passages)
        counts = Counts(len(corpus.documents), len(passages), sum(len(p.sentences) for p in passages))

        def write(folder: Path) -> None:
            _write(folder, corpus.documents, passages, encoder, progress_bar)

        def finish(files: Mapping[str, FileRecord], sequence: int) -> Manifest:
            return Manifest(
                format=FORMAT,
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
        warn(f"{error} Until then the last good index ({index.manifest.build_id}) serves.")
        return index


def build_id_of(corpus: Corpus, encoder: Encoder) -> str:
    """The name of the generation: equal input, equal name."""
    inputs = [FORMAT, corpus.sha256, _SPLITTER, str(PassageLength()), _CONTEXT, encoder.name, encoder.revision]
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:16]


def _current(index_dir: Path) -> Manifest | None:
    try:
        return open_current(index_dir)[1]
    except (IndexMissingError, IndexDamagedError, IndexStaleError):
        return None


def _refuse_empty(corpus: Corpus, passages: Sequence[Passage]) -> None:
    filled = {passage.doc_id for passage in passages}
    for document in corpus.documents:
        if document.doc_id not in filled:
            raise CorpusError(
                f"The article {document.doc_id} has no paragraph to answer from. "
                "Give it its text, or take it out of sources.toml."
            )


def _split(document: Document, encoder: Encoder) -> list[Passage]:
    return split(document, PassageContext(encoder, document.title).fits)


def _write(
    folder: Path,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    encoder: Encoder,
    progress_bar: ProgressBar | None,
) -> None:
    contexts = {document.doc_id: PassageContext(encoder, document.title) for document in documents}
    texts = [contexts[passage.doc_id].text(passage.heading, passage.text) for passage in passages]
    sentences = [text for passage in passages for text in sentence_texts(passage)]
    with progress_bar(len(texts) + len(sentences)) if progress_bar else _silent() as progress:
        vectors = encoder.encode_passages(texts, progress)
        sentence_vectors = encoder.encode_passages(sentences, progress)
    write_payload(folder, documents, passages, vectors, sentence_vectors)


def sentence_texts(passage: Passage) -> Iterator[str]:
    """The words of each sentence of a passage."""
    for start, end in passage.sentences:
        yield passage.text[start - passage.start : end - passage.start]


class _silent(AbstractContextManager[Progress]):
    def __enter__(self) -> Progress:
        return lambda done: None

    def __exit__(self, *exc: object) -> None:
        return None
