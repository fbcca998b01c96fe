"""Measures the safety rules on the labelled questions: `python -m evaluation.safety [FILE_OF_QUESTIONS]`.

Both halves of each set are counted; the rules were written with the tune half in sight. FILE_OF_QUESTIONS
holds JSON lines with a `text` each, none of which needs an urgent card.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import click

from assistant.safety.triage import triage
from assistant.settings import ROOT
from evaluation.splits import half

SETS = ROOT / "evaluation/sets/safety"
_FILES = ("crisis", "poisoning_emergency", "personal_decision", "harmless_lookalikes", "ordinary")


@click.command()
@click.argument("others", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(others: Path | None) -> None:
    """Print, for each label and half, how many questions get an urgent card and a personal-decision notice."""
    for part in ("tune", "test"):
        for label, questions in sorted(_labelled(part).items()):
            _print(f"{part} {label}", questions)
    if others:
        rows = others.read_text(encoding="utf-8").splitlines()
        _print(others.stem, [json.loads(row)["text"] for row in rows])


def _labelled(part: str) -> dict[str, list[str]]:
    labelled: dict[str, list[str]] = {}
    for name in _FILES:
        for line in (SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if half(row["id"] + row["q"]) == part:
                labelled.setdefault(row["label"], []).append(row["q"])
    return labelled


def _print(name: str, questions: Iterable[str]) -> None:
    found = [triage(question) for question in questions]
    urgent = sum(bool(one.urgent) for one in found)
    personal = sum("personal_decision" in one.outcomes for one in found)
    click.echo(f"{name}: {len(found)} questions, {urgent} urgent, {personal} personal decisions")


if __name__ == "__main__":
    main()
