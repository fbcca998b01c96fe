"""What a person wrote into a form, checked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from assistant.errors import CorpusError, SignInError
from assistant.ingest.limits import MIB, MOST_BYTES
from assistant.library.drafts import Facts
from assistant.messages import LIBRARY
from assistant.web.operator.access import Session

MOST_FILES = 10
MOST_MIB = MOST_BYTES // MIB
_REVIEWED = re.compile(r"\d{4}(-\d{2}){0,2}")
_DOC_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Choice:
    """A stretch of text that a person may say is never to be shown."""

    text: str
    why: str
    on: bool = True


async def form_of(request: Request, session: Session) -> FormData:
    """The form, if it was made by a page of this session. Raises `SignInError`."""
    form = await request.form(max_files=MOST_FILES, max_fields=200, max_part_size=MOST_BYTES)
    if not compare_digest(text_of(form, "csrf").encode(), session.csrf.encode()):
        raise SignInError(LIBRARY["forged"])
    return form


def text_of(form: FormData, name: str) -> str:
    """One field as text, empty if it was not sent."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def files_of(form: FormData) -> list[UploadFile]:
    """The files that were chosen; a browser sends a nameless one if none was."""
    return [each for each in form.getlist("files") if isinstance(each, UploadFile) and each.filename]


def facts_of(form: FormData) -> Facts:
    """What is said of an article. Raises `CorpusError` in the words of the form."""
    said = {
        name: " ".join(text_of(form, name).split())
        for name in ("title", "publisher", "url", "licence", "reviewed")
    }
    about = tuple(each for part in text_of(form, "about").split(",") if (each := " ".join(part.split())))
    if not said["title"]:
        raise CorpusError(LIBRARY["no_title"])
    if said["reviewed"] and not _REVIEWED.fullmatch(said["reviewed"]):
        raise CorpusError(LIBRARY["bad_date"])
    if said["url"] and not said["url"].startswith(("https://", "http://")):
        raise CorpusError(LIBRARY["bad_link"])
    return Facts(**said, about=about)


def doc_id_of(form: FormData) -> str:
    """The short name, empty if it is to be made. Raises `CorpusError`."""
    doc_id = text_of(form, "doc_id").strip()
    if doc_id and not _DOC_ID.fullmatch(doc_id):
        raise CorpusError(LIBRARY["bad_id"])
    return doc_id


def skips_of(form: FormData, choices: Sequence[Choice]) -> tuple[str, ...]:
    """The stretches that were ticked, by their place among `choices`, and those written out."""
    ticked = {value for value in form.getlist("skip") if isinstance(value, str)}
    chosen = [choice.text for place, choice in enumerate(choices) if str(place) in ticked]
    written = text_of(form, "more_skips").replace("\r\n", "\n")
    more = [part.strip("\n") for part in re.split(r"\n[ \t]*\n", written) if part.strip()]
    return tuple(dict.fromkeys([*chosen, *more]))
