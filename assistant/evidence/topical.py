"""What a question asks about, against what each passage speaks of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.encoder import Encoder, Vectors
from assistant.index import PassageIndex
from assistant.topics.recogniser import NONE, TopicModel, topic_model
from assistant.types import Passage

_SURE = 0.7
"""A topic is named as missing from this probability on."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What passages speak of: `topics`, all of them by name; passage i of those in `kinds[which[i]]`."""

    topics: tuple[str, ...]
    kinds: tuple[tuple[str, ...], ...]
    which: NDArray[np.intp]

    @classmethod
    def by(cls, passages: Iterable[Passage]) -> "Spoken":
        """That of these passages, in their order."""
        numbers: dict[tuple[str, ...], int] = {}
        which = [numbers.setdefault(passage.topics, len(numbers)) for passage in passages]
        topics: set[str] = set().union(*numbers)
        return cls(tuple(sorted(topics)), tuple(numbers), np.array(which, np.intp))


@dataclass(frozen=True, slots=True)
class Asked:
    """The probability of each topic that the question may be about."""

    probabilities: Mapping[str, float]

    def likeliest(self, count: int) -> dict[str, float]:
        """The likeliest topics with their probabilities, best first."""
        ordered = sorted(self.probabilities.items(), key=lambda each: (-each[1], each[0]))
        return dict(ordered[:count])

    def matches(self, spoken: Spoken) -> NDArray[np.float64]:
        """For each passage the probability that the question is about something it speaks of."""
        return np.array([self._of(topics) for topics in spoken.kinds])[spoken.which]

    def spoken_of(self, spoken: Spoken) -> float:
        """The same for the passages together."""
        return self._of(spoken.topics)

    def silent(self, spoken: Spoken) -> tuple[str, ...]:
        """The ids of topics surely asked about that none of the passages speaks of."""
        return tuple(
            topic
            for topic, probability in self.probabilities.items()
            if probability >= _SURE and topic not in spoken.topics
        )

    def _of(self, topics: Iterable[str]) -> float:
        known = self.probabilities
        return sum([known[topic] for topic in topics if topic in known], 0.0)


class QuestionTopics:
    """Recognises the topics of questions to one index."""

    def __init__(self, index: PassageIndex, encoder: Encoder) -> None:
        self._domains = {record.doc_id: record.domain for record in index.documents.values()}
        self._model: TopicModel | None = topic_model(encoder) if any(self._domains.values()) else None

    def domains(self, passages: Iterable[Passage]) -> tuple[str, ...]:
        """Those of the articles that passages are from, by name."""
        return tuple(sorted({self._domains[passage.doc_id] for passage in passages} - {""}))

    def asked(self, text: str, vector: Vectors, domains: Sequence[str]) -> Asked | None:
        """The topics of a question, in these domains; None if there are none.

        `vector` is the encoder's of `text`, shape [dim].
        """
        if self._model is None or not domains:
            return None
        found: dict[str, float] = {}
        for domain in domains:
            found |= self._model.probabilities(text, vector, domain)
        found.pop(NONE, None)
        return Asked(found)

    def named(self, topic_ids: Iterable[str]) -> tuple[str, ...]:
        """The topics in words that complete "says nothing about: "."""
        return tuple(self._model.topic(topic).sentence for topic in topic_ids) if self._model else ()
