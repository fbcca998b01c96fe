"""The web server: the chat page behind its gate, on one address of this machine."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import click
import uvicorn
from fastapi import FastAPI
from fastapi.responses import FileResponse
from gradio import mount_gradio_app

from assistant.messages import WEB
from assistant.settings import Settings
from assistant.web.gate import Gate
from assistant.web.headers import SafeHeaders
from assistant.web.listening import address_of, listen
from assistant.web.page import Answers, build_page, theme

HERE = Path(__file__).parent
SECONDS_TO_FINISH = 2


Health = Callable[[], dict[str, str]]
"""Says what is served and from which index generation."""


def _healthy() -> dict[str, str]:
    return {"status": "ok"}


def create_app(assistant: Answers, health: Health = _healthy) -> FastAPI:
    """The whole web application; nothing listens yet."""
    app = FastAPI(openapi_url=None)
    app.add_middleware(Gate)
    app.add_middleware(SafeHeaders)
    app.add_api_route("/healthz", health)
    app.add_api_route("/favicon.ico", _favicon)
    mount_gradio_app(
        app,
        build_page(assistant),
        path="/",
        theme=theme(),
        css_paths=HERE / "style.css",
        footer_links=[],
        # Otherwise the browser would keep every question asked.
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        mcp_server=False,
        ssr_mode=False,
        pwa=False,
    )
    return app


def serve(assistant: Answers, settings: Settings, health: Health = _healthy) -> None:
    """Print the address and serve until stopped.

    Raises `SettingsError` if the port cannot be listened on.
    """
    config = uvicorn.Config(
        create_app(assistant, health),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    with listen(settings.host, settings.port) as listener:
        click.echo(WEB["address"].format(address=address_of(listener)))
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


def _favicon() -> FileResponse:
    return FileResponse(HERE / "favicon.svg", media_type="image/svg+xml")
