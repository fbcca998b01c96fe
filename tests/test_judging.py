import pytest

from assistant.evidence.coverage import Gate
from assistant.evidence.curated import Likeness
from assistant.evidence.judging import JudgeModel, judge, models, signals_of
from assistant.evidence.query import Query
from assistant.evidence.ranked import Ranked
from assistant.evidence.ranking import Evidence
from assistant.language.entities import Entity
from assistant.types import AnswerKind, Passage, Span

MODEL = JudgeModel(
    intercept=1.0,
    means={"a": 2.0},
    scales={"a": 4.0},
    weights={"a": 3.0},
    found=0.6,
    related=0.2,
    near_found=0.3,
    near_related=0.2,
)
XANAX = Entity("Xanax", "alprazolam", "drug", Span(0, 5), "alprazolam (Xanax)")


def ranked(start, score, dense=0.5, lexical=0.1):
    passage = Passage("doc", start, start + 4, "text", "", (Span(start, start + 4),))
    return Ranked(passage, score, dense, 0.5, lexical, None, None, Span(start, start + 4))


NO_NAMES = Gate()


def evidence(gate=NO_NAMES, **facts):
    query = Query("q", "q", gate, (), (), ())
    return Evidence(query, (ranked(0, 0.9), ranked(10, 0.6, dense=0.7)), **facts)


@pytest.mark.parametrize(("value", "expected"), [(2.0, 0.7310586), (2 - 4 / 3, 0.5), (-2.0, 0.1192029)])
def test_probability_by_hand(value, expected):
    assert MODEL.probability({"a": value, "unused": 1.0}) == pytest.approx(expected, abs=1e-6)


def test_a_signal_that_cannot_be_had_counts_as_average():
    assert MODEL.probability({}) == MODEL.probability({"a": 2.0})


def test_signals_are_of_the_best_passage():
    signals = signals_of(evidence(covered=0.4, known=0.5))
    assert signals["score"] == 0.9
    assert signals["margin"] == pytest.approx(0.3)
    assert signals["agreement"] == 0.0
    assert signals["nearest_sentence"] == signals["sentence"] == 0.5
    assert (signals["covered"], signals["known"]) == (0.4, 0.5)
    assert signals.keys().isdisjoint({"answered", "unanswered", "topic", "spoken_of"})


def test_the_nearest_sentence_is_of_any_candidate():
    further = ranked(20, 0.1)._replace(sentence=0.8)
    query = Query("q", "q", NO_NAMES, (), (), ())
    signals = signals_of(Evidence(query, (ranked(0, 0.9), further)))
    assert (signals["nearest_sentence"], signals["sentence"]) == (0.8, 0.5)


def test_leaning_is_a_signal_where_something_was_learnt():
    assert signals_of(evidence(leaning=-0.5))["leaning"] == -0.5
    assert "leaning" not in signals_of(evidence())


def test_only_uncovered_names_is_not_covered():
    judgement = judge(evidence(Gate(uncovered=(XANAX,))))
    assert (judgement.kind, judgement.probability) == (AnswerKind.NOT_COVERED, 0.0)


def test_no_candidate_is_not_found():
    empty = Evidence(Query("q", "q", Gate(), (), (), ()), ())
    assert judge(empty).kind is AnswerKind.NOT_FOUND


def test_what_is_nowhere_mentioned_is_never_found():
    named = judge(
        evidence(
            Gate(covered=("clonazepam",)),
            missing=("alcohol",),
            answered=Likeness(1.0, 1.0),
            unanswered=Likeness(0.0, 0.0),
        )
    )
    unnamed = judge(
        evidence(missing=("diabetes",), answered=Likeness(1.0, 1.0), unanswered=Likeness(0.0, 0.0))
    )
    assert named.kind in (AnswerKind.RELATED, AnswerKind.NOT_FOUND)
    assert unnamed.kind is AnswerKind.NOT_FOUND


AGAINST = {"unanswered", "unanswered_density"}


def test_no_signal_counts_against_its_meaning():
    for name, model in models().items():
        for signal, weight in model.weights.items():
            assert (weight < 0) == (signal in AGAINST), (name, signal)


@pytest.mark.parametrize("name", ["curated", "prose", "read"])
def test_more_of_a_signal_never_makes_an_answer_less_likely(name):
    model = models()[name]
    for signal in model.weights:
        values = [
            model.probability({signal: model.means[signal] + step * model.scales[signal]})
            for step in (-1, 0, 2)
        ]
        assert values == sorted(values, reverse=signal in AGAINST), signal
        assert len(set(values)) == 3


def test_the_surer_the_reader_the_likelier_an_answer():
    assert "reads" in models()["read"].weights
    assert "reads" not in {*models()["prose"].weights, *models()["curated"].weights}


def test_the_fitted_models_are_whole():
    for model in models().values():
        assert model.means.keys() == model.scales.keys() == model.weights.keys() != set()
        assert 0 < model.related < model.found < 1
        assert 0 < model.near_related < model.near_found < 1
