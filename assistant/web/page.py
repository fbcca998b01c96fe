"""The page: what stands on it, and what happens when a question is sent or an article is opened."""

from pathlib import Path
from typing import Any

import gradio as gr

from assistant.messages import TITLE, WEB
from assistant.web.events import Answers as Answers
from assistant.web.events import Talk, asker, checker, judge, reader, starter
from assistant.web.standing import render_conversation, render_note_place, render_side, render_standing
from assistant.web.suggesting import Suggestions

HERE = Path(__file__).parent
KEPT_SESSIONS = 500
WAITING_QUESTIONS = 64
AT_ONCE = 2
LONGEST_PASTE = 4000
SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]

_QUIETLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


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
            starter(assistant, suggestions), [started], [started], js=_script("page.js"), **_QUIETLY
        )
        _then(starting, started, "started")
        asking = gr.on(
            [box.submit, send.click],
            asker(assistant, suggestions),
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
        reading = visitor.read(reader(assistant), None, [opened], trigger_mode="multiple", **_QUIETLY)
        checking = visitor.check(checker(assistant), None, [checked], trigger_mode="multiple", **_QUIETLY)
        _then(reading, opened, "opened")
        _then(checking, checked, "checked")
        judging = visitor.judge(judge(assistant), [talk], [judged], trigger_mode="multiple", **_QUIETLY)
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
