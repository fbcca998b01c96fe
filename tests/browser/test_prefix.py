"""The chat under a path of another server, through a real proxy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Served, Visitor, serving
from tests.browser.proxy import proxying

PREFIX = "/clinic/articles"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ASSISTANT_ROOT_PATH", PREFIX)
        environment.setenv("ASSISTANT_LIBRARY", "1")
        environment.setenv("ASSISTANT_LIBRARY_PASSWORD", "calm-paper-dark-ink")
        folder = tmp_path_factory.mktemp("behind")
        with serving("tests.browser.fake_assistant:FakeAssistant", folder) as served:
            yield served


# A proxy that takes the prefix off leads to the slash itself: nobody behind it can tell what was asked for.
@pytest.mark.parametrize(("strip", "slash"), [(True, "/"), (False, "/"), (False, "")])
def test_questions_are_answered_under_the_prefix(
    browser: Browser, behind: Served, strip: bool, slash: str
) -> None:
    with proxying(behind.url, PREFIX, strip) as address:
        context = browser.new_context()
        visitor = Visitor(context.new_page())
        visitor.page.set_default_timeout(60_000)
        visitor.open(address + PREFIX + slash)
        visitor.ask("clonazepam?")
        assert visitor.page.locator(".turn").count() == 1
        assert visitor.faults == []
        assert visitor.requests
        under = address + PREFIX
        assert [url for url in visitor.requests if not url.startswith((under, "data:"))] == []
        visitor.page.goto(f"{under}/library")
        visitor.page.locator("#secret").fill("calm-paper-dark-ink")
        visitor.page.keyboard.press("Enter")
        visitor.page.wait_for_url(f"{under}/library/")
        assert visitor.faults == []
        context.close()
