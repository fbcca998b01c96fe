"""The figures of a little run, each worked out by hand."""

import pytest

from assistant.types import AnswerKind
from evaluation.figures import NAMES, Figures, figures_of, kinds_of
from evaluation.judgements import Role
from tests.evaluation.builders import outcome, run_of

RELATED, NOT_COVERED = AnswerKind.RELATED, AnswerKind.NOT_COVERED
UNANSWERABLE, OTHER = Role.UNANSWERABLE, Role.OTHER_SUBJECT

RUN = run_of(
    outcome("a1", "xyz", "x", 0.9),
    outcome("a2", "xyz", "y", 0.8),
    outcome("a3", "xyz", "x", 0.3, RELATED),
    outcome("a4", "", "x", 0.0, AnswerKind.NOT_FOUND),
    outcome("u1", "xyz", "", 0.85, AnswerKind.FOUND, UNANSWERABLE),
    outcome("u2", "xyz", "", 0.1, RELATED, UNANSWERABLE),
    outcome("o1", "xyz", "", 0.0, NOT_COVERED, OTHER),
    outcome("p1", "xyz", "z", 0.7, role=Role.FALSE_PREMISE),
    outcome("f1", "xyz", "x", 0.2, RELATED, Role.FOLLOWUP),
    outcome("t1", "xyz", "x", 0.2, part="tune"),
)

EXPECTED = {
    "success@1": 2 / 4,
    "success@3": 3 / 4,
    "mrr@10": (1 + 0.5 + 1 + 0) / 4,
    "found_rate": 2 / 4,
    "missed_rate": 2 / 4,
    "found_right_rate": 1 / 4,
    "found_false_rate": 1 / 2,
    # u1 lies under a1 only; u2 under all but a4.
    "auroc": (1 + 3) / 8,
    "false_at_90": 1.0,
    # .9 right; .85 and .8 wrong; .3 right; .1 and 0 wrong.
    "aurc": (0 + 1 / 2 + 2 / 3 + 2 / 4 + 3 / 5 + 4 / 6) / 6,
    "brier": (0.01 + 0.64 + 0.49 + 0 + 0.7225 + 0.01) / 6,
    "other_subject_found_rate": 0.0,
    "other_subject_auroc": 3.5 / 4,
    "false_premise_success@1": 0.0,
    "false_premise_success@3": 1.0,
    "false_premise_found_rate": 1.0,
    "followup_success@1": 1.0,
    "followup_found_rate": 0.0,
}


@pytest.fixture(scope="module")
def figures() -> Figures:
    return figures_of(RUN, "all")


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items())
def test_a_figure(figures: Figures, name: str, expected: float) -> None:
    assert figures[name].value == pytest.approx(expected)


def test_every_name_is_there_in_its_order(figures: Figures) -> None:
    assert list(figures) == list(NAMES)


def test_how_many_questions_a_figure_is_over(figures: Figures) -> None:
    assert {name: figures[name].n for name in ("success@1", "auroc", "found_false_rate", "aurc")} == {
        "success@1": 4,
        "auroc": 6,
        "found_false_rate": 2,
        "aurc": 6,
    }


def test_a_figure_without_questions_is_absent() -> None:
    figures = figures_of(RUN, "tune")
    assert "success@1" in figures
    assert not {"auroc", "found_false_rate", "other_subject_found_rate", "followup_success@1"} & set(figures)
    assert figures_of(RUN, "test") == {}


def test_shares_of_each_kind_of_reply() -> None:
    kinds = kinds_of(RUN, "all")
    shares = {kind: figure.value for kind, figure in kinds["answerable"].items()}
    assert shares == {"FOUND": 0.5, "RELATED": 0.25, "NOT_FOUND": 0.25}
    assert kinds["other_subject"]["NOT_COVERED"].value == 1
