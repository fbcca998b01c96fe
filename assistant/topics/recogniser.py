"""What a question is about, and what a passage speaks of: topics such as alcohol, missed dose, cost.

The topics and their examples are in `data/topics.jsonl` (written for this project); the numbers in
`data/topic_weights` are fitted to them, for one encoder each, by `python -m evaluation.fit_topics`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.encoder import Encoder
from assistant.errors import EncoderError
from assistant.storage.files import sha256_of
from assistant.topics.weights import REFIT, DomainWeights, read_weights

MEDICINE = "medicine"
CONDITION = "condition"
NONE = "none"
"""Stands for no topic: the question is about something else."""

LABEL_THRESHOLD = 0.5
"""A passage speaks of a topic if one of its sentences does with this probability. `evaluation.fit_topics`
prints the figures for every threshold, on passages labelled by hand."""

_DATA = Path(__file__).parent.parent / "data"
TOPICS_FILE = _DATA / "topics.jsonl"
WEIGHTS_DIR = _DATA / "topic_weights"

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Topic:
    """`label` names it in a list, `sentence` completes "says nothing about: ..."."""

    id: str
    label: str
    sentence: str
    domain: str


class TopicScore(NamedTuple):
    """`probability` is from 0 to 1; all topics of a domain and `NONE` add up to 1."""

    topic_id: str
    probability: float


class TopicModel:
    """Recognises topics by the encoder's vector of a text and the text's own words."""

    def __init__(
        self, topics: Sequence[Topic], domains: Mapping[str, DomainWeights], revision: str = ""
    ) -> None:
        """`revision` is the SHA-256 of what topics and weights were read from; empty if from no file."""
        self.revision = revision
        self._topics = {topic.id: topic for topic in topics}
        self._domains = dict(domains)
        unknown = {id for weights in domains.values() for id in weights.topics} - {NONE, *self._topics}
        if unknown:
            raise ValueError(f"weights for topics that do not exist: {', '.join(sorted(unknown))}")

    @staticmethod
    def open(encoder: Encoder) -> "TopicModel":
        """The model fitted for the encoder, read once. Raises `EncoderError` if there is none, or if it is
        damaged or was fitted for another revision.
        """
        model, fitted_for = _opened(weights_file(encoder.name))
        if encoder.revision != fitted_for:
            raise EncoderError(f"The topic weights were fitted for another {encoder.name}. {REFIT}")
        return model

    def topic(self, topic_id: str) -> Topic:
        """Raises `ValueError` if there is no such topic."""
        if topic_id not in self._topics:
            raise ValueError(f"there is no topic {topic_id!r}")
        return self._topics[topic_id]

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """All topics, in the order of the file."""
        return tuple(self._topics.values())

    def says_nothing_about(self, topic_id: str) -> str:
        """What is missing, in words: "says nothing about: drinking alcohol while taking it"."""
        return f"says nothing about: {self.topic(topic_id).sentence}"

    def recognise(
        self, question_text: str, question_vector: Vector, domain: str = MEDICINE
    ) -> tuple[TopicScore, ...]:
        """Every topic of the domain and `NONE` with its probability, best first; ties by name.

        `question_vector` is the encoder's vector of `question_text`, shape [dim]. Raises `ValueError`
        for another shape or an unknown domain.
        """
        found = self.probabilities(question_text, question_vector, domain)
        ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
        return tuple(TopicScore(*each) for each in ordered)

    def probabilities(
        self, question_text: str, question_vector: Vector, domain: str = MEDICINE
    ) -> dict[str, float]:
        """The same, by topic, in no order."""
        weights = self._of(domain)
        probabilities = weights.probabilities(question_text, question_vector)
        return dict(zip(weights.topics, probabilities.tolist(), strict=True))

    def label_passage(
        self,
        texts: Sequence[str],
        vectors: Vector,
        domain: str = MEDICINE,
        threshold: float = LABEL_THRESHOLD,
    ) -> tuple[str, ...]:
        """The ids of the topics a passage speaks of, in the order of its texts; `NONE` is never one.

        `texts` are its heading, if any, and its sentences; `vectors` are the encoder's of each, shape
        [texts, dim]. Raises `ValueError` if their numbers differ, or for an unknown domain.
        """
        if len(texts) != len(vectors):
            raise ValueError(f"{len(texts)} texts but {len(vectors)} vectors")
        weights = self._of(domain)
        rows = [weights.probabilities(text, vector) for text, vector in zip(texts, vectors, strict=True)]
        found = (
            weights.topics[place]
            for row in rows
            for place in np.argsort(-row, kind="stable")
            if row[place] >= threshold
        )
        return tuple(topic_id for topic_id in dict.fromkeys(found) if topic_id != NONE)

    def _of(self, domain: str) -> DomainWeights:
        if domain not in self._domains:
            raise ValueError(f"there is no domain {domain!r}; there are: {', '.join(self._domains)}")
        return self._domains[domain]


@lru_cache(maxsize=2)
def read_topics(path: Path = TOPICS_FILE) -> tuple[Topic, ...]:
    """The topics of a file of JSON lines, in its order."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return tuple(Topic(row["id"], row["label"], row["sentence"], row["domain"]) for row in rows)


def topic_model(encoder: Encoder) -> TopicModel | None:
    """The model fitted for the encoder; None for an encoder that none was ever fitted for.

    Raises `EncoderError` as `TopicModel.open`.
    """
    return TopicModel.open(encoder) if weights_file(encoder.name).exists() else None


def weights_file(encoder_name: str) -> Path:
    """Where the numbers fitted for an encoder are kept."""
    return WEIGHTS_DIR / f"{encoder_name}.npz"


@lru_cache(maxsize=2)
def _opened(path: Path) -> tuple[TopicModel, str]:
    domains, encoder_revision = read_weights(path)
    revision = hashlib.sha256(f"{sha256_of(path)} {sha256_of(TOPICS_FILE)}".encode()).hexdigest()
    return TopicModel(read_topics(), domains, revision), encoder_revision
