"""What stands on the page is the article, character for character, and nothing in it comes alive."""

import pytest
from playwright.sync_api import Browser

from assistant.settings import ROOT
from tests.browser.conftest import Visitor, serving, visiting
from tests.browser.fake_assistant import HOSTILE_ARTICLE, TEXTS

PASSAGES = """passages => passages.map(passage => ({
    doc: passage.dataset.doc, start: +passage.dataset.start, end: +passage.dataset.end,
    text: passage.textContent, tags: [...passage.querySelectorAll("*")].map(element => element.tagName),
}))"""


def shown(visitor: Visitor) -> list[dict]:
    return visitor.page.locator(".passage").evaluate_all(PASSAGES)


@pytest.mark.parametrize(("question", "passages"), [("clonazepam?", 4), ("the hostile one", 1)])
def test_a_passage_on_the_page_is_the_slice_of_its_article(
    visitor: Visitor, question: str, passages: int
) -> None:
    visitor.ask(question)
    found = shown(visitor)
    assert len(found) == passages
    for passage in found:
        assert passage["text"] == TEXTS[passage["doc"]][passage["start"] : passage["end"]]
        assert passage["tags"] == ["MARK"]
    assert visitor.faults == []


def test_it_is_still_the_slice_after_the_page_has_been_drawn_again(visitor: Visitor) -> None:
    for question in ("clonazepam?", "the hostile one", "clonazepam?", "the hostile one"):
        visitor.ask(question)
    assert len(shown(visitor)) == 10
    for passage in shown(visitor):
        assert passage["text"] == TEXTS[passage["doc"]][passage["start"] : passage["end"]]


def test_the_mark_is_the_best_sentence(visitor: Visitor) -> None:
    visitor.ask("the hostile one")
    assert visitor.page.locator(".passage mark").text_content() == HOSTILE_ARTICLE[90:160]


def test_white_space_is_shown_and_an_open_override_ends_with_its_passage(visitor: Visitor) -> None:
    visitor.ask("the hostile one")
    passage = visitor.page.locator(".passage")
    style = passage.evaluate("e => [getComputedStyle(e).whiteSpaceCollapse, getComputedStyle(e).unicodeBidi]")
    assert style == ["preserve", "isolate"]


def test_a_question_and_a_source_are_text_too(visitor: Visitor) -> None:
    question = "hostile <img src=x onerror=alert(1)> ${value} {{value}} **bold**"
    visitor.ask(question)
    assert visitor.page.locator(".question bdi").text_content() == question
    assert visitor.page.locator(".source cite").text_content() == "A <b>hostile</b> ${value} \u202etitle"
    alive = visitor.page.locator(":is(.turn, .reader) :is(img, script, b, i, u, em, form, iframe, .katex)")
    assert alive.count() == 0
    assert visitor.faults == []


NAUGHTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)><iframe src=javascript:alert(1)>",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} #{1}",
    "</template></textarea></style></script><style>*{display:none}</style>",
    "&lt;b&gt; &amp;amp; &#13; %3Cscript%3E \\u003c",
    "'; DROP TABLE passages; -- \\ ' \" `",
    "javascript:alert(1)//",
    "Z\u0351\u036b\u0343\u036aalgo \ufdfd \u202etxet \u2066 \u200b\u00a0x",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u05d0\u05d1 123 \u0e01\u0e33",
    "line\none\ttab  two",
    "NaN undefined null true constructor __proto__",
]


def test_naughty_questions_are_text(visitor: Visitor) -> None:
    for question in NAUGHTY:
        visitor.ask(question)
    assert visitor.page.locator(".question bdi").all_text_contents() == NAUGHTY
    assert visitor.page.locator(".turns :is(script, img, svg, iframe, style, form)").count() == 0
    assert visitor.page.locator("#question textarea").is_visible()
    assert visitor.faults == []


def test_half_a_surrogate_pair_in_a_question_harms_nothing(visitor: Visitor) -> None:
    visitor.page.locator("#question textarea").evaluate(
        "e => { e.value = 'hostile \\ud83d'; e.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    visitor.page.press("#question textarea", "Enter")
    visitor.page.locator(".turn, .note").first.wait_for()
    visitor.ask("the hostile one")


def test_the_real_engine_shows_exact_slices_of_the_real_article(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    real = serving("tests.browser.real_assistant:open_real", tmp_path_factory.mktemp("real"))
    with real as served, visiting(browser, served) as visitor:
        visitor.ask("What is clonazepam used for?")
        found = shown(visitor)
        assert visitor.faults == []
        assert served.connections.read_text() == ""
    article = (ROOT / "corpus" / "articles" / "clonazepam-2mg.txt").read_bytes().decode("utf-8")
    assert found
    assert [passage["text"] for passage in found] == [article[p["start"] : p["end"]] for p in found]
