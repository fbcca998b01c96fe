"""How well questions without an answer are told from questions with one, by probability.

Probabilities are arrays `[n]`, one a question. Equal probabilities are always answered or refused together,
so nothing depends on the order of questions.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


class RiskPoint(NamedTuple):
    """Answering every question with a probability of at least `threshold`."""

    threshold: float
    coverage: float
    risk: float


class Bin(NamedTuple):
    """Questions of similar probability: its mean, the share answered rightly, and their number."""

    probability: float
    right: float
    questions: int


def auroc(answerable: Values, unanswerable: Values) -> float:
    """The chance that an answerable question has the higher probability; a tie counts half.

    The exact Mann-Whitney statistic U / (n · m), which is the area under the ROC curve.
    """
    ordered = np.sort(unanswerable)
    below = np.searchsorted(ordered, answerable, side="left")
    not_above = np.searchsorted(ordered, answerable, side="right")
    return float((below + not_above).sum() / (2 * len(answerable) * len(unanswerable)))


def threshold_for(answerable: Values, share: float) -> float:
    """The highest threshold at which at least `share` of the answerable questions are answered."""
    # Without the small term 0.9 · 10 would round up to 10.
    needed = max(1, math.ceil(share * len(answerable) - 1e-9))
    return float(np.sort(answerable)[::-1][needed - 1])


def false_answer_rate(answerable: Values, unanswerable: Values, share: float) -> float:
    """The share of unanswerable questions answered when `share` of the answerable ones are.

    The threshold is set on these same answerable questions.
    """
    return float(np.mean(unanswerable >= threshold_for(answerable, share)))


def risk_coverage(probability: Values, right: Values) -> list[RiskPoint]:
    """The curve from the surest question alone to all of them, one point a distinct probability.

    Coverage: the share of all questions answered. Risk: the share of the answered ones that are wrong
    (`right` is 0): the best passage does not answer, or nothing does (El-Yaniv and Wiener 2010).
    """
    curve = _curve(probability, right)
    return [RiskPoint(*map(float, point)) for point in zip(*curve, strict=True)]


def aurc(probability: Values, right: Values) -> float:
    """Area under the risk-coverage curve: the mean risk over all coverages; lower is better.

    Questions of equal probability all count the risk after the last of them.
    """
    _, coverage, risk = _curve(probability, right)
    return float(np.diff(coverage, prepend=0.0) @ risk)


def _curve(probability: Values, right: Values) -> tuple[Values, Values, Values]:
    """Thresholds, coverages and risks."""
    order = np.argsort(-probability, kind="stable")
    ordered, wrong = probability[order], np.cumsum(1 - right[order])
    last_of_equals = np.append(ordered[1:] != ordered[:-1], True)
    answered = np.arange(1, len(order) + 1)[last_of_equals]
    return ordered[last_of_equals], answered / len(order), wrong[last_of_equals] / answered


def brier(probability: Values, right: Values) -> float:
    """Mean squared difference between probability and what happened (1 right, 0 not)."""
    return float(np.mean((probability - right) ** 2))


def reliability(probability: Values, right: Values, bins: int = 10) -> list[Bin]:
    """Bins of equal width over 0 to 1, empty ones left out; a bin holds its lower edge, the last both."""
    number = np.minimum((probability * bins).astype(int), bins - 1)
    return [
        Bin(float(probability[mask].mean()), float(right[mask].mean()), int(mask.sum()))
        for mask in (number == each for each in range(bins))
        if mask.any()
    ]


def calibration_error(probability: Values, right: Values) -> float:
    """Mean distance of probability from the share right over 10 equal-width bins, weighted by size (ECE)."""
    return sum(
        each.questions * abs(each.probability - each.right) for each in reliability(probability, right)
    ) / len(probability)
