"""The web server: chat, API and probes behind one gate, on one address of this machine."""

import contextlib
from pathlib import Path
from typing import cast

import click
import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, RedirectResponse
from gradio import mount_gradio_app

from assistant.messages import LIBRARY, SERVER, TITLE, WEB
from assistant.settings import Settings, read_settings
from assistant.version import VERSION
from assistant.web.api import api_router
from assistant.web.gate import Gate, rules_for
from assistant.web.headers import SafeHeaders
from assistant.web.hosts import Prefixed, TrustedHosts
from assistant.web.listening import address_of, listen
from assistant.web.live import Live, NotLive
from assistant.web.metrics import Measured, Meters
from assistant.web.operator.access import Access
from assistant.web.operator.routes import library_app
from assistant.web.page import Answers, build_page, theme
from assistant.web.probes import Health, probes_router
from assistant.web.problems import add_problems, describe_problems
from assistant.web.turns import AT_ONCE, WAITING, TakingTurns

HERE = Path(__file__).parent
SECONDS_TO_FINISH = 2
EVENTS_AT_ONCE = AT_ONCE + WAITING + 6
WAITING_EVENTS = 64


def _healthy() -> dict[str, str]:
    return {"status": "ok"}


def create_app(
    assistant: Answers,
    health: Health = _healthy,
    settings: Settings | None = None,
    live: Live | None = None,
    access: Access | None = None,
) -> FastAPI:
    """The whole web application; nothing listens yet.

    `live` is the index behind it, for passages and for the library; without it there are none. `access` says
    who may open the library, if the settings switch it on.
    """
    settings, live = settings or read_settings(), live or NotLive()
    meters = Meters(health)
    turns = TakingTurns(assistant, settings.region)
    app = FastAPI(
        title=TITLE,
        description=SERVER["api"],
        version=VERSION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    _guard(app, settings)
    add_problems(app)
    describe_problems(app)
    app.include_router(probes_router(health, meters))
    app.include_router(api_router(Measured(turns, meters, "api"), live, settings.corpus_dir))
    app.add_api_route("/favicon.ico", _favicon, include_in_schema=False)
    if settings.library:
        app.add_api_route("/library", _to_library, include_in_schema=False)
        app.mount("/library", library_app(settings, live, health, access or access_of(settings)))
    _mount_chat(app, cast(Answers, Measured(turns, meters, "chat")))
    return app


def _guard(app: FastAPI, settings: Settings) -> None:
    """What every request meets, the last one first."""
    # Without it Gradio would set headers of its own, which let any site read the chat.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST"],
        allow_headers=["content-type"],
    )
    app.add_middleware(Gate, rules=rules_for(settings))
    app.add_middleware(TrustedHosts, names=(*settings.trusted_hosts, settings.host))
    app.add_middleware(SafeHeaders)
    app.add_middleware(Prefixed, root_path=settings.root_path)


def _mount_chat(app: FastAPI, assistant: Answers) -> None:
    page = build_page(assistant)
    # More than take turns: whoever is one too many is told so in our words, not in Gradio's.
    page.queue(max_size=WAITING_EVENTS, default_concurrency_limit=EVENTS_AT_ONCE, api_open=False)
    mount_gradio_app(
        app,
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


def serve(
    assistant: Answers, settings: Settings, health: Health = _healthy, live: Live | None = None
) -> None:
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
    )
    with listen(settings.host, settings.port) as listener:
        click.echo(WEB["address"].format(address=address_of(listener)))
        if settings.library:
            click.echo(_library_line(address_of(listener), access))
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


def access_of(settings: Settings) -> Access:
    """The password of the settings, or a token of this start."""
    password = settings.library_password
    return Access(password.get_secret_value() if password else None)


def _library_line(address: str, access: Access) -> str:
    if not access.token:
        return LIBRARY["printed_password"].format(address=f"{address}library/")
    return LIBRARY["printed"].format(address=f"{address}library/?token={access.token}")


def _to_library(request: Request) -> RedirectResponse:
    return RedirectResponse(request.scope.get("root_path", "") + "/library/")


def _favicon() -> FileResponse:
    return FileResponse(HERE / "favicon.svg", media_type="image/svg+xml")
