"""Web pages: headings, paragraphs, lists and tables of the article, without the page around it."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from assistant.ingest.decoding import decode
from assistant.ingest.page_parts import UNSEEN, PageParts
from assistant.ingest.pieces import canonical_text, one_line, title_of
from assistant.ingest.types import Canonical, Dropped
from assistant.ingest.walking import Writer

_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""\A\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.:-]{1,40})""")
_CHARSET_WITHIN = 2048
_LAID_OUT = "td table, td h1, td h2, td h3, td p + p, th table"
"""A table with these in its cells only arranges the page."""
_NUMBER = re.compile(r"[0-9]{1,4}")
# In XML any element may end where it begins; in HTML such a title or script would take in all that follows.
_ENDS_AT_ONCE = re.compile(
    r"<(title|script|style|textarea|iframe|a|p|div|span|td|th|li|i|b|em|strong)(\s[^<>]*)?/>"
)
# Browsers read these names so; so must we, or an apostrophe becomes a control character.
_AS_BROWSERS = {"iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252"}


def read_html(raw: bytes, encoding: str = "") -> Canonical:
    """The article of a web page. Raises `DocumentRefusedError`."""
    markup = decode(raw, encoding or _declared(raw))
    if markup.lstrip().startswith("<?xml"):
        markup = _ENDS_AT_ONCE.sub(r"<\1\2></\1>", markup)
    return read_markup(markup, [])


def read_markup(markup: str, dropped: Iterable[Dropped]) -> Canonical:
    """The article in HTML text; `dropped` is what was dropped on the way there."""
    page = LexborHTMLParser(markup)
    writer = Writer()
    if page.body is not None:
        _walk(page.body, PageParts(page), writer)
    pieces = writer.finish()
    title = title_of(pieces) or _page_title(page)
    return Canonical(canonical_text(pieces), title, True, (*dropped, *writer.dropped), dict(_facts(page)))


def _declared(raw: bytes) -> str:
    start = raw[:_CHARSET_WITHIN]
    found = _XML_CHARSET.search(start) or _META_CHARSET.search(start)
    name = found[1].decode("ascii").lower() if found else ""
    return _AS_BROWSERS.get(name, name)


def _walk(body: LexborNode, parts: PageParts, writer: Writer) -> None:
    """Depth first without recursion: pages can nest deeper than Python's stack."""
    node: LexborNode | None = body
    dropping: LexborNode | None = None
    scope: LexborNode | None = None
    while node is not None:
        below = _enter(node, parts, writer, dropping is not None, scope is not None)
        if below == "drop":
            dropping = node
        if parts.is_scope(node):
            scope = node
        child = node.child if below != "skip" else None
        if child is not None:
            node = child
            continue
        while node is not None:
            writer.leave(node.tag or "")
            if dropping is not None and node.mem_id == dropping.mem_id:
                writer.stop_dropping()
                dropping = None
            if scope is not None and node.mem_id == scope.mem_id:
                scope = None
            if node.mem_id == body.mem_id:
                return
            if node.next is not None:
                node = node.next
                break
            node = node.parent


def _enter(node: LexborNode, parts: PageParts, writer: Writer, dropping: bool, in_scope: bool) -> str:
    tag = node.tag or ""
    if tag == "-text":
        writer.text(node.text_content or "")
        return "skip"
    if tag in UNSEEN or tag.startswith("-") or tag.startswith("!"):
        if tag in ("img", "svg", "math", "video"):
            writer.picture(tag, node.attributes.get("alt") or "")
        return "skip"
    kind = "" if dropping else parts.dropped_as(node, in_scope)
    if kind:
        writer.start_dropping(kind, tag)
    layout = tag == "table" and node.css_first(_LAID_OUT) is not None
    writer.enter(tag, layout, _numbered_from(node, tag))
    return "drop" if kind else ""


def _numbered_from(node: LexborNode, tag: str) -> str:
    """The number that a list begins with or an item has, if the page says one."""
    name = {"ol": "start", "li": "value"}.get(tag, "")
    number = node.attributes.get(name) or "" if name else ""
    return number if _NUMBER.fullmatch(number) else ""


def _page_title(page: LexborHTMLParser) -> str:
    title = page.css_first("title")
    return one_line(title.text()) if title else ""


def _facts(page: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """What a page says of itself, to be shown as its source."""
    link = page.css_first("link[rel=canonical]")
    url = (link.attributes.get("href") or "") if link else ""
    if url.isprintable() and urlsplit(url).scheme in ("http", "https"):
        yield "url", url
    name = page.css_first("meta[property='og:site_name']")
    if name and (publisher := one_line(name.attributes.get("content") or "")).isprintable() and publisher:
        yield "publisher", publisher
