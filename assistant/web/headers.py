"""What a browser showing our pages may do: nothing but talk to this server."""

import re
from base64 import b64encode
from hashlib import sha256

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.gate import own_path

# gr.HTML compiles its template with `Function`, hence 'unsafe-eval'. Inline scripts run only by hash,
# so an event handler or a script that slipped into the page would not. Gradio styles elements inline.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'{hashes}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
)
# The operator's pages are plain forms: they need neither `eval` nor inline styles.
LIBRARY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
FIXED = {
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
# Gradio names a manifest that we have not, at the top of the site, and no icon, for which a browser then looks
# there too: behind a proxy that is somebody else's place.
MANIFEST = b'<link rel="manifest" href="/manifest.json" />'
ICON = b'<link rel="icon" href="favicon.ico" />'
INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


class SafeHeaders:
    """ASGI middleware: security headers on every answer, with the page's own inline scripts by hash."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and dress the answer."""
        if scope["type"] == "http" and own_path(scope) == "/":
            await self.app(_uncompressed(scope), receive, _holding_back(send))
        elif scope["type"] == "http" and own_path(scope).startswith("/library"):
            await self.app(scope, receive, _dressing(send, LIBRARY_POLICY))
        else:
            await self.app(scope, receive, _dressing(send, policy_for(b"")))


def policy_for(page: bytes) -> str:
    """The Content-Security-Policy that lets the inline scripts of `page` run, and no others."""
    digests = (b64encode(sha256(script).digest()).decode() for script in INLINE_SCRIPT.findall(page))
    return POLICY.format(hashes="".join(f" 'sha256-{digest}'" for digest in digests))


def _dressing(send: Send, policy: str) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            _dress(message, policy)
        await send(message)

    return dressed


def _holding_back(send: Send) -> Send:
    """Keep the page until it is whole: its scripts are known only then, and its headers come first."""
    held: list[Message] = []

    async def whole(message: Message) -> None:
        held.append(message)
        if message["type"] == "http.response.start" or message.get("more_body"):
            return
        page = b"".join(part.get("body", b"") for part in held).replace(MANIFEST, ICON)
        _dress(held[0], policy_for(page))
        headers = MutableHeaders(scope=held[0])
        headers["cache-control"] = "no-store"
        if held[0]["status"] == 200 and "content-length" in headers and page:
            headers["content-length"] = str(len(page))
        await send(held[0])
        await send({"type": "http.response.body", "body": page})

    return whole


def _dress(start: Message, policy: str) -> None:
    headers = MutableHeaders(scope=start)
    headers.update(FIXED)
    # A page of the library may have a policy of its own.
    headers.setdefault("content-security-policy", policy)


def _uncompressed(scope: Scope) -> Scope:
    kept = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    return {**scope, "headers": kept}
