"""People's words and the articles' words for the same thing."""

import pytest

from assistant.language.lay_words import AMBIGUOUS, bare_forms, expand
from assistant.types import Span


@pytest.mark.parametrize(
    ("text", "clinical"),
    [
        ("hooked", "addiction"),
        ("go cold turkey", "abrupt discontinuation"),
        ("cold-turkey", "abrupt discontinuation"),
        ("has fits", "seizures"),
        ("so sleepy", "drowsiness"),
        ("a bit wobbly", "ataxia"),
        ("a chill pill", "tranquillisers"),
        ("my nerves", "anxiety"),
        ("nerve pill", "anxiolytics"),
        ("freak out", "panic attack"),
        ("quits", "discontinuation"),
        ("taking the edge off", "calm"),
        ("knock-off", "generic"),
        ("kpins", "clonazepam"),
        ("brain chemicals", "neurotransmitter"),
        ("anemia", "anaemia"),
    ],
)
def test_expanded(text, clinical):
    assert clinical in {form for expansion in expand(text) for form in expansion.clinical}


@pytest.mark.parametrize(
    "text", ["", "clonazepam", "what is a blood type", "bush", "🙂", "fitness", "hookednose"]
)
def test_not_expanded(text):
    assert [expansion.lay for expansion in expand(text)] == []


def test_longest_match_first_and_place():
    [expansion] = expand("I have the shakes")
    assert (expansion.lay, expansion.span) == ("the shakes", Span(7, 17))


def test_ambiguous_gives_way():
    assert [(e.lay, e.weight) for e in expand("a fit")] == [("fit", AMBIGUOUS)]
    assert [(e.lay, e.weight) for e in expand("fit medicine")] == [("fit medicine", 1.0)]


def test_ambiguous_must_be_as_written():
    assert expand("fitly") == ()
    assert [e.weight for e in expand("nerves")] == [AMBIGUOUS]
    assert expand("nerve") == ()


def test_overlaps_are_settled_for_the_surer_phrase():
    expansions = expand("sleepy fits hooked")
    assert [e.span for e in expansions] == [Span(0, 6), Span(7, 11), Span(12, 18)]


def test_words_the_articles_speak_are_not_expanded():
    assert expand("hooked", frozenset({"hooked"})) == ()
    assert [e.lay for e in expand("cold turkey", frozenset({"cold"}))] == ["cold turkey"]


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("pills", ("pill",)),
        ("allergies", ("allergy",)),
        ("rashes", ("rash",)),
        ("taking", ("tak", "take")),
        ("stopped", ("stopp", "stoppe", "stop")),
        ("sickness", ()),
        ("virus", ()),
        ("sing", ()),
        ("gas", ()),
    ],
)
def test_bare_forms(word, forms):
    assert bare_forms(word) == forms
