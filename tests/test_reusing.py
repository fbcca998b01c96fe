"""A second build does again only what changed: counted, text by text, on an arithmetic encoder with topics."""

from pathlib import Path

import numpy as np
import pytest

from assistant.building import BuildReport, build_id_of, build_index
from assistant.corpus import Corpus, read_corpus
from assistant.encoder import INT8, open_encoder
from assistant.index import PassageIndex
from assistant.storage.opening import open_current
from assistant.topics import recogniser
from assistant.topics.recogniser import CONDITION, MEDICINE, NONE
from assistant.topics.weights import DomainWeights, write_weights
from assistant.topics.words import TopicVocabulary
from tests.conftest import ARTICLE, WORDS, write_corpus
from tests.fakes import WordEncoder

SECOND = ARTICLE.replace("Little article", "Second article").replace("for panic too", "for stops of panic")
CHANGED = SECOND.replace("It makes some people sleepy.", "It makes most people sleepy.")


def write_topics(folder: Path, encoder: WordEncoder, strength: float = 9) -> None:
    """A sentence that has the word `sleepy` speaks of sleepiness, one that has `dose` of its start."""
    dense = np.zeros((3, encoder.dim), np.float32)
    dense[0, WORDS.index("sleepy")] = dense[1, WORDS.index("dose")] = dense[2, -1] = strength
    weights = DomainWeights(
        topics=("sleepiness", "dose_start", NONE),
        vocabulary=TopicVocabulary(["zzz"], np.ones(1, np.float32)),
        dense=dense,
        words=np.zeros((1, 3), np.float32),
        bias=np.zeros(3, np.float32),
        temperature=1.0,
    )
    write_weights(folder / f"{encoder.name}.npz", {MEDICINE: weights, CONDITION: weights}, encoder.revision)


@pytest.fixture
def encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WordEncoder:
    monkeypatch.setattr(recogniser, "WEIGHTS_DIR", tmp_path / "weights")
    encoder = WordEncoder(WORDS)
    write_topics(tmp_path / "weights", encoder)
    return encoder


def articles(folder: Path, second: str = SECOND, domain: str = "medicine") -> Corpus:
    return read_corpus(write_corpus(folder, {"little": ARTICLE, "second": second}, domain=domain))


def work_of(report: BuildReport) -> tuple[int, int]:
    """Of how many passages topics were recognised, and of how many taken over."""
    assert report.account is not None
    return report.account.recognised, report.account.topics_reused


def test_of_a_changed_passage_every_text_is_encoded_and_of_no_other_one(
    tmp_path: Path, encoder: WordEncoder
) -> None:
    first = build_index(articles(tmp_path / "a"), encoder, tmp_path / "index")
    assert work_of(first) == (4, 0)
    encoder.encoded.clear()
    second = build_index(articles(tmp_path / "b", CHANGED), encoder, tmp_path / "index")
    index = PassageIndex.open(tmp_path / "index")
    [changed] = [passage for passage in index.passages if "most people" in passage.text]
    new, doctor = changed.sentence_texts()
    context = "Second article. Effects. "
    assert sorted(encoder.encoded) == sorted([context + changed.text, context + new, "Effects", new, doctor])
    assert work_of(second) == (1, 3)
    assert second.account is not None
    assert second.account.encoded == 5
    assert str(second.account.articles) == "0 added, 1 changed, 0 removed, 1 unchanged"
    assert str(second.account.passages) == "0 added, 1 changed, 0 removed, 3 unchanged"
    assert [passage.topics for passage in index.passages] == [(), ("sleepiness", "dose_start")] * 2
    assert list(second.account.lines())[-1] == "topics: 1 passages read anew, 3 taken over"


def test_topics_taken_over_are_those_of_a_build_from_nothing(tmp_path: Path, encoder: WordEncoder) -> None:
    build_index(articles(tmp_path / "a"), encoder, tmp_path / "index")
    changed = articles(tmp_path / "b", CHANGED)
    for folder in ("index", "fresh"):
        build_index(changed, encoder, tmp_path / folder)
    built, fresh = (tmp_path / folder / build_id_of(changed, encoder) for folder in ("index", "fresh"))
    for name in ("passages.jsonl", "labelled.txt"):
        assert (built / name).read_bytes() == (fresh / name).read_bytes()


@pytest.mark.parametrize(("exact", "off"), [(False, 0), (True, 1e-6)], ids=["eight bits", "32 bits"])
def test_with_the_real_encoder_at_most_last_bits_differ_from_a_build_from_nothing(
    tmp_path: Path, exported: Path, exact: bool, off: float
) -> None:
    real = open_encoder(str(exported), exact=exact)
    build_index(articles(tmp_path / "a"), real, tmp_path / "index")
    changed = articles(tmp_path / "b", CHANGED)
    for folder in ("index", "fresh"):
        build_index(changed, real, tmp_path / folder)
    built, fresh = (open_current(tmp_path / folder)[0] for folder in ("index", "fresh"))
    for name in ("vectors.npy", "sentence_vectors.npy"):
        assert np.abs(np.load(built / name) - np.load(fresh / name)).max() <= off
    for name in ("passages.jsonl", "questions.jsonl", "encoded.txt", "labelled.txt"):
        assert (built / name).read_bytes() == (fresh / name).read_bytes()


def test_other_topic_weights_are_another_build_and_every_topic_is_recognised_anew(
    tmp_path: Path, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = articles(tmp_path / "a")
    first = build_index(corpus, encoder, tmp_path / "index")
    assert not build_index(corpus, encoder, tmp_path / "index").built
    monkeypatch.setattr(recogniser, "WEIGHTS_DIR", tmp_path / "other weights")
    write_topics(tmp_path / "other weights", encoder, strength=0.01)
    second = build_index(corpus, encoder, tmp_path / "index")
    assert second.build_id != first.build_id
    assert work_of(second) == (4, 0)
    # Sentences without title and heading are nowhere stored: their vectors are made for the topics only.
    assert {passage.topics for passage in PassageIndex.open(tmp_path / "index").passages} == {()}


def test_another_encoder_recognises_every_topic_anew(tmp_path: Path, encoder: WordEncoder) -> None:
    corpus = articles(tmp_path / "a")
    build_index(corpus, encoder, tmp_path / "index")
    other = WordEncoder(WORDS, revision="2")
    other.name = "others"
    write_topics(tmp_path / "weights", other)
    assert work_of(build_index(corpus, other, tmp_path / "index")) == (4, 0)


def test_nothing_is_taken_over_from_another_precision(tmp_path: Path, encoder: WordEncoder) -> None:
    corpus = articles(tmp_path / "a")
    first = build_index(corpus, encoder, tmp_path / "index")
    encoder.precision = INT8
    second = build_index(corpus, encoder, tmp_path / "index")
    assert second.build_id != first.build_id
    assert second.account is not None
    assert first.account is not None
    assert (second.account.encoded, second.account.reused) == (
        first.account.encoded,
        first.account.reused,
    )
    assert work_of(second) == (4, 0)
    manifest = PassageIndex.open(tmp_path / "index").manifest
    assert manifest is not None
    assert manifest.encoder.precision == INT8


def test_another_domain_recognises_anew(tmp_path: Path, encoder: WordEncoder) -> None:
    build_index(articles(tmp_path / "a"), encoder, tmp_path / "index")
    condition = articles(tmp_path / "b", domain="condition")
    assert work_of(build_index(condition, encoder, tmp_path / "index")) == (4, 0)


def test_a_heading_that_changes_recognises_its_passage_anew(tmp_path: Path, encoder: WordEncoder) -> None:
    build_index(articles(tmp_path / "a"), encoder, tmp_path / "index")
    report = build_index(
        articles(tmp_path / "b", SECOND.replace("\nEffects\n", "\nEffect\n")), encoder, tmp_path / "index"
    )
    assert work_of(report) == (1, 3)


def test_a_title_that_changes_leaves_topics_as_they_are(tmp_path: Path, encoder: WordEncoder) -> None:
    """Topics are recognised from heading and sentences; the title is in neither."""
    build_index(articles(tmp_path / "a"), encoder, tmp_path / "index")
    retitled = articles(tmp_path / "b", SECOND.replace("Second article", "Another article"))
    assert work_of(build_index(retitled, encoder, tmp_path / "index")) == (0, 4)


def test_a_damaged_list_of_hashes_is_of_no_use(tmp_path: Path, encoder: WordEncoder) -> None:
    first = build_index(articles(tmp_path / "a"), encoder, tmp_path / "index")
    (tmp_path / "index" / first.build_id / "labelled.txt").write_bytes(b"")
    report = build_index(articles(tmp_path / "b", CHANGED), encoder, tmp_path / "index")
    assert work_of(report) == (4, 0)
