"""Answers as HTML: every word of an article or a question is escaped and kept exactly as it is."""

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from assistant.messages import KIND_LABELS, UNKNOWN, WEB
from assistant.safety.cards import CARD_IDS, Contact
from assistant.types import Answer, AnswerKind, Hit, Notice, Source

NOT_KNOWN = "unknown"


def render_standing(title: str, introduction: str, disclaimer: str) -> str:
    """What stands at the top of the page, whatever is asked."""
    return (
        f'<header class="standing"><h1>{_exact(title)}</h1><p class="introduction">{_exact(introduction)}</p>'
        f'<p class="disclaimer">{_exact(disclaimer)}</p></header>'
    )


def render_turn(answer: Answer) -> str:
    """A question and the reply to it."""
    return f'<article class="turn">{render_question(answer.question)}{render_answer(answer)}</article>'


def render_conversation(turns: Iterable[str]) -> str:
    """The turns so far, announced by screen readers as they are added."""
    return f'<div class="turns" role="log" aria-label="{_exact(WEB["transcript"])}">{"".join(turns)}</div>'


def render_note(message: str) -> str:
    """One line beside the question box, or nothing."""
    return f'<p class="note" role="alert">{_exact(message)}</p>' if message else ""


def render_busy() -> str:
    """The sign that a reply is being looked for."""
    return f'<p class="busy" role="status">{_exact(WEB["busy"])}</p>'


def render_question(question: str) -> str:
    """The question as it stands in the conversation."""
    return (
        f'<h2 class="question" dir="auto"><span class="for-ears">{_exact(WEB["you_asked"])}: </span>'
        f"<bdi>{_exact(_encodable(question))}</bdi></h2>"
    )


def render_answer(answer: Answer) -> str:
    """One reply: its kind in words, the notices, the passages, and the disclaimer once."""
    # A card is an alert itself, and one alert inside another would be read out twice.
    has_card = any(notice.id in CARD_IDS for notice in answer.notices)
    role = ' role="alert"' if answer.kind is AnswerKind.URGENT and not has_card else ""
    best = f'<p class="best">{_exact(WEB["best"])}</p>' if answer.hits else ""
    return (
        f'<section class="reply" data-kind="{answer.kind.value}"{role}>'
        f'<h3 class="kind">{_exact(KIND_LABELS[answer.kind.value])}</h3>'
        + "".join(map(render_notice, answer.notices))
        + "".join(map(render_hit, answer.hits))
        + best
        + f'<p class="disclaimer">{_exact(answer.disclaimer)}</p></section>'
    )


def render_notice(notice: Notice) -> str:
    """A notice as a paragraph, or an urgent card whose numbers can be pressed to call."""
    if notice.id not in CARD_IDS:
        return f'<p class="notice" data-notice="{_exact(notice.id)}">{_exact(notice.text)}</p>'
    lines = notice.text.split("\n")
    heading = f'<h4 class="heading">{_exact(notice.heading)}</h4>' if notice.heading else ""
    words = lines[bool(notice.heading) : len(lines) - len(notice.contacts)]
    contacts = "".join(f"<li>{_contact(Contact(*contact))}</li>" for contact in notice.contacts)
    return (
        f'<div class="card" role="alert" data-notice="{_exact(notice.id)}">{heading}'
        + "".join(f"<p>{_exact(line)}</p>" for line in words)
        + (f'<ul class="contacts">{contacts}</ul></div>' if contacts else "</div>")
    )


def render_hit(hit: Hit) -> str:
    """A passage, and under it the article it was taken from."""
    return f'<figure class="extract">{render_passage(hit)}{render_source(hit)}</figure>'


def render_passage(hit: Hit) -> str:
    """The passage alone: the element's `textContent` is exactly `hit.passage.text`."""
    passage = hit.passage
    start, end = (offset - passage.start for offset in hit.highlight)
    return (
        f'<blockquote class="passage" dir="auto" data-doc="{_exact(passage.doc_id)}"'
        f' data-start="{passage.start}" data-end="{passage.end}">'
        f"{_exact(passage.text[:start])}<mark>{_exact(passage.text[start:end])}</mark>"
        f"{_exact(passage.text[end:])}</blockquote>"
    )


def render_source(hit: Hit) -> str:
    """Which article and section, who published it, and on what terms."""
    heading = hit.passage.heading
    section = f'<p class="section"><bdi>{_exact(heading)}</bdi></p>' if heading else ""
    facts = "".join(
        f'<div class="fact"><dt>{_exact(WEB[name])}</dt> <dd>{value}</dd></div>'
        for name, value in _facts(hit.source)
    )
    return (
        f'<figcaption class="source"><p class="title"><cite dir="auto">{_exact(hit.title)}</cite></p>'
        f'{section}<dl class="facts">{facts}</dl></figcaption>'
    )


def _contact(contact: Contact) -> str:
    line = _exact(contact.line)
    return f'<a href="tel:{contact.tel}">{line}</a>' if contact.tel else f"<strong>{line}</strong>"


def _facts(source: Source) -> tuple[tuple[str, str], ...]:
    return (
        ("publisher", _fact(source.publisher)),
        ("reviewed", _fact(source.reviewed)),
        ("licence", _fact(source.licence)),
        ("link", _link(source.url)),
    )


def _fact(value: str) -> str:
    return f"<bdi>{_exact(value if value != NOT_KNOWN else UNKNOWN)}</bdi>"


def _link(url: str) -> str:
    if not _leads_to_the_web(url):
        return _fact(url)
    return f'<a href="{_exact(url)}" target="_blank" rel="noopener noreferrer">{_fact(url)}</a>'


def _leads_to_the_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _exact(text: str) -> str:
    # HTML turns a bare carriage return into a line feed; written as a reference it survives.
    return escape(text).replace("\r", "&#13;")


def _encodable(text: str) -> str:
    # A browser can send half of a surrogate pair, which no reply could carry back.
    return text.encode("utf-8", "replace").decode("utf-8")
