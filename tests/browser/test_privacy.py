"""Nothing leaves the machine, nothing is kept, and nothing that the chat does not use is open."""

import httpx
import pytest

from tests.browser.conftest import Served, Visitor

KEPT = """async () => JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie
    + JSON.stringify(await indexedDB.databases())"""


def test_the_browser_talks_to_nobody_else(visitor: Visitor, served: Served) -> None:
    visitor.ask("clonazepam?")
    visitor.ask("the hostile one")
    assert visitor.requests
    elsewhere = [url for url in visitor.requests if not url.startswith((served.url, "data:"))]
    assert elsewhere == []
    assert visitor.faults == []


def test_the_browser_keeps_nothing(visitor: Visitor) -> None:
    visitor.ask("clonazepam?")
    assert visitor.page.evaluate(KEPT) == "{}{}[]"


def test_the_server_connects_to_nobody(visitor: Visitor, served: Served) -> None:
    visitor.ask("clonazepam?")
    assert served.connections.read_text() == ""


def test_a_question_is_never_written_down(visitor: Visitor, served: Served) -> None:
    visitor.ask("clonazepam for unmistakable")
    visitor.send_refused("break unmistakable")
    printed = served.output.read_text()
    assert "unmistakable" not in printed
    assert "RuntimeError while answering" in printed


def test_an_inline_handler_would_not_run(visitor: Visitor) -> None:
    # Even if markup slipped through: the policy lets inline scripts run by hash alone.
    visitor.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\" onerror=\"window.ran = 1\">')"
    )
    visitor.page.wait_for_timeout(300)
    assert visitor.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in fault for fault in visitor.faults)


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/upload",
        "gradio_api/upload_progress",
        "gradio_api/file=http://127.0.0.1:1/",
        "gradio_api/file=app.py",
        "gradio_api/file/app.py",
        "gradio_api/proxy=http://127.0.0.1:1/",
        "gradio_api/runs",
        "gradio_api/run-history/connect",
        "gradio_api/dev/reload",
        "gradio_api/vibe-code",
        "gradio_api/info",
        "gradio_api/openapi.json",
        "gradio_api/call/ask",
        "gradio_api/api/ask",
        "gradio_api/component_server",
        "gradio_api/deep_link",
        "monitoring",
        "monitoring/summary",
        "config",
        "login",
        "svelte/x.js",
        "docs",
        "openapi.json",
        "assets/..%2f..%2findex.html",
        "static/../app.py",
        "nowhere",
    ],
)
def test_a_closed_path_is_not_found(served: Served, path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
        assert httpx.request(method, served.url + path).status_code == 404


def test_a_large_body_is_refused(served: Served) -> None:
    join = served.url + "gradio_api/queue/join"
    assert httpx.post(join, content=b"x" * (64 * 1024 + 1)).status_code == 413
    assert httpx.post(join, content=iter([b"x" * 40_000] * 2)).status_code == 413
    assert httpx.post(join, content=b"x" * 64 * 1024).status_code == 422


def test_the_policy_names_no_other_place(served: Served) -> None:
    for path in ("", "healthz", "favicon.ico", "nowhere"):
        headers = httpx.get(served.url + path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "http" not in policy
        assert "'unsafe-inline'" not in policy.split("style-src")[0]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers


def test_the_page_is_not_cached_and_health_is_ok(served: Served) -> None:
    assert httpx.get(served.url).headers["cache-control"] == "no-store"
    assert httpx.get(served.url + "healthz").json() == {"status": "ok"}
