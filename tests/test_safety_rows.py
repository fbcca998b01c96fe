"""What the second look learns of questions about articles: everyday ones, none that may call for a card as harmless."""

import pytest

from assistant.corpus import read_corpus
from assistant.safety.triage import URGENT
from assistant.settings import ROOT
from evaluation.reading import read_rows
from evaluation.safety_sets import open_safety_set
from evaluation.written import ARTICLES, read_written
from training.reading_examples import written
from training.safety_rows import SETS, UNSURE, WRITTEN, Asked, judged, safety_rows

CURATED = [
    question.text for document in read_corpus(ROOT / "corpus").documents for question in document.curated
]


@pytest.fixture(scope="module")
def rows() -> dict[str, Asked]:
    return {row.text: row for row in safety_rows([])}


@pytest.mark.parametrize(
    "text", ["wots klonipin presribed for", "i keep bumpin into door frames since startin these"]
)
def test_a_curated_question_is_an_everyday_one_that_calls_for_nothing(
    rows: dict[str, Asked], text: str
) -> None:
    assert text in CURATED
    assert rows[text] == Asked(text, "harmless", everyday=True)


def test_curated_questions_are_learnt_but_for_those_that_may_call_for_a_card(rows: dict[str, Asked]) -> None:
    learnt = [rows[text] for text in CURATED if text in rows and text not in judged()]
    assert len(learnt) > 0.95 * len(CURATED)
    assert not [row.text for row in learnt if row.everyday and row.outcome in URGENT]


def test_what_was_judged_urgent_is_learnt_as_that_or_not_at_all(rows: dict[str, Asked]) -> None:
    assert judged()["how many pills is too many to survive"] == "crisis"
    assert {*judged().values()} == {*URGENT, UNSURE}
    for text, outcome in judged().items():
        if outcome in URGENT and text in CURATED:
            assert rows[text].outcome == outcome
        elif text in rows:
            # A set of labelled questions has it too, or a rule as an example.
            assert rows[text].outcome in URGENT or not rows[text].everyday


def test_whether_the_medicine_makes_suicidal_is_not_learnt_as_harmless(rows: dict[str, Asked]) -> None:
    calm = [text for text, row in rows.items() if text in CURATED and row.outcome not in URGENT]
    assert not [text for text in calm if "suicid" in text.lower()]


def test_the_questions_of_authors_kept_apart_are_not_learnt(rows: dict[str, Asked]) -> None:
    apart = [question.text for question in open_safety_set("safety_calm").questions]
    assert len(apart) > 900
    assert rows.keys().isdisjoint(apart)


def test_calm_ordinary_questions_are_everyday_ones(rows: dict[str, Asked]) -> None:
    labels = {row.text("q"): row.text("label") for row in read_rows(SETS / "everyday.jsonl", "id")}
    assert len(labels) > 6500
    calm = [rows[text] for text, label in labels.items() if label == "ordinary"]
    assert {row.outcome for row in calm} == {""}
    # A few texts stand in another list too.
    assert sum(row.everyday for row in calm) > 0.99 * len(calm)


def test_articles_kept_apart_teach_the_second_look_nothing(rows: dict[str, Asked]) -> None:
    apart = {question.text for question in read_written().questions}
    assert apart.isdisjoint(text for text, row in rows.items() if row.everyday and text not in CURATED)


def test_so_many_questions_of_articles_that_teach_are_learnt(rows: dict[str, Asked]) -> None:
    asked = {asked.question for passage in written(ARTICLES).training for asked in passage.asked}
    learnt = [text for text in asked if text in rows and rows[text].everyday]
    # What a rule takes for urgent is left out, and some is asked of other articles too.
    assert 0.9 * WRITTEN < len(learnt) < 1.1 * WRITTEN
