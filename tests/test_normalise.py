"""Questions become the words the rules know, whatever was typed; no more is read than the limit."""

import pytest

from assistant.safety.normalise import LIMIT, MOST_WORDS, plain, split
from assistant.safety.rulebook import rulebook

EMOJI = {"💊": "pills"}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("I WANT", "i want"),
        ("caf\u00e9", "cafe"),
        ("s\u200bu\u200bicide", "suicide"),
        ("\uff4b\uff49\uff4c\uff4c", "kill"),
        ("\u0441l\u043en\u0430zepam", "clonazepam"),
        ("don\u2019t", "don't"),
        ("💊", " pills "),
        ("a\x00b", "a b"),
    ],
)
def test_plain_text_has_no_disguise(typed, read):
    assert plain(typed, EMOJI) == read


def test_no_more_than_the_limit_is_read():
    assert len(plain("x" * (3 * LIMIT), EMOJI)) == LIMIT
    assert len(plain("\ufdfa" * LIMIT, EMOJI)) == LIMIT
    assert len(split("a " * LIMIT).words) == MOST_WORDS


def test_sentences_and_clauses_begin_where_marks_say():
    text = split("one two, three. four\nfive... six?seven")
    assert text.words == ("one", "two", "three", "four", "five", "six", "seven")
    assert text.sentences == 0b1011001
    assert text.clauses == 0b1111101


def test_a_stop_inside_a_word_ends_no_sentence():
    assert split("i.dont.want 0.5").words == ("i", "dont", "want", "0.5")
    assert split("i.dont.want").sentences == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("I can't", ["i", "can", "not"]),
        ("dont wanna", ["do", "not", "want", "to"]),
        ("k1ll mys3lf", ["kill", "myself"]),
        ("su!cidal", ["suicidal"]),
        ("s u i c i d e", ["suicide"]),
        ("t a k e p i l l s", ["take", "pills"]),
        ("s*icide", ["suicide"]),
        ("diiiiie", ["die"]),
        ("overdsoe", ["overdose"]),
        ("clonazapam", ["clonazepam"]),
        ("siezure", ["seizure"]),
        ("2mg", ["2", "mg"]),
        ("0.5mg", ["0.5", "mg"]),
        ("1/2", ["1/2"]),
        ("she's", ["she", "is"]),
        ("mum's", ["mums"]),
        ("💊💀", ["pills", "skull"]),
    ],
)
def test_spelling_is_brought_to_known_words(typed, words):
    assert list(rulebook().words(typed).words) == words


@pytest.mark.parametrize(
    "word", ["prison", "hunting", "tables", "listen", "homeless", "shopping", "b12", "h1"]
)
def test_real_words_are_left_alone(word):
    assert rulebook().words(word).words == (word,)


def test_a_sentence_keeps_its_beginning_when_words_are_rewritten():
    text = rulebook().words("I can't. dont go")
    assert text.words == ("i", "can", "not", "do", "not", "go")
    assert text.sentences == 0b1001001
