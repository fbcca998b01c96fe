"""The library's addresses. Each page is a plain form; whoever has not signed in meets only the door."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from assistant.settings import Settings
from assistant.web.live import Live
from assistant.web.operator.access import Access
from assistant.web.operator.articles import ArticlePages
from assistant.web.operator.documents import DocumentPages
from assistant.web.operator.door import Door, Guarded
from assistant.web.operator.indexes import IndexPages
from assistant.web.operator.pages import HERE, style
from assistant.web.probes import Health


def library_app(settings: Settings, live: Live, health: Health, access: Access) -> Starlette:
    """The library as an application of its own, to be mounted."""
    door, documents, articles = Door(access), DocumentPages(settings, live), ArticlePages(settings)
    indexes = IndexPages(settings, live, health)

    def get(path: str, inside: Guarded) -> Route:
        return Route(path, door.guard(inside), methods=["GET"])

    def post(path: str, inside: Guarded) -> Route:
        return Route(path, door.guard(inside), methods=["POST"])

    return Starlette(
        routes=[
            Route("/sign-in", door.sign_in_page, methods=["GET"]),
            Route("/sign-in", door.sign_in, methods=["POST"]),
            Route("/style.css", _style, methods=["GET"]),
            Route("/library.js", _script, methods=["GET"]),
            post("/sign-out", door.sign_out),
            get("/", documents.home),
            post("/documents", documents.send),
            get("/drafts/{name}", documents.draft),
            post("/drafts/{name}", documents.decide),
            post("/drafts/{name}/discard", documents.take_back),
            get("/articles/{doc_id}", articles.article),
            post("/articles/{doc_id}", articles.save),
            post("/articles/{doc_id}/text", documents.send_text),
            post("/articles/{doc_id}/remove", articles.remove),
            get("/index", indexes.index),
            get("/progress", indexes.progress),
            post("/index/build", indexes.build),
            post("/index/publish", indexes.publish),
            post("/index/discard", indexes.discard),
            post("/index/rollback", indexes.roll_back),
            get("/evaluation", indexes.evaluation),
            get("/{rest:path}", door.nowhere),
        ],
    )


async def _style(request: Request) -> Response:
    return Response(style(), media_type="text/css")


async def _script(request: Request) -> Response:
    return FileResponse(HERE / "library.js", media_type="text/javascript")
