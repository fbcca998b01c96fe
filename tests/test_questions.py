import pytest

from assistant.errors import QuestionError
from assistant.questions import clean_question


@pytest.mark.parametrize(
    ("question", "cleaned"),
    [("why?", "why?"), ("  why?\n", "why?"), ("x" * 1000, "x" * 1000), ("🙂", "🙂"), ("a\nb", "a\nb")],
)
def test_accepted(question, cleaned):
    assert clean_question(question) == cleaned


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("", "The question is empty"),
        (" \t\n\u2003", "The question is empty"),
        ("x" * 1001, "has 1,001 characters; at most 1,000"),
        ("why \ud800", "not valid Unicode"),
        (None, "must be text, not NoneType"),
        (b"why", "must be text, not bytes"),
        (["why"], "must be text, not list"),
    ],
)
def test_refused(question, words):
    with pytest.raises(QuestionError, match=words):
        clean_question(question)
