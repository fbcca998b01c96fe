"""Questions of FAQs: what is learnt from them, what is kept apart, and how it is measured."""

import json

import numpy as np
import pytest

from evaluation.errors import EvaluationError
from training.encoder_rows import TextRow
from training.faq_entries import FaqEntry, FaqFigures, faq_figures, faq_rows, read_faq

TEA = FaqEntry(
    "Tea", "How long does tea steep?", ("minutes for a cuppa", "when is it ready"), ("how hot is it",)
)
SHIP = FaqEntry(
    "Ships", "Who owns the ship?", ("whose boat is it", "owner"), ("who built the ship", "its age")
)


def test_every_two_that_ask_the_same_are_learnt_against_each_that_does_not():
    assert faq_rows([TEA]) == [
        TextRow("Tea", "How long does tea steep?", "minutes for a cuppa", "how hot is it"),
        TextRow("Tea", "How long does tea steep?", "when is it ready", "how hot is it"),
        TextRow("Tea", "minutes for a cuppa", "when is it ready", "how hot is it"),
        TextRow("Tea", "when is it ready", "minutes for a cuppa", "how hot is it"),
    ]
    assert len(faq_rows([TEA, SHIP])) == 12


def test_whole_pages_are_kept_apart_and_every_entry_is_in_one_part():
    learnt, apart = read_faq()
    assert len(learnt) > 900
    assert len(apart) > 150
    assert {each.page for each in learnt}.isdisjoint(each.page for each in apart)
    texts = [text for each in learnt + apart for text in (each.faq, *each.asked, *each.other)]
    assert all(len(each.asked) == len(each.other) == 2 for each in learnt + apart)
    assert len({*texts}) > 0.999 * len(texts)


def test_nothing_in_them_is_about_the_first_article():
    texts = " ".join(
        text for part in read_faq() for each in part for text in (each.faq, *each.asked, *each.other)
    ).lower()
    assert not [name for name in ("clonazepam", "klonopin", "rivotril") if name in texts]


def test_figures_are_exact():
    places = {TEA.faq: 0, "minutes for a cuppa": 0, "when is it ready": 1, "how hot is it": 1}
    places |= {SHIP.faq: 1, "whose boat is it": 1, "owner": 1, "who built the ship": 1, "its age": 0}

    def encode(texts):
        return np.eye(2, dtype=np.float32)[[places[text] for text in texts]]

    # Three of four find their own; of 4 against 3 cosines, 1 1 1 0 against 0 1 0.
    assert faq_figures(encode, [TEA, SHIP]) == FaqFigures(0.75, (3 * 2.5 + 1) / 12, 2)


def test_a_line_that_is_no_entry_is_refused(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"topic": "Tea", "asked": [], "other": []}) + "\n")
    with pytest.raises(EvaluationError, match="faq"):
        read_faq(tmp_path)
