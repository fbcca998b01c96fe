"""Logistic regression in which no signal counts against its own meaning.

A fit that is free learns what is true of its questions alone. Our near misses were written to share words with a
passage, so it learnt that shared words speak against an answer; everywhere else they do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Numbers = NDArray[np.float64]

_STRENGTH = 0.3
"""Of the penalty, its inverse: a larger one lets weights grow."""


@dataclass(frozen=True, slots=True)
class MonotoneLogistic:
    """`means`, `scales` and `weights` by signal, [signals]."""

    intercept: float
    means: Numbers
    scales: Numbers
    weights: Numbers

    def probability(self, signals: Numbers) -> Numbers:
        """Of rows of signals, [rows, signals]; what is not a number counts as average."""
        total = self.intercept + self._standard(signals) @ self.weights
        return 1 / (1 + np.exp(-total))

    def _standard(self, signals: Numbers) -> Numbers:
        return (np.where(np.isnan(signals), self.means, signals) - self.means) / self.scales


def fit(signals: Numbers, right: NDArray[np.bool_], signs: Sequence[int]) -> MonotoneLogistic:
    """The likeliest weights with a quadratic penalty, each 0 or of its sign (1 or -1).

    `signals` are [rows, signals], `right` [rows]. A signal that is always the same gets no weight.
    """
    means = np.nanmean(signals, axis=0)
    known = np.where(np.isnan(signals), means, signals)
    scales = known.std(axis=0)
    scales[scales == 0] = 1.0
    standard = (known - means) / scales
    target = right.astype(np.float64)

    def loss(numbers: Numbers) -> tuple[float, Numbers]:
        total = numbers[0] + standard @ numbers[1:]
        error = 1 / (1 + np.exp(-total)) - target
        penalty = numbers[1:] @ numbers[1:] / (2 * _STRENGTH)
        gradient = np.concatenate([[error.sum()], standard.T @ error + numbers[1:] / _STRENGTH])
        return float((np.logaddexp(0, total) - target * total).sum() + penalty), gradient

    bounds = [(None, None), *((0, None) if sign > 0 else (None, 0) for sign in signs)]
    found = minimize(loss, np.zeros(len(signs) + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    return MonotoneLogistic(float(found.x[0]), means, scales, found.x[1:])


def unseen_probabilities(
    signals: Numbers, right: NDArray[np.bool_], signs: Sequence[int], folds: NDArray[np.intp]
) -> Numbers:
    """Of each row, by the weights fitted on the rows of all folds but its own; `folds` are [rows]."""
    unseen = np.empty(len(signals))
    for fold in np.unique(folds):
        own = folds == fold
        unseen[own] = fit(signals[~own], right[~own], signs).probability(signals[own])
    return unseen
