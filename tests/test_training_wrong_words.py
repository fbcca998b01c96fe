import math

import pytest
import torch

from tests.test_training_reader import Words
from training.reader_packs import Packer, Row
from training.reader_trainer import doubt_loss, some_doubt_loss
from training.reading_examples import FURTHER, Asked, ReadPassage, further, rows_of
from training.wrong_words import wrong_words

ANSWERED = ["What did the patent of April 1900 join to the aerial?", "Who was bishop of Lund in 1104?"]


def marked(question, wrong=()):
    return [question[slice(*span)] for span in wrong_words(Asked(question, 0, wrong=wrong), ANSWERED)]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What did the patent of April 1897 join to the aerial?", ["1897"]),
        ("what did the patent of June 1900 join to the mast?", ["June", "mast"]),
        ("Who was the first bishop of Lund in 1104?", ["the first"]),
        ("Who was bishop of Lund?", []),
        ("Who was bishop of Lund in 1104?", []),
        ("Who was the last king of Norway before 1104?", []),
        ("How many bishops were there in all of Denmark?", []),
    ],
)
def test_the_words_that_differ_from_the_nearest_answered_question_are_wrong(question, words):
    assert marked(question) == words


def test_what_the_author_marked_goes_before_what_differs():
    question = "What did the patent of April 1897 join to the aerial?"
    at = question.index("patent")
    assert marked(question, ((at, at + 6),)) == ["patent"]


def test_nothing_of_an_answered_question_is_wrong():
    assert wrong_words(Asked("What did the patent of April 1897 join to the aerial?", 1), ANSWERED) == ()


def test_tokens_of_wrong_words_are_doubted_and_of_questions_without_any_nothing_is_known():
    asked = [Asked("who was bishop of Lund", 1), Asked("who was king of Lund", 0), Asked("why", 0)]
    _, wanted = Packer(Words()).pack([Row(ReadPassage("a", "a#0", "", "one two"), asked)])
    assert wanted.doubts.tolist() == [
        [-1, 0, 0, 0, 0, 0, -1],
        [-1, 0, 0, 1, 0, 0, -1],
        [-1] * 7,
    ]


def test_only_what_is_known_of_words_is_learnt():
    doubts = torch.tensor([[5.0, 0.0, 3.0], [9.0, 9.0, 9.0]])
    known = torch.tensor([[-1.0, 1.0, -1.0], [-1.0, -1.0, -1.0]])
    assert doubt_loss(doubts, known).item() == pytest.approx(0.6931, abs=1e-4)
    assert doubt_loss(doubts, torch.full((2, 3), -1.0)).item() == 0


def test_a_question_that_is_not_answered_has_a_word_to_doubt():
    doubts = torch.tensor([[-9.0, 4.0, -9.0], [-9.0, -9.0, -9.0]])
    right, wrong = (
        some_doubt_loss(doubts, torch.tensor(labels)).item() for labels in ([0.0, 1.0], [1.0, 0.0])
    )
    assert right == pytest.approx((math.log1p(math.exp(-4)) + math.log1p(3 * math.exp(-9))) / 2, abs=1e-4)
    assert wrong == pytest.approx(right + (4 + 9 - math.log(3)) / 2, abs=1e-3)


def test_what_authors_marked_stands_in_the_question_that_is_not_answered():
    asked = [
        each
        for path in FURTHER.rglob("*.jsonl")
        for article in rows_of(path)
        for passage in article["passages"]
        for each in passage["questions"]
        if "wrong" in each
    ]
    assert len(asked) > 17_000
    for each in asked:
        assert each["kind"] == "unanswerable"
        assert each["wrong"] in each["q"]
        assert each["wrong"].strip() == each["wrong"] != ""


def test_of_over_two_fifths_of_the_further_near_misses_have_wrong_words():
    known = [
        bool(wrong_words(asked, [each.question for each in passage.asked if each.label]))
        for passage in further(FURTHER).training
        for asked in passage.asked
        if not asked.label
    ]
    assert sum(known) / len(known) > 0.4
