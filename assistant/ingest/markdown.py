"""Markdown, by way of HTML: what a reader would see of it."""

import re

from assistant.ingest.decoding import decode
from assistant.ingest.html import read_markup
from assistant.ingest.types import Canonical, Dropped

_FRONT_MATTER = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)\n", re.DOTALL)


def read_markdown(raw: bytes, encoding: str = "") -> Canonical:
    """CommonMark and tables. Raises `DocumentRefusedError`."""
    from markdown_it import MarkdownIt

    text = decode(raw, encoding)
    front = _FRONT_MATTER.match(text)
    body = text[front.end() :] if front else text
    dropped = [Dropped("front matter", front[0].strip("-.\n"))] if front else []
    markup = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(body)
    return read_markup(markup, dropped)
