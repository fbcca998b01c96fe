"""Which topics each passage speaks of: recognised from its heading and sentences, corrected by an editor."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.encoder import Encoder, Progress
from assistant.errors import CorpusError
from assistant.language.conditions import names_condition
from assistant.language.drug_names import TOPIC, names
from assistant.language.entities import find_entities
from assistant.topics.recogniser import CONDITION, MEDICINE, topic_model
from assistant.types import Document, Passage, Span


def domain_of(document: Document) -> str:
    """Whose topics the article is labelled with: as stated, else told from its subjects and title.

    Empty if they name neither a medicine nor a condition that is known.
    """
    if document.domain:
        return document.domain
    about = [*document.subjects, document.title]
    if any(map(_names_medicine, about)):
        return MEDICINE
    return CONDITION if any(map(names_condition, about)) else ""


class Labeller:
    """Labels passages with topics; `texts` are what it must have encoded for that."""

    def __init__(self, documents: Iterable[Document], passages: Sequence[Passage], encoder: Encoder) -> None:
        documents = list(documents)
        self._encoder = encoder
        self._passages = passages
        self._domains = {document.doc_id: domain_of(document) for document in documents}
        self._corrected = _corrections(documents, passages)
        self._model = topic_model(encoder)
        self._own = [self._texts_of(row) for row in range(len(passages))]
        self.texts = [text for own in self._own for text in own]

    def labelled(self, progress: Progress | None = None) -> tuple[Passage, ...]:
        """The passages with their topics; `progress` hears of every text encoded."""
        vectors = self._encoder.encode_passages(self.texts, progress)
        labelled, first = [], 0
        for row, (passage, own) in enumerate(zip(self._passages, self._own, strict=True)):
            topics = self._corrected.get(row, ())
            if own and self._model:
                rows = vectors[first : first + len(own)]
                topics = self._model.label_passage(own, rows, self._domains[passage.doc_id])
            first += len(own)
            labelled.append(replace(passage, topics=topics))
        return tuple(labelled)

    def _texts_of(self, row: int) -> list[str]:
        passage = self._passages[row]
        if self._model is None or row in self._corrected or not self._domains[passage.doc_id]:
            return []
        heading = [passage.heading] if passage.heading else []
        return [*heading, *passage.sentence_texts()]


def row_holding(quote: Span, doc_id: str, passages: Sequence[Passage]) -> int | None:
    """The row of the article's passage that holds most of the quote; None if none holds any."""

    def shared(row: int) -> int:
        passage = passages[row]
        if passage.doc_id != doc_id:
            return 0
        return min(passage.end, quote.end) - max(passage.start, quote.start)

    best = max(range(len(passages)), key=shared, default=None)
    return best if best is not None and shared(best) > 0 else None


def _names_medicine(text: str) -> bool:
    """A misspelt name does not count: the names of rare conditions look like some."""
    return any(
        entity.kind != TOPIC and entity.name.casefold() in names().exact for entity in find_entities(text)
    )


def _corrections(documents: Iterable[Document], passages: Sequence[Passage]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for document in documents:
        for label in document.labels:
            row = row_holding(label.quote, document.doc_id, passages)
            if row is None:
                quote = document.text[label.quote.start : label.quote.end]
                raise CorpusError(
                    f"{document.doc_id}: the words {quote!r} that topics are given for are in no passage."
                )
            found[row] = label.topics
    return found
