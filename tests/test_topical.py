"""What a question asks about against what passages speak of: exact sums on given probabilities."""

import pytest

from assistant.evidence.topical import Asked, Spoken
from assistant.types import Passage, Span

ASKED = Asked({"alcohol": 0.7, "cost": 0.2, "storage": 0.1})


def passage(*topics):
    return Passage("doc", 0, 4, "text", "", (Span(0, 4),), topics)


@pytest.mark.parametrize(
    ("topics", "expected"),
    [((), 0.0), (("alcohol",), 0.7), (("cost", "storage"), 0.3), (("uses",), 0.0), (("uses", "cost"), 0.2)],
)
def test_match_adds_up_what_the_passage_speaks_of(topics, expected):
    assert ASKED.matches(Spoken.by([passage(*topics)])).tolist() == [pytest.approx(expected)]


def test_a_topic_of_two_passages_counts_once():
    assert ASKED.spoken_of(Spoken.by([passage("cost"), passage("cost", "storage")])) == pytest.approx(0.3)
    assert ASKED.spoken_of(Spoken.by([])) == 0


def test_only_what_is_surely_asked_and_nowhere_spoken_of_is_silent():
    assert ASKED.silent(Spoken.by([passage("cost")])) == ("alcohol",)
    assert ASKED.silent(Spoken.by([passage("cost"), passage("alcohol")])) == ()
    assert Asked({"alcohol": 0.69, "cost": 0.31}).silent(Spoken.by([])) == ()


def test_the_likeliest_come_first_and_ties_by_name():
    assert list(Asked({"b": 0.2, "a": 0.2, "c": 0.6}).likeliest(2).items()) == [("c", 0.6), ("a", 0.2)]
