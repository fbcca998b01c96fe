"""The index that serves from a start on: built if need be, or else the last good one."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from assistant.building import build_index
from assistant.corpus import read_corpus
from assistant.corpus_files import SOURCES
from assistant.encoder import Encoder
from assistant.encoding import ProgressBar
from assistant.errors import (
    AssistantError,
    IndexDamagedError,
    IndexMissingError,
    IndexStaleError,
    SearchUnavailableError,
)
from assistant.index import PassageIndex
from assistant.reader import reader_revision
from assistant.storage.opening import CURRENT, is_rolled_back
from assistant.stores import AUTO, Searcher


def ensure_index(
    corpus_dir: Path,
    index_dir: Path,
    encoder: Encoder,
    progress_bar: ProgressBar | None,
    warn: Callable[[str], None],
    store: Searcher = AUTO,
    reader: bool = True,
) -> PassageIndex:
    """The index of `corpus_dir`, built first if it is missing, damaged or stale; one whose texts were encoded in
    another precision serves until a person builds.

    If it cannot be built, or a person went back to an earlier one, the last good index is opened and `warn`
    is told why. `store` is what searches the vectors, `reader` the setting of that name.
    """
    try:
        if not (corpus_dir / SOURCES).exists() and (index_dir / CURRENT).exists():
            # An index that was copied here serves without its articles.
            index = PassageIndex.open(index_dir, store)
            index.refuse_other_models(encoder, reader_revision(encoder, reader))
            return index
        if is_rolled_back(index_dir):
            index = PassageIndex.open(index_dir, store)
            index.refuse_other_models(encoder, reader_revision(encoder, reader))
            warn(f"The index was rolled back to {index.build_id}, which serves until the next build.")
            return index
        with suppress(SearchUnavailableError):
            # Raised only where the index is the one wanted: what is away is the server, and that may come back.
            # A start does not wait until all of a large index was read, nor for another precision of its vectors.
            corpus = read_corpus(corpus_dir)
            build_index(corpus, encoder, index_dir, progress_bar, store=store, reader=reader, at_a_start=True)
        return PassageIndex.open(index_dir, store)
    except AssistantError as error:
        try:
            index = PassageIndex.open_last_good(index_dir, store)
            index.refuse_other_models(encoder, reader_revision(encoder, reader))
        except (IndexMissingError, IndexDamagedError, IndexStaleError):
            raise error from None
        warn(f"{error} Until then the last good index ({index.build_id}) serves.")
        return index
