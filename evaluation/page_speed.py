"""How long a visitor waits: `python -m evaluation.page_speed`.

Starts the server on this machine and opens the page in the system's Chromium: first load, each time in a browser
without anything stored, until the question box can be typed into; and from Enter until the whole reply is on the
page. Prints median and longest in milliseconds.
"""

import shutil
import sys
import time
from collections.abc import Sequence

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from assistant.settings import read_settings
from evaluation.datasets import DEFAULT_SET, open_set
from evaluation.served import served_app

LOADS, QUESTIONS = 7, 30
_FLAGS = ("--no-sandbox", "--headless=new", "--disable-background-networking")
_BOX = "#question textarea"


def main() -> None:
    """Prints one line for loading and one for asking."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium.")
    questions = [each.text for each in open_set(DEFAULT_SET, read_settings().corpus_dir).questions]
    with served_app() as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        _say("first load", [_load(browser, address) for _ in range(LOADS + 1)][1:])
        page = browser.new_page()
        page.goto(address)
        page.locator(_BOX).wait_for()
        _say("Enter to reply", [_ask(page, question) for question in questions[: QUESTIONS + 1]][1:])


def _load(browser: Browser, address: str) -> float:
    """Seconds until the box can be typed into, in a browser that has never seen the page."""
    with browser.new_context() as context:
        page = context.new_page()
        began = time.perf_counter()
        page.goto(address)
        page.fill(_BOX, "?")
        return time.perf_counter() - began


def _ask(page: Page, question: str) -> float:
    """Seconds from Enter until one more reply is there."""
    turns = page.locator(".turn").count()
    page.fill(_BOX, question)
    began = time.perf_counter()
    page.keyboard.press("Enter")
    page.locator(".turn").nth(turns).wait_for()
    return time.perf_counter() - began


def _say(name: str, seconds: Sequence[float]) -> None:
    median, longest = 1000 * np.quantile(seconds, (0.5, 1))
    sys.stdout.write(f"{name:24}{median:10.0f}{longest:10.0f}  ms, median and longest of {len(seconds)}\n")


if __name__ == "__main__":
    main()
