"""The gate and the headers, over a small application of our own."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from assistant.web.gate import BODY_LIMIT, Gate
from assistant.web.headers import ICON, MANIFEST, SafeHeaders, policy_for
from tests.web.asking import Client

PAGE = "<script>one()</script><script src='x.js'></script><script type='module'>\ntwo()\n</script>"


async def _page(request: Request) -> HTMLResponse:
    return HTMLResponse(PAGE + request.headers.get("accept-encoding", "plain"))


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await request.body())


def ask(method: str, path: str, content: bytes | Iterator[bytes] = b"") -> httpx.Response:
    routes = [Route("/", _page), Route("/gradio_api/queue/join", _echo, methods=["POST", "GET"])]
    app = SafeHeaders(Gate(Starlette(routes=routes)))

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, content=_pieces(content))

    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor() as pool:
        return pool.submit(asyncio.run, send()).result()


def _pieces(content: bytes | Iterator[bytes]) -> object:
    if isinstance(content, bytes):
        return content

    async def pieces() -> object:
        for piece in content:
            yield piece

    return pieces()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("POST", "/gradio_api/queue/join", 200),
        ("POST", "/", 404),
        ("GET", "/gradio_api/queue/join", 404),
        ("GET", "/gradio_api/queue/join/", 404),
        ("GET", "/gradio_api/upload", 404),
        ("POST", "/gradio_api/upload", 404),
        ("GET", "/assets/../config", 404),
        ("GET", "/assets/a/b", 404),
        ("OPTIONS", "/", 404),
    ],
)
def test_only_what_the_chat_uses_is_open(method: str, path: str, status: int) -> None:
    assert ask(method, path).status_code == status


@pytest.mark.parametrize("sizes", [[BODY_LIMIT], [1, BODY_LIMIT - 1], []])
def test_a_body_up_to_the_limit_arrives_whole(sizes: list[int]) -> None:
    reply = ask("POST", "/gradio_api/queue/join", iter([b"x" * size for size in sizes]))
    assert reply.content == b"x" * sum(sizes)


@pytest.mark.parametrize("content", [b"x" * (BODY_LIMIT + 1), iter([b"x" * BODY_LIMIT, b"x"])])
def test_a_larger_body_is_refused(content: bytes | Iterator[bytes]) -> None:
    assert ask("POST", "/gradio_api/queue/join", content).status_code == 413


def test_the_pages_inline_scripts_run_by_hash_and_it_comes_uncompressed() -> None:
    reply = ask("GET", "/")
    assert reply.text == PAGE + "plain"
    assert reply.headers["content-security-policy"] == policy_for(PAGE.encode())
    assert reply.headers["content-security-policy"].count("'sha256-") == 2


def test_the_page_names_its_own_icon_and_nothing_at_the_top_of_the_site() -> None:
    async def named(request: Request) -> HTMLResponse:
        return HTMLResponse(b"<head>" + MANIFEST + b"</head>")

    app = SafeHeaders(Starlette(routes=[Route("/", named)]))
    reply = Client(app).get("/")
    assert reply.content == b"<head>" + ICON + b"</head>"
    assert reply.headers["content-length"] == str(len(reply.content))


def test_the_hash_is_that_of_the_script_alone() -> None:
    # echo -n 'one()' | openssl dgst -sha256 -binary | base64
    assert "'sha256-HR7iaask9daLMRRskMI++QeJtjWDOjyPA6lGzYGzKW4='" in policy_for(b"<script>one()</script>")


def test_every_answer_has_the_headers_refusals_too() -> None:
    for path in ("/", "/nowhere"):
        assert ask("GET", path).headers["x-frame-options"] == "DENY"
