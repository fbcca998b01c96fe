"""Errors as typed bodies with fixed words (RFC 9457, application/problem+json)."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assistant.errors import AssistantError, BusyError, IndexDamagedError, QuestionError, UnavailableError
from assistant.messages import SERVER, SERVER_TITLES
from assistant.schema import ProblemBody
from assistant.web.faults import place_of

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
SECONDS_TO_WAIT = "2"
_BY_STATUS = {404: "not_found", 405: "method"}


def problem(status: int, code: str, detail: str = "", headers: dict[str, str] | None = None) -> JSONResponse:
    """The reply that says what is wrong; `code` chooses its words unless `detail` gives them."""
    body = ProblemBody(
        type="about:blank",
        title=SERVER_TITLES[code],
        status=status,
        detail=detail or SERVER[code],
        code=code,
    )
    return JSONResponse(body.model_dump(), status, headers, MEDIA_TYPE)


def described(**problems: str) -> dict[int | str, dict[str, Any]]:
    """The problems of an endpoint for OpenAPI: `_503="busy"` and the like."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {
        int(status.lstrip("_")): {"description": words, "content": content}
        for status, words in problems.items()
    }


def add_problems(app: FastAPI) -> None:
    """Turns what the endpoints raise into such replies."""

    @app.exception_handler(QuestionError)
    def _question(request: Request, error: QuestionError) -> JSONResponse:
        return problem(422, "question", str(error))

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # FastAPI's own words would repeat what was sent.
        return problem(422, "invalid")

    @app.exception_handler(BusyError)
    def _busy(request: Request, error: BusyError) -> JSONResponse:
        return problem(503, "busy", headers={"retry-after": SECONDS_TO_WAIT})

    # Damage that shows only while a large index is read; its words name paths of this machine.
    @app.exception_handler(IndexDamagedError)
    @app.exception_handler(UnavailableError)
    def _unavailable(request: Request, error: AssistantError) -> JSONResponse:
        return problem(503, "unavailable")

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        # What FastAPI says of a body that is not even text.
        if error.status_code == 400:
            return problem(422, "invalid")
        return problem(error.status_code, _BY_STATUS.get(error.status_code, "broken"), headers=_plain(error))


def describe_problems(app: FastAPI) -> None:
    """Puts the type of these bodies into the OpenAPI description, which names it."""
    described_by_fastapi = app.openapi

    def openapi() -> dict[str, Any]:
        description = described_by_fastapi()
        description["components"]["schemas"].setdefault("ProblemBody", ProblemBody.model_json_schema())
        return description

    app.openapi = openapi  # type: ignore[method-assign]


def broken(error: Exception) -> JSONResponse:
    """The reply to a mistake of ours, written down without the question."""
    log.error("%s while answering, at %s", type(error).__name__, place_of(error))
    return problem(500, "broken")


def _plain(error: HTTPException) -> dict[str, str] | None:
    return dict(error.headers) if error.headers else None
