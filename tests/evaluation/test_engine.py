"""The product behind the measuring interface, and the encoder that remembers."""

import numpy as np

from assistant.corpus import Corpus
from evaluation.encoding import RememberingEncoder
from evaluation.engine import ProductEngine
from evaluation.judgements import Entry
from tests.fakes import WordEncoder

ENTRIES = [Entry("p1", "", "For fits. And for panic."), Entry("p2", "Effects", "It makes some sleepy.")]


def test_articles_are_split_and_ranked(little_corpus: Corpus, word_encoder: WordEncoder) -> None:
    responder = ProductEngine(word_encoder).over_corpus(little_corpus)
    reply = responder.reply("sleepy?", ())
    assert "sleepy" in reply.ranked[0].passage.text
    assert {each.passage for each in reply.ranked} == set(responder.passages)
    assert 0 <= reply.probability <= 1
    assert responder.build_id


def test_entries_are_passages_of_their_own(word_encoder: WordEncoder) -> None:
    responder = ProductEngine(word_encoder).over_entries(ENTRIES)
    assert [each.passage_id for each in responder.passages] == ["p1:0-24", "p2:0-21"]
    best = responder.reply("panic?", ()).ranked[0]
    start, end = best.highlight
    assert best.passage.text[start:end] == "And for panic."


def test_other_entries_are_another_build(word_encoder: WordEncoder) -> None:
    engine = ProductEngine(word_encoder)
    ids = {engine.over_entries(entries).build_id for entries in (ENTRIES, ENTRIES, ENTRIES[:1])}
    assert len(ids) == 2


def test_what_was_encoded_is_remembered(word_encoder: WordEncoder) -> None:
    encoder = RememberingEncoder(word_encoder)
    first = encoder.encode_passages(["fits", "panic", "fits"])
    again = encoder.encode_passages(["panic", "sleepy"])
    assert word_encoder.encoded == ["fits", "panic", "sleepy"]
    assert np.array_equal(first, word_encoder.encode_queries(["fits", "panic", "fits"]))
    assert np.array_equal(again, word_encoder.encode_queries(["panic", "sleepy"]))
    assert encoder.encode_queries([]).shape == (0, word_encoder.dim)
