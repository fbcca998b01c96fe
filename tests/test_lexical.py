import math

import pytest

from assistant.evidence.lexical import Alternative, LexicalIndex, terms
from assistant.language.stop_words import stop_words
from assistant.storage.postings import postings_of

TEXTS = ["given for seizures", "given for panic attacks", "nothing else"]


def unit(*alternatives):
    return tuple(Alternative(terms(words), weight) for words, weight in alternatives)


@pytest.fixture
def index():
    return LexicalIndex(postings_of(map(terms, TEXTS)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What are the seizures?", ("seizur",)),
        ("Panic-Attacks", ("panic", "attack")),
        ("is it the", ()),
        ("2mg", ("2", "mg")),
        ("", ()),
    ],
)
def test_terms_are_stems_of_content_words(text, expected):
    assert terms(text) == expected


def test_idf_by_hand(index):
    assert index.idf("seizur") == pytest.approx(math.log(1 + 2.5 / 1.5))
    assert index.idf("given") == pytest.approx(math.log(1 + 1.5 / 2.5))
    assert index.idf("absent") == pytest.approx(math.log(1 + 3.5 / 0.5))


def test_a_score_is_bm25_over_the_idf_mass(index):
    # Lucene's BM25 of a term met once, in a text of two words where the mean is 7 / 3: tf / (tf + k).
    k = 1.5 * (0.25 + 0.75 * 2 / (7 / 3))
    expected = 1 / (1 + k)
    scores = index.scores([unit(("seizures", 1.0))])
    assert scores.tolist() == pytest.approx([expected, 0, 0], abs=1e-5)


def test_a_unit_counts_once_by_its_best_alternative(index):
    plain = index.scores([unit(("seizures", 1.0))])
    lay = index.scores([unit(("fits", 1.0), ("seizures", 0.5), ("convulsions", 1.0))])
    assert 0 < lay[0] <= plain[0]
    assert lay[1] == lay[2] == 0


def test_a_rarer_way_to_say_it_counts_no_more_than_what_was_asked(index):
    asked = index.scores([unit(("given", 1.0))])
    other = index.scores([unit(("given", 1.0), ("seizures", 1.0))])
    assert other[0] <= asked[0] * 1.5


@pytest.mark.parametrize("units", [[], [unit(("the", 1.0))], [unit(("absent", 1.0))]])
def test_nothing_shared_scores_nothing(index, units):
    assert index.scores(units).tolist() == [0, 0, 0]


def test_coverage_is_a_share_of_idf_mass(index):
    units = [unit(("seizures", 1.0)), unit(("absent", 1.0))]
    share = index.idf("seizur") / (index.idf("seizur") + index.idf("absent"))
    assert index.coverage(units, 0) == pytest.approx(share)
    assert index.coverage(units, 2) == 0
    assert index.coverage([], 0) == 0


def test_known_needs_every_word_of_an_alternative(index):
    assert index.known(unit(("panic attacks", 1.0)))
    assert not index.known(unit(("panic seizures", 1.0)))


def test_no_texts():
    assert LexicalIndex(postings_of([])).scores([unit(("fits", 1.0))]).tolist() == []


def test_the_stop_words_are_those_of_bm25s():
    from bm25s.stopwords import STOPWORDS_EN_PLUS

    assert stop_words() == frozenset(STOPWORDS_EN_PLUS)
    assert {"the", "and", "is"} < stop_words()
