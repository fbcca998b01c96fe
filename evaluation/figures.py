"""All figures of one part of a run, by name.

success@1, success@3, mrr@10, ndcg@10   answerable questions; see `metrics`
found_rate, missed_rate                 answerable questions shown as FOUND, and not
found_right_rate                        answerable questions shown as FOUND with a right passage first
found_false_rate                        unanswerable questions shown as FOUND
auroc, false_at_90, false_at_95         answerable against unanswerable by probability; see `abstention`
aurc, brier, calibration_error          probability against "the best passage answers", both kinds together
other_subject_…                         the same against questions about another drug or condition
false_premise_…, followup_…             finding the passage that puts it right, or that continues the talk

A figure that a set has no questions for is absent, never 0.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from assistant.types import AnswerKind
from evaluation.abstention import Values, aurc, auroc, brier, calibration_error, false_answer_rate
from evaluation.bootstrap import Figure, figure, mean
from evaluation.judgements import Part, Role
from evaluation.metrics import RANKING_NAMES, ranking_values
from evaluation.runner import Outcome, Run

Figures = dict[str, Figure]

_SIDE_ROLES = (Role.FALSE_PREMISE, Role.FOLLOWUP)
SEPARATION: dict[str, Callable[[Values, Values], float]] = {
    "auroc": auroc,
    "false_at_90": partial(false_answer_rate, share=0.90),
    "false_at_95": partial(false_answer_rate, share=0.95),
}
"""Figures of two samples: probabilities of answerable and of other questions."""

_CALIBRATION: dict[str, Callable[[Values, Values], float]] = {
    "aurc": aurc,
    "brier": brier,
    "calibration_error": calibration_error,
}

NAMES = (
    *RANKING_NAMES,
    *("found_rate", "missed_rate", "found_right_rate", "found_false_rate"),
    *SEPARATION,
    *_CALIBRATION,
    "other_subject_found_rate",
    *(f"other_subject_{name}" for name in SEPARATION),
    *(f"{role.value}_{name}" for role in _SIDE_ROLES for name in (*RANKING_NAMES, "found_rate")),
)
"""Every name a figure can have, in the order reported."""


def figures_of(run: Run, part: Part) -> Figures:
    """The figures of one part, in the order of `NAMES`."""
    answerable = run.of(part, Role.ANSWERABLE)
    unanswerable = run.of(part, Role.UNANSWERABLE)
    other = run.of(part, Role.OTHER_SUBJECT)
    figures: Figures = {}
    if answerable:
        figures |= _ranking(answerable) | _decisions(answerable)
        figures |= _calibration(answerable + unanswerable)
    if unanswerable:
        figures["found_false_rate"] = mean(found(unanswerable))
    if other:
        figures["other_subject_found_rate"] = mean(found(other))
    if answerable and unanswerable:
        figures |= _separation(answerable, unanswerable)
    if answerable and other:
        figures |= _named("other_subject", _separation(answerable, other))
    for role in _SIDE_ROLES:
        if side := run.of(part, role):
            figures |= _named(role.value, _ranking(side) | {"found_rate": mean(found(side))})
    return {name: figures[name] for name in NAMES if name in figures}


def kinds_of(run: Run, part: Part) -> dict[str, Figures]:
    """By role, the share of each kind of reply."""
    roles = {role.value: run.of(part, role) for role in Role}
    return {role: _shares(outcomes) for role, outcomes in roles.items() if outcomes}


def probabilities(outcomes: Sequence[Outcome]) -> Values:
    """The probability of each reply."""
    return np.array([outcome.reply.probability for outcome in outcomes], dtype=np.float64)


def rightness(outcomes: Sequence[Outcome]) -> Values:
    """1 where the best passage answers the question, else 0."""
    return np.array([outcome.right_first for outcome in outcomes], dtype=np.float64)


def found(outcomes: Sequence[Outcome]) -> Values:
    """1 where the reply claims to answer, else 0."""
    return np.array([outcome.found for outcome in outcomes], dtype=np.float64)


def _ranking(outcomes: Sequence[Outcome]) -> Figures:
    return {name: mean(values) for name, values in ranking_values(outcomes).items()}


def _decisions(answerable: Sequence[Outcome]) -> Figures:
    shown = found(answerable)
    return {
        "found_rate": mean(shown),
        "missed_rate": mean(1 - shown),
        "found_right_rate": mean(shown * rightness(answerable)),
    }


def _separation(answerable: Sequence[Outcome], others: Sequence[Outcome]) -> Figures:
    samples = probabilities(answerable), probabilities(others)
    return {name: figure(statistic, *samples) for name, statistic in SEPARATION.items()}


def _calibration(outcomes: Sequence[Outcome]) -> Figures:
    pairs = np.stack([probabilities(outcomes), rightness(outcomes)], axis=1)
    return {name: figure(partial(_of_columns, statistic), pairs) for name, statistic in _CALIBRATION.items()}


def _of_columns(statistic: Callable[[Values, Values], float], pairs: Values) -> float:
    return statistic(pairs[:, 0], pairs[:, 1])


def _named(prefix: str, figures: Figures) -> Figures:
    return {f"{prefix}_{name}": each for name, each in figures.items()}


def _shares(outcomes: Sequence[Outcome]) -> Figures:
    kinds = Counter(outcome.reply.kind for outcome in outcomes)
    return {
        kind.value: mean(np.array([outcome.reply.kind is kind for outcome in outcomes], dtype=np.float64))
        for kind in AnswerKind
        if kinds[kind]
    }
