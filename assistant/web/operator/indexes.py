"""The pages of the index: build, look at what changed, publish, go back; and what was measured."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.building import build_id_of
from assistant.corpus import read_corpus
from assistant.errors import AssistantError
from assistant.messages import BUILD_PHASES, LIBRARY
from assistant.serving import LAST_GOOD
from assistant.settings import ROOT, Settings
from assistant.storage.generations import rollback
from assistant.storage.opening import is_rolled_back, list_generations, readable_id
from assistant.stores import copies_for
from assistant.web.live import Live
from assistant.web.operator.access import Session
from assistant.web.operator.builder import Builder, Phase
from assistant.web.operator.door import to
from assistant.web.operator.forms import form_of, text_of
from assistant.web.operator.pages import page
from assistant.web.operator.results import read_plots, read_results
from assistant.web.probes import Health

RESULTS_DIR = ROOT / "evaluation" / "results"


class IndexPages:
    """What an operator does with indexes."""

    def __init__(self, settings: Settings, live: Live, health: Health) -> None:
        self._settings = settings
        self._live = live
        self._health = health
        self._builder = Builder(settings, live)

    async def index(self, request: Request, session: Session) -> Response:
        """What serves, a build and what came of it, and the indexes that are kept."""
        return await run_in_threadpool(self._page, request, session)

    async def progress(self, request: Request, session: Session) -> Response:
        """How far the build is, for the page's script."""
        now = self._builder.progress
        return JSONResponse(
            {
                "running": now.running,
                "words": BUILD_PHASES[now.phase.value],
                "counting": now.phase is Phase.ENCODING and now.total > 0,
                "done": now.done,
                "total": now.total,
            },
            headers={"cache-control": "no-store"},
        )

    async def build(self, request: Request, session: Session) -> Response:
        """Begins a build."""
        form = await form_of(request, session)
        self._builder.start(bool(text_of(form, "force")), bool(text_of(form, "compare")))
        return to(request, "/index")

    async def publish(self, request: Request, session: Session) -> Response:
        """Visitors are answered from what was built."""
        return await self._do(request, session, self._builder.publish, LIBRARY["published"])

    async def discard(self, request: Request, session: Session) -> Response:
        """Forgets what was built."""
        return await self._do(request, session, self._builder.discard, LIBRARY["discarded"])

    async def roll_back(self, request: Request, session: Session) -> Response:
        """Visitors are answered from an index that was kept."""
        build_id = text_of(await form_of(request, session), "build_id")

        def back() -> None:
            rollback(self._settings.index_dir, build_id, copies_for(self._settings.searched_by))
            self._live.look()

        return await self._do(request, session, back, LIBRARY["rolled"].format(build_id=build_id))

    async def evaluation(self, request: Request, session: Session) -> Response:
        """The figures and plots that were last measured."""
        return await run_in_threadpool(self._evaluation, request, session)

    async def _do(self, request: Request, session: Session, act: Any, done: str) -> Response:
        await form_of(request, session)
        try:
            await run_in_threadpool(act)
        except AssistantError as error:
            return await run_in_threadpool(self._page, request, session, str(error))
        session.notes.append(done)
        return to(request, "/index")

    def _page(self, request: Request, session: Session, problem: str = "") -> Response:
        behind, unreadable = is_behind(self._settings, self._live)
        index_dir = self._settings.index_dir
        return page(
            "index.html",
            request,
            session,
            422 if problem else 200,
            served=self._live.index,
            last_good=self._health().get("status") == LAST_GOOD,
            behind=behind,
            unreadable=unreadable,
            progress=self._builder.progress,
            generations=list_generations(index_dir),
            current=readable_id(index_dir) if index_dir.exists() else "",
            rolled_back=is_rolled_back(index_dir),
            problem=problem,
        )

    def _evaluation(self, request: Request, session: Session) -> Response:
        index = self._live.index
        return page(
            "evaluation.html",
            request,
            session,
            results=read_results(RESULTS_DIR),
            plots=read_plots(RESULTS_DIR),
            served=index.build_id if index else "",
        )


def is_behind(settings: Settings, live: Live) -> tuple[bool, str]:
    """Whether a build would give another index than the one that serves; or why that cannot be known."""
    if live.index is None or live.encoder is None:
        return False, ""
    try:
        wanted = build_id_of(read_corpus(settings.corpus_dir), live.encoder, settings.reader)
    except AssistantError as error:
        return False, str(error)
    return wanted != live.index.build_id, ""
