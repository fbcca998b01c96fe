"""A served chat in a process of its own, and a real browser to use it with."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from assistant.settings import ROOT

SECONDS_TO_START = 120
BROWSER_FLAGS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Served:
    """A running chat: its address, what it printed, and the outgoing connections it tried."""

    url: str
    output: Path
    connections: Path


@dataclass
class Visitor:
    """A browser window with a log of what it asked the network for and of what went wrong in it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def open(self, url: str) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda line: self.faults.append(line.text) if line.type == "error" else None)
        self.page.on("dialog", self._dialog)
        self.page.goto(url)
        self.page.locator(".reader h2, .reader-note").first.wait_for()

    def ask(self, question: str) -> None:
        """Type and press Enter, then wait for one more turn."""
        turns = self.page.locator(".turn").count()
        self.page.fill("#question textarea", question)
        self.page.press("#question textarea", "Enter")
        self.page.locator(".turn").nth(turns).wait_for()

    def send_refused(self, question: str) -> str:
        """Type and press Enter, then the one line that says why there is no reply."""
        self.page.fill("#question textarea", question)
        self.page.press("#question textarea", "Enter")
        self.page.locator(".note").wait_for()
        return self.page.locator(".note").inner_text()

    def _dialog(self, dialog: object) -> None:
        self.faults.append("a dialog opened")
        dialog.dismiss()  # type: ignore[attr-defined]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("ASSISTANT_TESTS_NO_BROWSER") == "1":
        skip = pytest.mark.skip(reason="ASSISTANT_TESTS_NO_BROWSER=1")
        for item in items:
            if "browser" in getattr(item, "fixturenames", ()):
                item.add_marker(skip)


@contextmanager
def serving(factory: str, folder: Path, **variables: str) -> Iterator[Served]:
    """Serve what `factory` (module:callable) makes, on a free port, until the block ends."""
    port = _free_port()
    served = Served(f"http://127.0.0.1:{port}/", folder / "output.txt", folder / "connections.txt")
    command = [sys.executable, "-m", "tests.browser.serve", factory, str(port), str(served.connections)]
    environment = {**os.environ, "ASSISTANT_INDEX_DIR": str(folder / "index"), **variables}
    with served.output.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, env=environment)
        try:
            _wait_until_healthy(served, process)
            yield served
        finally:
            process.terminate()
            process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(served: Served, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(served.url + "healthz").raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"the chat did not start:\n{served.output.read_text()}")


@pytest.fixture(scope="session")
def factory() -> str:
    """Which assistant is served: override it to run the same tests over another."""
    return "tests.browser.fake_assistant:FakeAssistant"


@pytest.fixture(scope="session")
def served(factory: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The chat, served once for all tests."""
    with serving(factory, tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as installed on this machine."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.fail("Chromium is not installed: install it, or set ASSISTANT_TESTS_NO_BROWSER=1.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=BROWSER_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that has its cache between tests: the page then opens in half the time."""
    context = browser.new_context(viewport={"width": 1280, "height": 844})
    yield context
    context.close()


@pytest.fixture
def visitor(window: BrowserContext, served: Served) -> Iterator[Visitor]:
    """Someone who has just opened the chat."""
    visitor = Visitor(window.new_page())
    visitor.page.set_default_timeout(30_000)
    visitor.open(served.url)
    yield visitor
    visitor.page.close()


@contextmanager
def visiting(
    browser: Browser, served: Served, width: int = 1280, path: str = "", height: int = 844, **settings: Any
) -> Iterator[Visitor]:
    """A window of its own, sharing nothing with any other; `settings` are those of a browser context."""
    context = browser.new_context(viewport={"width": width, "height": height}, **settings)
    visitor = Visitor(context.new_page())
    visitor.page.set_default_timeout(30_000)
    visitor.open(served.url + path)
    yield visitor
    context.close()
