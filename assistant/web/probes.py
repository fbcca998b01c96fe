"""For whoever keeps the server running: is it alive, can it answer, how much is it asked."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from assistant.messages import SERVER_TITLES
from assistant.schema import HealthBody
from assistant.serving import LAST_GOOD, OK
from assistant.web.metrics import Meters
from assistant.web.problems import described, problem

Health = Callable[[], Mapping[str, str]]
"""Says what is served and from which index generation."""


def probes_router(health: Health, meters: Meters) -> APIRouter:
    """`/healthz`, `/readyz` and `/metrics`."""
    router = APIRouter()

    @router.get(
        "/healthz",
        response_model=HealthBody,
        response_model_exclude_unset=True,
        summary="Is it alive, and what does it serve?",
    )
    def healthz() -> HealthBody:
        """Always 200 while the process answers."""
        return HealthBody.model_validate(health())

    @router.get(
        "/readyz",
        response_model=HealthBody,
        summary="Can it answer?",
        responses=described(_503=SERVER_TITLES["not_ready"]),
    )
    def readyz() -> JSONResponse:
        """200 while there is an index to answer from."""
        told = dict(health())
        if told.get("status") not in (OK, LAST_GOOD):
            return problem(503, "not_ready")
        return JSONResponse(told)

    @router.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(meters.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return router
