"""When more people ask than can be answered, each is told so at once, and is answered when asking again."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from assistant.messages import SERVER
from assistant.web.turns import AT_ONCE, WAITING
from tests.browser.conftest import Served, serving, visiting
from tests.browser.waiting_assistant import LET

FULL = AT_ONCE + WAITING


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Served]:
    """A server whose every place is taken until the file `let` is made."""
    with pytest.MonkeyPatch.context() as environment, ThreadPoolExecutor(FULL) as others:
        environment.setenv(LET, str(tmp_path / "let"))
        environment.setenv("ASSISTANT_METRICS", "1")
        with serving("tests.browser.waiting_assistant:WaitingAssistant", tmp_path) as served:
            waiting = [others.submit(ask, served, "wait") for _ in range(FULL)]
            while f"assistant_questions_in_progress {FULL}.0" not in httpx.get(served.url + "metrics").text:
                threading.Event().wait(0.05)
            yield served
            (tmp_path / "let").touch()
            assert [each.result().status_code for each in waiting] == [200] * FULL


def ask(served: Served, question: str) -> httpx.Response:
    return httpx.post(served.url + "api/ask", json={"question": question}, timeout=120)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_visitor_is_told_that_it_is_busy_and_then_answered(
    browser: Browser, crowded: Served, width: int
) -> None:
    let = crowded.output.parent / "let"
    with visiting(browser, crowded, width) as visitor:
        assert visitor.send_refused("xyzzy plugh") == SERVER["busy"]
        visitor.page.screenshot(path=crowded.output.parent / f"busy-{width}.png")
        assert visitor.page.locator("#question textarea").input_value() == "xyzzy plugh"
        refused, urgent = ask(crowded, "xyzzy"), ask(crowded, "she has stopped breathing")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        assert (urgent.status_code, urgent.json()["kind"]) == (200, "URGENT")
        let.touch()
        while ask(crowded, "xyzzy").status_code == 503:
            threading.Event().wait(0.05)
        visitor.ask("xyzzy plugh")
        assert visitor.page.locator(".turn").count() == 1
        assert visitor.faults == []
