"""Markdown, by way of HTML: what a reader would see of it."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.ingest.decoding import decode
from assistant.ingest.html import read_markup
from assistant.ingest.refusals import refused
from assistant.ingest.types import Canonical, Dropped

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)\n", re.DOTALL)
_DEEPEST = 80
"""Lists and quotes in each other. The parser leaves out what is deeper, and calls itself for each."""


def read_markdown(raw: bytes, encoding: str = "") -> Canonical:
    """CommonMark and tables. Raises `DocumentRefusedError`, also if it is nested so deeply that words would
    be lost."""
    from markdown_it import MarkdownIt

    text = decode(raw, encoding)
    front = _FRONT_MATTER.match(text)
    body = text[front.end() :] if front else text
    dropped = [Dropped("front matter", front[0].strip("-.\n"))] if front else []
    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    environment: dict[str, object] = {}
    tokens = parser.parse(body, environment)
    if _depth(tokens) >= _DEEPEST:
        raise refused("costly", "lists or quotes are nested too deeply")
    markup = parser.renderer.render(tokens, parser.options, environment)
    return read_markup(markup, dropped)


def _depth(tokens: Sequence["Token"]) -> int:
    return max((token.level + token.nesting for token in tokens), default=0)
