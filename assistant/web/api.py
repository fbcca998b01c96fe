"""The HTTP interface for other programs: ask a question, look a passage up."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from fastapi.responses import JSONResponse, Response

from assistant.contract import answer_as_dict
from assistant.corpus import article_path
from assistant.corpus_files import read_text
from assistant.errors import AssistantError, CorpusError
from assistant.index import PassageIndex
from assistant.messages import DISCLAIMER, SERVER_TITLES
from assistant.schema import AnswerBody, PassageBody, QuestionBody, SliceBody, SourceBody
from assistant.types import Answer, Passage
from assistant.version import VERSION
from assistant.web.live import Live
from assistant.web.problems import broken, described, problem
from assistant.web.turns import Asked

PassageId = Annotated[str, InPath(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}:\d{1,9}-\d{1,9}$", max_length=130)]


def api_router(assistant: Asked, live: Live, corpus_dir: Path) -> APIRouter:
    """`POST /api/ask` and `GET /api/passages/{id}`."""
    router = APIRouter(prefix="/api")

    # No coroutines: each runs in a thread, so that thinking holds up nobody else's request.
    @router.post(
        "/ask",
        response_model=AnswerBody,
        summary="Ask the articles",
        responses=described(
            _422=SERVER_TITLES["question"], _500=SERVER_TITLES["broken"], _503=SERVER_TITLES["busy"]
        ),
    )
    def ask(body: QuestionBody) -> Response:
        """The articles' own words on a question, or fixed words that say there are none."""
        try:
            return _reply(assistant.ask(body.question))
        except AssistantError:
            raise
        except Exception as error:  # noqa: BLE001
            # The outermost wall: the server's own traceback could quote the question.
            return broken(error)

    @router.get(
        "/passages/{passage_id}",
        response_model=PassageBody,
        summary="Check a quote",
        responses=described(
            _404=SERVER_TITLES["no_passage"],
            _422=SERVER_TITLES["invalid"],
            _503=SERVER_TITLES["unavailable"],
        ),
    )
    def passage(passage_id: PassageId) -> PassageBody | JSONResponse:
        """A passage by its id, `doc_id:start-end`, and the same slice re-read from the article's file."""
        index = live.index
        if index is None:
            return problem(503, "unavailable")
        found = _passage(index, passage_id)
        return _body(index, found, corpus_dir) if found else problem(404, "no_passage")

    return router


def _reply(answer: Answer) -> Response:
    """Written by the thread that answered: FastAPI would let another one do it, which waits its turn as well."""
    body = AnswerBody.model_validate(answer_as_dict(answer))
    return Response(body.model_dump_json(), media_type="application/json")


def _passage(index: PassageIndex, passage_id: str) -> Passage | None:
    rows = index.rows_of(passage_id.rpartition(":")[0])
    return next((index.passages[row] for row in rows if index.passages[row].passage_id == passage_id), None)


def _body(index: PassageIndex, passage: Passage, corpus_dir: Path) -> PassageBody:
    document = index.documents[passage.doc_id]
    source = document.source
    return PassageBody(
        id=passage.passage_id,
        doc_id=passage.doc_id,
        title=document.title,
        heading=passage.heading,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        slice=_slice(passage, corpus_dir),
        source=SourceBody(
            publisher=source.publisher,
            url=source.url,
            licence=source.licence,
            reviewed=source.reviewed,
            sha256=source.sha256,
        ),
        disclaimer=DISCLAIMER,
        build_id=index.build_id,
        version=VERSION,
    )


def _slice(passage: Passage, corpus_dir: Path) -> SliceBody | None:
    """Read from the file now, not from the index: that is the proof."""
    try:
        text, sha256 = read_text(article_path(corpus_dir, passage.doc_id))
    except CorpusError:
        return None
    found = text[passage.start : passage.end]
    return SliceBody(text=found, sha256=sha256, exact=found == passage.text)
