"""Only questions that the served articles are known to answer are offered."""

import pytest

from assistant.types import AnswerKind
from assistant.web.suggesting import Suggestions
from tests.browser.fake_assistant import FakeAssistant

USES = "What is clonazepam used for?"
WORKS = "How does clonazepam work?"


@pytest.fixture(scope="module")
def fake() -> FakeAssistant:
    return FakeAssistant()


class Counting(FakeAssistant):
    """Counts what it is asked."""

    asked = 0

    def ask(self, question, about=()):
        self.asked += 1
        return super().ask(question, about)


def test_at_first_one_of_each_article_by_turns(fake: FakeAssistant) -> None:
    assert Suggestions(fake).at_first() == (USES, "Is it hostile <img src=x onerror=alert(1)>?", WORKS)


def test_after_a_reply_those_of_its_article_not_yet_asked(fake: FakeAssistant) -> None:
    suggestions = Suggestions(fake)
    assert suggestions.after(fake.ask(USES), [USES]) == (WORKS,)
    assert suggestions.after(fake.ask(USES), ["what is CLONAZEPAM  used for", WORKS]) == ()


def test_an_article_without_examples_offers_its_headings_only_if_they_are_answered(
    fake: FakeAssistant,
) -> None:
    answer = fake.ask("fits?")
    assert answer.kind is AnswerKind.RELATED
    assert fake.articles.headings("little") == ("Uses", "Risks")
    assert Suggestions(fake).after(answer, []) == ()


def test_where_nothing_was_shown_what_is_known_is_offered_and_after_a_card_nothing(
    fake: FakeAssistant,
) -> None:
    suggestions = Suggestions(fake)
    assert suggestions.after(fake.ask("aspirin"), []) == suggestions.at_first()
    assert suggestions.after(fake.ask("overdose"), []) == ()


def test_each_question_is_asked_once_for_as_long_as_the_same_articles_are_served() -> None:
    counting = Counting()
    suggestions = Suggestions(counting)
    suggestions.at_first()
    before = counting.asked
    suggestions.at_first()
    assert counting.asked == before
    counting.articles = FakeAssistant().articles
    suggestions.at_first()
    assert counting.asked == 2 * before
