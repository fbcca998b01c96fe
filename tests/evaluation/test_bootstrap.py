"""Intervals: known for figures that cannot vary, the same at every run, and about as wide as theory says."""

import numpy as np
import pytest

from evaluation.bootstrap import Figure, figure, mean


def test_a_sample_without_spread_has_no_width() -> None:
    assert mean(np.ones(7)) == Figure(1, 1, 1, 7)


def test_the_same_sample_gives_the_same_interval() -> None:
    sample = np.arange(20.0)
    assert mean(sample) == mean(sample)


def test_the_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    sample = np.array([0.0, 1.0] * 200)
    found = mean(sample)
    # 1.96 standard errors of a half among 400.
    assert found.value == 0.5
    assert found.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.01)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.01)


def test_rows_stay_together_and_samples_are_drawn_apart() -> None:
    pairs = np.stack([np.arange(9.0), np.arange(9.0) + 2], axis=1)
    gap = figure(lambda rows: float((rows[:, 1] - rows[:, 0]).mean()), pairs)
    assert gap == Figure(2, 2, 2, 9)
    difference = figure(lambda a, b: float(a.mean() - b.mean()), np.ones(4), np.zeros(6))
    assert difference == Figure(1, 1, 1, 10)
