"""The page: what stands on it, and what happens when a question is sent or an article is opened."""

import json
import logging
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import gradio as gr

from assistant.articles import Articles
from assistant.errors import AssistantError
from assistant.feedback import FeedbackFile, Shown, Verdict, shown_of
from assistant.messages import TITLE, WEB
from assistant.types import Answer, AnswerKind
from assistant.web.opening import check_quote, open_place
from assistant.web.render import hit_link, render_feedback, render_questions, render_turn, reply_in_short
from assistant.web.standing import render_conversation, render_note_place, render_side, render_standing
from assistant.web.suggesting import Suggestions

HERE = Path(__file__).parent
REMEMBERED_QUESTIONS = 30
KEPT_SESSIONS = 500
WAITING_QUESTIONS = 64
AT_ONCE = 2
LONGEST_PASTE = 4000
SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]

_QUIETLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

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


def build_page(assistant: Answers) -> gr.Blocks:
    """The page as Gradio blocks, ready to be mounted.

    What an event brings back is data for `page.js`, which puts it on the page: a reply is added to the others,
    and nothing that stands there already is drawn anew.
    """
    page = gr.Blocks(title=TITLE, analytics_enabled=False)
    with page:
        talk = gr.State(Talk())
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="chat", min_width=0):
                _html(render_standing(), "standing")
                _html('<div class="examples-place"></div>', "examples")
                _html(render_conversation(), "conversation")
                with gr.Column(elem_id="composer"):
                    _html(render_note_place(), "note")
                    with gr.Row(elem_id="ask"):
                        box = _question_box()
                        send = gr.Button(WEB["send"], variant="primary", elem_id="send", scale=0)
                        stop = gr.Button(WEB["stop"], elem_id="stop", scale=0)
                        clear = gr.Button(WEB["clear"], elem_id="clear", scale=0)
            _html(render_side(), "side")
        suggestions = Suggestions(assistant)
        started, replied, opened, checked, judged = (_messenger() for _ in range(5))
        visitor = _messenger(
            "window.tellServer = (event, data) => trigger(event, data); // 'read' 'check' 'judge'"
        )

        starting = page.load(
            _starter(assistant, suggestions), [started], [started], js=_script("page.js"), **_QUIETLY
        )
        _then(starting, started, "started")
        asking = gr.on(
            [box.submit, send.click],
            _asker(assistant, suggestions),
            [box, talk, visitor],
            [talk, replied],
            js="(question, talk, view) => window.articlesPage.asking(question, talk, view)",
            # `page.js` lets one question wait at a time; "once" would also drop one sent just after a reply.
            trigger_mode="multiple",
            **_QUIETLY,
        )
        _then(asking, replied, "replied")
        stop.click(None, js="() => window.articlesPage.stopped()", cancels=[asking], api_visibility="private")
        clear.click(Talk, None, [talk], js="() => window.articlesPage.cleared()", **_QUIETLY)
        reading = visitor.read(_reader(assistant), None, [opened], trigger_mode="multiple", **_QUIETLY)
        checking = visitor.check(_checker(assistant), None, [checked], trigger_mode="multiple", **_QUIETLY)
        _then(reading, opened, "opened")
        _then(checking, checked, "checked")
        judging = visitor.judge(_judge(assistant), [talk], [judged], trigger_mode="multiple", **_QUIETLY)
        _then(judging, judged, "judged")
    page.state_session_capacity = KEPT_SESSIONS
    page.queue(max_size=WAITING_QUESTIONS, default_concurrency_limit=AT_ONCE, api_open=False)
    return page


def theme() -> gr.themes.Base:
    """Gradio's plainest look in the visitor's own system fonts: none is fetched from anywhere."""
    plain = gr.themes.Base(font=SYSTEM_FONTS, font_mono=["ui-monospace", "monospace"])
    # The same paper as in style.css, for the moment before it is there.
    return plain.set(body_background_fill="#f5f3ee", body_background_fill_dark="#11181a")


def _html(value: str, name: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, apply_default_css=False, padding=False, js_on_load=None)


def _messenger(on_load: str | None = None) -> Any:
    """Shows nothing: carries data from the server to the page's script, or events the other way."""
    return gr.HTML("", html_template="", elem_classes="messenger", padding=False, js_on_load=on_load)


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        label=WEB["question_label"],
        placeholder=WEB["question_placeholder"],
        lines=1,
        max_lines=6,
        max_length=LONGEST_PASTE,
        elem_id="question",
        html_attributes=gr.InputHTMLAttributes(autocomplete="off", autocorrect="off", enterkeyhint="send"),
    )


def _script(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _then(event: Any, messenger: gr.HTML, act: str) -> None:
    """Hands what came back to the page's script, or nothing if nothing came back."""
    come = f"(message) => window.articlesPage.{act}(JSON.parse(message))"
    event.success(None, [messenger], None, js=come, api_visibility="private")
    event.failure(None, js=f"() => window.articlesPage.{act}(null)", api_visibility="private")


def _starter(assistant: Answers, suggestions: Suggestions) -> Callable[[str], str]:
    def start(query: str) -> str:
        examples = render_questions(WEB["examples"], suggestions.at_first())
        return _message(examples=examples, side=open_place(assistant.articles, query))

    return start


def _asker(assistant: Answers, suggestions: Suggestions) -> Callable[[str, Talk, str], tuple[Talk, str]]:
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
            log.error("%s while answering, at %s", type(error).__name__, _where(error))
            return talk, _message(refused=WEB["broken"])

    return ask


def _reader(assistant: Answers) -> Callable[[gr.EventData], str]:
    def read(event: gr.EventData) -> str:
        query = _query(event)
        return _message(side=open_place(assistant.articles, query), query=query)

    return read


def _checker(assistant: Answers) -> Callable[[gr.EventData], str]:
    def check(event: gr.EventData) -> str:
        query = _query(event)
        return _message(proof=check_quote(assistant.articles, query), query=query)

    return check


def _judge(assistant: Answers) -> Callable[[Talk, gr.EventData], str]:
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


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
