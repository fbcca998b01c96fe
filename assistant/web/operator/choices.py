"""What stands in the forms of a document or an article: from its entry, or as a person last wrote it."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from assistant.library.drafts import UNKNOWN, Facts
from assistant.messages import LIBRARY
from assistant.sources import Entry
from assistant.web.operator.drafts import Held
from assistant.web.operator.forms import Choice, text_of

_NAMES = ("title", "publisher", "url", "licence", "reviewed")


def choices_of(held: Held) -> list[Choice]:
    """What is proposed to be never shown of a document."""
    return [Choice(each.text, LIBRARY["proposed"].format(why=each.why)) for each in held.draft.proposed]


def standing(entry: Entry) -> list[Choice]:
    """What is never shown of an article."""
    return [Choice(each.text, LIBRARY["standing"]) for each in entry.skipped]


def ticked(choices: list[Choice], form: FormData | None) -> list[Choice]:
    """The choices as they stood in a form that is shown again."""
    if form is None:
        return choices
    places = form.getlist("skip")
    return [Choice(each.text, each.why, str(place) in places) for place, each in enumerate(choices)]


def stated(said: Mapping[str, Any]) -> Facts:
    """What is said of a draft or in an entry; what is not known is empty."""
    known = {name: "" if said[name] == UNKNOWN else str(said[name]) for name in _NAMES}
    return Facts(**known, about=tuple(said["subjects"]))


def written(form: FormData) -> Facts:
    """What a person wrote, unchecked."""
    return Facts(**{name: text_of(form, name) for name in _NAMES}, about=(text_of(form, "about"),))
