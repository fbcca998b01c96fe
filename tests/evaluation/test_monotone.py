import numpy as np
import pytest

from evaluation.monotone import fit, unseen_probabilities

RANDOM = np.random.default_rng(5)
SIGNALS = RANDOM.normal(size=(400, 3))
RIGHT = SIGNALS[:, 0] - SIGNALS[:, 1] + 0.3 * RANDOM.normal(size=400) > 0


def test_no_weight_is_of_another_sign_than_allowed():
    fitted = fit(SIGNALS, RIGHT, [1, 1, -1])
    assert fitted.weights[0] > 0
    assert fitted.weights[1] == 0
    assert fitted.weights[2] <= 0


def test_where_the_signs_are_those_of_the_truth_it_is_plain_logistic_regression():
    """At the best weights nothing is gained by changing one: the gradient of the penalised loss is 0."""
    fitted = fit(SIGNALS[:, :2], RIGHT, [1, -1])
    standard = (SIGNALS[:, :2] - fitted.means) / fitted.scales
    error = fitted.probability(SIGNALS[:, :2]) - RIGHT
    assert standard.T @ error + fitted.weights / 0.3 == pytest.approx([0, 0], abs=0.01)
    assert error.sum() == pytest.approx(0, abs=0.01)


def test_what_is_unknown_counts_as_average_and_what_never_changes_as_nothing():
    holed = SIGNALS.copy()
    holed[::4, 0] = np.nan
    holed[:, 2] = 7.0
    fitted = fit(holed, RIGHT, [1, -1, 1])
    assert fitted.weights[2] == 0
    average = np.array([[np.nan, 0.0, 0.0]])
    same = np.array([[np.nanmean(holed[:, 0]), 0.0, 0.0]])
    assert fitted.probability(average) == fitted.probability(same)


def test_unseen_rows_are_judged_by_the_other_folds():
    folds = np.arange(400) % 4
    unseen = unseen_probabilities(SIGNALS, RIGHT, [1, -1, 1], folds)
    others = fit(SIGNALS[folds != 2], RIGHT[folds != 2], [1, -1, 1])
    assert unseen[folds == 2].tolist() == others.probability(SIGNALS[folds == 2]).tolist()
