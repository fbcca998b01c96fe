"""Which topics each passage speaks of: recognised from its heading and sentences, corrected by an editor."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from assistant.encoder import Encoder
from assistant.errors import CorpusError
from assistant.language.conditions import names_condition
from assistant.language.drug_names import TOPIC, names
from assistant.language.entities import find_entities
from assistant.rows import row_holding, rows_by_article
from assistant.topics.recogniser import CONDITION, LABEL_THRESHOLD, MEDICINE, topic_model
from assistant.types import Document, Passage

Topics = tuple[str, ...]

_LABELLING = "heading-sentences-1"
"""To be changed with the way of recognising topics, so that none recognised otherwise is taken over."""


def labelling_of(encoder: Encoder) -> str:
    """Names the way in which topics are recognised: equal name, equal topics of equal texts."""
    model = topic_model(encoder)
    return f"{_LABELLING} {LABEL_THRESHOLD} {model.revision if model else 'none'}"


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


class KnownTopics:
    """Topics recognised before, by the hash of all that they were recognised from.

    `recognised` and `reused` count the passages whose topics were looked for here.
    """

    def __init__(self, topics: Mapping[str, Topics] | None = None) -> None:
        self._topics = dict(topics or {})
        self.recognised = self.reused = 0

    def find(self, key: str) -> Topics | None:
        """The topics known under this hash; None if they must be recognised."""
        found = self._topics.get(key)
        self.recognised += found is None
        self.reused += found is not None
        return found


class Labeller:
    """Labels passages with topics.

    `keys` has for each passage the SHA-256 of all that its topics are recognised from, empty where nothing is
    recognised: an editor gave them, or the article has no domain, or the encoder no fitted model.
    """

    def __init__(
        self,
        documents: Iterable[Document],
        passages: Sequence[Passage],
        domains: Mapping[str, str],
        encoder: Encoder,
        known: KnownTopics | None = None,
    ) -> None:
        """`domains` are those of the articles, by id. Raises `CorpusError` if words that topics are given for
        are in no passage."""
        self._encoder = encoder
        self._passages = passages
        self._domains = domains
        self._known = known or KnownTopics()
        self._corrected = dict(_corrections(documents, passages))
        self._model = topic_model(encoder)
        self._labelling = labelling_of(encoder)
        self.keys = tuple(self._key(row) for row in range(len(passages)))

    def topics(self, rows: Sequence[int]) -> list[Topics]:
        """The topics of these passages; only texts of passages that are not known are encoded."""
        found = {row: self._corrected.get(row, ()) for row in rows}
        new: dict[int, list[str]] = {}
        for row in rows:
            if self.keys[row]:
                topics = self._known.find(self.keys[row])
                if topics is None:
                    new[row] = self._texts(row)
                else:
                    found[row] = topics
        found.update(self._recognised(new))
        return [found[row] for row in rows]

    def _recognised(self, texts: Mapping[int, Sequence[str]]) -> Iterator[tuple[int, Topics]]:
        if not self._model or not texts:
            return
        vectors, first = self._encoder.encode_passages([text for own in texts.values() for text in own]), 0
        for row, own in texts.items():
            end = first + len(own)
            yield row, self._model.label_passage(own, vectors[first:end], self._domain(row))
            first = end

    def _key(self, row: int) -> str:
        if not self._model or row in self._corrected or not self._domain(row):
            return ""
        made_by = [self._encoder.name, self._encoder.revision, self._encoder.precision]
        seen = [self._labelling, *made_by, self._domain(row)]
        return hashlib.sha256(json.dumps([*seen, *self._texts(row)]).encode()).hexdigest()

    def _domain(self, row: int) -> str:
        return self._domains[self._passages[row].doc_id]

    def _texts(self, row: int) -> list[str]:
        passage = self._passages[row]
        heading = [passage.heading] if passage.heading else []
        return [*heading, *passage.sentence_texts()]


def _names_medicine(text: str) -> bool:
    """A misspelt name does not count: the names of rare conditions look like some."""
    return any(
        entity.kind != TOPIC and entity.name.casefold() in names().exact for entity in find_entities(text)
    )


def _corrections(documents: Iterable[Document], passages: Sequence[Passage]) -> Iterator[tuple[int, Topics]]:
    rows = rows_by_article(passages)
    for document in documents:
        for label in document.labels:
            row = row_holding(label.quote, rows.get(document.doc_id, ()), passages)
            if row is None:
                quote = document.text[label.quote.start : label.quote.end]
                raise CorpusError(
                    f"{document.doc_id}: the words {quote!r} that topics are given for are in no passage."
                )
            yield row, label.topics
