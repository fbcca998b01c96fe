"""When a passage is right: it holds at least half of a gold span."""

import pytest

from assistant.types import Passage, Span
from evaluation.judgements import GoldSpan, Question, Role


def at(start: int, end: int, doc_id: str = "d") -> Passage:
    return Passage(doc_id, start, end, "x" * (end - start), "", (Span(start, end),))


@pytest.mark.parametrize(
    ("start", "end", "right"),
    [
        (0, 100, True),  # holds all ten characters
        (10, 20, True),
        (15, 30, True),  # holds exactly half
        (16, 30, False),
        (12, 17, True),  # lies inside and is half of it
        (12, 16, False),
        (0, 10, False),  # touches
        (20, 30, False),
        (50, 60, False),
    ],
)
def test_a_passage_is_right_if_it_holds_half_of_the_span(start: int, end: int, right: bool) -> None:
    assert GoldSpan("d", 10, 20).is_in(at(start, end)) is right


def test_the_same_place_in_another_article_is_not_right() -> None:
    assert not GoldSpan("d", 10, 20).is_in(at(0, 100, "e"))


def test_any_gold_span_will_do_and_the_best_grade_counts() -> None:
    gold = (GoldSpan("d", 0, 10), GoldSpan("d", 2, 8, grade=3), GoldSpan("d", 50, 60))
    question = Question("q", "Why?", Role.ANSWERABLE, gold=gold)
    assert question.relevant([at(0, 20), at(20, 45), at(45, 70)]) == {"d:0-20": 3, "d:45-70": 1}
