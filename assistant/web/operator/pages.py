"""The operator's pages as HTML: everything that comes from a document is escaped."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from assistant.messages import BUILD_PHASES, LIBRARY, UNKNOWN
from assistant.web.operator.access import Session

HERE = Path(__file__).parent
_PAGE_STYLE = HERE.parent / "style.css"
_MOUNT = "/library"
_NOT_KNOWN = "unknown"


def _exact(text: str) -> Markup:
    # HTML turns a bare carriage return into a line feed; written as a reference it survives.
    return Markup(str(escape(text)).replace("\r", "&#13;"))


def _known(value: str) -> str:
    return UNKNOWN if value == _NOT_KNOWN else value


_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["exact"] = _exact


def page(
    name: str, request: Request, session: Session | None = None, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page for whoever has signed in, or for whoever has not yet."""
    root = root_of(request)
    hidden = Markup('<input type="hidden" name="csrf" value="{}">').format(session.csrf if session else "")
    html = _templates.get_template(name).render(
        w=LIBRARY,
        phases=BUILD_PHASES,
        root=root,
        top=root.removesuffix(_MOUNT),
        here=str(request.url.path).removeprefix(root),
        session=session,
        notes=session.take_notes() if session else (),
        known=_known,
        csrf=lambda: hidden,
        **{"problem": "", **values},
    )
    return HTMLResponse(html, status, {"cache-control": "no-store"})


def root_of(request: Request) -> str:
    """The path of the library itself, what a proxy puts before it included."""
    root: str = request.scope.get("root_path", "")
    return root


def style() -> str:
    """The library's style sheet in the colours of the chat page, light or dark as the visitor's system is."""
    theirs = _PAGE_STYLE.read_text(encoding="utf-8")
    light, dark = (_block(theirs, selector) for selector in (":root", r"\.dark"))
    own = (HERE / "library.css").read_text(encoding="utf-8")
    return f":root {{{light}}}\n@media (prefers-color-scheme: dark) {{ :root {{{dark}}} }}\n{own}"


def _block(sheet: str, selector: str) -> str:
    found = re.search(rf"^{selector} \{{(.*?)\}}", sheet, re.DOTALL | re.MULTILINE)
    if found is None:
        raise LookupError(f"{_PAGE_STYLE.name} has no block {selector}")
    return found[1]
