"""Words and facts as HTML: every word of an article, a question or a source stays exactly as it is."""

from html import escape
from urllib.parse import urlencode, urlsplit

from assistant.messages import UNKNOWN, WEB
from assistant.types import Source, Span

NOT_KNOWN = "unknown"
SHA_SHOWN = 12


def exact(text: str) -> str:
    """The text escaped, also for an attribute in double quotes."""
    # HTML turns a bare carriage return into a line feed; written as a reference it survives.
    return escape(text).replace("\r", "&#13;")


def encodable(text: str) -> str:
    """The text without halves of surrogate pairs: a browser can send one, no reply could carry it back."""
    return text.encode("utf-8", "replace").decode("utf-8")


def stated(value: str) -> str:
    """A fact of a source, or the words that say that it is not known."""
    return UNKNOWN if value == NOT_KNOWN else value


def render_facts(source: Source) -> str:
    """Publisher, review date, licence and link; what is not known is said to be."""
    facts = (
        (WEB["publisher"], _fact(source.publisher)),
        (WEB["reviewed"], _fact(source.reviewed)),
        (WEB["licence"], _fact(source.licence)),
        (WEB["link"], _link(source.url)),
    )
    rows = "".join(
        f'<div class="fact"><dt>{exact(name)}</dt> <dd>{value}</dd></div>' for name, value in facts
    )
    return f'<dl class="facts">{rows}</dl>'


def place_link(doc_id: str, span: Span | None = None, best: Span | None = None, sha256: str = "") -> str:
    """The link of this page that opens an article, at a passage if `span` is given.

    `best` is the sentence to mark more strongly. `sha256` of the article's file tells later whether the
    characters counted are still the same ones.
    """
    query = {"article": doc_id}
    for name, place in (("at", span), ("best", best)):
        if place:
            query[name] = f"{place.start}-{place.end}"
    if span and sha256:
        query["of"] = sha256[:SHA_SHOWN]
    return "?" + urlencode(query)


def act_button(act: str, words: str, more: str = "") -> str:
    """A quiet button that the page's script acts on."""
    return f'<button type="button" class="tool" data-act="{act}"{more}>{exact(words)}</button>'


def _fact(value: str) -> str:
    return f"<bdi>{exact(stated(value))}</bdi>"


def _link(url: str) -> str:
    if not leads_to_the_web(url):
        return _fact(url)
    return f'<a href="{exact(url)}" target="_blank" rel="noopener noreferrer">{_fact(url)}</a>'


def leads_to_the_web(url: str) -> bool:
    """Whether it is a whole http or https address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
