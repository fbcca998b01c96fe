"""`build`, `generations` and `rollback`: the index that is made of the articles."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import AssistantError, BuildBusyError
from assistant.settings import Settings, read_settings

if TYPE_CHECKING:
    from assistant.building import BuildReport

_MILLISECONDS_OF_REST = 1500
"""Several files that change together make one build."""
_MILLISECONDS_TO_RETRY = 5000
"""After so long a watch tries again if another build stood in its way."""


@click.command("build")
@click.option("--force", is_flag=True, help="Publish even if more than a fifth of the passages vanish.")
@click.option("--compare", is_flag=True, help="List the evaluation's questions that now get another answer.")
@click.option("--watch", is_flag=True, help="Stay, and build again whenever corpus/ changes.")
@click.option("--topics", is_flag=True, help="List every passage with the topics it speaks of.")
def build_command(force: bool, compare: bool, watch: bool, topics: bool) -> None:
    """Build the index from the articles in corpus/.

    Does nothing if nothing changed. If a build fails, the last good index serves on.
    """
    settings = read_settings()
    if not watch:
        _build(settings, force, compare)
        _list_topics(settings, topics)
        return
    done = _build_or_say(settings, force, compare)
    for changed in _changes(settings.corpus_dir):
        if changed or not done:
            done = _build_or_say(settings, False, compare)


@click.command("generations")
def generations_command() -> None:
    """List the index generations that are kept, newest first; the current one has a star."""
    from assistant.storage.opening import is_rolled_back, list_generations, readable_id

    index_dir = read_settings().index_dir
    current, gone_back = readable_id(index_dir), is_rolled_back(index_dir)
    for known in list_generations(index_dir):
        mark = "*" if known.build_id == current else " "
        counts = known.manifest.counts if known.manifest else None
        size = f"{counts.documents} article(s), {counts.passages} passages" if counts else "unreadable"
        note = " (rolled back to)" if gone_back and mark == "*" else ""
        click.echo(f"{mark} {known.build_id}  {size}{note}{f'; {known.problem}' if known.problem else ''}")


@click.command("rollback")
@click.argument("build_id", default="", metavar="[BUILD_ID]")
def rollback_command(build_id: str) -> None:
    """Go back to the index before the current one, or to BUILD_ID, until the next build.

    A running server takes it up within seconds. Articles stay as they are: correct them, then build.
    """
    from assistant.storage.generations import rollback
    from assistant.stores import copies_for

    settings = read_settings()
    serving = rollback(settings.index_dir, build_id, copies_for(settings.searched_by))
    click.echo(f"Now serving {serving}, until the next build.")


@contextmanager
def progress_bar(total: int) -> Iterator[Any]:
    """A progress bar on stderr that counts passages, if a person is there to see it."""
    from tqdm import tqdm

    # None: only in a terminal.
    with tqdm(total=total, desc="Building the index", unit=" passages", file=sys.stderr, disable=None) as bar:
        yield bar.update


def _build(settings: Settings, force: bool, compare: bool) -> None:
    from assistant.building import build_index
    from assistant.corpus import read_corpus
    from assistant.encoder import prepare_encoder

    corpus = read_corpus(settings.corpus_dir)
    encoder = prepare_encoder(settings)
    report = build_index(
        corpus,
        encoder,
        settings.index_dir,
        progress_bar,
        force=force,
        store=settings.searched_by,
        reader=settings.reader,
    )
    done = "Built" if report.built else "Nothing changed; the index is still"
    click.echo(f"{done} {report.build_id}: {report.documents} article(s), {report.passages} passages.")
    for line in report.account.lines() if report.account else ():
        click.echo(f"  {line}")
    if compare:
        _compare(settings, report, encoder)


def _list_topics(settings: Settings, whole: bool) -> None:
    from assistant.index import PassageIndex
    from assistant.listing import topics_as_text

    click.echo(topics_as_text(PassageIndex.open(settings.index_dir), whole))


def _build_or_say(settings: Settings, force: bool, compare: bool) -> bool:
    """A watch outlives a bad article: what is wrong is said, and the next change is built again.

    False if another build stood in the way, so that this one must be tried again.
    """
    try:
        _build(settings, force, compare)
    except BuildBusyError as error:
        click.echo(f"Error: {error}", err=True)
        return False
    except AssistantError as error:
        click.echo(f"Error: {error}", err=True)
    click.echo(f"Watching {settings.corpus_dir} for changes. Stop with Ctrl+C.", err=True)
    return True


def _changes(corpus_dir: Path) -> Iterator[set[Any]]:
    """What changed, each time that something did; nothing, each time that it is time to try again."""
    from watchfiles import watch

    from assistant.corpus_files import ARTICLES, QUESTIONS, SOURCES

    def counts(_: Any, name: str) -> bool:
        path = Path(name)
        ours = path.name == SOURCES or path.parent.name in (ARTICLES, QUESTIONS)
        return ours and not path.name.startswith(".")

    return watch(
        corpus_dir,
        watch_filter=counts,
        debounce=_MILLISECONDS_OF_REST,
        rust_timeout=_MILLISECONDS_TO_RETRY,
        yield_on_timeout=True,
        raise_interrupt=False,
    )


def _compare(settings: Settings, report: "BuildReport", encoder: Any) -> None:
    """Late, because the package does not import the evaluation."""
    if not report.account or not report.before:
        click.echo("  answers: there is no other index to compare with")
        return
    lines = import_module("evaluation.comparing").compare(settings, report.before, report.build_id, encoder)
    for line in lines:
        click.echo(f"  {line}")
