"""An article to be read whole, as HTML, the passage that was shown marked."""

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.articles import Article, Piece, QuoteCheck
from assistant.messages import READER
from assistant.types import Span
from assistant.web.markup import act_button, exact, place_link, render_facts

LONG_CONTENTS = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """What is marked in an article: `shown`, and inside it the `best` sentence, if known, more strongly."""

    shown: Span
    best: Span | None = None


def render_article(article: Article, mark: Mark | None = None, note: str = "", several: bool = False) -> str:
    """Title, what is known of it, contents and text; `note` is a line of fixed words above the text.

    The `textContent` of each `.piece` is exactly that slice of the article.
    """
    record = article.record
    whole = [note] if article.whole else [note, READER["passages_only"]]
    notes = "".join(f'<p class="reader-note" role="status">{exact(words)}</p>' for words in whole if words)
    at = f' data-at="{mark.shown.start}-{mark.shown.end}"' if mark else ""
    return (
        f'<article class="article" data-doc="{exact(record.doc_id)}"{at}>{_bar(article, mark, several)}'
        f'<h2 id="side-title" tabindex="-1" dir="auto">{exact(record.title)}</h2>{render_facts(record.source)}'
        f"{_contents(article)}{notes}"
        f'<div class="text">{"".join(_pieces(article, mark))}</div></article>'
    )


def render_check(check: QuoteCheck, indexed_sha256: str) -> str:
    """What the file says at this moment, and the hashes by which anyone can check it."""
    same = "same" if check.indexed else "other"
    words = READER["quote_same" if check.indexed else "quote_changed"]
    place = READER["range"].format(start=check.span.start, end=check.span.end)
    facts = [
        (READER["file"], check.file_name),
        (READER["characters"], place),
        (READER["file_sha256"], check.file_sha256),
        (READER["quote_sha256"], check.quote_sha256),
    ]
    if not check.indexed:
        facts.append((READER["indexed_sha256"], indexed_sha256))
    rows = "".join(f"<dt>{exact(name)}</dt><dd>{exact(value)}</dd>" for name, value in facts)
    return (
        f'<div class="proof" data-found="{same}" data-sha256="{check.quote_sha256}">'
        f'<p class="verdict">{exact(words)}</p>'
        f'<blockquote class="reread" dir="auto">{exact(check.quote)}</blockquote><dl>{rows}</dl></div>'
    )


def _contents(article: Article) -> str:
    headings = [
        (number, piece.words)
        for number, piece in enumerate(article.pieces)
        if piece.words and piece.words.casefold() != article.record.title.casefold()
    ]
    if not headings:
        return ""
    links = "".join(
        f'<li><a href="#piece-{number}" data-act="goto" dir="auto">{exact(words)}</a></li>'
        for number, words in headings
    )
    is_open = "" if len(headings) > LONG_CONTENTS else " open"
    return (
        f'<details class="contents"{is_open}><summary>{exact(READER["contents"])}</summary>'
        f'<nav aria-label="{exact(READER["contents"])}"><ol>{links}</ol></nav></details>'
    )


def _bar(article: Article, mark: Mark | None, several: bool) -> str:
    """The ways on from here; it stays in sight while the text is read."""
    link = ""
    if mark:
        record = article.record
        place = exact(place_link(record.doc_id, mark.shown, mark.best, record.source.sha256))
        link = f'<a class="tool" data-act="link" href="{place}">{exact(READER["copy_link"])}</a>'
    shelf = act_button("shelf", READER["all"]) if several else ""
    return f'<div class="bar">{act_button("back", READER["back"])}{shelf}{link}</div>'


def _pieces(article: Article, mark: Mark | None) -> Iterator[str]:
    for number, piece in enumerate(article.pieces):
        if piece.left_out:
            yield f'<p class="left-out">{exact(READER["left_out"])}</p>'
            continue
        tag = "h3" if piece.words else "p"
        yield (
            f'<{tag} class="piece" id="piece-{number}" dir="auto" data-start="{piece.span.start}"'
            f' data-end="{piece.span.end}">{_text(piece, mark)}</{tag}>'
        )


def _text(piece: Piece, mark: Mark | None) -> str:
    """The piece's text; what of it was shown stands in a `mark`, the best sentence in a `strong` inside."""
    start, end = piece.span
    if not mark or mark.shown.start >= end or mark.shown.end <= start:
        return exact(piece.text)
    shown = Span(max(start, mark.shown.start), min(end, mark.shown.end))
    best = mark.best or shown
    cuts = [shown.start, *(min(max(cut, shown.start), shown.end) for cut in best), shown.end]
    before, strong, after = (
        exact(piece.text[a - start : b - start]) for a, b in zip(cuts, cuts[1:], strict=False)
    )
    ends = ""
    if shown.start == mark.shown.start:
        ends += f' id="shown" tabindex="-1" data-from="{exact(READER["shown_from"])}"'
    if shown.end == mark.shown.end:
        ends += f' data-to="{exact(READER["shown_to"])}"'
    best_sentence = f'<strong class="best-sentence">{strong}</strong>' if strong and mark.best else strong
    return (
        f"{exact(piece.text[: shown.start - start])}<mark{ends}>{before}{best_sentence}{after}</mark>"
        f"{exact(piece.text[shown.end - start :])}"
    )
