"""The door of the library: signing in and out, and turning away whoever has not."""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.errors import AssistantError, DocumentRefusedError, SignInError
from assistant.messages import LIBRARY
from assistant.web.operator.access import Access, Session
from assistant.web.operator.forms import MOST_FILES, form_of, text_of
from assistant.web.operator.pages import page, root_of

COOKIE = "library"

Handler = Callable[[Request], Awaitable[Response]]
Guarded = Callable[[Request, Session], Awaitable[Response]]


class Door:
    """Lets those in who have the token or password, and shows everybody else the way."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def guard(self, inside: Guarded) -> Handler:
        """`inside` for whoever has signed in; what it cannot do is said on a page."""

        async def guarded(request: Request) -> Response:
            session = self._access.session(request.cookies.get(COOKIE, ""))
            if session is None:
                return await self._outside(request)
            try:
                return await inside(request, session)
            except SignInError as error:
                return page("error.html", request, session, 403, problem=str(error))
            except DocumentRefusedError as error:
                return page("error.html", request, session, 422, problem=sentence(error))
            except AssistantError as error:
                return page("error.html", request, session, 422, problem=str(error))
            except HTTPException as error:
                return page("error.html", request, session, error.status_code, problem=_words(error))
            finally:
                # Files that were sent lie in temporary files until then.
                await request.close()

        return guarded

    async def sign_in_page(self, request: Request) -> Response:
        """The form for the token or password."""
        return self._form(request)

    async def sign_in(self, request: Request) -> Response:
        """Takes the form."""
        form = await request.form(max_files=0, max_fields=10)
        return self._try(request, text_of(form, "secret").strip())

    async def sign_out(self, request: Request, session: Session) -> Response:
        """Ends the session."""
        await form_of(request, session)
        self._access.sign_out(session)
        response = self._form(request, LIBRARY["signed_out"])
        response.delete_cookie(COOKIE, path=root_of(request))
        return response

    async def nowhere(self, request: Request, session: Session) -> Response:
        """What is no page."""
        raise HTTPException(404)

    async def _outside(self, request: Request) -> Response:
        token = request.query_params.get("token", "")
        if token and request.method == "GET":
            return self._try(request, token)
        return to(request, "/sign-in")

    def _try(self, request: Request, given: str) -> Response:
        try:
            session = self._access.sign_in(given)
        except SignInError as error:
            response = self._form(request, str(error), 429 if error.seconds else 403)
            if error.seconds:
                response.headers["retry-after"] = str(error.seconds)
            return response
        response = to(request, "/")
        response.set_cookie(
            COOKIE,
            session.name,
            path=root_of(request),
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return response

    def _form(self, request: Request, problem: str = "", status: int = 200) -> Response:
        by_token = bool(self._access.token)
        return page("sign_in.html", request, status=status, problem=problem, by_token=by_token)


def _words(error: HTTPException) -> str:
    if error.status_code == 404:
        return LIBRARY["not_found"]
    # Starlette tells too many files from too large a field by its words alone.
    many = error.detail.startswith("Too many files")
    return LIBRARY["too_many_files"].format(most=MOST_FILES) if many else LIBRARY["too_large"]


def to(request: Request, path: str) -> Response:
    """On to another page of the library."""
    return RedirectResponse(root_of(request) + path, 303, {"cache-control": "no-store"})


def sentence(error: Exception) -> str:
    """A refusal, which is written to follow a colon, as a sentence of its own."""
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
