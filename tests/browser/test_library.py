"""The library in a real browser, over the real engine: from a file on a desk to a visitor's answer."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from assistant.messages import LIBRARY
from assistant.settings import ROOT
from tests.browser.conftest import Served, Visitor, serving, visiting

ARTICLE = """# Paracetamol for adults

Share this page

## About paracetamol

Paracetamol is a common painkiller used to treat aches and pain. It can also be used to bring down a fever.

## How to take paracetamol

Swallow the tablets with a drink of water. You can take paracetamol with food or on an empty stomach.
"""
ANSWER = "Paracetamol is a common painkiller used to treat aches and pain."
QUESTION = "What is paracetamol used for?"
MINUTES = 5 * 60_000


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The real engine over a copy of the corpus, with the library switched on."""
    folder = tmp_path_factory.mktemp("library")
    shutil.copytree(ROOT / "corpus", folder / "corpus", ignore=shutil.ignore_patterns(".lock*"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ASSISTANT_LIBRARY", "1")
        environment.setenv("ASSISTANT_CORPUS_DIR", str(folder / "corpus"))
        with serving("tests.browser.real_assistant:open_served", folder) as served:
            yield served


def printed_address(served: Served) -> str:
    found = re.search(r"^Library: (http\S+\?token=\S+)$", served.output.read_text(), re.MULTILINE)
    assert found, served.output.read_text()
    return found[1]


def picture(page: Page, served: Served, name: str, width: int) -> None:
    """Kept beside what the server printed, to be looked at."""
    page.screenshot(path=served.output.parent / f"{name}-{width}.png", full_page=True)


def no_wider_than(page: Page, width: int) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") == width)


def faults_for_axe(page: Page) -> list[str]:
    """What axe-core calls serious or critical, and where."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in violations
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def first_answer(visitor: Visitor, question: str) -> str:
    visitor.ask(question)
    passages = visitor.page.locator(".turn").last.locator(".passage")
    return passages.first.text_content() or "" if passages.count() else ""


@pytest.mark.parametrize("width", [1280, 390])
def test_from_a_file_to_a_visitors_answer_and_back(
    browser: Browser, library: Served, tmp_path: Path, width: int
) -> None:
    (tmp_path / "paracetamol.md").write_text(ARTICLE)
    (tmp_path / "spoilt.pdf").write_bytes(b"This is no PDF.")
    with visiting(browser, library, width) as visitor, visiting(browser, library, width) as other:
        assert ANSWER not in first_answer(visitor, QUESTION)

        page = other.page
        page.goto(printed_address(library))
        assert "token" not in page.url
        assert no_wider_than(page, width)
        picture(page, library, "articles", width)
        page.set_input_files("#files", [tmp_path / "paracetamol.md", tmp_path / "spoilt.pdf"])
        assert page.locator(".chosen").inner_text() == "Chosen: paracetamol.md, spoilt.pdf"
        press(page, LIBRARY["read"])

        page.wait_for_url("**/drafts/*")
        assert "spoilt.pdf was refused: it is not what its name says" in page.locator(".note").inner_text()
        assert page.locator(".text").text_content() == ARTICLE.strip() + "\n"
        assert page.get_by_label("Share this page").is_checked()
        assert no_wider_than(page, width)
        picture(page, library, "draft", width)
        page.get_by_label(LIBRARY["publisher"], exact=True).fill("Example Trust")
        press(page, LIBRARY["add_it"])

        page.get_by_role("link", name=LIBRARY["behind"]).click()
        page.get_by_label(LIBRARY["compare"]).set_checked(width == 1280)
        press(page, LIBRARY["build"])
        page.locator("#progress, .staged").first.wait_for()
        page.locator(".staged").wait_for(timeout=MINUTES)
        assert "articles: 1 added" in page.locator(".staged").inner_text()
        asked = page.locator(".staged p", has_text="questions get another answer")
        assert asked.count() == (1 if width == 1280 else 0)
        assert no_wider_than(page, width)
        picture(page, library, "staged", width)
        assert ANSWER not in first_answer(visitor, QUESTION)

        press(page, LIBRARY["publish"])
        expect(page.locator(".note")).to_have_text(LIBRARY["published"])
        passage = first_answer(visitor, QUESTION)
        assert passage.startswith(ANSWER)
        assert passage in ARTICLE
        picture(visitor.page, library, "answer", width)

        with page.expect_navigation():
            page.get_by_role("button", name=LIBRARY["roll_back"]).first.click()
        assert ANSWER not in first_answer(visitor, QUESTION)

        page.get_by_role("link", name=LIBRARY["articles"], exact=True).click()
        page.get_by_role("link", name="Paracetamol for adults").click()
        page.locator("#sure").check()
        press(page, LIBRARY["remove"])
        expect(page.locator(".note")).to_contain_text("paracetamol was removed")
        for person in (visitor, other):
            assert person.faults == []
            assert [url for url in person.requests if not url.startswith((library.url, "data:"))] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_a_wrong_token_stays_outside(browser: Browser, library: Served, width: int) -> None:
    with visiting(browser, library, width) as visitor:
        page = visitor.page
        page.goto(library.url + "library")
        page.get_by_label(LIBRARY["token"]).fill("wrong")
        press(page, LIBRARY["sign_in"])
        assert page.get_by_role("alert").inner_text() == LIBRARY["wrong_token"]
        assert no_wider_than(page, width)
        picture(page, library, "wrong-token", width)
        page.goto(library.url + "library/index")
        assert page.get_by_label(LIBRARY["token"]).count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_nothing_keeps_anybody_out(
    browser: Browser, library: Served, tmp_path: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    (tmp_path / "paracetamol.html").write_text(f"<nav>Menu</nav><h1>Paracetamol</h1><p>{ANSWER}</p>")
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    page.goto(library.url + "library")
    found = {"sign-in": faults_for_axe(page)}
    page.goto(printed_address(library))
    page.set_input_files("#files", tmp_path / "paracetamol.html")
    press(page, LIBRARY["read"])
    page.wait_for_url("**/drafts/*")
    found["draft"] = faults_for_axe(page)
    assert no_wider_than(page, width)
    for path in ("", "articles/clonazepam-2mg", "index", "evaluation", "articles/nowhere"):
        page.goto(f"{library.url}library/{path}")
        found[path] = faults_for_axe(page)
        assert no_wider_than(page, width), path
        picture(page, library, f"{scheme}-{path.replace('/', '-')}", width)
    assert {where: faults for where, faults in found.items() if faults} == {}
    context.close()


def test_it_works_by_keyboard_alone_and_without_scripts(browser: Browser, library: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(library.url + "library")
    page.get_by_label(LIBRARY["token"]).press_sequentially(printed_address(library).partition("token=")[2])
    page.keyboard.press("Enter")
    page.wait_for_url(library.url + "library/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == LIBRARY["skip"]
    page.get_by_role("link", name=LIBRARY["index"], exact=True).press("Enter")
    page.get_by_label(LIBRARY["compare"]).uncheck()
    page.get_by_role("button", name=LIBRARY["build"], exact=True).press("Enter")
    page.get_by_text("Nothing has changed").wait_for(timeout=MINUTES)
    context.close()
