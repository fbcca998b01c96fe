"""From the corpus to a published index generation."""

import hashlib
import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.accounting import Account, account_of
from assistant.content import Sizes, write_content
from assistant.corpus import Corpus
from assistant.encoder import PRECISIONS, Encoder, prepare_encoder
from assistant.encoding import ProgressBar, encode_corpus, split_corpus
from assistant.errors import IndexDamagedError, IndexMissingError, IndexStaleError, VanishingError
from assistant.evidence.wording import gathering
from assistant.reader import reader_revision
from assistant.reusing import ReusingEncoder, Served, known_topics, served
from assistant.settings import read_settings
from assistant.splitter import PassageLength
from assistant.storage.copies import Copies
from assistant.storage.generations import publish, serve_again
from assistant.storage.locking import lock
from assistant.storage.manifest import FORMAT, Counts, EncoderRecord, FileRecord, Manifest
from assistant.storage.opening import current_id, open_generation
from assistant.stores import AUTO, Searcher, copies_for
from assistant.topics.labelling import labelling_of

_SPLITTER = "paragraphs-1"
_CONTEXT = "title-heading-2"
_MOST_VANISHING = 0.2


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
    sizes: Sizes | None = None,
    store: Searcher = AUTO,
    reader: bool | None = None,
    at_a_start: bool = False,
) -> BuildReport:
    """Builds and publishes the index of a corpus, or does nothing if it is already the current one and whole.

    Encoder, folder and whether passages are read by the reader are those of the settings unless given; with the
    folder, so is `store`, what searches the vectors. An index that a server searches is copied there before it
    serves. Only texts that the generation before has not are encoded, and only of new passages are topics
    recognised. The folder need not be writable, nor free of another build, when there is nothing to do. `sizes`
    says from where on an index counts as large. `at_a_start` nobody waits: what is verified block by block as it is
    read is left to that, and an index that differs only in the precision of its vectors is taken as it is.
    Raises `BuildBusyError`, `PublishError`, or `VanishingError` if more than a fifth of the passages would
    vanish and it is not `force`d; the last good index serves on.
    """
    if encoder is None or index_dir is None or reader is None:
        settings = read_settings()
        encoder = encoder or prepare_encoder(settings)
        if index_dir is None:
            index_dir, store = settings.index_dir, settings.searched_by
        reader = settings.reader if reader is None else reader
    index_dir, copies = Path(index_dir), copies_for(store)
    build_id, *others = _build_ids(corpus, encoder, reader, [encoder.precision, *PRECISIONS])
    good, whole = {build_id, *(others if at_a_start else ())}, not at_a_start
    unchanged = _unchanged(index_dir, good, whole)
    if unchanged and (copies is None or copies.are_settled(index_dir / unchanged.build_id)):
        return unchanged
    with lock(index_dir):
        # Another build may have published it since.
        if unchanged := _unchanged(index_dir, good, whole):
            if copies:
                serve_again(index_dir, unchanged.build_id, copies)
            return unchanged
        named = build_id, reader_revision(encoder, reader)
        return _build(corpus, encoder, index_dir, named, progress_bar, force, sizes or Sizes(), copies)


def _build(
    corpus: Corpus,
    encoder: Encoder,
    index_dir: Path,
    named: tuple[str, str],
    progress_bar: ProgressBar | None,
    force: bool,
    sizes: Sizes,
    copies: Copies | None,
) -> BuildReport:
    build_id, reader = named
    before = served(index_dir)
    passages = split_corpus(corpus, encoder)
    reusing, known = ReusingEncoder(encoder, before), known_topics(before)
    account = account_of(before.content if before else None, corpus.documents, passages)
    splitter = f"{_SPLITTER}, {PassageLength()}"
    if before and before.manifest.splitter == splitter and not force:
        _refuse_vanishing(account, before)
    counts = Counts(len(corpus.documents), len(passages), sum(len(p.sentences) for p in passages))

    def write(folder: Path) -> None:
        content = encode_corpus(corpus.documents, passages, reusing, progress_bar, known, folder)
        write_content(folder, content, sizes)

    def finish(files: Mapping[str, FileRecord], sequence: int) -> Manifest:
        return Manifest(
            build_id=build_id,
            sequence=sequence,
            corpus=corpus.sha256,
            splitter=splitter,
            encoder=EncoderRecord(encoder.name, encoder.revision, encoder.dim, encoder.precision),
            counts=counts,
            files=files,
            corpus_files=corpus.files,
            reader=reader,
        )

    publish(index_dir, build_id, write, finish, copies)
    account = account.with_work(reusing.encoded, reusing.reused, known.recognised, known.reused)
    name = before.manifest.build_id if before else ""
    return BuildReport(build_id, True, counts.documents, counts.passages, name, account)


def _refuse_vanishing(account: Account, before: Served) -> None:
    vanishing, known = account.passages.removed, before.manifest.counts.passages
    if vanishing > _MOST_VANISHING * known:
        raise VanishingError(
            f"{vanishing} of {known} passages would vanish ({account.removed_from}). If that is meant, run: "
            "python -m assistant build --force. Until then the last good index serves."
        )


def build_id_of(corpus: Corpus, encoder: Encoder, reader: bool = True) -> str:
    """The name of the generation: equal input, equal name. `reader` is the setting of that name."""
    [build_id] = _build_ids(corpus, encoder, reader, [encoder.precision])
    return build_id


def _build_ids(corpus: Corpus, encoder: Encoder, reader: bool, precisions: Iterable[str]) -> list[str]:
    """The name that it would have in each of these precisions."""
    text = [corpus.sha256, _SPLITTER, str(PassageLength()), _CONTEXT, labelling_of(encoder), gathering()]
    inputs = [FORMAT, *text, encoder.name, encoder.revision, reader_revision(encoder, reader)]
    named = (json.dumps([*inputs, precision]) for precision in precisions)
    return [hashlib.sha256(each.encode()).hexdigest()[:16] for each in named]


def _unchanged(index_dir: Path, good: Container[str], whole: bool) -> BuildReport | None:
    try:
        # First its name: a large one takes long to read.
        build_id = current_id(index_dir)
        if build_id not in good:
            return None
        counts = open_generation(index_dir, build_id, whole=whole)[1].counts
    except (IndexMissingError, IndexDamagedError, IndexStaleError):
        return None
    return BuildReport(build_id, False, counts.documents, counts.passages)
