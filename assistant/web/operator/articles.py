"""The pages of articles: the text, what a person says of it, and its removal."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assistant.corpus import article_file
from assistant.corpus_files import read_text
from assistant.errors import AssistantError
from assistant.library.changes import entries_of
from assistant.library.editing import edit, entry_of
from assistant.library.replacing import remove
from assistant.messages import LIBRARY
from assistant.settings import Settings
from assistant.sources import Entry
from assistant.web.operator.access import Session
from assistant.web.operator.choices import standing, stated, ticked, written
from assistant.web.operator.door import to
from assistant.web.operator.forms import MOST_MIB, facts_of, form_of, skips_of, text_of
from assistant.web.operator.pages import page


class ArticlePages:
    """What an operator does with articles; nothing reaches visitors from here."""

    def __init__(self, settings: Settings) -> None:
        self._corpus_dir = settings.corpus_dir

    async def article(self, request: Request, session: Session) -> Response:
        """One article: its text and what is said of it."""
        return await run_in_threadpool(self._article, request, session)

    async def save(self, request: Request, session: Session) -> Response:
        """Says other things of an article."""
        form, doc_id = await form_of(request, session), request.path_params["doc_id"]
        try:
            await run_in_threadpool(self._edit, doc_id, form)
        except AssistantError as error:
            return await run_in_threadpool(self._article, request, session, str(error), form)
        session.notes.append(LIBRARY["saved"].format(doc_id=doc_id))
        return to(request, "/")

    async def remove(self, request: Request, session: Session) -> Response:
        """Takes an article away."""
        form, doc_id = await form_of(request, session), request.path_params["doc_id"]
        if not text_of(form, "sure"):
            return to(request, f"/articles/{doc_id}")
        try:
            await run_in_threadpool(remove, self._corpus_dir, [doc_id])
        except AssistantError as error:
            return await run_in_threadpool(self._article, request, session, str(error))
        session.notes.append(LIBRARY["removed"].format(doc_id=doc_id))
        return to(request, "/")

    def _article(
        self, request: Request, session: Session, problem: str = "", form: FormData | None = None
    ) -> Response:
        entry = self._entry(request)
        return page(
            "article.html",
            request,
            session,
            422 if problem else 200,
            entry=entry,
            text=read_text(article_file(self._corpus_dir, entry))[0],
            facts=written(form) if form else stated(entry.model_dump()),
            choices=ticked(standing(entry), form),
            more_skips=text_of(form, "more_skips") if form else "",
            most_mib=MOST_MIB,
            problem=problem,
        )

    def _entry(self, request: Request) -> Entry:
        known = {entry.id: entry for entry in entries_of(self._corpus_dir)}
        entry = known.get(request.path_params["doc_id"])
        if entry is None:
            raise HTTPException(404)
        return entry

    def _edit(self, doc_id: str, form: FormData) -> None:
        choices = standing(entry_of(self._corpus_dir, doc_id))
        edit(self._corpus_dir, doc_id, facts_of(form), skips_of(form, choices))
