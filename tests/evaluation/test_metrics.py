"""Ranking metrics on runs worked out by hand."""

from math import log2

import pytest

from evaluation.metrics import ranking_values
from tests.evaluation.builders import outcome


def values(*args: object, **kwargs: object) -> dict[str, float]:
    [*outcomes] = [outcome("q", *args, **kwargs)]  # type: ignore[arg-type]
    return {name: float(each[0]) for name, each in ranking_values(outcomes).items()}


@pytest.mark.parametrize(
    ("ranked", "right", "expected"),
    [
        ("abc", "a", (1, 1, 1, 1)),
        ("abc", "b", (0, 1, 1 / 2, 1 / log2(3))),
        ("abc", "c", (0, 1, 1 / 3, 1 / log2(4))),
        ("abcd", "d", (0, 0, 1 / 4, 1 / log2(5))),
        ("abcdefghij", "j", (0, 0, 1 / 10, 1 / log2(11))),
        ("abcdefghijk", "k", (0, 0, 0, 0)),  # the eleventh does not count
        ("abc", "z", (0, 0, 0, 0)),
        ("", "z", (0, 0, 0, 0)),
        ("abc", "", (0, 0, 0, 0)),  # no passage holds the answer
        # Right at 1 and 3, the best order has them at 1 and 2.
        ("abc", "ac", (1, 1, 1, (1 + 1 / log2(4)) / (1 + 1 / log2(3)))),
        # A right passage that was not found still counts in the best order.
        ("abc", "az", (1, 1, 1, 1 / (1 + 1 / log2(3)))),
    ],
)
def test_metrics(ranked: str, right: str, expected: tuple[float, ...]) -> None:
    found = values(ranked, right)
    assert list(found) == ["success@1", "success@3", "mrr@10", "ndcg@10"]
    assert list(found.values()) == pytest.approx(expected)


def test_ndcg_takes_the_grade_itself_as_gain() -> None:
    # First a of grade 1, then b of grade 3; the other order would be best.
    expected = (1 + 3 / log2(3)) / (3 + 1 / log2(3))
    assert values("ab", "ab", grades={"a": 1, "b": 3})["ndcg@10"] == pytest.approx(expected)


def test_the_order_is_the_engines_even_where_scores_are_equal() -> None:
    assert values("zyxa", "z")["success@1"] == 1
    assert values("azyx", "a")["success@1"] == 1


def test_each_question_keeps_its_place() -> None:
    outcomes = [outcome("q2", "ab", "b"), outcome("q1", "", "a"), outcome("q3", "ab", "a")]
    assert list(ranking_values(outcomes)["mrr@10"]) == [0.5, 0, 1]
