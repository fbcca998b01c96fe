"""Saying of a reply if it helped: only where it is wanted, and only what the page says is stored."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from assistant.messages import WEB
from tests.browser.conftest import Visitor, serving, visiting
from tests.browser.test_access import findings


def test_it_is_off_unless_the_operator_turns_it_on(visitor: Visitor) -> None:
    visitor.ask("clonazepam?")
    assert visitor.page.locator(".feedback").count() == 0


def test_what_is_stored_is_said_and_nothing_else_is(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("feedback")
    file = folder / "feedback.jsonl"
    served_with = serving(
        "tests.browser.fake_assistant:FakeAssistant", folder, ASSISTANT_FEEDBACK_FILE=str(file)
    )
    with served_with as served, visiting(browser, served) as visitor:
        visitor.ask("fits?")
        visitor.ask("clonazepam? <b>")
        assert visitor.page.locator(".feedback .stored").first.inner_text() == WEB["feedback_stored"]
        assert findings(visitor) == []
        visitor.page.get_by_role("button", name=WEB["feedback_wrong_passage"]).first.click()
        visitor.page.locator(".feedback", has_text=WEB["feedback_thanks"]).wait_for()
        visitor.page.get_by_role("button", name=WEB["feedback_helped"]).click()
        visitor.page.locator(".feedback", has_text=WEB["feedback_thanks"]).nth(1).wait_for()
        visitor.ask("overdose")
        assert visitor.page.locator(".turn").last.locator(".feedback").count() == 0
        assert visitor.faults == []
    rows = [json.loads(line) for line in Path(file).read_text(encoding="ascii").splitlines()]
    assert [(row["question"], row["verdict"]) for row in rows] == [
        ("fits?", "wrong_passage"),
        ("clonazepam? <b>", "helped"),
    ]
    assert rows[0]["passages"] == ["little:14-29"]
    assert {name for row in rows for name in row} == {"question", "kind", "passages", "verdict", "time"}
