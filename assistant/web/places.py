"""Which article, and where in it, a link of this page leads to."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from assistant.types import Span

LONGEST_QUERY = 2000
_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """An article, at `span` if the link says so. `sha256` is how the article's hash began when the link was made.

    `whole` is False if the link says something that is no place.
    """

    doc_id: str
    span: Span | None = None
    best: Span | None = None
    sha256: str = ""
    whole: bool = True


def place_of(query: str) -> Place | None:
    """The place that the query part of an address names; None if it names no article."""
    if len(query) > LONGEST_QUERY:
        return None
    fields = {name: values[0] for name, values in parse_qs(query.removeprefix("?")).items()}
    if "article" not in fields:
        return None
    span, best = (_span(fields.get(name, "")) for name in ("at", "best"))
    if span and best and not span.start <= best.start < best.end <= span.end:
        best = None
    whole = bool(span) or "at" not in fields
    return Place(fields["article"], span, best if span else None, fields.get("of", ""), whole)


def _span(text: str) -> Span | None:
    match = _SPAN.fullmatch(text)
    if not match:
        return None
    span = Span(int(match[1]), int(match[2]))
    return span if span.start < span.end else None
