"""The web server: the chat page and all that is served beside it, on one address of this machine."""

import contextlib
from pathlib import Path
from typing import cast

import click
import uvicorn
from fastapi import FastAPI
from gradio import mount_gradio_app

from assistant.messages import LIBRARY, WEB
from assistant.settings import Settings, read_settings
from assistant.web.application import access_of, build_application, healthy
from assistant.web.listening import address_of, listen
from assistant.web.live import Live
from assistant.web.operator.access import Access
from assistant.web.page import Answers, build_page, theme
from assistant.web.probes import Health
from assistant.web.turns import AT_ONCE, WAITING

HERE = Path(__file__).parent
SECONDS_TO_FINISH = 2
SECONDS_KEPT = 75
"""An idle connection is kept longer than proxies (60) and programs (5) keep theirs: closed by the server just as a
question is sent on it, the question would be lost, and nobody may send a POST again unasked (RFC 9112, 9.3.1)."""
EVENTS_AT_ONCE = AT_ONCE + WAITING + 6
WAITING_EVENTS = 64


def create_app(
    assistant: Answers,
    health: Health = healthy,
    settings: Settings | None = None,
    live: Live | None = None,
    access: Access | None = None,
) -> FastAPI:
    """The whole web application; nothing listens yet. For `live` and `access` see `build_application`."""
    application = build_application(assistant, settings or read_settings(), health, live, access)
    page = build_page(cast(Answers, application.chat))
    # More than take turns: whoever is one too many is told so in our words, not in Gradio's.
    page.queue(max_size=WAITING_EVENTS, default_concurrency_limit=EVENTS_AT_ONCE, api_open=False)
    mount_gradio_app(
        application.app,
        page,
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
    return application.app


def serve(assistant: Answers, settings: Settings, health: Health = healthy, live: Live | None = None) -> None:
    """Print the address and serve until stopped.

    Raises `SettingsError` if the port cannot be listened on.
    """
    access = access_of(settings)
    config = uvicorn.Config(
        create_app(assistant, health, settings, live, access),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
        timeout_keep_alive=SECONDS_KEPT,
    )
    with listen(settings.host, settings.port) as listener:
        address = address_of(listener)
        click.echo(WEB["address"].format(address=address))
        if settings.library:
            click.echo(_library_line(address, access))
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


def _library_line(address: str, access: Access) -> str:
    if not access.token:
        return LIBRARY["printed_password"].format(address=f"{address}library/")
    return LIBRARY["printed"].format(address=f"{address}library/?token={access.token}")
