"""Using the chat: asking, being refused, clearing, on a desk and on a phone."""

import pytest
from playwright.sync_api import Browser

from assistant.messages import DISCLAIMER, NOTICES, TITLE, UNKNOWN, WEB
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


def test_every_kind_has_a_sign_and_a_border_of_its_own(visitor: Visitor) -> None:
    for question in ("clonazepam?", "fits?", "aspirin?", "overdose"):
        visitor.ask(question)
    looks = visitor.page.locator(".reply").evaluate_all(
        """replies => replies.map(reply => getComputedStyle(reply).borderLeftStyle
            + getComputedStyle(reply.querySelector(".kind"), "::before").maskImage)"""
    )
    assert len(set(looks)) == 4


def test_a_source_says_what_is_known_and_what_is_not(visitor: Visitor) -> None:
    visitor.ask("clonazepam?")
    facts = visitor.page.locator(".reply .facts")
    assert facts.count() == 1, "four passages in a row of one article state its facts once"
    assert facts.inner_text().count(UNKNOWN) == 4
    assert facts.locator("a").count() == 0
    visitor.ask("the hostile one")
    link = visitor.page.locator(".reply .facts a")
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


def test_shift_enter_makes_a_line_and_enter_sends(visitor: Visitor) -> None:
    box = visitor.page.locator("#question textarea")
    box.press_sequentially("clonazepam")
    box.press("Shift+Enter")
    box.press_sequentially("again?")
    assert visitor.page.locator(".turn").count() == 0
    box.press("Enter")
    visitor.page.locator(".turn").wait_for()
    assert visitor.page.locator(".question bdi").inner_text() == "clonazepam\nagain?"


def test_only_examples_that_are_answered_from_their_article_are_offered(visitor: Visitor) -> None:
    offered = visitor.page.locator(".examples-place .suggestion").all_inner_texts()
    hostile = "Is it hostile <img src=x onerror=alert(1)>?"
    assert offered == ["What is clonazepam used for?", hostile, "How does clonazepam work?"]


def test_after_a_reply_other_known_questions_are_offered_and_asked_when_pressed(visitor: Visitor) -> None:
    visitor.ask("What is clonazepam used for?")
    offered = visitor.page.locator(".turn .suggestion")
    assert offered.all_inner_texts() == ["How does clonazepam work?"]
    offered.click()
    visitor.page.locator(".turn").nth(1).wait_for()
    assert visitor.page.locator(".question bdi").nth(1).inner_text() == "How does clonazepam work?"
    assert visitor.page.locator(".turn").nth(1).locator(".suggestion").count() == 0


def test_a_card_is_followed_by_no_other_question(visitor: Visitor) -> None:
    visitor.ask("overdose")
    assert visitor.page.locator(".turn .suggestion").count() == 0


def test_stop_gives_the_question_back_and_no_reply_comes_later(visitor: Visitor) -> None:
    visitor.page.fill("#question textarea", "slowly, clonazepam")
    visitor.page.press("#question textarea", "Enter")
    visitor.page.click("#stop")
    visitor.page.locator(".note").wait_for()
    assert WEB["stopped"] in visitor.page.locator(".note").inner_text()
    assert visitor.page.locator("#question textarea").input_value() == "slowly, clonazepam"
    visitor.page.wait_for_timeout(2000)
    assert visitor.page.locator(".turn, .busy").count() == 0
    visitor.page.fill("#question textarea", "clonazepam?")
    visitor.page.press("#question textarea", "Enter")
    visitor.page.locator(".turn").wait_for()
    assert visitor.page.locator(".question bdi").inner_text() == "clonazepam?"


def test_what_could_not_be_answered_is_asked_again_at_a_press(visitor: Visitor) -> None:
    visitor.page.route("**/queue/join*", lambda route: route.abort())
    assert WEB["no_reply"] in visitor.send_refused("clonazepam?")
    visitor.page.unroute("**/queue/join*")
    visitor.page.get_by_role("button", name=WEB["retry"]).click()
    visitor.page.locator(".turn").wait_for()
    assert visitor.page.locator(".note").count() == 0


def test_a_question_can_be_changed(visitor: Visitor) -> None:
    visitor.ask("clonazepam?")
    visitor.page.get_by_role("button", name=WEB["change_question"]).click()
    assert visitor.page.locator("#question textarea").input_value() == "clonazepam?"


def test_a_busy_sign_stands_while_a_reply_is_looked_for(visitor: Visitor) -> None:
    visitor.page.fill("#question textarea", "slowly, clonazepam")
    visitor.page.press("#question textarea", "Enter")
    visitor.page.locator(".busy").wait_for()
    assert visitor.page.locator(".busy").inner_text() == WEB["busy"]
    visitor.page.locator(".turn").wait_for()
    visitor.page.locator(".busy").wait_for(state="detached")


def test_the_reply_is_said_once_to_a_screen_reader(visitor: Visitor) -> None:
    visitor.ask("fits?")
    said = visitor.page.locator("#said")
    assert said.get_attribute("role") == "status"
    assert said.text_content() == (
        "Closest passages, not an answer. Passages shown: 1.\n" + NOTICES["related"] + "\nIt is for fits."
    )
    assert visitor.page.locator(".turns").get_attribute("aria-live") == "off"


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
