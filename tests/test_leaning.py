"""How hard curated questions pull, by hand on unit vectors."""

import math

import numpy as np
import pytest

from assistant.evidence import leaning
from assistant.evidence.leaning import closeness, pulls_of
from assistant.storage.records import QuestionRecord


def question(doc_id: str, answered: bool) -> QuestionRecord:
    return QuestionRecord(doc_id, "q", 0 if answered else None, "" if answered else "cost")


def test_the_closest_has_all_of_its_pull():
    assert closeness(np.array([1.0, 0.0, -1.0], np.float32)) == pytest.approx(
        [1.0, math.exp(-3), math.exp(-6)]
    )


def test_two_of_either_kind_pull_equally_hard_to_their_sides():
    """With `e` between them, (1.1, e; e, 1.1) · (p, -p) = (1, -1)."""
    pulls = pulls_of([question("a", True), question("a", False)], np.eye(2, dtype=np.float32))
    hard = 1 / (1.1 - math.exp(-3))
    assert pulls == pytest.approx([hard, -hard], abs=1e-6)


def test_the_curated_questions_themselves_are_told_apart():
    turns = np.linspace(0, math.pi, 40)
    vectors = np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)
    answered = [number % 3 != 0 or number > 25 for number in range(40)]
    answered[1:26] = [number > 12 for number in range(1, 26)]
    pulls = pulls_of([question("a", each) for each in answered], vectors)
    leans = closeness(vectors @ vectors.T) @ pulls
    assert np.mean((leans > 0) == answered) >= 0.95


def test_an_article_of_one_kind_learns_nothing_and_articles_learn_apart():
    vectors = np.eye(3, dtype=np.float32)
    alone = pulls_of([question("a", True), question("a", False)], vectors[:2])
    both = pulls_of([question("a", True), question("b", True), question("a", False)], vectors)
    assert both[[0, 2]].tolist() == alone.tolist()
    assert both[1] == 0


def test_of_too_many_so_many_pull_from_the_first_to_the_last(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leaning, "MOST", 3)
    vectors = np.eye(5, dtype=np.float32)
    kinds = [True, True, True, False, False]
    pulls = pulls_of([question("a", each) for each in kinds], vectors)
    assert np.flatnonzero(pulls).tolist() == [0, 2, 4]
    of_these = pulls_of([question("a", each) for each in (True, True, False)], vectors[:3])
    assert pulls[[0, 2, 4]].tolist() == of_these.tolist()


def test_no_questions_have_no_pulls():
    assert pulls_of([], np.empty((0, 3), np.float32)).shape == (0,)
