"""What stands on the page whatever is asked, and the words that its script needs, as HTML."""

import json

from assistant.messages import DISCLAIMER, INTRODUCTION, READER, TITLE, WEB
from assistant.web.markup import act_button, exact

_WEB_WORDS = ("busy", "stopped", "no_reply", "retry", "you_asked", "copied", "not_copied", "feedback_lost")
_READER_WORDS = ("unreadable", "page_same", "page_other")


def render_standing() -> str:
    """Title, introduction, the standing disclaimer, the way to the question box, and the size of the text."""
    larger = act_button("larger", WEB["larger"], ' aria-pressed="false"')
    return (
        f'<a class="skip" href="#question" data-act="skip">{exact(WEB["skip"])}</a>'
        f'<header class="standing"><div class="top"><h1>{exact(TITLE)}</h1>'
        f'<p class="tools">{act_button("see-articles", WEB["see_articles"])}{larger}</p></div>'
        f'<p class="introduction">{exact(INTRODUCTION)}</p>'
        f'<p class="disclaimer">{exact(DISCLAIMER)}</p></header>{_words()}'
    )


def render_conversation() -> str:
    """Where the turns come to stand, and what is said to a screen reader when one has come."""
    return (
        f'<div class="turns" role="log" aria-live="off" aria-label="{exact(WEB["transcript"])}"></div>'
        '<p class="for-ears" id="said" role="status"></p>'
    )


def render_note_place() -> str:
    """Where one line stands if a question could not be answered."""
    return '<div class="note-place"></div>'


def render_side() -> str:
    """Where the list of articles, or one of them, comes to stand."""
    return f'<aside class="reader" aria-label="{exact(READER["articles"])}"><div class="reader-body"></div></aside>'


def _words() -> str:
    words = {name: WEB[name] for name in _WEB_WORDS} | {name: READER[name] for name in _READER_WORDS}
    return f'<div id="words" hidden data-words="{exact(json.dumps(words))}"></div>'
