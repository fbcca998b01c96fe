"""The chat page: what stands on it, and what happens when a question is sent."""

import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import gradio as gr

from assistant.errors import AssistantError
from assistant.messages import DISCLAIMER, INTRODUCTION, TITLE, WEB
from assistant.types import Answer
from assistant.web.render import render_busy, render_conversation, render_note, render_standing, render_turn

HERE = Path(__file__).parent
KEPT_TURNS = 30
KEPT_SESSIONS = 500
WAITING_QUESTIONS = 64
AT_ONCE = 2
LONGEST_PASTE = 4000
SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]

log = logging.getLogger(__name__)

Turns = tuple[str, ...]
About = tuple[str, ...]
Update = tuple[Any, Any, Turns, About, str]
"""New contents of the question box, the conversation, the turns and subjects remembered, and the note."""


class Answers(Protocol):
    """What the page needs of an assistant."""

    @property
    def examples(self) -> tuple[str, ...]:
        """Questions known to be answered."""

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The reply to one question; `about` are the subjects of the question before."""


def build_page(assistant: Answers) -> gr.Blocks:
    """The chat as Gradio blocks, ready to be mounted."""
    page = gr.Blocks(title=TITLE, analytics_enabled=False)
    with page:
        turns, about = gr.State(()), gr.State(())
        _html(render_standing(TITLE, INTRODUCTION, DISCLAIMER), "standing")
        examples = _example_buttons(assistant.examples)
        conversation = _html(render_conversation(()), "conversation")
        with gr.Column(elem_id="composer"):
            note = _html("", "note")
            with gr.Row(elem_id="ask"):
                box = _question_box()
                send = gr.Button(WEB["send"], variant="primary", elem_id="send", scale=0)
                clear = gr.Button(WEB["clear"], elem_id="clear", scale=0)

        updates = [box, conversation, turns, about, note]
        _when([box.submit, send.click], _asker(assistant), [box, turns, about], updates)
        for example in examples:
            _when([example.click], _asker(assistant), [example, turns, about], updates)
        _when([clear.click], _cleared, [], updates)
    page.state_session_capacity = KEPT_SESSIONS
    page.queue(max_size=WAITING_QUESTIONS, default_concurrency_limit=AT_ONCE, api_open=False)
    return page


def theme() -> gr.themes.Base:
    """Gradio's plainest look in the visitor's own system fonts: none is fetched from anywhere."""
    plain = gr.themes.Base(font=SYSTEM_FONTS, font_mono=["ui-monospace", "monospace"])
    # The same paper as in style.css, for the moment before it is there.
    return plain.set(body_background_fill="#f5f3ee", body_background_fill_dark="#11181a")


def _html(value: str, name: str | None = None) -> gr.HTML:
    return gr.HTML(value, elem_id=name, apply_default_css=False, padding=False, js_on_load=None)


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


def _example_buttons(examples: tuple[str, ...]) -> list[gr.Button]:
    if not examples:
        return []
    with gr.Column(elem_id="examples"):
        _html(f"<p>{WEB['examples']}</p>")
        return [gr.Button(example, elem_classes="example") for example in examples]


def _when(triggers: list[Any], act: Callable[..., Any], inputs: list[Any], outputs: list[Any]) -> None:
    done = gr.on(
        triggers, act, inputs, outputs, show_progress="hidden", api_visibility="private", trigger_mode="once"
    )
    done.then(None, js=(HERE / "page.js").read_text(encoding="utf-8"), api_visibility="private")


def _asker(assistant: Answers) -> Callable[[str, Turns, About], Iterator[Update]]:
    def ask(question: str, turns: Turns, about: About) -> Iterator[Update]:
        yield gr.skip(), gr.skip(), turns, about, render_busy()
        answer, trouble = _answered(assistant, question, about)
        if answer is None:
            yield gr.skip(), gr.skip(), turns, about, render_note(trouble)
        else:
            turns = (*turns, render_turn(answer))[-KEPT_TURNS:]
            yield "", render_conversation(turns), turns, answer.about, ""

    return ask


def _answered(assistant: Answers, question: str, about: About) -> tuple[Answer | None, str]:
    """The answer, or else one line saying what is wrong."""
    try:
        return assistant.ask(question, tuple(about)), ""
    except AssistantError as error:
        return None, str(error)
    except Exception as error:  # noqa: BLE001
        # The outermost wall: left to Gradio, the traceback it prints could quote the question.
        log.error("%s while answering, at %s", type(error).__name__, _where(error))
        return None, WEB["broken"]


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)


def _cleared() -> Update:
    return "", render_conversation(()), (), (), ""
