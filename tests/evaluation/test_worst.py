"""Which failures are shown to people, and in what order."""

from assistant.types import AnswerKind
from evaluation.judgements import Role
from evaluation.worst import worst
from tests.evaluation.builders import outcome, run_of

RELATED = AnswerKind.RELATED


def test_wrong_answers_come_first_and_the_surest_of_them() -> None:
    run = run_of(
        outcome("good", "xy", "x", 0.9),
        outcome("missed", "xy", "x", 0.2, RELATED),
        outcome("wrong passage", "xy", "y", 0.7),
        outcome("no answer", "xy", "", 0.8, role=Role.UNANSWERABLE),
        outcome("well refused", "xy", "", 0.3, RELATED, Role.UNANSWERABLE),
        outcome("lost", "", "y", 0.0, AnswerKind.NOT_FOUND),
        outcome("test half", "xy", "y", 0.9, part="test"),
        parts=("test", "all"),
    )
    assert [(each.outcome.question.question_id, each.what) for each in worst(run)] == [
        ("no answer", "answered, though the articles do not"),
        ("wrong passage", "wrong passage shown as the answer; right passage at rank 2"),
        ("missed", "missed; right passage at rank 1"),
        ("lost", "missed; right passage not found"),
    ]
    assert len(worst(run, most=2)) == 2


def test_the_sentence_shown_is_the_highlight() -> None:
    [failure] = worst(run_of(outcome("q", "xy", "y")))
    assert failure.shown == "Some"
