"""Which topics passages are labelled with: recognised by the real model, corrected by an editor."""

import json
from dataclasses import replace

import pytest

from assistant.building import build_index
from assistant.corpus import Corpus, read_corpus
from assistant.encoder import open_encoder
from assistant.encoding import encode_corpus, split_corpus
from assistant.errors import CorpusError
from assistant.index import PassageIndex
from assistant.listing import topics_as_text
from assistant.rows import row_holding, rows_by_article
from assistant.settings import ROOT
from assistant.topics.labelling import domain_of
from assistant.types import Document, Passage, Source, Span
from tests.conftest import ARTICLE, write_corpus

SOURCE = Source("unknown", "unknown", "unknown", "unknown", "0" * 64)


def document(title="Title", subjects=(), domain=""):
    return Document("doc", title, "text", SOURCE, subjects, domain=domain)


@pytest.mark.parametrize(
    ("given", "domain"),
    [
        (document(subjects=("Klonopin",)), "medicine"),
        (document(title="What is lorazepam for?"), "medicine"),
        (document(title="Living with asthma"), "condition"),
        (document(title="Alcohol and you"), ""),
        (document(title="Opening hours"), ""),
        (document(subjects=("Klonopin",), domain="condition"), "condition"),
    ],
)
def test_the_domain_is_stated_or_told_from_subjects_and_title(given, domain):
    assert domain_of(given) == domain


def passages(*bounds, doc_id="doc"):
    return [Passage(doc_id, a, b, "x" * (b - a), "", (Span(a, b),)) for a, b in bounds]


@pytest.mark.parametrize(
    ("quote", "row"), [((0, 4), 0), ((6, 12), 0), ((8, 11), 0), ((9, 13), 1), ((20, 25), None)]
)
def test_a_quote_belongs_to_the_passage_that_holds_most_of_it(quote, row):
    assert row_holding(Span(*quote), [0, 1], passages((0, 10), (10, 20))) == row


def test_a_quote_of_another_document_is_in_none():
    both = [*passages((0, 10)), *passages((0, 10), (10, 20), doc_id="other")]
    assert rows_by_article(both) == {"doc": [0], "other": [1, 2]}
    assert row_holding(Span(0, 4), [2], both) is None
    assert row_holding(Span(0, 4), [], both) is None


@pytest.fixture(scope="module")
def first_article():
    return read_corpus(ROOT / "corpus")


def labels(corpus):
    encoder = open_encoder()
    return [
        each.topics
        for each in encode_corpus(corpus.documents, split_corpus(corpus, encoder), encoder).passages
    ]


def test_topics_are_recognised_where_nobody_gave_any(first_article):
    bare = Corpus(tuple(replace(each, labels=(), curated=()) for each in first_article.documents))
    found = labels(bare)
    assert "mechanism" in found[2]
    assert {"dose_start", "dose_increase"} <= set(found[3])
    assert "off_label" in found[4]


def test_an_editors_topics_overrule_the_model(first_article):
    bare = Corpus(tuple(replace(each, curated=()) for each in first_article.documents))
    [document] = first_article.documents
    assert labels(bare) == [label.topics for label in document.labels]


def labelled_corpus(tmp_path, passage, topics):
    folder = write_corpus(tmp_path / "corpus", {"little": ARTICLE})
    table = f"\n[[article.topics]]\npassage = {json.dumps(passage)}\ntopics = {json.dumps(topics)}\n"
    with (folder / "sources.toml").open("a", encoding="utf-8") as file:
        file.write(table)
    return read_corpus(folder)


def test_topics_of_sources_toml_are_stored_and_listed(tmp_path, word_encoder):
    corpus = labelled_corpus(tmp_path, "It makes some people sleepy", ["sleepiness"])
    build_index(corpus, word_encoder, tmp_path / "index")
    index = PassageIndex.open(tmp_path / "index")
    assert [passage.topics for passage in index.passages] == [(), ("sleepiness",)]
    assert topics_as_text(index, whole=False).startswith("1 of 2 passages have topics;")
    assert f"{index.passages[1].passage_id}  sleepiness\n    It makes some people sleepy." in topics_as_text(
        index, whole=True
    )


def test_other_topics_are_another_corpus(tmp_path):
    one = labelled_corpus(tmp_path / "1", "It makes some people sleepy", ["sleepiness"])
    other = labelled_corpus(tmp_path / "2", "It makes some people sleepy", ["mood"])
    assert one.sha256 != other.sha256


def test_words_that_are_not_in_the_article_are_refused(tmp_path):
    with pytest.raises(
        CorpusError, match=r"the words 'not there' that topics are given for are not in the article"
    ):
        labelled_corpus(tmp_path, "not there", ["mood"])


def test_an_unknown_topic_is_refused(tmp_path):
    with pytest.raises(
        CorpusError, match=r"there is no topic 'sleep walking'. The topics are in topics.jsonl."
    ):
        labelled_corpus(tmp_path, "It makes some people sleepy", ["sleep walking"])


def test_words_in_no_passage_are_refused(tmp_path, word_encoder):
    corpus = labelled_corpus(tmp_path, "Effects", ["mood"])
    with pytest.raises(CorpusError, match=r"the words 'Effects' that topics are given for are in no passage"):
        split = split_corpus(corpus, word_encoder)
        encode_corpus(corpus.documents, split, word_encoder)
