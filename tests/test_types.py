import dataclasses

import pytest

from assistant.messages import DISCLAIMER
from assistant.types import Answer, AnswerKind, Document, Hit, Passage, Source, Span

SOURCE = Source("p", "u", "l", "r", "0" * 64)
PASSAGE = Passage("doc", 10, 14, "text", "", (Span(10, 14),))


def test_nobody_can_drop_or_alter_the_disclaimer():
    answer = Answer("q", AnswerKind.FOUND)
    assert answer.disclaimer == DISCLAIMER
    with pytest.raises(TypeError, match="disclaimer"):
        Answer("q", AnswerKind.FOUND, disclaimer="")
    with pytest.raises(TypeError, match="disclaimer"):
        dataclasses.replace(answer, disclaimer="")
    with pytest.raises((AttributeError, TypeError)):
        answer.disclaimer = ""
    with pytest.raises(AttributeError):
        object.__setattr__(answer, "disclaimer", "")


def test_passage_id():
    assert PASSAGE.passage_id == "doc:10-14"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"end": 13}, "offsets do not fit"),
        ({"start": -1, "end": 3}, "offsets do not fit"),
        ({"end": 10, "text": ""}, "offsets do not fit"),
        ({"sentences": (Span(9, 14),)}, "sentence 9-14 is out of place"),
        ({"sentences": (Span(12, 14), Span(10, 12))}, "sentence 10-12 is out of place"),
        ({"sentences": ()}, "at least one sentence"),
    ],
)
def test_a_passage_is_an_exact_slice(fields, words):
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(PASSAGE, **fields)


@pytest.mark.parametrize("highlight", [Span(9, 12), Span(12, 15), Span(12, 12)])
def test_the_highlight_lies_inside_the_passage(highlight):
    with pytest.raises(ValueError, match="the highlight lies outside the passage"):
        Hit(PASSAGE, "title", SOURCE, 0.5, 1, highlight)


@pytest.mark.parametrize("skipped", [(Span(3, 3),), (Span(2, 9),), (Span(2, 4), Span(1, 2))])
def test_skipped_spans_are_in_order_and_inside(skipped):
    with pytest.raises(ValueError, match="skipped spans must be in order"):
        Document("doc", "title", "12345678", SOURCE, (), skipped)
