"""The article beside the chat: opened from a citation or a link, marked, checked, searched for."""

import hashlib
import re

import pytest
from playwright.sync_api import Browser

from assistant.messages import READER, UNKNOWN, WEB
from tests.browser.conftest import Served, Visitor, visiting
from tests.browser.fake_assistant import FIRST_ARTICLE, LITTLE_ARTICLE, SOURCES, TEXTS, TITLES

SHA = SOURCES["first"].sha256
PIECES = "pieces => pieces.map(piece => [+piece.dataset.start, +piece.dataset.end, piece.textContent])"


def open_citation(visitor: Visitor, question: str, number: int = 0) -> None:
    visitor.ask(question)
    extract = visitor.page.locator(".turn").last.locator(".extract").nth(number)
    start, end = (extract.locator(".passage").get_attribute(f"data-{name}") for name in ("start", "end"))
    extract.locator("a.open").click()
    visitor.page.locator(f".article[data-at='{start}-{end}']").wait_for()


def pieces(visitor: Visitor) -> list[list]:
    found: list[list] = visitor.page.locator(".text .piece").evaluate_all(PIECES)
    return found


def test_a_citation_opens_the_article_with_the_passage_marked_and_in_sight(visitor: Visitor) -> None:
    open_citation(visitor, "clonazepam?", 2)
    marked = "".join(visitor.page.locator(".text mark").all_text_contents())
    assert marked == FIRST_ARTICLE[600:1100]
    assert "".join(visitor.page.locator(".text mark strong").all_text_contents()) == FIRST_ARTICLE[600:660]
    box = visitor.page.locator("#shown").bounding_box()
    assert box is not None
    assert 0 < box["y"] < 844
    assert visitor.page.evaluate("document.activeElement.id") == "shown"
    assert visitor.faults == []


@pytest.mark.parametrize("name", ["first", "hostile", "little"])
def test_the_article_on_the_page_is_the_file_and_says_what_is_left_out(visitor: Visitor, name: str) -> None:
    visitor.page.locator(f".shelf a.open[href*='article={name}']").click()
    visitor.page.locator(f".article[data-doc={name}]").wait_for()
    shown = pieces(visitor)
    text = TEXTS[name]
    assert all(words == text[start:end] for start, end, words in shown)
    whole = "".join(words for _, _, words in shown)
    assert whole == (text.replace("A caption.", "") if name == "little" else text)
    assert visitor.page.locator(".left-out").count() == (1 if name == "little" else 0)
    assert visitor.faults == []


def test_on_top_stands_what_is_known_of_the_article(visitor: Visitor) -> None:
    visitor.page.locator(".shelf a.open").first.click()
    facts = visitor.page.locator(".article > .facts")
    facts.wait_for()
    assert facts.inner_text().count(UNKNOWN) == 4
    assert visitor.page.locator("#side-title").inner_text() == TITLES["first"]


def test_a_link_that_is_no_address_of_the_web_is_text(visitor: Visitor) -> None:
    visitor.page.locator(".shelf a.open[href*=little]").click()
    visitor.page.locator(".article[data-doc=little]").wait_for()
    assert "javascript:alert(1)" in visitor.page.locator(".article > .facts").inner_text()
    assert visitor.page.locator(".reader a[href^=javascript]").count() == 0


def test_the_contents_lead_to_each_heading(visitor: Visitor) -> None:
    visitor.page.locator(".shelf a.open").first.click()
    contents = visitor.page.locator(".contents a")
    contents.first.wait_for()
    assert contents.all_inner_texts() == [
        "Understanding the Medication",
        "Usage and Dosage",
        "Its Effects and Considerations",
    ]
    contents.last.click()
    assert visitor.page.evaluate("document.activeElement.textContent.trim()") == contents.last.inner_text()
    assert "#" not in visitor.page.url


def test_the_address_is_a_link_that_others_can_open(
    browser: Browser, served: Served, visitor: Visitor
) -> None:
    open_citation(visitor, "clonazepam?", 2)
    assert visitor.page.url == f"{served.url}?article=first&at=600-1100&best=600-660&of={SHA[:12]}"
    with visiting(browser, served, path=visitor.page.url.removeprefix(served.url)) as other:
        other.page.locator("#shown").wait_for()
        assert "".join(other.page.locator(".text mark").all_text_contents()) == FIRST_ARTICLE[600:1100]
        assert other.page.locator("[data-act=back]").is_hidden()
        assert other.faults == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?article=first&at=628-1090&of=000000000000", READER["changed"]),
        ("?article=first&at=90000-90010", READER["no_such_place"]),
        ("?article=first&at=1-x", READER["no_such_place"]),
        ("?article=little&at=20-45", READER["no_such_place"]),
        ("?article=nowhere&at=1-2", READER["no_such_article"]),
        ("?article=../../etc/passwd", READER["no_such_article"]),
        ("?article=%3Cimg%20src=x%20onerror=alert(1)%3E", READER["no_such_article"]),
    ],
)
def test_a_link_that_leads_nowhere_says_so_and_marks_nothing(
    browser: Browser, served: Served, query: str, words: str
) -> None:
    with visiting(browser, served, path=query) as visitor:
        assert visitor.page.locator(".reader-note").inner_text() == words
        assert visitor.page.locator("mark").count() == 0
        assert visitor.faults == []


def test_the_way_back_leads_to_the_citation(visitor: Visitor, served: Served) -> None:
    open_citation(visitor, "clonazepam?", 1)
    visitor.page.keyboard.press("Escape")
    assert visitor.page.evaluate("document.activeElement.className") == "tool open"
    assert visitor.page.url == served.url
    visitor.page.get_by_role("button", name=READER["all"]).click()
    visitor.page.locator(".shelf").wait_for()


def test_articles_are_found_by_their_words(visitor: Visitor) -> None:
    field = visitor.page.get_by_label(READER["search"])
    entries = visitor.page.locator(".articles > li:visible")
    assert entries.count() == 3
    field.fill("Hostile TITLE")
    assert entries.count() == 1
    field.fill("little trust")
    assert entries.locator("h3").all_inner_texts() == ["Little"]
    field.fill("zebra")
    assert entries.count() == 0
    assert visitor.page.locator(".nothing").inner_text() == READER["search_none"]


@pytest.mark.parametrize("question", ["fits?", "the hostile one", "clonazepam?"])
def test_a_quote_is_checked_against_the_file(visitor: Visitor, question: str) -> None:
    visitor.ask(question)
    extract = visitor.page.locator(".extract").first
    extract.get_by_role("button", name=WEB["check"]).click()
    proof = extract.locator(".proof")
    proof.locator(".verdict", has_text=READER["page_same"]).wait_for()
    passage = extract.locator(".passage")
    quote = passage.text_content()
    assert proof.locator(".reread").text_content() == quote
    assert proof.get_attribute("data-found") == "same"
    hashes = set(re.findall(r"[0-9a-f]{64}", proof.inner_text()))
    file_hash = SOURCES[str(passage.get_attribute("data-doc"))].sha256
    assert hashes == {hashlib.sha256(str(quote).encode()).hexdigest(), file_hash}
    extract.get_by_role("button", name=WEB["check"]).click()
    assert proof.count() == 0


def test_words_altered_on_the_page_do_not_pass_the_check(visitor: Visitor) -> None:
    visitor.ask("fits?")
    visitor.page.locator(".passage mark").evaluate("mark => mark.textContent = 'It is for sleep.'")
    visitor.page.get_by_role("button", name=WEB["check"]).click()
    visitor.page.locator(".verdict", has_text=READER["page_other"]).wait_for()
    assert visitor.page.locator(".proof").get_attribute("data-found") == "other"


def test_a_passage_is_copied_with_its_citation(browser: Browser, served: Served) -> None:
    with visiting(browser, served, permissions=["clipboard-read", "clipboard-write"]) as visitor:
        visitor.ask("fits?")
        visitor.page.get_by_role("button", name=WEB["copy"]).click()
        visitor.page.get_by_role("button", name=WEB["copied"]).wait_for()
        lines = visitor.page.evaluate("navigator.clipboard.readText()").splitlines()
    sha256 = SOURCES["little"].sha256
    assert lines == [
        LITTLE_ARTICLE[14:29],
        "",
        "Little",
        "Section: Uses",
        "Publisher: Little Trust",
        "Link: javascript:alert(1)",
        "Licence: not stated",
        "Reviewed: 2026",
        "Characters: 14 to 29",
        f"SHA-256 of the file: {sha256}",
        f"{served.url}?article=little&at=14-29&best=14-29&of={sha256[:12]}",
    ]


def test_on_a_phone_the_article_is_below_and_comes_into_sight(browser: Browser, served: Served) -> None:
    with visiting(browser, served, width=390) as visitor:
        visitor.ask("clonazepam?")
        chat = visitor.page.locator("#chat").bounding_box()
        side = visitor.page.locator("#side").bounding_box()
        assert chat
        assert side
        assert side["y"] >= chat["y"] + chat["height"]
        visitor.page.locator(".turn a.open").nth(2).click()
        visitor.page.locator(".article[data-at='600-1100']").wait_for()
        box = visitor.page.locator("#shown").bounding_box()
        assert box is not None
        assert -300 < box["y"] < 600
        assert visitor.page.evaluate("document.documentElement.scrollWidth") == 390
