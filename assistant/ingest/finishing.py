"""The last look at every canonical text, whatever its format: invisible characters go, the rest is judged."""

import re
from dataclasses import replace

from assistant.ingest.limits import MOST_CHARACTERS
from assistant.ingest.refusals import refused
from assistant.ingest.types import Canonical, Dropped

# Soft hyphens, zero-width spaces and word joiners: they split words for a search and nobody sees them.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_OVERRIDES = re.compile("[\u202d\u202e]")
_NOT_CHARACTERS = re.compile("[\ufffd\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff]")
_MOST_UNREADABLE = 0.005
_AROUND = 20


def finish(found: Canonical) -> Canonical:
    """The text without invisible characters. Raises `DocumentRefusedError` if it cannot be trusted or is empty."""
    text = found.text
    if len(text) > MOST_CHARACTERS:
        raise refused("too large", f"{len(text):,} characters; at most {MOST_CHARACTERS:,}: part it")
    for pattern, reason in ((_CONTROLS, "control characters"), (_OVERRIDES, "overrides")):
        if match := pattern.search(text):
            raise refused(
                reason, f"U+{ord(match[0]):04X} in line {text.count(chr(10), 0, match.start()) + 1}"
            )
    dropped = list(found.dropped)
    if invisible := _INVISIBLE.findall(text):
        names = sorted({f"U+{ord(character):04X}" for character in invisible})
        dropped.append(Dropped("invisible characters", f"{len(invisible)} × {', '.join(names)}"))
        text = _INVISIBLE.sub("", text)
    if not any(character.isalnum() for character in text):
        raise refused("empty")
    unreadable = list(_NOT_CHARACTERS.finditer(text))
    if len(unreadable) > _MOST_UNREADABLE * len(text):
        raise refused("undecodable", f"{len(unreadable):,} of {len(text):,} characters have no meaning")
    for match in unreadable[:_AROUND]:
        place = text[max(0, match.start() - _AROUND) : match.end() + _AROUND]
        dropped.append(Dropped("unreadable character, look at it", place.replace("\n", " "), place))
    return replace(found, text=text, dropped=tuple(dropped))
