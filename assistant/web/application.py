"""Everything that is served besides the chat: API, probes and library, behind one gate."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, RedirectResponse

from assistant.messages import SERVER, TITLE
from assistant.settings import Settings
from assistant.version import VERSION
from assistant.web.api import api_router
from assistant.web.gate import Gate, rules_for
from assistant.web.headers import SafeHeaders
from assistant.web.hosts import Prefixed, TrustedHosts
from assistant.web.live import Live, NotLive
from assistant.web.metrics import Measured, Meters
from assistant.web.operator.access import Access
from assistant.web.operator.routes import library_app
from assistant.web.probes import Health, probes_router
from assistant.web.problems import add_problems, describe_problems
from assistant.web.turns import Asked, TakingTurns

HERE = Path(__file__).parent


def healthy() -> dict[str, str]:
    """For a server that has nothing to say of its index."""
    return {"status": "ok"}


@dataclass(frozen=True, slots=True)
class Application:
    """The application, and the assistant as the chat is to ask it: in turn with everybody else."""

    app: FastAPI
    chat: Measured


def build_application(
    assistant: Asked,
    settings: Settings,
    health: Health = healthy,
    live: Live | None = None,
    access: Access | None = None,
) -> Application:
    """`live` is the index behind the assistant, for passages and for the library; without it there are none.

    `access` says who may open the library, if the settings switch it on.
    """
    live = live or NotLive()
    meters, turns = Meters(health), TakingTurns(assistant, settings.region)
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
    return Application(app, Measured(turns, meters, "chat"))


def access_of(settings: Settings) -> Access:
    """The password of the settings, or a token of this start."""
    password = settings.library_password
    return Access(password.get_secret_value() if password else None)


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


def _to_library(request: Request) -> RedirectResponse:
    return RedirectResponse(request.scope.get("root_path", "") + "/library/")


def _favicon() -> FileResponse:
    return FileResponse(HERE / "favicon.svg", media_type="image/svg+xml")
