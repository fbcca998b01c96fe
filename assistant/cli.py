"""The command line: results to stdout, progress and errors to stderr, expected errors exit 2."""

import gc
import json
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

import click

from assistant.commands.articles import add_command, list_command, remove_command, replace_command
from assistant.commands.checking import check_command
from assistant.commands.exporting import export_command
from assistant.commands.feedback import feedback_command
from assistant.commands.indexes import build_command, generations_command, progress_bar, rollback_command
from assistant.commands.mcp import mcp_command
from assistant.errors import AssistantError, QuestionError
from assistant.settings import Settings, read_settings
from assistant.version import VERSION

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from assistant.safety.urgent import UrgentOnly

# Word lists and rules are hundreds of thousands of objects that stay: collecting among them finds nothing.
gc.set_threshold(50_000, 20, 100)


class _Group(click.Group):
    """Shows an expected error as one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AssistantError as error:
            raise _OneLine(" ".join(str(error).split())) from error


class _OneLine(click.ClickException):
    exit_code = 2


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="assistant")
def main() -> None:
    """Ask trusted articles a question and get their own words, word for word.

    Settings come from ASSISTANT_* environment variables; the README lists them.
    """


@main.command()
@click.argument("question", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option("--explain", is_flag=True, help="Print also, as JSON, the signals behind the decision.")
@click.option(
    "--batch",
    type=click.File("r", encoding="utf-8", errors="surrogateescape"),
    metavar="FILE|-",
    help="Answer many questions: one a line, or JSON lines with a field q; one JSON answer a line.",
)
def ask(question: tuple[str, ...], as_json: bool, explain: bool, batch: TextIO | None) -> None:
    """Answer QUESTION from the articles.

    In a batch, empty lines are passed over, the fields of a JSON line are echoed, and a line that
    cannot be answered gives {"error": …} in its place and exit status 2 at the end.
    """
    from assistant.contract import answer_as_json
    from assistant.plain_text import answer_as_text

    if bool(question) == bool(batch):
        raise click.UsageError("Give either a QUESTION or --batch FILE.")
    _write_utf8()
    assistant = _open_or_urgent()
    if batch:
        _ask_batch(assistant, batch)
        return
    answer = assistant.ask(" ".join(question))
    click.echo(answer_as_json(answer) if as_json else answer_as_text(answer))
    if explain:
        click.echo(json.dumps(dict(answer.signals), ensure_ascii=False, indent=2), err=as_json)


class _Evaluate(click.Command):
    """Stands in for `evaluation`, which the package does not import, until it is asked for."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        return _evaluation().main(*arguments, **options)

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        return _evaluation().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        return ctx.command.invoke(ctx)


def _evaluation() -> click.Command:
    command: click.Command = import_module("evaluation.command").command
    return command


for _command in (add_command, replace_command, remove_command, list_command):
    main.add_command(_command)
for _command in (build_command, check_command, export_command, generations_command, rollback_command):
    main.add_command(_command)
main.add_command(mcp_command)
main.add_command(feedback_command)
main.add_command(_Evaluate("evaluate", short_help="Measure the assistant on question sets."))


@main.command()
@click.option("--host", help="Address to listen on.  [default: ASSISTANT_HOST or 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on.  [default: ASSISTANT_PORT or 7860]")
def serve(host: str | None, port: int | None) -> None:
    """Serve the web chat, building the index first if there is none."""
    overrides = {key: value for key, value in {"host": host, "port": port}.items() if value is not None}
    serve_settings(read_settings(**overrides))


def serve_settings(settings: Settings) -> None:
    """Builds the index if there is none, and serves the web chat until stopped."""
    from assistant.serving import open_live
    from assistant.web.server import serve as serve_web

    live = open_live(settings, progress_bar, _warn)
    live.watch()
    serve_web(live, settings, live.health, live)


def _open_or_urgent() -> "Assistant | UrgentOnly":
    """An emergency card is shown whatever the state of the index."""
    from assistant.answering import Assistant
    from assistant.safety.urgent import UrgentOnly

    settings = read_settings()
    try:
        return Assistant.open(settings=settings)
    except AssistantError as error:
        return UrgentOnly(error, settings.region)


def _ask_batch(assistant: "Assistant | UrgentOnly", lines: TextIO) -> None:
    from assistant.contract import answer_as_dict

    failed = 0
    for line in lines:
        if not line.strip():
            continue
        fields, question = _read_line(line)
        try:
            result = answer_as_dict(assistant.ask(question))  # type: ignore[arg-type]
        except QuestionError as error:
            result = {"error": str(error)}
            failed += 1
        # ASCII only: no character of a passage can then look like the end of a line.
        click.echo(json.dumps({**fields, **result}, ensure_ascii=True))
    if failed:
        raise _OneLine(f"{failed} question(s) could not be answered; see their error fields.")


def _read_line(line: str) -> tuple[dict[str, Any], object]:
    """The fields to echo, and the question."""
    try:
        fields = json.loads(line)
    except ValueError:
        fields = None
    if isinstance(fields, dict) and "q" in fields:
        return fields, fields["q"]
    return {}, line


def _write_utf8() -> None:
    # Passages are shown exactly, whatever the terminal's own encoding and line ends.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")


def _warn(message: str) -> None:
    click.echo(message, err=True)
