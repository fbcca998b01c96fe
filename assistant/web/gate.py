"""The gate in front of everything: which paths may be asked for, and how large a request may be."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.messages import SERVER
from assistant.settings import Settings
from assistant.web.problems import problem

BODY_LIMIT = 64 * 1024
UPLOAD_LIMIT = 64 * 1024 * 1024
"""Of all the files that an operator sends at once; each may have at most `ingest.limits.MOST_BYTES`."""

_WITHOUT_BODY = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Rule:
    """Paths that are open to these methods, with bodies of at most so many bytes."""

    pattern: re.Pattern[str]
    methods: frozenset[str]
    most_bytes: int = BODY_LIMIT


def _rule(pattern: str, *methods: str, most_bytes: int = BODY_LIMIT) -> Rule:
    return Rule(re.compile(pattern), frozenset(methods), most_bytes)


CHAT = (
    _rule(
        r"/(favicon\.ico|theme\.css|manifest\.json"
        r"|assets/[\w.-]+|static/js/iframeResizer\.contentWindow\.min\.js"
        r"|gradio_api/(queue/data|heartbeat/\w+|startup-events))?",
        "GET",
        "HEAD",
    ),
    _rule(r"/gradio_api/(queue/join|cancel|reset)", "POST"),
)
PROBES = (_rule(r"/(healthz|readyz)", "GET"),)
METRICS = (_rule(r"/metrics", "GET"),)
API = (_rule(r"/api/(openapi\.json|passages/[^/]+)", "GET"), _rule(r"/api/ask", "POST"))
# Asked by a browser before a page of another site may use the API.
ASKED_BEFORE = (_rule(r"/api/.+", "OPTIONS"),)
LIBRARY = (
    _rule(r"/library/documents", "POST", most_bytes=UPLOAD_LIMIT),
    _rule(r"/library/articles/[a-z0-9._-]+/text", "POST", most_bytes=UPLOAD_LIMIT),
    _rule(r"/library(/[a-z0-9._/-]*)?", "GET", "HEAD"),
    _rule(r"/library/[a-z0-9._/-]+", "POST", most_bytes=1 << 20),
)


def rules_for(settings: Settings) -> tuple[Rule, ...]:
    """What is open with these settings."""
    switched_on = (
        *(METRICS if settings.metrics else ()),
        *(LIBRARY if settings.library else ()),
        *(ASKED_BEFORE if settings.cors_origins else ()),
    )
    return (*CHAT, *PROBES, *API, *switched_on)


class Gate:
    """ASGI middleware: answers 404 to every path that is not used, and 413 to large bodies."""

    def __init__(self, app: ASGIApp, rules: Sequence[Rule] = CHAT) -> None:
        self.app = app
        self._rules = tuple(rules)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it here."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        rule = self._rule_for(scope)
        if rule is None:
            await self._refusal(scope)(scope, receive, send)
        elif scope["method"] in _WITHOUT_BODY:
            await self.app(scope, receive, send)
        elif rule.most_bytes > BODY_LIMIT:
            await self._pass_declared(rule, scope, receive, send)
        else:
            await self._pass_small(scope, receive, send)

    def _rule_for(self, scope: Scope) -> Rule | None:
        if scope["type"] != "http" or _is_empty_options(scope):
            return None
        return next((rule for rule in self._on_path(scope) if scope["method"] in rule.methods), None)

    def _on_path(self, scope: Scope) -> list[Rule]:
        return [rule for rule in self._rules if rule.pattern.fullmatch(own_path(scope))]

    def _refusal(self, scope: Scope) -> Response:
        if scope["type"] == "http" and not own_path(scope):
            return RedirectResponse(scope["root_path"] + "/")
        if not own_path(scope).startswith("/api/"):
            return PlainTextResponse(SERVER["not_found"], 404)
        known = {method for rule in self._on_path(scope) for method in rule.methods}
        if not known:
            return problem(404, "not_found")
        return problem(405, "method", headers={"allow": ", ".join(sorted(known))})

    async def _pass_small(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read_small(scope, receive)
        if body is None:
            await PlainTextResponse(SERVER["too_large"], 413)(scope, receive, send)
        else:
            await self.app(scope, _replay(body, receive), send)

    async def _pass_declared(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        """Large bodies go through as they come, for whoever may send them to read; the server sees to it
        that they have the length they declare."""
        declared = Headers(scope=scope).get("content-length")
        if declared is None or not declared.isdecimal():
            await PlainTextResponse(SERVER["length_required"], 411)(scope, receive, send)
        elif int(declared[:20]) > rule.most_bytes:
            await PlainTextResponse(SERVER["too_large"], 413)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def own_path(scope: Scope) -> str:
    """The path without what a proxy serves us under."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _is_empty_options(scope: Scope) -> bool:
    """An OPTIONS that asks nothing: what asks for leave says which method it is for."""
    return scope["method"] == "OPTIONS" and "access-control-request-method" not in Headers(scope=scope)


async def _read_small(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body, or None as soon as it is known to be larger than `BODY_LIMIT`."""
    declared = Headers(scope=scope).get("content-length", "0")
    if not declared.isdecimal() or len(declared) > len(str(BODY_LIMIT)) or int(declared) > BODY_LIMIT:
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
