"""Under which names and which path the server answers."""

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.messages import SERVER

# Gradio would build the page's own address from this header, whoever sends it.
_NEVER_BELIEVED = (b"x-gradio-server",)
_ALWAYS_TRUSTED = "localhost"
_ANY = "*"


class TrustedHosts:
    """ASGI middleware: answers 400 unless the request names this server by a trusted name.

    An address is trusted, since only a name can be made to lead here by somebody else (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self.app = app
        self._names = tuple(name.lower() for name in (*names, _ALWAYS_TRUSTED))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it here."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        named = [headers.get("host", ""), *headers.getlist("x-forwarded-host")]
        if not all(self._is_trusted(_host_of(each)) for value in named for each in value.split(",")):
            await PlainTextResponse(SERVER["host"], 400)(scope, receive, send)
            return
        kept = [(name, value) for name, value in scope["headers"] if name not in _NEVER_BELIEVED]
        await self.app({**scope, "headers": kept}, receive, send)

    def _is_trusted(self, host: str) -> bool:
        return _is_address(host) or any(_fits(host, name) for name in self._names)


class Prefixed:
    """ASGI middleware: the path that a proxy serves us under, whether or not it takes it off."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self.app = app
        self._root = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as if it had come with the whole path."""
        if scope["type"] == "lifespan" or not self._root:
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path != self._root and not path.startswith(f"{self._root}/"):
            path = self._root + path
        await self.app({**scope, "path": path, "root_path": self._root}, receive, send)


def _host_of(value: str) -> str:
    """The name without its port."""
    value = value.strip().lower()
    if value.startswith("["):
        return value[1:].partition("]")[0]
    return value.rsplit(":", 1)[0] if value.count(":") == 1 else value


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _fits(host: str, name: str) -> bool:
    if name == _ANY:
        return bool(host)
    return host.endswith(name[1:]) if name.startswith("*.") else host == name
