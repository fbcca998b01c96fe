"""Replies as HTML: the fixed words, then each passage exactly, then the disclaimer once."""

from collections.abc import Iterable, Iterator, Sequence

from assistant.feedback import Verdict
from assistant.messages import KIND_LABELS, WEB
from assistant.safety.cards import CARD_IDS, Contact
from assistant.types import Answer, AnswerKind, Hit, Notice, Span
from assistant.web.citing import citation
from assistant.web.markup import act_button, encodable, exact, place_link, render_facts


def render_turn(answer: Answer, follow_ups: Sequence[str] = (), feedback: str = "") -> str:
    """A question, the reply to it, `feedback` as HTML, and questions that can be asked next."""
    return (
        f'<article class="turn">{render_question(answer.question)}{render_answer(answer)}{feedback}'
        f"{render_questions(WEB['follow_ups'], follow_ups)}</article>"
    )


def render_question(question: str) -> str:
    """The question as it stands in the conversation, with a way to ask it in other words."""
    words = exact(encodable(question))
    change = act_button("change", WEB["change"], f' aria-label="{exact(WEB["change_question"])}"')
    return (
        f'<header class="asked"><h2 class="question" dir="auto"><span class="for-ears">{exact(WEB["you_asked"])}: '
        f"</span><bdi>{words}</bdi></h2>{change}</header>"
    )


def render_answer(answer: Answer) -> str:
    """One reply: its kind in words, the notices, the passages, and the disclaimer once."""
    # A card is an alert itself, and one alert inside another would be read out twice.
    has_card = any(notice.id in CARD_IDS for notice in answer.notices)
    role = ' role="alert"' if answer.kind is AnswerKind.URGENT and not has_card else ""
    best = f'<p class="best">{exact(WEB["best"])}</p>' if answer.hits else ""
    return (
        f'<section class="reply" data-kind="{answer.kind.value}"{role}>'
        f'<h3 class="kind">{exact(KIND_LABELS[answer.kind.value])}</h3>'
        + "".join(map(render_notice, answer.notices))
        + "".join(_with_facts_once(answer.hits))
        + best
        + f'<p class="disclaimer">{exact(answer.disclaimer)}</p></section>'
    )


def render_notice(notice: Notice) -> str:
    """A notice as a paragraph, or with whom to call; an urgent card's numbers come with an alert."""
    if not notice.contacts and notice.id not in CARD_IDS:
        return f'<p class="notice" data-notice="{exact(notice.id)}">{exact(notice.text)}</p>'
    urgent = ' class="card" role="alert"' if notice.id in CARD_IDS else ' class="notice"'
    lines = notice.text.split("\n")
    heading = f'<h4 class="heading">{exact(notice.heading)}</h4>' if notice.heading else ""
    words = lines[bool(notice.heading) : len(lines) - len(notice.contacts)]
    contacts = "".join(f"<li>{_contact(Contact(*contact))}</li>" for contact in notice.contacts)
    said = "".join(f"<p>{exact(line)}</p>" for line in words)
    called = f'<ul class="contacts">{contacts}</ul>' if contacts else ""
    # On a card whom to call comes before the words: on a phone it is then in sight at once.
    body = called + said if notice.id in CARD_IDS else said + called
    return f'<div{urgent} data-notice="{exact(notice.id)}">{heading}{body}</div>'


def render_hit(hit: Hit, facts: bool = True) -> str:
    """A passage, and under it the article it was taken from, with what is known of that if `facts`."""
    return (
        f'<figure class="extract" data-copy="{exact(citation(hit))}">'
        f"{render_passage(hit)}{render_source(hit, facts)}</figure>"
    )


def render_passage(hit: Hit) -> str:
    """The passage alone: the element's `textContent` is exactly `hit.passage.text`."""
    passage = hit.passage
    start, end = (offset - passage.start for offset in hit.highlight)
    return (
        f'<blockquote class="passage" dir="auto" data-doc="{exact(passage.doc_id)}"'
        f' data-start="{passage.start}" data-end="{passage.end}">'
        f"{exact(passage.text[:start])}<mark>{exact(passage.text[start:end])}</mark>"
        f"{exact(passage.text[end:])}</blockquote>"
    )


def render_source(hit: Hit, facts: bool = True) -> str:
    """Which article and section, what is known of it if `facts`, and what can be done with the passage."""
    passage = hit.passage
    section = f'<p class="section"><bdi>{exact(passage.heading)}</bdi></p>' if passage.heading else ""
    link = exact(hit_link(hit))
    return (
        f'<figcaption class="source"><p class="title"><cite dir="auto">{exact(hit.title)}</cite></p>{section}'
        f"{render_facts(hit.source) if facts else ''}"
        f'<p class="tools"><a class="tool open" href="{link}">{exact(WEB["see_source"])}</a>'
        f"{act_button('copy', WEB['copy'])}{act_button('check', WEB['check'])}</p></figcaption>"
    )


def hit_link(hit: Hit) -> str:
    """The link that opens the article at the passage of the hit."""
    passage = hit.passage
    return place_link(passage.doc_id, Span(passage.start, passage.end), hit.highlight, hit.source.sha256)


def render_questions(words: str, questions: Iterable[str]) -> str:
    """Questions that are asked when pressed, or nothing."""
    buttons = "".join(
        f'<li><button type="button" class="suggestion" data-act="ask" dir="auto">{exact(question)}</button></li>'
        for question in questions
    )
    return f'<div class="suggestions"><p>{exact(words)}</p><ul>{buttons}</ul></div>' if buttons else ""


def render_feedback(number: int) -> str:
    """What can be said of reply `number`, and what is stored if it is."""
    buttons = "".join(
        act_button("verdict", WEB[f"feedback_{verdict.value}"], f' data-verdict="{verdict.value}"')
        for verdict in Verdict
    )
    return (
        f'<div class="feedback" data-number="{number}"><p>{exact(WEB["feedback"])}</p>'
        f'<p class="tools">{buttons}</p><p class="stored">{exact(WEB["feedback_stored"])}</p></div>'
    )


def reply_in_short(answer: Answer) -> str:
    """What a screen reader says when the reply has come; an urgent card says itself."""
    kind = WEB["said"].format(kind=KIND_LABELS[answer.kind.value], count=len(answer.hits))
    notices = [notice.text for notice in answer.notices if notice.id not in CARD_IDS]
    first = [answer.hits[0].passage.text] if answer.hits else []
    return "\n".join([kind, *notices, *first])


def _with_facts_once(hits: Sequence[Hit]) -> Iterator[str]:
    """What is known of an article stands under its last passage of those that follow each other."""
    after = [hit.passage.doc_id for hit in hits[1:]]
    for hit, next_doc in zip(hits, [*after, ""], strict=False):
        yield render_hit(hit, next_doc != hit.passage.doc_id)


def _contact(contact: Contact) -> str:
    number = f'<span class="number">{exact(contact.number)}</span>' if contact.number else ""
    line = exact(contact.line.removesuffix(contact.number)) + number
    return f'<a href="tel:{contact.tel}">{line}</a>' if contact.tel else f"<strong>{line}</strong>"
