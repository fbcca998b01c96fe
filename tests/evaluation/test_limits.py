"""Limits: what they mean, how they are written, and the words when they fail."""

import pytest

from evaluation.bootstrap import Figure
from evaluation.errors import EvaluationError
from evaluation.limits import Limit, failures, parse_limit

FIGURES = {"success@1": Figure(0.8, 0.7, 0.9, 50), "found_false_rate": Figure(0.3, 0.2, 0.4, 40)}


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("success@1=0.8", Limit("success@1", 0.8, at_least=True)),
        ("success@1>=.8", Limit("success@1", 0.8, at_least=True)),
        (" found_false_rate <= 0.3 ", Limit("found_false_rate", 0.3, at_least=False)),
        ("missed_rate<=0", Limit("missed_rate", 0.0, at_least=False)),
    ],
)
def test_a_limit_is_read(text: str, limit: Limit) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize(
    "text", ["", "success@1", "success@1=", "=0.8", "success@1=high", "success@1<0.8", "a=1=2"]
)
def test_what_is_no_limit_is_rejected(text: str) -> None:
    with pytest.raises(EvaluationError, match="must be written like success@1=0.8"):
        parse_limit(text)


def test_an_unknown_figure_is_rejected_by_name() -> None:
    with pytest.raises(
        EvaluationError, match="There is no figure 'succes@1'. Choose one of: success@1, success@3"
    ):
        parse_limit("succes@1=0.8")


@pytest.mark.parametrize(
    "text", ["success@1=0.8", "success@1=0.79", "found_false_rate<=0.3", "found_false_rate<=1"]
)
def test_the_value_itself_passes(text: str) -> None:
    assert failures([parse_limit(text)], FIGURES) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("success@1=0.81", "success@1>=0.81 failed: success@1 is 0.8000"),
        ("found_false_rate<=0.29", "found_false_rate<=0.29 failed: found_false_rate is 0.3000"),
        ("auroc=0.1", "auroc>=0.1 failed: the set has no questions for auroc"),
    ],
)
def test_a_failure_says_which_and_by_how_much(text: str, words: str) -> None:
    assert failures([parse_limit(text)], FIGURES) == [words]
