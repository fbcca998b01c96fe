"""Likeness to curated questions, by hand on unit vectors."""

import math
from collections import Counter

import numpy as np
import pytest

from assistant.corpus import read_corpus
from assistant.encoding import encode_corpus, split_corpus
from assistant.evidence.curated import CuratedQuestions
from assistant.settings import ROOT
from assistant.storage.records import QuestionRecord
from assistant.types import AnswerKind
from tests.conftest import ARTICLE, write_corpus


class Questions:
    """What of an index is read: two answered by row 0, one by row 1, one not answered; another document's."""

    questions = (
        QuestionRecord("a", "q1", 0, "", 17),
        QuestionRecord("a", "q2", 0, "", 40),
        QuestionRecord("a", "q3", 1, ""),
        QuestionRecord("a", "q4", None, "cost"),
        QuestionRecord("b", "q5", 2, ""),
    )
    question_vectors = np.array([[1, 0], [0, 1], [0, 1], [0.6, 0.8], [-1, 0]], np.float32)
    question_pulls = np.array([0.5, 0.25, 0.0, -1.0, 0.0], np.float32)


VECTOR = np.array([1, 0], np.float32)


@pytest.fixture
def curated():
    return CuratedQuestions(Questions())


def test_likeness_is_half_the_nearest_half_the_mean_of_the_nearest_three(curated):
    assert curated.likeness(curated.cosines(VECTOR), [0, 1, 2, 3]) == {
        0: pytest.approx(0.75),
        1: 0.0,
        2: -1.0,
    }


def test_rows_near_are_passages_only(curated):
    assert curated.rows_near(curated.cosines(VECTOR)) == {0, 1, 2}


def test_likenesses_are_of_the_nearest_and_the_log_mean_of_exponentials(curated):
    answered, unanswered = curated.likenesses(curated.cosines(VECTOR), "a")
    assert answered.density == pytest.approx(math.log((math.exp(10) + 1 + 1) / 3) / 10, abs=1e-5)
    assert unanswered == pytest.approx((0.6, 0.6), abs=1e-5)
    assert answered.nearest == pytest.approx((1 + 1 / 3) / 2)


def test_the_very_question_has_its_editors_verdict_and_another_none(curated):
    def verdict(x, y, doc_id="a"):
        return curated.verdict(curated.cosines(np.array([x, y], np.float32)), doc_id)

    assert verdict(1, 0) == 0
    assert verdict(0, 1) in (0, 1)
    assert verdict(0.6, 0.8) == -1
    assert verdict(0.8, 0.6) is None
    assert verdict(-1, 0) is None
    assert verdict(-1, 0, "b") == 2
    assert verdict(1, 0, "c") is None


def test_the_words_are_those_that_answer_the_question_most_like_it(curated):
    def answer_at(x, y, row):
        return curated.answer_at(curated.cosines(np.array([x, y], np.float32)), row)

    assert (answer_at(1, 0, 0), answer_at(0, 1, 0)) == (17, 40)
    assert (answer_at(0.8, 0.6, 0), answer_at(0.6, 0.8, 0)) == (17, 40)
    assert answer_at(-0.6, -0.8, 0) is None
    assert answer_at(0, 1, 1) is None
    assert answer_at(1, 0, 3) is None


def test_the_sentence_is_marked_by_which_editors_answer_the_very_question(real_assistant):
    [document] = read_corpus(ROOT / "corpus").documents
    asked, wrong = 0, []
    for question in document.curated:
        evidence = real_assistant.evidence(question.text) if question.quote else None
        if evidence is None or evidence.verdict is not True:
            continue
        best = evidence.ranked[0]
        asked += 1
        if not best.highlight.start <= question.quote.start < best.highlight.end:
            wrong.append(question.text)
    assert asked > 850
    assert len(wrong) / asked <= 0.01, wrong


def test_asked_word_for_word_every_curated_question_is_answered_as_its_editors_say(real_assistant):
    kinds = Counter()
    for question in read_corpus(ROOT / "corpus").documents[0].curated:
        kind = real_assistant.ask(question.text).kind
        verdict = real_assistant.evidence(question.text).verdict
        kinds[question.quote is not None, kind] += 1
        # Its spelling is mended as the question's is, so that it is always its own.
        assert verdict is not None, question.text
        if kind in (AnswerKind.FOUND, AnswerKind.RELATED, AnswerKind.NOT_FOUND):
            assert (kind is AnswerKind.FOUND) is verdict, question.text
    answered = sum(count for (is_answered, _), count in kinds.items() if is_answered)
    # But for cards and names of medicines that are not covered.
    assert kinds[True, AnswerKind.FOUND] / answered >= 0.965
    assert kinds[False, AnswerKind.FOUND] == 0


def test_without_unanswered_questions_there_is_no_likeness(curated):
    assert curated.likenesses(curated.cosines(VECTOR), "b") == (pytest.approx((-1.0, -1.0), abs=1e-5), None)
    assert curated.likenesses(curated.cosines(VECTOR), "c") == (None, None)


def test_leaning_is_the_sum_of_pulls_by_closeness(curated):
    cosines = curated.cosines(VECTOR)
    expected = 0.5 + 0.25 * math.exp(-3) - math.exp(3 * (0.6 - 1))
    assert curated.leaning(cosines, "a") == pytest.approx(expected, abs=1e-6)
    others = curated.cosines(VECTOR).copy()
    others[4] = 1.0
    assert curated.leaning(others, "a") == curated.leaning(cosines, "a")


def test_where_nothing_was_learnt_there_is_no_leaning(curated):
    assert curated.leaning(curated.cosines(VECTOR), "b") is None
    assert curated.leaning(curated.cosines(VECTOR), "c") is None


def questions_of(tmp_path, article, encoder):
    corpus = read_corpus(write_corpus(tmp_path / "corpus", {"little": article}))
    content = encode_corpus(corpus.documents, split_corpus(corpus, encoder), encoder)
    return [(record.text, record.row, record.missing) for record in content.questions]


def test_a_heading_that_asks_is_a_question_of_its_passage(tmp_path, word_encoder):
    asking = ARTICLE.replace("\nEffects\n", "\nDoes it make you sleepy?\n")
    assert questions_of(tmp_path, asking, word_encoder) == [("Does it make you sleepy?", 1, "")]


def test_a_heading_that_does_not_ask_is_none(tmp_path, word_encoder):
    assert questions_of(tmp_path, ARTICLE, word_encoder) == []
