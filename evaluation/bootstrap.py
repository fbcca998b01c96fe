"""How far a figure could be chance: percentile bootstrap over questions (Efron and Tibshirani 1993)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sample = NDArray[np.float64]

RESAMPLES = 1000
_SEED = 20260101
_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure over `n` questions with its 95% interval."""

    value: float
    low: float
    high: float
    n: int


def figure(statistic: Callable[..., float], *samples: Sample) -> Figure:
    """`statistic(*samples)` and its interval, each sample resampled by itself, its rows together.

    Every figure is drawn with the same seed, so it does not depend on which others are computed.
    """
    random = np.random.default_rng(_SEED)
    drawn = [
        statistic(*(sample[random.integers(0, len(sample), len(sample))] for sample in samples))
        for _ in range(RESAMPLES)
    ]
    return _figure(statistic(*samples), np.array(drawn), sum(map(len, samples)))


def mean(values: Sample) -> Figure:
    """The mean and its interval, all samples drawn at once."""
    drawn = np.random.default_rng(_SEED).integers(0, len(values), (RESAMPLES, len(values)))
    return _figure(float(values.mean()), values[drawn].mean(axis=1), len(values))


def _figure(value: float, drawn: Sample, n: int) -> Figure:
    low, high = np.percentile(drawn, _PERCENTILES)
    return Figure(float(value), float(low), float(high), n)
