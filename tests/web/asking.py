"""Asks an application without a server, in a thread of its own: browser tests leave an event loop in this one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from starlette.types import ASGIApp


class Client:
    """Keeps cookies from one request to the next, as a browser does."""

    def __init__(self, app: ASGIApp, host: str = "http://localhost") -> None:
        self.app = app
        self.host = host
        self.cookies = httpx.Cookies()

    def request(self, method: str, path: str, **what: Any) -> httpx.Response:
        """One request, redirects not followed."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=self.host, cookies=self.cookies
            ) as client:
                reply = await client.request(method, path, **what)
                self.cookies = client.cookies
                return reply

        with ThreadPoolExecutor() as pool:
            return pool.submit(asyncio.run, send()).result()

    def get(self, path: str, **what: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **what)

    def post(self, path: str, **what: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", path, **what)
