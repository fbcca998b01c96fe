"""What a question asks about, against what each passage speaks of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.encoder import Encoder, Vectors
from assistant.index import PassageIndex
from assistant.topics.recogniser import NONE, TopicModel, topic_model
from assistant.types import Passage

_SURE = 0.7
"""A topic is named as missing from this probability on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The probability of each topic that the question may be about."""

    probabilities: Mapping[str, float]

    def likeliest(self, count: int) -> dict[str, float]:
        """The likeliest topics with their probabilities, best first."""
        ordered = sorted(self.probabilities.items(), key=lambda each: (-each[1], each[0]))
        return dict(ordered[:count])

    def matches(self, passages: Sequence[Passage]) -> list[float]:
        """For each passage the probability that the question is about something it speaks of."""
        # Many passages speak of the same.
        known: dict[tuple[str, ...], float] = {}
        for passage in passages:
            if passage.topics not in known:
                found = (self.probabilities.get(topic, 0.0) for topic in passage.topics)
                known[passage.topics] = sum(found)
        return [known[passage.topics] for passage in passages]

    def spoken_of(self, passages: Iterable[Passage]) -> float:
        """The same for the passages together."""
        topics: set[str] = set().union(*{passage.topics for passage in passages})
        return sum(self.probabilities.get(topic, 0.0) for topic in sorted(topics))

    def silent(self, passages: Iterable[Passage]) -> tuple[str, ...]:
        """The ids of topics surely asked about that none of the passages speaks of."""
        topics: set[str] = set().union(*{passage.topics for passage in passages})
        return tuple(
            topic
            for topic, probability in self.probabilities.items()
            if probability >= _SURE and topic not in topics
        )


class QuestionTopics:
    """Recognises the topics of questions to one index."""

    def __init__(self, index: PassageIndex, encoder: Encoder) -> None:
        self._domains = {record.doc_id: record.domain for record in index.documents.values()}
        self._model: TopicModel | None = topic_model(encoder) if any(self._domains.values()) else None

    def asked(self, text: str, vector: Vectors, passages: Sequence[Passage]) -> Asked | None:
        """The topics of a question, in the domains of the articles that `passages` are from.

        None if these articles have no topics. `vector` is the encoder's of `text`, shape [dim].
        """
        domains = {self._domains[passage.doc_id] for passage in passages} - {""}
        if self._model is None or not domains:
            return None
        found: dict[str, float] = {}
        for domain in sorted(domains):
            found |= self._model.probabilities(text, vector, domain)
        return Asked({topic: probability for topic, probability in found.items() if topic != NONE})

    def named(self, topic_ids: Iterable[str]) -> tuple[str, ...]:
        """The topics in words that complete "says nothing about: "."""
        return tuple(self._model.topic(topic).sentence for topic in topic_ids) if self._model else ()
