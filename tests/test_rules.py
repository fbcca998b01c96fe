"""The safety rules: each rule's own examples, and the engine's reply to what they find."""

from html import escape

import pytest

from assistant.answering import Assistant
from assistant.contract import answer_as_dict
from assistant.errors import IndexMissingError
from assistant.messages import DISCLAIMER
from assistant.plain_text import answer_as_text
from assistant.safety.cards import card
from assistant.safety.rulebook import rulebook
from assistant.safety.triage import triage
from assistant.safety.urgent import UrgentOnly
from assistant.types import AnswerKind
from assistant.web.render import render_turn

RULES = [rule.text for rule in rulebook().rules]


@pytest.mark.parametrize(("rule", "question"), [(rule, one) for rule in RULES for one in rule.must_match])
def test_what_must_match_has_the_outcome_of_its_rule(rule, question):
    found = triage(question)
    assert rule.outcome in found.outcomes or rule.topic in found.topics


@pytest.mark.parametrize(("rule", "question"), [(rule, one) for rule in RULES for one in rule.must_not_match])
def test_what_must_not_match_is_left_alone_by_its_rule(rule, question):
    assert rule.id not in triage(question).rule_ids


@pytest.mark.parametrize(
    ("question", "card_id"),
    [
        ("i want to kill myself", "crisis"),
        ("my friend says she wants to end her life", "crisis"),
        ("I took the whole packet of clonazepam", "poisoning"),
        ("my toddler swallowed 3 clonazepam", "poisoning"),
    ],
)
def test_a_crisis_or_poisoning_gets_the_card_and_no_passage(real_assistant, question, card_id):
    answer = real_assistant.ask(question)
    assert answer.kind is AnswerKind.URGENT
    assert answer.hits == ()
    assert [notice.id for notice in answer.notices] == [card_id]
    assert answer.notices[0].text == card(card_id, "neutral").plain
    assert answer.disclaimer == DISCLAIMER
    assert real_assistant.ask(question) == answer


def test_an_emergency_gets_the_card_before_the_passages(real_assistant):
    answer = real_assistant.ask("his seizure has lasted ten minutes and will not stop")
    assert answer.kind is AnswerKind.URGENT
    assert answer.notices[0].id == "emergency"


BOTH = "I want to die and I have swallowed all my tablets"
ALL_THREE = "I want to die, I took the whole packet and now I can't breathe"


def test_two_cards_stand_above_each_other_and_name_nobody_twice(real_assistant):
    answer = real_assistant.ask(BOTH)
    assert [notice.id for notice in answer.notices] == ["crisis", "poisoning"]
    assert answer.hits == ()
    assert answer.notices[0].text == card("crisis", "neutral").plain
    assert answer.notices[1].text.split("\n")[2:] == ["Your local poison centre"]


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        (BOTH, [["999", "116 123"], ["111"]]),
        (ALL_THREE, [["999", "116 123"], ["111"], []]),
        ("she took the whole packet and won't wake up", [["999", "111"], []]),
    ],
)
def test_every_urgent_outcome_has_its_card_on_every_surface(question, numbers):
    answer = UrgentOnly(IndexMissingError("There is no index."), "GB").ask(question)
    assert [[number for _, number in notice.contacts] for notice in answer.notices] == numbers
    html, text = render_turn(answer), answer_as_text(answer)
    assert [each["text"] for each in answer_as_dict(answer)["notices"]] == [
        notice.text for notice in answer.notices
    ]
    places = [html.index(escape(notice.heading)) for notice in answer.notices]
    assert places == sorted(places)
    assert html.count("tel:999") == text.count("999") == 1
    assert html.count('role="alert"') == len(answer.notices)
    assert all(notice.text in text for notice in answer.notices)


def test_the_cards_need_no_index():
    without = UrgentOnly(IndexMissingError("There is no index."), "GB")
    answer = without.ask("i want to kill myself")
    assert answer.kind is AnswerKind.URGENT
    assert "999" in answer.notices[0].text
    with pytest.raises(IndexMissingError, match="There is no index."):
        without.ask("what is clonazepam used for?")


def test_an_error_that_is_raised_again_holds_on_to_no_question():
    error = IndexMissingError("There is no index.")
    without = UrgentOnly(error, "GB")
    for _ in range(3):
        with pytest.raises(IndexMissingError):
            without.ask("what is clonazepam used for?")
    assert error.__traceback__ is None


def test_a_personal_decision_is_never_advised_on(real_assistant):
    answer = real_assistant.ask("should I double my dose?")
    assert answer.notices[0].id == "personal_decision"


def test_the_articles_own_warning_is_pinned(real_assistant):
    answer = real_assistant.ask("can I stop taking it suddenly?")
    assert "Abruptly ceasing or significantly altering the dosage" in answer.hits[0].passage.text
    assert "high_risk:stopping" in [notice.id for notice in answer.notices]


def test_where_the_articles_are_silent_the_notice_says_so(real_assistant: Assistant):
    notices = {notice.id: notice.text for notice in real_assistant.ask("is it safe in pregnancy?").notices}
    assert "say nothing" in notices["high_risk:pregnancy"]


def test_a_passage_with_a_dose_says_it_is_no_advice(real_assistant):
    answer = real_assistant.ask("what is the starting dose?")
    assert "0.5 mg" in answer.hits[0].passage.text
    assert "states_dose" in [notice.id for notice in answer.notices]


@pytest.mark.parametrize("question", ["how do I kill the process", "is overdose discussed in the article?"])
def test_look_alikes_get_no_card(question):
    assert triage(question).urgent == ""
