"""Every question is asked of its own group, and none is lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.types import AnswerKind
from evaluation.folders import read_folder
from evaluation.judgements import GoldSpan, Question, QuestionSet, Role
from evaluation.runner import run
from tests.evaluation.builders import Folder
from tests.evaluation.word_engine import WordEngine
from tests.fakes import WordEncoder


@pytest.fixture
def question_set(tmp_path: Path) -> QuestionSet:
    return read_folder(Folder().write(tmp_path / "little"))


def test_questions_are_asked_of_their_group_only(
    question_set: QuestionSet, word_encoder: WordEncoder
) -> None:
    found = run(WordEngine(word_encoder), question_set)
    assert [(each.question.question_id, each.ranked_ids) for each in found.outcomes] == [
        ("q1", ["p1:0-9", "p2:0-21"]),
        ("q2", ["p3:0-10"]),
        ("n1", ["p1:0-9", "p2:0-21"]),
    ]
    assert [each.first_right for each in found.outcomes] == [1, 1, None]
    assert [each.reply.kind.value for each in found.outcomes] == ["FOUND", "FOUND", "NOT_FOUND"]
    assert found.outcomes[0].relevant == {"p1:0-9": 1}


def test_a_run_is_the_same_every_time(question_set: QuestionSet, word_encoder: WordEncoder) -> None:
    engine = WordEngine(word_encoder)
    assert run(engine, question_set) == run(engine, question_set)


def test_a_refused_question_counts_as_not_answered(
    question_set: QuestionSet, word_encoder: WordEncoder
) -> None:
    long = Question("q1", "fits " * 1000, Role.ANSWERABLE, group="a", gold=(GoldSpan("p1", 0, 9),))
    [outcome] = run(WordEngine(word_encoder), replace(question_set, questions=(long,))).outcomes
    assert (outcome.reply.kind, outcome.reply.probability, outcome.first_right) == (
        AnswerKind.NOT_FOUND,
        0,
        None,
    )
    assert outcome.relevant == {"p1:0-9": 1}
    assert "1,000" in str(outcome.reply.signals["refused"])


def test_a_span_in_no_passage_is_counted(question_set: QuestionSet, word_encoder: WordEncoder) -> None:
    lost = Question("q1", "fits?", Role.ANSWERABLE, group="a", gold=(GoldSpan("p1", 0, 900),))
    found = run(WordEngine(word_encoder), replace(question_set, questions=(lost, question_set.questions[1])))
    assert found.unreachable == 1
    assert found.outcomes[0].first_right is None
