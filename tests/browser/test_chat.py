"""Using the chat: asking, being refused, clearing, on a desk and on a phone."""

import pytest
from playwright.sync_api import Browser

from assistant.messages import DISCLAIMER, TITLE, UNKNOWN, WEB
from tests.browser.conftest import Served, Visitor, visiting


def test_the_page_says_what_it_is(visitor: Visitor) -> None:
    assert visitor.page.title() == TITLE
    assert visitor.page.locator("h1").inner_text() == TITLE
    assert visitor.page.get_by_label(WEB["question_label"]).count() == 1


def test_the_disclaimer_stands_on_the_page_and_once_in_every_reply(visitor: Visitor) -> None:
    assert visitor.page.locator("body").inner_text().count(DISCLAIMER) == 1
    for question in ("clonazepam?", "xyzzy plugh", "overdose", "the hostile one"):
        visitor.ask(question)
    assert visitor.page.locator(".standing").inner_text().count(DISCLAIMER) == 1
    replies = visitor.page.locator(".reply").all_inner_texts()
    assert [reply.count(DISCLAIMER) for reply in replies] == [1, 1, 1, 1]


def test_every_kind_is_said_in_words(visitor: Visitor) -> None:
    for question in ("clonazepam?", "xyzzy plugh", "overdose"):
        visitor.ask(question)
    kinds = visitor.page.locator(".kind").all_inner_texts()
    assert kinds == ["Found in the articles", "No answer in these articles", "Get help now"]
    assert visitor.page.locator(".reply[role=alert], .reply [role=alert]").count() == 1


def test_a_source_says_what_is_known_and_what_is_not(visitor: Visitor) -> None:
    visitor.ask("clonazepam?")
    facts = visitor.page.locator(".facts").first
    assert facts.inner_text().count(UNKNOWN) == 4
    assert facts.locator("a").count() == 0
    visitor.ask("the hostile one")
    link = visitor.page.locator(".facts a")
    assert link.get_attribute("href") == 'https://example.org/?a=1&b="2"'
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_enter_sends_empties_the_box_and_keeps_the_focus(visitor: Visitor) -> None:
    visitor.ask("clonazepam?")
    visitor.page.wait_for_function("document.activeElement.closest('#question')")
    assert visitor.page.locator("#question textarea").input_value() == ""


def test_the_button_sends_and_gives_the_focus_back(visitor: Visitor) -> None:
    visitor.page.fill("#question textarea", "clonazepam?")
    visitor.page.click("#send")
    visitor.page.locator(".turn").wait_for()
    visitor.page.wait_for_function("document.activeElement.closest('#question')")


def test_an_example_is_asked_when_pressed(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="How does clonazepam work?").click()
    visitor.page.locator(".turn").wait_for()
    assert visitor.page.locator(".question bdi").inner_text() == "How does clonazepam work?"


def test_a_busy_sign_stands_while_a_reply_is_looked_for(visitor: Visitor) -> None:
    visitor.page.fill("#question textarea", "slowly, clonazepam")
    visitor.page.press("#question textarea", "Enter")
    visitor.page.locator(".busy").wait_for()
    assert visitor.page.locator(".busy").inner_text() == WEB["busy"]
    visitor.page.locator(".turn").wait_for()
    visitor.page.locator(".busy").wait_for(state="detached")


def test_clear_forgets_the_conversation(visitor: Visitor) -> None:
    visitor.ask("clonazepam?")
    visitor.page.click("#clear")
    visitor.page.locator(".turn").wait_for(state="detached")
    visitor.ask("the hostile one")
    assert visitor.page.locator(".turn").count() == 1


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("", "Type a question first."),
        ("   ", "Type a question first."),
        ("x" * 1001, "Ask in at most 1,000 characters."),
        ("break please", WEB["broken"]),
    ],
)
def test_a_refused_question_gets_one_friendly_line_and_the_chat_goes_on(
    visitor: Visitor, question: str, words: str
) -> None:
    assert visitor.send_refused(question) == words
    assert visitor.page.locator("#question textarea").input_value() == question
    assert visitor.page.locator(".turn").count() == 0
    visitor.ask("clonazepam?")
    visitor.page.locator(".note").wait_for(state="detached")
    assert visitor.faults == []


def test_a_pasted_book_is_refused_in_words(visitor: Visitor) -> None:
    visitor.page.locator("#question textarea").focus()
    visitor.page.keyboard.insert_text("word " * 40_000)
    visitor.page.keyboard.press("Enter")
    visitor.page.locator(".note").wait_for()
    assert visitor.page.locator(".note").inner_text() == "Ask in at most 1,000 characters."


def test_nonsense_gets_a_reply(visitor: Visitor) -> None:
    visitor.ask("\U0001f642 ;;; DROP TABLE \u202e <<>> \t")
    assert visitor.page.locator(".reply").get_attribute("data-kind") == "NOT_FOUND"


def test_on_a_phone_nothing_is_cut_off(browser: Browser, served: Served) -> None:
    with visiting(browser, served, width=390) as visitor:
        for question in ("clonazepam?", "the hostile one", "x" * 900, "overdose"):
            visitor.ask(question)
            assert visitor.page.evaluate("document.documentElement.scrollWidth") == 390
        buttons = visitor.page.locator("button:visible")
        heights = [buttons.nth(place).bounding_box()["height"] for place in range(buttons.count())]
        assert min(heights) >= 44


def test_the_question_box_is_always_in_sight(browser: Browser, served: Served) -> None:
    with visiting(browser, served, width=390) as visitor:
        visitor.ask("clonazepam?")
        box = visitor.page.locator("#question textarea").bounding_box()
        assert box["y"] + box["height"] <= 844


def test_two_visitors_do_not_see_each_other(browser: Browser, served: Served) -> None:
    with visiting(browser, served) as one, visiting(browser, served) as other:
        one.ask("clonazepam? my secret")
        other.ask("the hostile one")
        assert "my secret" not in other.page.content()
        assert other.page.locator(".turn").count() == 1
        one.ask("clonazepam?")
        assert one.page.locator(".turn").count() == 2
        with visiting(browser, served) as third:
            assert third.page.locator(".turn").count() == 0


def test_the_numbers_of_an_urgent_card_can_be_read_and_tapped(visitor: Visitor) -> None:
    visitor.ask("overdose")
    link = visitor.page.locator(".card a").first
    assert "911" in link.inner_text()
    assert link.get_attribute("href") == "tel:911"
    style = link.evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
    assert style[0] != style[1]
    box = link.bounding_box()
    assert box is not None
    assert box["height"] >= 44
