"""What larger collections are made of: no passage twice, every text exact, vectors of length 1 near real ones."""

from pathlib import Path

import numpy as np
import pytest

from evaluation.scale.extending import DrawnEncoder, articles, closeness, nearest
from evaluation.scale.plots import plots_of
from evaluation.scale.pool import Pool, pool_of
from evaluation.scale.product import build, first, serve
from evaluation.scale.searching import percentiles, recall
from evaluation.speed.texts import generated
from tests.conftest import WORDS
from tests.evaluation.builders import Folder
from tests.fakes import WordEncoder

CONTEXT = "Article 0. "


def unit_rows(count: int) -> np.ndarray:
    rows = np.random.default_rng(count).normal(size=(count, 6))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def pool() -> Pool:
    sentences = [[f"Sentence {each} of {passage}." for each in range(5)] for passage in range(40)]
    return Pool(sentences, unit_rows(40), unit_rows(200), unit_rows(3))


def test_articles_are_as_many_passages_as_asked_for_and_none_twice(pool: Pool) -> None:
    drawn = list(articles(pool, 1060))
    passages = [passage for _, own in drawn for passage in own]
    assert [len(own) for _, own in drawn] == [25] * 42 + [10]
    assert len({passage.text for passage in passages}) == len(passages) == 1060
    known = {sentence for own in pool.sentences for sentence in own}
    for document, own in drawn:
        for passage in own:
            assert document.text[passage.start : passage.end] == passage.text
            assert set(passage.sentence_texts()) <= known
    assert drawn == list(articles(pool, 1060))


def test_vectors_have_length_one_and_are_the_same_every_time(pool: Pool) -> None:
    encoder = DrawnEncoder(WordEncoder(WORDS), pool)
    texts = [CONTEXT + passage.text for _, own in articles(pool, 50) for passage in own]
    rows = encoder.encode_passages(texts)
    assert (rows.shape, rows.dtype) == ((50, 6), np.float32)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert rows.tolist() == DrawnEncoder(WordEncoder(WORDS), pool).encode_passages(texts).tolist()
    assert encoder.encode_passages([]).shape == (0, 6)


def test_texts_of_no_passage_are_refused(pool: Pool) -> None:
    with pytest.raises(KeyError, match="unheard of"):
        DrawnEncoder(WordEncoder(WORDS), pool).encode_passages([CONTEXT + "unheard of"])


def test_nearest_leaves_itself_out() -> None:
    rows = np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)
    assert nearest(rows, 2).tolist() == [[1, 2], [0, 2], [1, 0]]


def test_closeness_by_hand() -> None:
    assert closeness(np.repeat(np.eye(2, dtype=np.float32), 11, axis=0)) == [1.0] * 9
    assert closeness(np.repeat(np.eye(2, dtype=np.float32), 10, axis=0)) == [0.0] * 9


def test_the_pool_is_encoded_once(tmp_path) -> None:
    texts = generated(3)
    encoder = WordEncoder(["the", "of"])
    first = pool_of(texts, encoder, tmp_path)
    encoder.encoded.clear()
    second = pool_of(texts, encoder, tmp_path)
    assert encoder.encoded == []
    assert second.sentences == first.sentences
    assert second.vectors.tolist() == first.vectors.tolist()
    assert len(first.sentence_vectors) == sum(map(len, first.sentences))


def test_each_kind_of_figure_has_a_plot() -> None:
    names = ["build_seconds", "build_cpu", "index_megabytes", "serving_megabytes", "build_megabytes"]
    names += ["first_answer_seconds", "first_answer_cpu", "recall_at_10", "recall_at_200"]
    names += [f"{kind}_cpu_ms_p{percent}" for kind in ("dense_top_10", "question") for percent in (50, 95)]
    plots = plots_of([{"passages": count, **dict.fromkeys(names, 1.0)} for count in (100, 1000)])
    assert len(plots) == 7
    assert all(plot.startswith(b"\x89PNG") for plot in plots.values())


def test_percentiles_tell_the_clock_from_the_processor() -> None:
    figures = percentiles("search", [(0.004, 0.001)] * 3)
    assert figures == {
        "search_ms_p50": 4.0,
        "search_ms_p95": 4.0,
        "search_cpu_ms_p50": 1.0,
        "search_cpu_ms_p95": 1.0,
    }


def test_recall_is_the_share_of_the_nearest_that_were_found() -> None:
    vectors = np.eye(4, dtype=np.float32)
    asked = np.array([[0.8, 0.6, 0, 0], [0, 0, 0.6, 0.8]], np.float32)
    assert recall(vectors, asked, np.array([[0, 1], [2, 3]])) == 1.0
    assert recall(vectors, asked, np.array([[0, 2], [2, 3]])) == 0.75


def test_a_size_is_built_opened_and_asked(tmp_path: Path, exported: Path) -> None:
    sentences = [
        f"It is given for {word}. {word.capitalize()} is rare. Ask about it." for word in "abcdefghijkl"
    ]
    entries = [{"_id": f"p{n}", "title": f"Page {n}", "text": text} for n, text in enumerate(sentences)]
    queries = [{"_id": "q1", "text": "what is it given for"}]
    qrels = ["query-id\tcorpus-id\tscore", "q1\tp0\t1"]
    folder = str(Folder(entries, queries, [], qrels).write(tmp_path / "little"))
    built = build(tmp_path, folder, 60)
    asked = {**first(tmp_path, folder, 60), **serve(tmp_path, folder, 60)}
    assert 60 < built["sentences"] <= 60 * 5
    assert (asked["recall_at_10"], asked["recall_at_200"]) == (1.0, 1.0)
    assert asked["question_ms_p95"] > 0
