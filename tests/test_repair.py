"""Spelling is repaired where there is one thing a word can mean, and never towards another medicine."""

import pytest

from assistant.language.repair import Change, Repaired, Speller
from assistant.language.shelf import Shelf, sound_cost
from assistant.types import Span

VOCABULARY = ["clonazepam", "klonopin", "seizures", "anxiety", "drowsiness", "ataxia", "liver", "akinetic"]


@pytest.fixture(scope="module")
def speller():
    return Speller(VOCABULARY)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("siezures", "seizures"),
        ("anxeity", "anxiety"),
        ("drowsines", "drowsiness"),
        ("atexia", "ataxia"),
        ("livver", "liver"),
        ("clonazapam", "clonazepam"),
        ("klonipen", "klonopin"),
        ("clonopin", "klonopin"),
        ("lorazapam", "lorazepam"),
        ("xannax", "xanax"),
        ("tinitus", "tinnitus"),
        ("diarhoea", "diarrhoea"),
        ("medecine", "medicine"),
        ("gowt", "gout"),
        ("alot", "a lot"),
    ],
)
def test_repaired(speller, wrong, right):
    assert speller.repair(f"about {wrong}, please").text == f"about {right}, please"


@pytest.mark.parametrize(
    "word",
    [
        "akinetic",  # a word of the articles
        "clonidine", "clobazam", "lorazepam",  # other medicines
        "heroine", "colour", "color", "diarrhea", "mum", "dont", "wobbly", "covid",
        "moring",  # morning or mooring
        "fits", "levr", "zzzzqq", "2mg", "b12", "mg/day", "o'clok", "user_naem",
        "clobazepam",  # between two medicines
    ],
)  # fmt: skip
def test_left_alone(speller, word):
    assert speller.repair(f"about {word}, please") == Repaired(f"about {word}, please")


def test_names_inside_a_sentence_are_left_alone(speller):
    assert speller.repair("Did Dr Roussel or Anxieti Smith say so?").changes == ()
    assert speller.repair("Anxiaty is bad").text == "Anxiety is bad"


def test_text_of_unknown_words_is_left_alone(speller):
    assert speller.repair("anxiaty " + "blarghonz " * 12).changes == ()
    assert len(speller.repair("anxiaty " + "blarghonz " * 11).changes) == 1


def test_changes_tell_where(speller):
    text = "Siezures and anxeity"
    assert speller.repair(text) == Repaired(
        "Seizures and anxiety",
        (Change("Siezures", "seizures", Span(0, 8)), Change("anxeity", "anxiety", Span(13, 20))),
    )


@pytest.mark.parametrize("text", ["", "   ", "🙂", "what is it for?"])
def test_nothing_to_repair(speller, text):
    assert speller.repair(text) == Repaired(text)


@pytest.mark.parametrize(
    ("written", "meant", "cost"),
    [
        ("same", "same", 0.0),
        ("clonazapam", "clonazepam", 0.5),
        ("klonazepam", "clonazepam", 0.5),
        ("livver", "liver", 0.5),
        ("clonazpam", "clonazepam", 0.5),
        ("clobazepam", "clonazepam", 1.0),
        ("colnazepam", "clonazepam", 1.0),
        ("cat", "dog", 2.5),
        ("", "ab", 1.5),
    ],
)
def test_sound_cost(written, meant, cost):
    assert sound_cost(written, meant) == cost


def test_shelf():
    shelf = Shelf(["fever", "never", "sever", "fewer"])
    assert shelf.nearest("fevr", 1) == (1, ["fever"])
    assert shelf.nearest("efver", 1) == (1, ["fever"])
    assert shelf.nearest("ever", 1) == (1, ["fever", "never", "sever"])
    assert shelf.nearest("xylophone", 2) == (2, [])
    assert shelf.within("fever", 1) == {"fever": 0, "fewer": 1, "never": 1, "sever": 1}
