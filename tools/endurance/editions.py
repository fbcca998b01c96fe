"""Editions of a small corpus that cannot be mixed unseen.

Every edition says its number in every passage, and the arithmetic encoder has a dimension for it. So text,
vectors and build id each tell the edition.
"""

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

from assistant.answering import Assistant
from assistant.building import build_id_of, build_index
from assistant.corpus import Corpus
from assistant.encoder import Progress, Vectors
from assistant.evidence.context import PassageContext
from assistant.index import PassageIndex
from assistant.serving import OK, LiveAssistant
from assistant.settings import Settings
from assistant.types import Document, Source
from tests.fakes import WordEncoder

EDITIONS = 24
_QUESTION = "Is it given for fits and panic, and are the tablets taken at noon and at night?"
_ARTICLES = 6


class SlowEncoder(WordEncoder):
    """Takes a little time for each call, so that a build has a middle to be killed in."""

    def __init__(self, seconds: float) -> None:
        super().__init__(["fits", "panic", *(f"edition{number}" for number in range(EDITIONS))])
        self._seconds = seconds

    def encode_passages(self, passages: Sequence[str], progress: Progress | None = None) -> Vectors:
        time.sleep(self._seconds)
        return super().encode_passages(passages, progress)


def edition(number: int) -> Corpus:
    """The corpus of that number: equal in size to every other, and different in every passage."""
    return Corpus(tuple(_article(name, number) for name in "abcdef"[:_ARTICLES]))


def _article(name: str, number: int) -> Document:
    mark = f"edition{number}"
    parts = [
        f"Part {part}\n\nIt is given for fits and panic, says {mark} . "
        + f"The tablets of article {name} are taken at noon and at night, as {mark} has it. " * 4
        for part in range(4)
    ]
    text = "\n\n".join(parts) + "\n"
    source = Source("unknown", "unknown", "unknown", "unknown", hashlib.sha256(text.encode()).hexdigest())
    return Document(f"article-{name}", f"Article {name}", text, source, ("little",))


class Wrong(Exception):
    """What must never be: a mixture, or an error for a reader."""


def check_index(index: PassageIndex, encoder: WordEncoder, editions: dict[str, int]) -> None:
    """Raises `Wrong` unless text, vectors and name of the index are of one and the same edition."""
    mark = f"edition{editions[index.build_id]}"
    for row, passage in enumerate(index.passages):
        if mark not in passage.text:
            raise Wrong(f"{index.build_id}: {passage.passage_id} is of another edition than {mark}")
        title = index.documents[passage.doc_id].title
        context = PassageContext(encoder, title).text(passage.heading, passage.text)
        vector = WordEncoder.encode_queries(encoder, [context])[0]
        if index.passage_scores(vector, [row])[0] < 0.9999:
            raise Wrong(f"{index.build_id}: the vector of {passage.passage_id} is not that of its text")


def check_answer(assistant: Assistant | LiveAssistant, editions: dict[str, int]) -> str:
    """Asks once; raises `Wrong` unless every passage is of the edition that the answer names. Its build id."""
    answer = assistant.ask(_QUESTION)
    mark = f"edition{editions[answer.build_id]}"
    if not answer.hits or not all(mark in hit.passage.text for hit in answer.hits):
        raise Wrong(f"the answer of {answer.build_id} has passages that are not of {mark}")
    return answer.build_id


def editions_by_id(encoder: WordEncoder) -> dict[str, int]:
    """The number of each edition by the build id it gets."""
    return {build_id_of(edition(number), encoder): number for number in range(EDITIONS)}


def publish_edition(index_dir: Path, encoder: SlowEncoder, number: int) -> str:
    """Builds that edition, whether or not it is the current one; its build id."""
    return build_index(edition(number), encoder, index_dir, force=True).build_id


def serve(index_dir: Path, encoder: SlowEncoder) -> LiveAssistant:
    """A server's assistant on the current generation. Raises `Wrong` if it is told of any trouble later."""

    def trouble(message: str) -> None:
        raise Wrong(message)

    assistant = Assistant(PassageIndex.open(index_dir), encoder)
    return LiveAssistant(assistant, encoder, Settings(index_dir=index_dir), OK, trouble)
