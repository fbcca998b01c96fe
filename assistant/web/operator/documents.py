"""The pages of documents that were sent: read, looked at, and brought in as a person decides."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from assistant.corpus import article_file
from assistant.corpus_files import read_text
from assistant.errors import CorpusError, DocumentRefusedError
from assistant.ingest.files import Original
from assistant.library.changes import entries_of
from assistant.library.editing import entry_of
from assistant.library.reports import ADDED, REFUSED, REPLACED, Outcome, text_changes
from assistant.messages import LIBRARY
from assistant.settings import Settings
from assistant.sources import Entry
from assistant.web.live import Live
from assistant.web.operator.access import Session
from assistant.web.operator.choices import choices_of, stated, ticked, written
from assistant.web.operator.door import to
from assistant.web.operator.drafts import Drafts, Held, bring_in, original_of, pasted
from assistant.web.operator.forms import (
    MOST_FILES,
    MOST_MIB,
    doc_id_of,
    facts_of,
    files_of,
    form_of,
    skips_of,
    text_of,
)
from assistant.web.operator.indexes import is_behind
from assistant.web.operator.pages import page

_MOST_ROWS = 200


class DocumentPages:
    """What an operator does with documents; nothing reaches visitors from here."""

    def __init__(self, settings: Settings, live: Live) -> None:
        self._corpus_dir = settings.corpus_dir
        self._settings = settings
        self._live = live
        self._drafts = Drafts()

    async def home(self, request: Request, session: Session) -> Response:
        """Every article, what waits to be looked at, and the form to send more."""
        return await run_in_threadpool(self._home, request, session)

    async def send(self, request: Request, session: Session) -> Response:
        """Reads what was sent; each document that can be read waits to be looked at."""
        form = await form_of(request, session)
        held = await self._read(form, session, None)
        return to(request, f"/drafts/{held[0].name}" if len(held) == 1 else "/")

    async def send_text(self, request: Request, session: Session) -> Response:
        """Reads another text for an article."""
        form = await form_of(request, session)
        entry = entry_of(self._corpus_dir, request.path_params["doc_id"])
        held = await self._read(form, session, entry)
        return to(request, f"/drafts/{held[0].name}" if held else f"/articles/{entry.id}")

    async def draft(self, request: Request, session: Session) -> Response:
        """A document that waits: its text, what was left out, and what is said of it."""
        return await run_in_threadpool(self._draft, request, session, self._held(request))

    async def decide(self, request: Request, session: Session) -> Response:
        """Brings a document in as a person has decided."""
        form, held = await form_of(request, session), self._held(request)
        try:
            outcome = await run_in_threadpool(self._bring_in, held, form)
        except CorpusError as error:
            return await run_in_threadpool(self._draft, request, session, held, str(error), form)
        if outcome.status == REFUSED:
            words = LIBRARY["refused"].format(file=outcome.file, message=outcome.message)
            return await run_in_threadpool(self._draft, request, session, held, words, form)
        self._drafts.drop(held.name)
        session.notes += [_said(outcome), *outcome.notes]
        return to(request, "/")

    async def take_back(self, request: Request, session: Session) -> Response:
        """Forgets a document."""
        await form_of(request, session)
        self._drafts.drop(self._held(request).name)
        session.notes.append(LIBRARY["taken_back"])
        return to(request, "/")

    def _home(self, request: Request, session: Session) -> Response:
        return page(
            "articles.html",
            request,
            session,
            entries=entries_of(self._corpus_dir),
            drafts=self._drafts.all(),
            behind=is_behind(self._settings, self._live)[0],
            most_files=MOST_FILES,
            most_mib=MOST_MIB,
        )

    async def _read(self, form: FormData, session: Session, entry: Entry | None) -> list[Held]:
        """Holds what can be read, and notes what cannot and why."""
        held = []
        for name, raw in await _sent(form):
            try:
                original = pasted(raw) if isinstance(raw, str) else original_of(name, raw)
                held.append(await run_in_threadpool(self._drafts.hold, original, entry))
            except DocumentRefusedError as error:
                session.notes.append(LIBRARY["refused"].format(file=name, message=error))
        return held

    def _held(self, request: Request) -> Held:
        held = self._drafts.get(request.path_params["name"])
        if held is None:
            raise CorpusError(LIBRARY["draft_gone"])
        return held

    def _draft(
        self, request: Request, session: Session, held: Held, problem: str = "", form: FormData | None = None
    ) -> Response:
        return page(
            "draft.html",
            request,
            session,
            422 if problem else 200,
            held=held,
            changes=self._changes(held),
            facts=written(form) if form else stated(held.draft.facts),
            doc_id=text_of(form, "doc_id") if form else "",
            choices=ticked(choices_of(held), form),
            more_skips=text_of(form, "more_skips") if form else "",
            most_rows=_MOST_ROWS,
            problem=problem,
        )

    def _changes(self, held: Held) -> tuple[str, ...] | None:
        if not held.replaces:
            return None
        entry = entry_of(self._corpus_dir, held.replaces)
        before = read_text(article_file(self._corpus_dir, entry))[0]
        return text_changes(before, held.draft.text)

    def _bring_in(self, held: Held, form: FormData) -> Outcome:
        skipped = skips_of(form, choices_of(held))
        drop = bool(text_of(form, "drop_questions"))
        return bring_in(self._corpus_dir, held, facts_of(form), skipped, doc_id_of(form), drop)


async def _sent(form: FormData) -> list[tuple[str, str | bytes]]:
    """Names and contents of all that was sent. Raises `CorpusError` if that is nothing."""
    sent: list[tuple[str, str | bytes]] = [
        (file.filename or "", await file.read()) for file in files_of(form)
    ]
    if text := text_of(form, "text").strip():
        sent.append((Original("pasted", "text", b"").name, text))
    if not sent:
        raise CorpusError(LIBRARY["nothing_sent"])
    return sent


def _said(outcome: Outcome) -> str:
    if outcome.status in (ADDED, REPLACED):
        return LIBRARY[outcome.status].format(doc_id=outcome.doc_id)
    return LIBRARY["unchanged"].format(message=outcome.message)
