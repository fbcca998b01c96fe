"""`add`, `replace`, `remove` and `list`: the articles of the corpus."""

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assistant.errors import CorpusError
from assistant.settings import read_settings

if TYPE_CHECKING:
    from assistant.library.adding import Decide
    from assistant.library.drafts import Draft, Facts
    from assistant.library.reports import Outcome

_Command = TypeVar("_Command", bound=Callable[..., Any])
_BUILD = "Then run: python -m assistant build"
_SOME_FAILED, _NONE_DONE = 1, 2


def _facts_options(command: _Command) -> _Command:
    """What can be said of a document; the same for `add` and `replace`."""
    for option in reversed(
        (
            click.option("--title", default="", help="Its title.  [default: its first heading]"),
            click.option("--publisher", default="", help="Who published it."),
            click.option("--url", default="", help="Where it stands on the web."),
            click.option("--licence", default="", help="On what terms it may be shown."),
            click.option("--reviewed", default="", metavar="DATE", help="Last review: YYYY, -MM, -MM-DD."),
            click.option(
                "--about", multiple=True, metavar="NAME", help="A medicine or condition. Repeatable."
            ),
            click.option("--encoding", default="", help="Of its characters, if it is not UTF-8."),
            click.option("--accept-skips", is_flag=True, help="Never show what looks like no article."),
            click.option("--yes", is_flag=True, help="Ask nothing, also in a terminal."),
            click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
        )
    ):
        command = option(command)
    return command


@click.command("add")
@click.argument("sources", nargs=-1, required=True, metavar="FILE|FOLDER|-…")
@click.option("--id", "doc_id", default="", help="Its short name.  [default: from the file's name]")
@_facts_options
def add_command(sources: tuple[str, ...], doc_id: str, **options: Any) -> None:
    """Bring documents into corpus/: .txt, .md, .html, .pdf, .docx, folders of them, or - for pasted text.

    Prints what was left out of each text. Exit status 1 if some were refused, 2 if all were.
    """
    from assistant.ingest.files import read_pasted
    from assistant.library.adding import add

    single = len(sources) == 1 and not Path(sources[0]).is_dir()
    if doc_id and not single:
        raise click.UsageError("--id is for one document.")
    given = [read_pasted(sys.stdin.buffer) if name == "-" else Path(name) for name in sources]
    decide = _decider(options, single and sources[0] != "-")
    outcomes = list(add(read_settings().corpus_dir, given, _facts(options), doc_id, decide))
    _report(outcomes, options["as_json"])


@click.command("replace")
@click.argument("doc_id", metavar="ID")
@click.argument("source", metavar="FILE|-")
@click.option("--drop-lost-questions", is_flag=True, help="Drop curated questions that quote lost words.")
@_facts_options
def replace_command(doc_id: str, source: str, drop_lost_questions: bool, **options: Any) -> None:
    """Give the article ID another text, and print the sentences that went and came."""
    from assistant.errors import DocumentRefusedError
    from assistant.ingest.files import read_original, read_pasted
    from assistant.library.replacing import replace
    from assistant.library.reports import REFUSED, Outcome

    try:
        original = read_pasted(sys.stdin.buffer) if source == "-" else read_original(Path(source))
    except DocumentRefusedError as error:
        _report(
            [Outcome(source, REFUSED, doc_id, reason=error.reason, message=str(error))], options["as_json"]
        )
        return
    decide = _decider(options, source != "-")
    corpus_dir = read_settings().corpus_dir
    _report(
        [replace(corpus_dir, doc_id, original, _facts(options), decide, drop_lost_questions)],
        options["as_json"],
    )


@click.command("remove")
@click.argument("doc_ids", nargs=-1, required=True, metavar="ID…")
@click.option("--yes", is_flag=True, help="Do not ask, also in a terminal.")
def remove_command(doc_ids: tuple[str, ...], yes: bool) -> None:
    """Take articles, and their curated questions, out of corpus/."""
    from assistant.library.replacing import remove

    if not yes and _has_terminal():
        click.confirm(f"Delete the text and the questions of {', '.join(doc_ids)}?", abort=True)
    remove(read_settings().corpus_dir, doc_ids)
    click.echo(f"Removed {', '.join(doc_ids)}. {_BUILD}")


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the entries as JSON.")
def list_command(as_json: bool) -> None:
    """List the articles of corpus/."""
    from assistant.library.changes import entries_of

    entries = entries_of(read_settings().corpus_dir)
    if as_json:
        click.echo(
            json.dumps([entry.model_dump(mode="json") for entry in entries], ensure_ascii=True, indent=2)
        )
        return
    for entry in entries:
        origin = f", from {entry.original.name}" if entry.original else ""
        click.echo(f"{entry.id}: {entry.title}")
        click.echo(
            f"  about {', '.join(entry.subjects)}; {entry.publisher}, reviewed {entry.reviewed}{origin}"
        )


def _facts(options: dict[str, Any]) -> "Facts":
    from assistant.library.drafts import Facts

    names = ("title", "publisher", "url", "licence", "reviewed", "about", "encoding")
    return Facts(**{name: options[name] for name in names})


def _decider(options: dict[str, Any], one_file: bool) -> "Decide":
    from assistant.library.adding import accept_skips, as_proposed

    if options["accept_skips"]:
        return accept_skips
    ask = one_file and _has_terminal() and not options["yes"] and not options["as_json"]
    return _ask_person if ask else as_proposed


def _ask_person(draft: "Draft") -> "Draft":
    """Shows what is proposed and takes a person's word for it."""
    from dataclasses import replace

    title = click.prompt("Title", default=draft.facts["title"])
    about = click.prompt("About (names parted by commas)", default=", ".join(draft.facts["subjects"]))
    subjects = tuple(name.strip() for name in about.split(",") if name.strip())
    accepted = tuple(
        proposal
        for proposal in draft.proposed
        if click.confirm(f"{proposal.why.capitalize()}: {proposal.text!r}. Never show it?", default=True)
    )
    facts = {**draft.facts, "title": title, "subjects": subjects}
    return replace(draft, facts=facts).accepting(accepted)


def _has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _report(outcomes: Iterable["Outcome"], as_json: bool) -> None:
    from assistant.library.reports import ADDED, REFUSED, REPLACED, as_data, as_lines

    outcomes = list(outcomes)
    if as_json:
        click.echo(json.dumps(as_data(outcomes), ensure_ascii=True, indent=2))
    else:
        for outcome in outcomes:
            for line in as_lines(outcome):
                click.echo(line)
        if any(outcome.status in (ADDED, REPLACED) for outcome in outcomes):
            click.echo(_BUILD)
    refused = sum(outcome.status == REFUSED for outcome in outcomes)
    if not outcomes:
        raise CorpusError("There is no .txt, .md, .html, .pdf or .docx file there.")
    if refused:
        sys.exit(_NONE_DONE if refused == len(outcomes) else _SOME_FAILED)
