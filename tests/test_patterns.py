"""The language the rules are written in, element by element."""

import pytest

from assistant.safety.lexicon import Lexicon
from assistant.safety.normalise import split
from assistant.safety.patterns import Pattern

GROUPS = {
    "negation": ["not", "never"],
    "not_a_negation": ["not only"],
    "pet": ["dog", "guinea pig"],
    "one": ["<pet>", "cat"],
    "my_pet": ["my <pet>"],
    "way": ["method"],
}


def ends(pattern: str, text: str) -> int:
    lexicon = Lexicon(GROUPS)
    compiled = Pattern.compile(pattern, lexicon)
    return compiled.ends(lexicon.read(split(text)))


@pytest.mark.parametrize(
    ("pattern", "text", "last"),
    [
        ("dog", "a dog", 1),
        ("<one>", "a guinea pig", 2),
        ("<my_pet> ate", "my guinea pig ate", 3),
        ("suic*", "suicidal", 0),
        ("*pam", "x diazepam", 1),
        ("a_b|c d", "a b d", 2),
        ("a [b] c", "a c", 1),
        ("a [b] c", "a b c", 2),
        ("a [b]", "a", 0),
        ("a #", "a 0.5", 1),
        ("a .. c", "a x y z c", 4),
        ("a ... c", "a 1 2 3 4 5 6 7 8 c", 9),
        ("a ~ c", "a not b c", 3),
        ("a >> c", "a. b. c", 2),
        ("^ c", "a. c", 1),
        ("c $", "a c. d", 1),
        ("^ [x] c [y] $", "c", 0),
        ("^ [x] c [y] $", "x c y", 2),
        ("c & a", "a. c", 1),
        ("a c ! dog", "a c. dog", 1),
        ("way", "way", 0),
        ("a .. c", "a not only c", 3),
    ],
)
def test_a_pattern_finds_where_it_ends(pattern, text, last):
    assert ends(pattern, text) == 1 << last


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a c", "a b c"),
        ("a c", "a. c"),
        ("a .. c", "a x y z w c"),
        ("a .. c", "a not c"),
        ("a .. c", "a. c"),
        ("a ~ c", "a. c"),
        ("^ c", "a c"),
        ("c $", "c a"),
        ("c & a", "c"),
        ("a c ! dog", "a c dog"),
        ("<way>", "way"),
        ("guinea_pig", "guinea. pig"),
        ("a", ""),
    ],
)
def test_a_pattern_does_not_find(pattern, text):
    assert ends(pattern, text) == 0


@pytest.mark.parametrize("pattern", ["<nobody_knows>", "a|[b]", "[a] ..", "a ! ..", "", "a b]"])
def test_a_broken_pattern_is_refused(pattern):
    with pytest.raises(ValueError, match="group|element|nothing to find"):
        Pattern.compile(pattern, Lexicon(GROUPS))


def test_a_group_that_contains_itself_is_refused():
    with pytest.raises(ValueError, match="itself"):
        Lexicon({"a": ["<b>"], "b": ["<a>"]})


def test_negation_reaches_three_words_of_its_clause():
    lexicon = Lexicon(GROUPS)
    assert lexicon.read(split("not a b c d, e")).negated() == 0b01110
    assert lexicon.read(split("not, a b")).negated() == 0


def test_sentences_of_marks_whole_sentences():
    text = Lexicon(GROUPS).read(split("a b. c d. e"))
    assert text.sentences_of(0b00100) == 0b01100
    assert text.sentences_of(0) == 0
