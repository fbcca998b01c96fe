"""What the server does when a visitor asks, opens an article, checks a quote or judges a reply.

Each function makes the handler of one Gradio event. What a handler gives back is a message to `page.js`.
"""

import json
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import gradio as gr

from assistant.articles import Articles
from assistant.errors import AssistantError
from assistant.feedback import FeedbackFile, Shown, Verdict, shown_of
from assistant.messages import WEB
from assistant.types import Answer, AnswerKind
from assistant.web.faults import place_of
from assistant.web.opening import check_quote, open_place
from assistant.web.render import hit_link, render_feedback, render_questions, render_turn, reply_in_short
from assistant.web.suggesting import Suggestions

REMEMBERED_QUESTIONS = 30

log = logging.getLogger(__name__)


class Talk(NamedTuple):
    """What is remembered of a conversation: the subjects of the last question, and the last replies by number."""

    about: tuple[str, ...] = ()
    replies: tuple[tuple[int, Shown], ...] = ()

    def after(self, answer: Answer) -> "Talk":
        """The conversation with one more reply."""
        number = self.replies[-1][0] + 1 if self.replies else 1
        return Talk(answer.about, (*self.replies, (number, shown_of(answer)))[-REMEMBERED_QUESTIONS:])


class Answers(Protocol):
    """What the page needs of an assistant."""

    @property
    def articles(self) -> Articles | None:
        """The articles served at this moment."""

    @property
    def feedback(self) -> FeedbackFile | None:
        """Where visitors' words on replies are kept; None if they are not asked for."""

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The reply to one question; `about` are the subjects of the question before."""


def starter(assistant: Answers, suggestions: Suggestions) -> Callable[[str], str]:
    """What stands on the page when it opens; the query is that of its address."""

    def start(query: str) -> str:
        examples = render_questions(WEB["examples"], suggestions.at_first())
        return _message(examples=examples, side=open_place(assistant.articles, query))

    return start


def asker(assistant: Answers, suggestions: Suggestions) -> Callable[[str, Talk, str], tuple[Talk, str]]:
    """The reply to a question, or one line that says why there is none."""

    def reply(question: str, talk: Talk, view: str) -> tuple[Talk, str]:
        answer = assistant.ask(question, talk.about)
        talk = talk.after(answer)
        asked = [shown.question for _, shown in talk.replies]
        wanted = assistant.feedback and answer.kind is not AnswerKind.URGENT
        feedback = render_feedback(talk.replies[-1][0]) if wanted else ""
        turn = render_turn(answer, suggestions.after(answer, asked), feedback)
        # Beside the chat the article opens by itself, in the same message: two at once can pass each other.
        side = open_place(assistant.articles, hit_link(answer.hits[0])) if view and answer.hits else ""
        return talk, _message(turn=turn, said=reply_in_short(answer), side=side)

    def ask(question: str, talk: Talk, view: str) -> tuple[Talk, str]:
        try:
            return reply(question, talk, view)
        except AssistantError as error:
            return talk, _message(refused=str(error))
        except Exception as error:  # noqa: BLE001
            # The outermost wall: left to Gradio, the traceback it prints could quote the question.
            log.error("%s while answering, at %s", type(error).__name__, place_of(error))
            return talk, _message(refused=WEB["broken"])

    return ask


def reader(assistant: Answers) -> Callable[[gr.EventData], str]:
    """The article that a link of the page leads to."""

    def read(event: gr.EventData) -> str:
        query = _query(event)
        return _message(side=open_place(assistant.articles, query), query=query)

    return read


def checker(assistant: Answers) -> Callable[[gr.EventData], str]:
    """A quote, read again from its file."""

    def check(event: gr.EventData) -> str:
        query = _query(event)
        return _message(proof=check_quote(assistant.articles, query), query=query)

    return check


def judge(assistant: Answers) -> Callable[[Talk, gr.EventData], str]:
    """Stores what a visitor says of a reply."""

    def judge(talk: Talk, event: gr.EventData) -> str:
        # Only the number and the verdict are the browser's: what was asked and shown, the server knows.
        data = event._data if isinstance(event._data, dict) else {}
        shown = dict(talk.replies).get(data.get("number", 0))
        verdict = next((verdict for verdict in Verdict if verdict.value == data.get("verdict")), None)
        kept = assistant.feedback
        stored = bool(kept and shown and verdict and _stored(kept, shown, verdict))
        return _message(thanks=WEB["feedback_thanks" if stored else "feedback_lost"])

    return judge


def _stored(kept: FeedbackFile, shown: Shown, verdict: Verdict) -> bool:
    try:
        return kept.add(shown, verdict)
    except OSError as error:
        log.error("Feedback could not be stored: %s", error.strerror)
        return False


def _query(event: gr.EventData) -> str:
    query = event._data.get("query") if isinstance(event._data, dict) else None
    return query if isinstance(query, str) else ""


def _message(**parts: str) -> str:
    # Gradio looks for tags in what it carries, and warns of those of a hostile article.
    return json.dumps(parts).replace("<", "\\u003c")
