"""Abstention figures worked out by hand."""

from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.abstention import (
    Values,
    aurc,
    auroc,
    brier,
    calibration_error,
    false_answer_rate,
    reliability,
    risk_coverage,
    threshold_for,
)

few_values = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=12)


def array(*values: float) -> Values:
    return np.array(values, dtype=np.float64)


@pytest.mark.parametrize(
    ("answerable", "unanswerable", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1),
        ([0.1], [0.9], 0),
        ([0.5], [0.5], 0.5),
        ([0.9, 0.4], [0.6, 0.4], (1 + 1 + 0 + 0.5) / 4),
        ([0.7, 0.7, 0.1], [0.7], (0.5 + 0.5 + 0) / 3),
    ],
)
def test_auroc(answerable: list[float], unanswerable: list[float], expected: float) -> None:
    assert auroc(array(*answerable), array(*unanswerable)) == pytest.approx(expected)


@given(few_values, few_values)
def test_auroc_is_the_share_of_pairs_in_the_right_order(answerable: list[float], other: list[float]) -> None:
    pairs = [(a > b) + (a == b) / 2 for a, b in product(answerable, other)]
    assert auroc(array(*answerable), array(*other)) == pytest.approx(sum(pairs) / len(pairs))


@pytest.mark.parametrize(
    ("share", "threshold"),
    [(0.9, 0.2), (0.95, 0.1), (1.0, 0.1), (0.5, 0.6), (0.01, 1.0)],
)
def test_the_threshold_answers_at_least_the_share(share: float, threshold: float) -> None:
    ten = array(1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
    assert threshold_for(ten, share) == threshold


def test_false_answers_at_a_share_of_the_answerable() -> None:
    answerable, unanswerable = array(0.9, 0.8, 0.7, 0.2), array(0.95, 0.7, 0.69, 0.1)
    # Three of four answered: 0.7 and above.
    assert false_answer_rate(answerable, unanswerable, 0.75) == 0.5
    assert false_answer_rate(answerable, unanswerable, 1.0) == 0.75


def test_equal_probabilities_are_answered_together() -> None:
    assert false_answer_rate(array(0.5, 0.5, 0.5, 0.5), array(0.5, 0.4), 0.25) == 0.5


def test_risk_and_coverage() -> None:
    probability, right = array(0.2, 0.9, 0.6, 0.6), array(0, 1, 0, 1)
    # Surest first: right; then two of 0.6, one of them wrong; then a wrong one.
    assert risk_coverage(probability, right) == [(0.9, 0.25, 0), (0.6, 0.75, 1 / 3), (0.2, 1, 0.5)]
    assert aurc(probability, right) == pytest.approx(0.25 * 0 + 0.5 / 3 + 0.25 * 0.5)


@given(few_values, st.randoms(use_true_random=False))
def test_the_order_of_questions_does_not_matter(probability: list[float], random: Random) -> None:
    pairs = [(each, float(number % 3 == 0)) for number, each in enumerate(probability)]
    area = aurc(*np.array(pairs).T)
    random.shuffle(pairs)
    assert aurc(*np.array(pairs).T) == pytest.approx(area)


def test_reliability() -> None:
    probability, right = array(0.0, 0.05, 0.1, 0.95, 1.0), array(0, 1, 1, 1, 0)
    assert reliability(probability, right) == [(0.025, 0.5, 2), (0.1, 1, 1), (0.975, 0.5, 2)]
    expected = (2 * 0.475 + 1 * 0.9 + 2 * 0.475) / 5
    assert calibration_error(probability, right) == pytest.approx(expected)


def test_brier() -> None:
    assert brier(array(0.9, 0.4), array(1, 1)) == pytest.approx((0.01 + 0.36) / 2)
