"""Runs several named engines over the same sets: does each piece earn its place?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from evaluation.abstention import Values
from evaluation.bootstrap import Figure, figure, mean
from evaluation.figures import SEPARATION, Figures, figures_of, found, probabilities
from evaluation.interface import Engine
from evaluation.judgements import Part, QuestionSet, Role
from evaluation.metrics import ranking_values
from evaluation.runner import Outcome, Run, run


@dataclass(frozen=True, slots=True)
class Trial:
    """One configuration on one set, by part its figures and how much they differ from the first's.

    `gains` are this configuration's figure less the first configuration's on the same questions, with the
    interval of that difference: where it excludes 0, the difference is hardly chance.
    """

    configuration: str
    run: Run
    figures: Mapping[Part, Figures]
    gains: Mapping[Part, Figures]


def run_all(configs: Mapping[str, Callable[[], Engine]], sets: Sequence[QuestionSet]) -> list[Trial]:
    """Every configuration on every set, set by set; gains are over the first configuration."""
    trials: list[Trial] = []
    engines = {name: make() for name, make in configs.items()}
    for question_set in sets:
        runs = {name: run(engine, question_set) for name, engine in engines.items()}
        first = next(iter(runs.values()))
        trials += [_trial(name, each, first) for name, each in runs.items()]
    return trials


def _trial(configuration: str, this: Run, first: Run) -> Trial:
    parts = this.question_set.parts
    figures = {part: figures_of(this, part) for part in parts}
    gains = {} if this is first else {part: gains_of(this, first, part) for part in parts}
    return Trial(configuration, this, figures, gains)


def gains_of(this: Run, first: Run, part: Part) -> Figures:
    """What `this` run has over `first`, question by question; figures as in `figures.py`."""
    answerable = [each.of(part, Role.ANSWERABLE) for each in (this, first)]
    unanswerable = [each.of(part, Role.UNANSWERABLE) for each in (this, first)]
    gains: Figures = {}
    if answerable[0]:
        values, base = (ranking_values(outcomes) for outcomes in answerable)
        gains |= {name: mean(values[name] - base[name]) for name in values}
        gains["found_rate"] = _gain_in_found(answerable)
    if unanswerable[0]:
        gains["found_false_rate"] = _gain_in_found(unanswerable)
    if answerable[0] and unanswerable[0]:
        pairs = [
            np.stack([probabilities(each) for each in both], axis=1) for both in (answerable, unanswerable)
        ]
        gains |= {name: figure(partial(_gain, statistic), *pairs) for name, statistic in SEPARATION.items()}
    return gains


def _gain_in_found(pair: Sequence[Sequence[Outcome]]) -> Figure:
    this, first = map(found, pair)
    return mean(this - first)


def _gain(statistic: Callable[[Values, Values], float], answerable: Values, unanswerable: Values) -> float:
    """Columns of the samples: this run, the first run."""
    this, first = (statistic(answerable[:, column], unanswerable[:, column]) for column in (0, 1))
    return this - first
