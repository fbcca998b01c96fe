"""The gate in front of Gradio: which paths may be asked for, and how large a request may be."""

import re

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 64 * 1024

OPEN = {
    "GET": re.compile(
        r"/(healthz|favicon\.ico|theme\.css|manifest\.json"
        r"|assets/[\w.-]+|static/js/iframeResizer\.contentWindow\.min\.js"
        r"|gradio_api/(queue/data|heartbeat/\w+|startup-events))?"
    ),
    "POST": re.compile(r"/gradio_api/(queue/join|cancel|reset)"),
}
OPEN["HEAD"] = OPEN["GET"]


class Gate:
    """ASGI middleware: answers 404 to every path the chat does not use and 413 to large bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it here."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] != "http" or not _is_open(scope):
            await PlainTextResponse("Not found", 404)(scope, receive, send)
        elif scope["method"] == "POST":
            await self._pass_small(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _pass_small(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read_small(scope, receive)
        if body is None:
            await PlainTextResponse("Too large", 413)(scope, receive, send)
        else:
            await self.app(scope, _replay(body, receive), send)


def _is_open(scope: Scope) -> bool:
    allowed = OPEN.get(scope["method"])
    return bool(allowed and allowed.fullmatch(scope["path"]))


async def _read_small(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body, or None as soon as it is known to be larger than `BODY_LIMIT`."""
    declared = Headers(scope=scope).get("content-length", "0")
    if len(declared) > len(str(BODY_LIMIT)) or int(declared) > BODY_LIMIT:
        return None
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > BODY_LIMIT:
            return None
    return body


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message
