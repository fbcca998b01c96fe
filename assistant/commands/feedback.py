"""`feedback`: what visitors said of replies, and evaluation questions made of it, each accepted by a person."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from assistant.feedback import Feedback, FeedbackFile, Verdict
from assistant.settings import ROOT, Settings, read_settings

OWN_SET = ROOT / "evaluation" / "sets" / "feedback"


@click.command("feedback")
@click.option("--review", is_flag=True, help="Make evaluation questions of it: accept or reject each.")
@click.option(
    "--set",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=OWN_SET,
    show_default="evaluation/sets/feedback",
    help="The question set that accepted questions are added to.",
)
def feedback_command(review: bool, folder: Path) -> None:
    """List what visitors said of replies. It is stored only where ASSISTANT_FEEDBACK is on."""
    settings = read_settings()
    entries = FeedbackFile(settings.feedback_file).read()
    if review:
        _review(entries, folder, settings)
        return
    for entry in entries:
        click.echo(_as_text(entry))
    click.echo(f"{len(entries)} in {settings.feedback_file}.", err=True)


def _as_text(entry: Feedback) -> str:
    passages = ", ".join(entry.passages) or "no passage"
    return f"{entry.time}  {entry.verdict.value}  {entry.kind}  {passages}\n    {entry.question}"


def _review(entries: Sequence[Feedback], folder: Path, settings: Settings) -> None:
    """Asks of each that was not reviewed yet; stopped at any moment, it goes on from there."""
    seen_file = settings.feedback_file.with_suffix(".reviewed")
    seen = set(seen_file.read_text("ascii").split()) if seen_file.exists() else set()
    texts = _articles(settings)
    for entry in entries:
        if entry.feedback_id in seen:
            continue
        click.echo(_as_text(entry))
        if click.confirm("Make an evaluation question of it?", default=False):
            name, row = _row(entry, texts)
            _append(folder / name, json.dumps(row, ensure_ascii=False))
        _append(seen_file, entry.feedback_id)


def _row(entry: Feedback, texts: dict[str, str]) -> tuple[str, dict[str, object]]:
    """The file of the set and the row for it: the exact words that answer, or else what is missing."""
    common = {"id": f"f-{entry.feedback_id}", "q": entry.question, "style": "feedback"}
    shown = next(_quotes(entry, texts), "") if entry.verdict is Verdict.HELPED else ""
    if shown:
        click.echo(f"    {shown}")
    quote = click.prompt(
        "The article's exact words that answer it (empty: none do)", shown, show_default=False
    )
    while quote and not any(quote in text for text in texts.values()):
        quote = click.prompt(
            "Not in any article. Copy the words exactly (empty: none do)", "", show_default=False
        )
    if quote:
        return "answerable.jsonl", {**common, "gold": [quote]}
    missing = click.prompt("What do the articles not say? (a few words)")
    return "unanswerable.jsonl", {**common, "near": "", "missing": missing}


def _quotes(entry: Feedback, texts: dict[str, str]) -> Iterator[str]:
    """The passages that were shown, if the articles still have them there."""
    for passage in entry.passages:
        doc_id, _, span = passage.rpartition(":")
        start, _, end = span.partition("-")
        if quote := texts.get(doc_id, "")[int(start) : int(end)]:
            yield quote


def _articles(settings: Settings) -> dict[str, str]:
    from assistant.corpus import read_corpus

    return {document.doc_id: document.text for document in read_corpus(settings.corpus_dir).documents}


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
