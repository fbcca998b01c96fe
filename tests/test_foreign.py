"""Other languages are told from English, and English never taken for another."""

import json

import pytest

from assistant.answering import Assistant
from assistant.index import PassageIndex
from assistant.language.foreign import foreign_language
from assistant.messages import DISCLAIMER, IN_EMERGENCY, ONLY_ENGLISH, ONLY_ENGLISH_IN
from assistant.settings import ROOT
from assistant.types import AnswerKind

NOT_ENGLISH = {
    "quiero morir",
    "je veux mourir",
    "quiero saber qué es el clonazepam",
    "quiero morirme, cuántas pastillas son",
    "mon mari ne respire plus bien",
    "es lo mismo que rivotril?",
    "mere bhai ne sharab ke saath clonotril 2 goli le li abhi",
}
"""The questions of our own sets that really are in another language, besides those whose id says so."""


def own_questions():
    for path in sorted((ROOT / "evaluation" / "sets").rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            question = row.get("q") or row.get("text")
            if isinstance(question, str) and not str(row.get("id")).startswith("fl"):
                yield question


def test_no_english_question_of_ours_is_taken_for_another_language():
    questions = list(own_questions())
    assert len(questions) > 7000
    taken = {question for question in questions if foreign_language(question) is not None}
    assert taken <= NOT_ENGLISH


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("¿Para qué sirve el clonazepam?", "es"),
        ("clonazepam efectos secundarios", "es"),
        ("À quoi sert le clonazépam ?", "fr"),
        ("effets secondaires du clonazepam", "fr"),
        ("Wofür wird Clonazepam verwendet?", "de"),
        ("Nebenwirkungen von Clonazepam", "de"),
        ("A cosa serve il clonazepam?", "it"),
        ("Como posso tomar o remédio?", "pt"),
        ("Waarvoor wordt clonazepam gebruikt?", "nl"),
        ("Na co jest klonazepam?", "pl"),
        ("Klonazepam ne için kullanılır?", "tr"),
        ("Vad används klonazepam till?", "sv"),
        ("Для чего нужен клоназепам?", "ru"),
        ("Для чого потрібен клоназепам?", "uk"),
        ("ما هو كلونازيبام؟", "ar"),
        ("کلونازپام چیست؟", ""),
        ("氯硝西泮是什么药？", "zh"),
        ("クロナゼパムとは何ですか", "ja"),
        ("클로나제팜은 무엇인가요", "ko"),
        ("क्लोनाज़ेपम क्या है?", "hi"),
        ("Τι είναι η κλοναζεπάμη;", "el"),
        ("מה זה קלונזפם?", "he"),
    ],
)
def test_another_language_is_told(question, language):
    assert foreign_language(question) == language


@pytest.mark.parametrize(
    "question",
    [
        "",
        "?",
        "el clonazepam",
        "what is β",
        "µ",
        "is clonazepam para dormir ok",
        "das",
        "Ödem",
        "12 mg",
        "\u202e",
    ],
)
def test_a_word_or_two_is_not_enough(question):
    assert foreign_language(question) is None


@pytest.fixture
def british(index_dir, word_encoder):
    return Assistant(PassageIndex.open(index_dir), word_encoder, region="GB")


def test_the_reply_names_the_emergency_numbers_and_shows_no_passage(british):
    answer = british.ask("Für was sind die fits?", ("little",))
    [notice] = answer.notices
    assert answer.kind is AnswerKind.NOT_FOUND
    assert answer.hits == ()
    assert answer.about == ("little",)
    assert answer.disclaimer == DISCLAIMER
    assert notice.id == "only_english"
    [contact] = notice.contacts
    assert notice.text.split("\n") == [ONLY_ENGLISH_IN["de"], ONLY_ENGLISH, IN_EMERGENCY, ": ".join(contact)]
    assert "999" in contact[1]


def test_a_card_still_comes_first(british):
    answer = british.ask("quiero morir")
    assert answer.kind is AnswerKind.URGENT
    assert [notice.id for notice in answer.notices] == ["crisis", "only_english"]
    assert answer.notices[1].text == f"{ONLY_ENGLISH_IN['es']}\n{ONLY_ENGLISH}"
    assert answer.notices[1].contacts == ()
