"""A reverse proxy such as stands before a server: it serves another one's pages under a path of its own."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from assistant.web.listening import listen

METHODS = ["GET", "POST", "HEAD", "OPTIONS"]
OF_ONE_CONNECTION = {"transfer-encoding", "connection", "content-length"}


@contextmanager
def proxying(target: str, prefix: str, strip: bool) -> Iterator[str]:
    """The address under which `target` is served; `strip`: its prefix is taken off on the way."""

    async def forward(request: Request) -> Response:
        path = request.url.path
        if path != prefix and not path.startswith(f"{prefix}/"):
            return PlainTextResponse("outside of the prefix", 404)
        if strip:
            path = path.removeprefix(prefix) or "/"
        client = httpx.AsyncClient(base_url=target, timeout=None)
        headers = [(name, value) for name, value in request.headers.raw if name != b"content-length"]
        url = httpx.URL(path=path, query=request.url.query.encode())
        sent = client.build_request(request.method, url, headers=headers, content=await request.body())
        reply = await client.send(sent, stream=True)

        async def pieces() -> AsyncIterator[bytes]:
            try:
                async for piece in reply.aiter_raw():
                    yield piece
            finally:
                await reply.aclose()
                await client.aclose()

        response = StreamingResponse(pieces(), reply.status_code)
        response.raw_headers = [
            each for each in reply.headers.raw if each[0].decode().lower() not in OF_ONE_CONNECTION
        ]
        return response

    app = Starlette(routes=[Route("/{path:path}", forward, methods=METHODS)])
    config = uvicorn.Config(app, log_level="error", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)
