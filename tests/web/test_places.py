"""Links to a place in an article, and back."""

import pytest

from assistant.types import Span
from assistant.web.markup import place_link
from assistant.web.places import LONGEST_QUERY, Place, place_of

SHA = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "place",
    [
        Place("a"),
        Place("a.b-c_d", Span(0, 12)),
        Place("a", Span(5, 12), Span(5, 9)),
        Place("a & b=c #d \u202e", Span(5, 12), Span(6, 12)),
    ],
)
def test_a_link_leads_back_to_its_place(place: Place) -> None:
    assert place_of(place_link(place.doc_id, place.span, place.best)) == place


def test_a_link_to_a_passage_says_of_which_text_it_is() -> None:
    link = place_link("a", Span(1, 2), None, SHA)
    assert link == "?article=a&at=1-2&of=0123456789ab"
    assert place_of(link) == Place("a", Span(1, 2), None, "0123456789ab")


@pytest.mark.parametrize(
    "query", ["", "?", "?at=1-2", "?article=", "x" * (LONGEST_QUERY + 1), "?__theme=dark"]
)
def test_a_query_without_an_article_is_no_place(query: str) -> None:
    assert place_of(query) is None


@pytest.mark.parametrize(
    "at", ["", "1", "2-1", "1-1", "-1-2", "1-2-3", "a-b", "1-99999999999", "\u0661-\u0662"]
)
def test_what_is_no_span_marks_nothing_and_is_known_not_to_be_whole(at: str) -> None:
    place = place_of(f"?article=a&at={at}&best=1-2")
    assert place is not None
    assert (place.span, place.best) == (None, None)
    assert place.whole is (at == "")


def test_a_best_sentence_outside_the_passage_is_not_believed() -> None:
    assert place_of("?article=a&at=5-9&best=4-9") == Place("a", Span(5, 9))
