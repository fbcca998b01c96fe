"""What a question is about: exact probabilities on tiny models, and the fitted ones on plain questions."""

import json
import math

import numpy as np
import pytest

from assistant.encoder import open_encoder
from assistant.errors import EncoderError
from assistant.settings import BASE_ENCODER, TUNED_ENCODER
from assistant.topics.recogniser import (
    CONDITION,
    MEDICINE,
    NONE,
    TOPICS_FILE,
    Topic,
    TopicModel,
    TopicScore,
    read_topics,
    weights_file,
)
from assistant.topics.weights import DomainWeights, read_weights, write_weights
from assistant.topics.words import TopicVocabulary, pieces, words_and_pairs
from evaluation.errors import EvaluationError
from evaluation.topics import Asked, figures, measure_topics

ALCOHOL = Topic("alcohol", "alcohol", "drinking alcohol while taking it", MEDICINE)
COST = Topic("cost", "cost", "how much it costs", MEDICINE)
DRINK, PRICE, OTHER = np.eye(3, dtype=np.float32)


def weights(temperature=1.0):
    """Each direction speaks for one topic with ln 3; the word "beer" adds ln 2 to alcohol."""
    return DomainWeights(
        topics=("alcohol", "cost", NONE),
        vocabulary=TopicVocabulary(["beer"], np.ones(1, np.float32)),
        dense=np.eye(3, dtype=np.float32) * math.log(3),
        words=np.array([[math.log(2), 0, 0]], np.float32),
        bias=np.zeros(3, np.float32),
        temperature=temperature,
    )


@pytest.fixture
def model():
    return TopicModel([ALCOHOL, COST], {MEDICINE: weights()})


def close(scores):
    return [(topic, pytest.approx(probability, abs=1e-6)) for topic, probability in scores]


@pytest.mark.parametrize(
    ("text", "vector", "expected"),
    [
        ("wine?", DRINK, [("alcohol", 3 / 5), ("cost", 1 / 5), (NONE, 1 / 5)]),
        ("a beer?", DRINK, [("alcohol", 6 / 8), ("cost", 1 / 8), (NONE, 1 / 8)]),
        ("how dear?", PRICE, [("cost", 3 / 5), ("alcohol", 1 / 5), (NONE, 1 / 5)]),
        ("what a beer costs", PRICE, [("cost", 3 / 6), ("alcohol", 2 / 6), (NONE, 1 / 6)]),
        ("who won?", OTHER, [(NONE, 3 / 5), ("alcohol", 1 / 5), ("cost", 1 / 5)]),
    ],
)
def test_recognise(model, text, vector, expected):
    assert list(model.recognise(text, vector)) == close(expected)
    named = [TopicScore(*each) for each in model.probabilities(text, vector).items()]
    assert sorted(named) == sorted(model.recognise(text, vector))


def test_temperature_softens():
    model = TopicModel([ALCOHOL, COST], {MEDICINE: weights(temperature=2.0)})
    root = math.sqrt(3)
    assert model.recognise("wine?", DRINK)[0] == TopicScore("alcohol", pytest.approx(root / (root + 2)))


@pytest.mark.parametrize("vector", [np.zeros(2, np.float32), np.zeros((1, 3), np.float32)])
def test_a_vector_of_another_shape_is_rejected(model, vector):
    with pytest.raises(ValueError, match="a vector of 3 numbers"):
        model.recognise("wine?", vector)


def test_an_unknown_domain_is_rejected(model):
    with pytest.raises(ValueError, match="no domain 'animal'; there are: medicine"):
        model.recognise("wine?", DRINK, "animal")


def test_weights_need_their_topics():
    with pytest.raises(ValueError, match="do not exist: cost"):
        TopicModel([ALCOHOL], {MEDICINE: weights()})


def test_label_passage_in_order_and_without_none(model):
    texts = ["What does it cost?", "Who won the game?", "No beer.", "It costs little."]
    labels = model.label_passage(texts, np.stack([PRICE, OTHER, DRINK, PRICE]), threshold=0.55)
    assert labels == ("cost", "alcohol")
    assert model.label_passage(texts, np.stack([PRICE, OTHER, DRINK, PRICE]), threshold=0.7) == ("alcohol",)
    assert model.label_passage([], np.empty((0, 3), np.float32)) == ()


def test_label_passage_needs_a_vector_a_text(model):
    with pytest.raises(ValueError, match="2 texts but 1 vectors"):
        model.label_passage(["one", "two"], np.stack([DRINK]))


def test_what_is_missing_is_said_in_words(model):
    assert model.says_nothing_about("alcohol") == "says nothing about: drinking alcohol while taking it"
    with pytest.raises(ValueError, match="no topic 'pizza'"):
        model.says_nothing_about("pizza")


def test_words_pairs_and_pieces():
    assert words_and_pairs("Can’t I DRINK?") == ["can't", "i", "drink", "can't i", "i drink"]
    assert words_and_pairs("?!") == []
    assert pieces("beer") == ["# be", "#bee", "#eer", "#er ", "# bee", "#beer", "#eer ", "# beer", "#beer "]
    assert pieces("I") == ["# i ", "# i ", "# i "]


def test_vocabulary_weighs_words_and_pieces_apart():
    vocabulary = TopicVocabulary(["beer", "wine", "#bee"], np.array([3, 4, 9], np.float32))
    places, weights = vocabulary.weigh("beer, wine and whisky")
    assert dict(zip(places.tolist(), weights.tolist(), strict=True)) == pytest.approx(
        {0: 0.6, 1: 0.8, 2: 1.0}
    )
    assert len(vocabulary.weigh("whisky")[0]) == 0
    assert vocabulary.weigh("beer beer wine")[1][:2].tolist() == pytest.approx(
        (np.array([3 * (1 + math.log(2)), 4]) / math.hypot(3 * (1 + math.log(2)), 4)).tolist()
    )
    with pytest.raises(ValueError, match="1 terms but 2 rarities"):
        TopicVocabulary(["beer"], np.ones(2, np.float32))


def test_weights_survive_being_stored(tmp_path):
    path = tmp_path / "weights" / "words.npz"
    write_weights(path, {MEDICINE: weights()}, "revision 1")
    first = path.read_bytes()
    write_weights(path, {MEDICINE: weights()}, "revision 1")
    assert path.read_bytes() == first
    domains, revision = read_weights(path)
    assert revision == "revision 1"
    stored = TopicModel([ALCOHOL, COST], domains).recognise("a beer?", DRINK)
    assert stored[0] == TopicScore("alcohol", pytest.approx(0.75, abs=1e-3))


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 not a zip", b"neither"])
def test_weights_that_cannot_be_read(tmp_path, content):
    path = tmp_path / "words.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EncoderError, match="python -m evaluation.fit_topics"):
        read_weights(path)


def test_open_refuses_another_encoder():
    class Stranger:
        name = "stranger"
        revision = "1"

    class Impostor:
        name = open_encoder(BASE_ENCODER).name
        revision = "1"

    for encoder in (Stranger(), Impostor()):
        with pytest.raises(EncoderError, match="python -m evaluation.fit_topics"):
            TopicModel.open(encoder)


def test_every_topic_can_be_shown():
    topics = read_topics()
    assert len({topic.id for topic in topics}) == len(topics) == 126
    assert all(topic.label and topic.sentence and topic.domain in (MEDICINE, CONDITION) for topic in topics)
    assert {topic.id for topic in topics if topic.domain == CONDITION} == {
        topic.id for topic in topics if topic.id.startswith("c_")
    }


def test_no_text_is_an_example_of_two_topics():
    seen = {}
    for row in map(json.loads, TOPICS_FILE.read_text(encoding="utf-8").splitlines()):
        for text in [*row["questions"], *row["more"], *row["mended"], *row["statements"]]:
            assert seen.setdefault((row["domain"], text.lower()), row["id"]) == row["id"], text


@pytest.mark.parametrize("name", [BASE_ENCODER, TUNED_ENCODER])
def test_fitted_weights_are_for_the_bundled_encoders_and_small(name):
    encoder = open_encoder(name)
    model = TopicModel.open(encoder)
    assert TopicModel.open(encoder) is model
    assert weights_file(encoder.name).stat().st_size <= 2_000_000


@pytest.mark.parametrize(
    ("question", "topic", "domain"),
    [
        ("can I have a couple of beers on clonazepam?", "alcohol", MEDICINE),
        ("i forgot to take my tablet this morning", "missed_dose", MEDICINE),
        ("will I get hooked on it", "dependence", MEDICINE),
        ("is it safe to breastfeed while taking clonazepam", "breastfeeding", MEDICINE),
        ("who won the football last night", NONE, MEDICINE),
        ("is it contagious", "c_contagious", CONDITION),
    ],
)
def test_plain_questions(question, topic, domain):
    encoder = open_encoder()
    scores = TopicModel.open(encoder).recognise(question, encoder.encode_queries([question])[0], domain)
    assert scores[0].topic_id == topic
    assert sum(score.probability for score in scores) == pytest.approx(1, abs=1e-4)


def asked(topic, *order):
    return Asked("?", topic, tuple(TopicScore(each, 0.5) for each in order))


def test_figures_by_hand():
    measured = figures(
        [
            asked("alcohol", "alcohol", "cost", "food", "heart"),
            asked("alcohol", "cost", "alcohol", "food", "heart"),
            asked("cost", "food", "alcohol", "heart", "cost"),
            asked("c_diet", "c_diet", "c_work"),
        ]
    )
    assert measured["accuracy@1"]["value"] == 0.5
    assert measured["accuracy@3"]["value"] == 0.75
    assert measured["domains"][MEDICINE]["accuracy@1"] == {
        **measured["domains"][MEDICINE]["accuracy@1"],
        "value": pytest.approx(1 / 3),
        "n": 3,
    }
    assert measured["domains"][CONDITION]["accuracy@1"]["low"] == 1.0
    assert [(each["topic"], each["taken_for"], each["count"]) for each in measured["confusions"]] == [
        ("alcohol", "cost", 1),
        ("cost", "food", 1),
    ]


@pytest.mark.parametrize(
    ("lines", "message"), [("", "no questions"), ('{"q": "?", "topic": "pizza"}', "pizza")]
)
def test_files_that_cannot_be_measured(tmp_path, lines, message):
    path = tmp_path / "questions.jsonl"
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(EvaluationError, match=message):
        measure_topics(path)
