"""An operator's browser, without the browser: signs in, fills in forms, waits for builds."""

import re
import threading
from html import unescape
from typing import Any

import httpx

from assistant.settings import Settings
from assistant.web.application import build_application
from assistant.web.live import Live
from assistant.web.operator.access import Access
from tests.web.asking import Client

PASSWORD = "calm-paper-dark-ink"


class Operator:
    """Somebody in front of the library; signed in unless `access` says otherwise."""

    def __init__(self, live: Live, settings: Settings, access: Access | None = None) -> None:
        self.access = access or Access(PASSWORD)
        app = build_application(live, settings, live.health, live, self.access).app
        self.client = Client(app)
        if access is None:
            self.client.post("/library/sign-in", data={"secret": PASSWORD})

    def read(self, path: str) -> str:
        """A page as text, its markup kept, its words as a person reads them."""
        return unescape(self.client.get(f"/library{path}").text)

    def send(self, path: str, files: Any = None, **fields: Any) -> httpx.Response:
        """A form of the library, with what its page would add."""
        return self.client.post(f"/library{path}", data={"csrf": self.csrf(), **fields}, files=files)

    def csrf(self) -> str:
        """What a page of the library puts into its forms."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/library/").text)
        assert found
        return found[1]

    def upload(self, name: str, raw: bytes, path: str = "/documents") -> httpx.Response:
        """One file."""
        return self.send(path, files=[("files", (name, raw))])

    def drafted(self, name: str, raw: bytes, path: str = "/documents") -> str:
        """One file that can be read; the path of its draft."""
        reply = self.upload(name, raw, path)
        assert reply.status_code == 303, reply.text
        return reply.headers["location"].removeprefix("/library")

    def build(self, **fields: Any) -> None:
        """Builds, and waits until it is done."""
        assert self.send("/index/build", **fields).status_code == 303
        while self.client.get("/library/progress").json()["running"]:
            threading.Event().wait(0.02)
