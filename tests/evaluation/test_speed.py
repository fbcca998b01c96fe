"""The arithmetic of the speed figures, and what they are measured with."""

from pathlib import Path

import pytest

from assistant import answering
from assistant.answering import Assistant
from assistant.corpus import read_corpus
from evaluation.errors import EvaluationError
from evaluation.speed.figures import figures_of, lines_of
from evaluation.speed.stages import STAGES, stages_timed
from evaluation.speed.texts import Article, Texts, generated, texts_of, write_corpus
from tests.evaluation.builders import Folder

INDEX = {"passages": 100, "build_seconds": 10.0, "passages_only_seconds": 2.0}
SIZES = {"peak_megabytes": 300.0, "index_megabytes": 1.0}
PLAIN_INDEX = {"passages": 100, "seconds": 5.0, "other_texts": 400, "other_texts_seconds": 20.0}


def turn(seconds: list[float], megabytes: float) -> dict[str, object]:
    stages = [{"encode": each / 2, "dense": each / 4, "reader": each > 0.003} for each in seconds]
    return {"seconds": seconds, "stages": stages, "peak_megabytes": megabytes}


def cold(*wall: float) -> list[dict[str, float]]:
    return [{"wall": each, "processor": each / 2} for each in wall]


MEASURED = {
    "index": {**INDEX, **SIZES},
    "plain index": {**PLAIN_INDEX, **SIZES},
    "questions": [
        turn([0.002, 0.004, 0.006], 200),
        turn([0.004, 0.006, 9.0], 210),
        turn([0.001, 0.005, 0.007], 190),
    ],
    "unread questions": [turn([0.002, 0.003, 0.004], 150)] * 3,
    "plain questions": [turn([0.010, 0.010, 0.010], 400)] * 3,
    "cold": cold(99, 1, 2, 3),
    "plain cold": cold(99, 10, 20, 30),
    "web": {"peak_megabytes": 300.0},
}


def test_ratios_are_of_medians_and_the_first_cold_start_is_left_out():
    figures = figures_of(MEASURED)
    assert figures["assistant"]["milliseconds"]["p50"] == pytest.approx(5)
    assert figures["assistant"]["stage_milliseconds"] == pytest.approx(
        {"encode": 2.5, "dense": 1.25, "reader": 1000}
    )
    assert figures["assistant"]["read_share"] == pytest.approx(2 / 3)
    assert figures["assistant"]["read_milliseconds"]["p50"] == pytest.approx(6)
    ratios = figures["ratios"]
    assert ratios["question p50"] == pytest.approx(0.5)
    assert ratios["question p50, nothing read"] == pytest.approx(0.3)
    assert ratios["question p50, passages read"] == pytest.approx(0.6)
    assert ratios["cold start"] == pytest.approx(2 / 20)
    assert ratios["cold start, processor time"] == pytest.approx(1 / 10)
    assert ratios["indexing, passages a second"] == pytest.approx((100 / 2) / (100 / 5))
    assert ratios["whole build against plain with sentences"] == pytest.approx((100 / 10) / (100 / 25))
    assert ratios["serving memory"] == pytest.approx(200 / 400)
    assert [line for line in lines_of(figures) if line.startswith("ratio     cold start ")] == [
        f"ratio     {'cold start':44}0.100   to reach: <= 0.12"
    ]


def test_a_folders_first_articles_are_asked_what_they_answer_and_nothing_else(tmp_path: Path):
    folder = Folder().write(tmp_path / "little")
    assert texts_of(folder, 2) == Texts(
        "little", [Article("Uses", "For fits."), Article("Effects", "It makes some sleepy.")], ["fits?"]
    )
    assert texts_of(folder, 3).questions == ["fits?", "panic?"]
    with pytest.raises(
        EvaluationError, match="little: the first 0 articles answer no question. Give more --art"
    ):
        texts_of(folder, 0)


def test_generated_text_is_the_same_every_time_and_makes_a_corpus(tmp_path: Path):
    texts = generated(3)
    assert texts == generated(3)
    write_corpus(texts, tmp_path / "corpus")
    documents = read_corpus(tmp_path / "corpus").documents
    assert [document.text for document in documents] == [f"{article.text}\n" for article in texts.articles]


def test_stages_are_timed_and_everything_is_put_back(little_assistant: Assistant, word_encoder):
    triage, encode = answering.triage, type(word_encoder).encode_queries
    with stages_timed(word_encoder, little_assistant._index.store) as spent:
        little_assistant.ask("Is it given for fits?")
    assert spent.keys() <= set(STAGES)
    assert {"triage", "read", "encode", "lexical", "dense", "judge"} <= spent.keys()
    assert (answering.triage, type(word_encoder).encode_queries) == (triage, encode)
