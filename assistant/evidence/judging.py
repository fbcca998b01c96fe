"""Is it enough? A calibrated probability that the best passage answers, and what follows from it.

The model is logistic regression over named signals, and none counts against its own meaning: more likeness, or a surer
reader, never makes an answer less likely, nor does less likeness to what is not answered. Its numbers lie in
`data/judge.json`, and `python -m evaluation.fit_judge` fits them again.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assistant.evidence.ranking import Evidence, is_settled
from assistant.types import AnswerKind

Signals = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`probability`: that the best passage answers the question. `signals` are what it was judged by."""

    kind: AnswerKind
    probability: float
    signals: Signals


@dataclass(frozen=True, slots=True)
class JudgeModel:
    """Weights of standardised signals: `(signal - mean) / scale * weight`, summed, plus `intercept`.

    `found` and `related` are the least probabilities, `near_found` and `near_related` the least nearness.
    """

    intercept: float
    means: Mapping[str, float]
    scales: Mapping[str, float]
    weights: Mapping[str, float]
    found: float
    related: float
    near_found: float
    near_related: float

    def probability(self, signals: Signals) -> float:
        """From 0 to 1. A signal that cannot be had counts as average."""
        total = self.intercept + sum(
            weight * (signals.get(name, self.means[name]) - self.means[name]) / self.scales[name]
            for name, weight in self.weights.items()
        )
        return 1 / (1 + math.exp(-total))


def judge(evidence: Evidence) -> Judgement:
    """`FOUND` and `RELATED` from stated probabilities on; `NOT_COVERED` if all it names is uncovered.

    The probability is 0 where nothing can be an answer.
    """
    if evidence.query.gate.closed:
        return Judgement(AnswerKind.NOT_COVERED, 0.0, {})
    if not evidence.ranked:
        return Judgement(AnswerKind.NOT_FOUND, 0.0, {})
    signals = signals_of(evidence)
    if is_settled(evidence.query, evidence.missing):
        return Judgement(AnswerKind.NOT_FOUND, 0.0, signals)
    model = models()[model_for(evidence)]
    probability = model.probability(signals)
    return Judgement(_kind(model, probability, signals["near"], evidence), probability, signals)


def signals_of(evidence: Evidence) -> dict[str, float]:
    """The named numbers a judgement rests on, all of the best passage unless said otherwise."""
    best, near = evidence.ranked[0], nearness(evidence)
    ranked = evidence.ranked
    second = ranked[1] if len(ranked) > 1 else best
    dense, lexical = [one.dense for one in ranked], [one.lexical for one in ranked]
    known = {
        "near": near,
        "score": best.score,
        "dense": best.dense,
        "sentence": best.sentence,
        "nearest_sentence": max(one.sentence for one in ranked),
        "lexical": best.lexical,
        "margin": best.score - second.score,
        "covered": evidence.covered,
        "known": evidence.known,
        "agreement": float(dense.index(max(dense)) == lexical.index(max(lexical))),
    }
    if_any = {
        "topic": best.topic,
        "spoken_of": evidence.spoken_of,
        "reads": best.reads,
        "leaning": evidence.leaning,
    }
    for name, likeness in (("answered", evidence.answered), ("unanswered", evidence.unanswered)):
        if likeness:
            known |= {name: likeness.nearest, f"{name}_density": likeness.density}
    return known | {name: value for name, value in if_any.items() if value is not None}


def model_for(evidence: Evidence) -> str:
    """`curated` where editors have said what the articles do not answer; else `read` where the reader has read the
    best passages, and `prose` where it has not."""
    if evidence.unanswered is not None:
        return "curated"
    return "prose" if evidence.ranked[0].reads is None else "read"


@cache
def models() -> Mapping[str, JudgeModel]:
    """By name: see `model_for`."""
    text = files("assistant").joinpath("data/judge.json").read_text(encoding="utf-8")
    return {name: JudgeModel(**numbers) for name, numbers in json.loads(text)["models"].items()}


def _kind(model: JudgeModel, probability: float, near: float, evidence: Evidence) -> AnswerKind:
    found = probability >= model.found and near >= model.near_found
    # What an editor has said of the very question goes before what it is like.
    if not evidence.missing and (found if evidence.verdict is None else evidence.verdict):
        return AnswerKind.FOUND
    if probability >= model.related and near >= model.near_related:
        return AnswerKind.RELATED
    return AnswerKind.NOT_FOUND


def nearness(evidence: Evidence) -> float:
    """The mean of the greatest cosines with a passage, with a sentence and with answered questions."""
    ranked = evidence.ranked
    cosines = [max([one.dense for one in ranked]), max([one.sentence for one in ranked])]
    if curated := [one.curated for one in ranked if one.curated is not None]:
        cosines.append(max(curated))
    return sum(cosines) / len(cosines)
