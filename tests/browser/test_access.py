"""WCAG 2.2 AA as far as machines can tell, and the keyboard, zoom, motion and size of text by hand."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from assistant.messages import READER, WEB
from tests.browser.conftest import Served, Visitor, visiting

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FOCUSED = """() => { const e = document.activeElement;
    return e.closest("#question") ? "box" : e.dataset.act || e.id || e.className || e.tagName; }"""
SHIFTS = """() => { window.shifts = []; new PerformanceObserver(list => window.shifts.push(
    ...list.getEntries().filter(entry => !entry.hadRecentInput).map(entry => entry.value)
)).observe({type: "layout-shift", buffered: true}); }"""

HALVES = """(() => {
    const parts = [
        ".standing", ".examples-place", ".turns", ".note-place", "#question textarea", "#clear", ".reader-body"
    ];
    window.halves = {hidden: false, seen: []};
    new MutationObserver(() => {
        const desk = document.querySelector("#desk");
        const missing = desk ? parts.filter(part => !document.querySelector(part)) : [];
        if (!missing.length) return;
        if (getComputedStyle(desk).visibility === "hidden") window.halves.hidden = true;
        else window.halves.seen.push(missing);
    }).observe(document, {childList: true, subtree: true});
})()"""
"""Whether the page stood in part and was hidden, and what was missing whenever it was seen so."""


def findings(visitor: Visitor) -> list[str]:
    """What axe-core finds, as rule, impact and the first place."""
    result = Axe().run(visitor.page, options={"runOnly": {"type": "tag", "values": WCAG}})
    return [
        f"{found['id']} ({found['impact']}): {found['nodes'][0]['html'][:200]}"
        for found in result.response["violations"]
    ]


def use_everything(visitor: Visitor) -> None:
    """Every kind of reply, a refused question, a checked quote and an open article on one page."""
    for question in ("clonazepam?", "fits?", "aspirin?", "xyzzy", "overdose", "the hostile one"):
        visitor.ask(question)
    visitor.page.get_by_role("button", name=WEB["check"]).last.click()
    visitor.page.locator(".proof").wait_for()
    visitor.page.locator(".turn a.open").nth(2).click()
    visitor.page.locator(".article[data-at='600-1100']").wait_for()
    visitor.send_refused("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_axe_finds_nothing(browser: Browser, served: Served, scheme: str, width: int) -> None:
    with visiting(browser, served, width=width, color_scheme=scheme) as visitor:
        assert findings(visitor) == []
        use_everything(visitor)
        assert findings(visitor) == []
        assert visitor.page.evaluate("document.documentElement.scrollWidth") == width


def test_at_200_percent_nothing_is_cut_off_and_axe_finds_nothing(browser: Browser, served: Served) -> None:
    # What a window of 1280 by 844 becomes when zoomed to 200%.
    zoomed = visiting(browser, served, width=640, height=422, device_scale_factor=2)
    with zoomed as visitor:
        use_everything(visitor)
        assert findings(visitor) == []
        assert visitor.page.evaluate("document.documentElement.scrollWidth") == 640


def test_all_can_be_done_with_the_keyboard_alone(visitor: Visitor) -> None:
    keys = visitor.page.keyboard
    visitor.page.locator("h1").click()
    keys.press("Shift+Tab")
    assert visitor.page.evaluate(FOCUSED) == "skip"
    keys.press("Enter")
    assert visitor.page.evaluate(FOCUSED) == "box"
    keys.type("clonazepam?")
    keys.press("Enter")
    visitor.page.locator(".turn").wait_for()
    assert visitor.page.evaluate(FOCUSED) == "box"
    visited = []
    while "tool open" not in visited:
        keys.press("Shift+Tab")
        visited.append(visitor.page.evaluate(FOCUSED))
        assert len(visited) < 12
    keys.press("Enter")
    visitor.page.wait_for_function("document.activeElement.id === 'shown'")
    keys.press("Escape")
    assert visitor.page.evaluate(FOCUSED) == "tool open"


def test_whatever_has_the_focus_has_a_ring(visitor: Visitor) -> None:
    visitor.ask("clonazepam?")
    for _ in range(14):
        visitor.page.keyboard.press("Shift+Tab")
        ring = visitor.page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.outlineWidth; })()"
        )
        assert ring == "solid3px", visitor.page.evaluate(FOCUSED)


def test_the_text_can_be_made_larger_and_stays_so(browser: Browser, served: Served) -> None:
    with visiting(browser, served) as visitor:
        switch = visitor.page.get_by_role("button", name=WEB["larger"])
        size = "parseFloat(getComputedStyle(document.querySelector('.disclaimer')).fontSize)"
        before = visitor.page.evaluate(size)
        switch.click()
        assert switch.get_attribute("aria-pressed") == "true"
        assert visitor.page.evaluate(size) == before * 1.25
        visitor.page.reload()
        visitor.page.locator(".reader h2").wait_for()
        assert visitor.page.evaluate(size) == before * 1.25
        use_everything(visitor)
        assert findings(visitor) == []
        switch.click()
        assert visitor.page.evaluate("localStorage.length") == 0


def test_with_reduced_motion_nothing_turns_or_slides(browser: Browser, served: Served) -> None:
    with visiting(browser, served, reduced_motion="reduce") as visitor:
        visitor.page.fill("#question textarea", "slowly, clonazepam")
        visitor.page.press("#question textarea", "Enter")
        visitor.page.locator(".busy").wait_for()
        moving: list[Any] = visitor.page.evaluate(
            """document.getAnimations().flatMap(animation => animation.effect.getKeyframes())
                .flatMap(Object.keys).filter(name => ["rotate", "transform", "translate", "scale"].includes(name))"""
        )
        assert moving == []
        visitor.page.locator(".turn").wait_for()


def test_while_the_engine_works_something_moves(visitor: Visitor) -> None:
    visitor.page.fill("#question textarea", "slowly, clonazepam")
    visitor.page.press("#question textarea", "Enter")
    visitor.page.locator(".busy").wait_for()
    names = visitor.page.evaluate("document.getAnimations().map(animation => animation.animationName)")
    assert "turn" in names
    visitor.page.locator(".turn").wait_for()


@pytest.fixture(params=[1280, 390])
def watched(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Visitor]:
    """A visitor whose page's layout shifts are counted."""
    with visiting(browser, served, width=request.param) as visitor:
        visitor.page.evaluate(SHIFTS)
        yield visitor


def test_nothing_shifts_when_the_page_opens_or_a_reply_comes(watched: Visitor) -> None:
    for question in ("slowly, clonazepam?", "slowly, fits?", "slowly, overdose"):
        watched.ask(question)
        watched.page.wait_for_timeout(300)
    assert sum(watched.page.evaluate("window.shifts")) < 0.02


def test_nothing_of_the_page_is_seen_before_all_of_it_stands(browser: Browser, served: Served) -> None:
    with closing(browser.new_page()) as page:
        page.add_init_script(HALVES)
        page.goto(served.url)
        page.locator("#question textarea").wait_for()
        assert page.evaluate("window.halves") == {"hidden": True, "seen": []}


def test_the_conversation_and_the_article_have_names_and_headings(visitor: Visitor) -> None:
    visitor.ask("clonazepam?")
    assert visitor.page.get_by_role("log", name=WEB["transcript"]).count() == 1
    assert visitor.page.get_by_role("complementary", name=READER["articles"]).count() == 1
    assert visitor.page.get_by_role("heading", level=1).count() == 1
    assert visitor.page.locator("html").get_attribute("lang") == "en"
