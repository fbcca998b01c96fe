"""How often the right topic of a question is recognised, on any file of {"q", "topic"} lines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from assistant.encoder import open_encoder
from assistant.settings import TUNED_ENCODER
from assistant.topics.recogniser import CONDITION, MEDICINE, NONE, TopicModel, TopicScore
from evaluation.bootstrap import mean
from evaluation.errors import EvaluationError
from evaluation.topic_examples import read_questions


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, its right topic and what was recognised, best first."""

    question: str
    topic: str
    scores: tuple[TopicScore, ...]

    @property
    def rank(self) -> int:
        """Of the right topic, from 1."""
        return [score.topic_id for score in self.scores].index(self.topic) + 1


def measure_topics(path: Path, encoder_name: str = TUNED_ENCODER) -> dict[str, object]:
    """Accuracy at 1 and 3 with 95% bootstrap intervals, by domain too, and every confusion.

    A question's domain is taken as known: it is its topic's. Questions of topic `none` are asked as
    about a medicine. Raises `EvaluationError` if the file has no questions or an unknown topic.
    """
    encoder = open_encoder(encoder_name)
    model = TopicModel.open(encoder)
    questions = _checked(path, model)
    vectors = encoder.encode_queries([question for question, _ in questions])
    asked = [
        Asked(question, topic, model.recognise(question, vector, _domain(model, topic)))
        for (question, topic), vector in zip(questions, vectors, strict=True)
    ]
    return {"file": path.name, **figures(asked)}


def figures(asked: Sequence[Asked]) -> dict[str, object]:
    """All questions together, and those of each domain apart."""
    domains = {
        MEDICINE: [each for each in asked if not _is_condition(each)],
        CONDITION: [each for each in asked if _is_condition(each)],
    }
    return {
        **_accuracy(asked),
        "domains": {name: _accuracy(part) for name, part in domains.items() if part},
        "confusions": confusions(asked),
    }


def confusions(asked: Sequence[Asked]) -> list[dict[str, object]]:
    """Right topic, the topic taken for it, how often, and the questions; the commonest first."""
    wrong = [each for each in asked if each.rank > 1]
    pairs = Counter((each.topic, each.scores[0].topic_id) for each in wrong)
    return [
        {
            "topic": topic,
            "taken_for": other,
            "count": count,
            "questions": [
                each.question for each in wrong if (each.topic, each.scores[0].topic_id) == (topic, other)
            ],
        }
        for (topic, other), count in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _accuracy(asked: Sequence[Asked]) -> dict[str, object]:
    ranks = np.array([each.rank for each in asked])
    return {f"accuracy@{k}": asdict(mean((ranks <= k).astype(np.float64))) for k in (1, 3)}


def _is_condition(each: Asked) -> bool:
    # All topics of conditions begin so, and those of medicines do not.
    return each.topic.startswith("c_")


def _domain(model: TopicModel, topic: str) -> str:
    return MEDICINE if topic == NONE else model.topic(topic).domain


def _checked(path: Path, model: TopicModel) -> list[tuple[str, str]]:
    questions = read_questions(path)
    known = {topic.id for topic in model.topics} | {NONE}
    unknown = sorted({topic for _, topic in questions} - known)
    if unknown:
        raise EvaluationError(f"{path} has topics that do not exist: {', '.join(unknown)}.")
    if not questions:
        raise EvaluationError(f"{path} has no questions.")
    return questions
