"""Writes the part of a set that teaches no model: `python -m training.held_out FOLDER OUT`.

FOLDER is in the evaluation's layout; OUT gets passages and questions of the articles that are kept apart, in the same
layout, to be measured with `python -m assistant evaluate OUT`.
"""

import json
from pathlib import Path

import click

from training.reading_examples import articles_apart, rows_of

_GROUPED = ("corpus.jsonl", "queries.jsonl", "queries_unanswerable.jsonl")
_QRELS = "qrels.tsv"


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
def main(folder: Path, out: Path) -> None:
    """Write what of FOLDER is kept apart to OUT."""
    out.mkdir(parents=True, exist_ok=True)
    apart = articles_apart(row["group"] for row in rows_of(folder / "corpus.jsonl"))
    kept = set[str]()
    for name in _GROUPED:
        if (folder / name).exists():
            rows = [row for row in rows_of(folder / name) if row["group"] in apart]
            kept |= {row["_id"] for row in rows}
            (out / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    header, *lines = (folder / _QRELS).read_text(encoding="utf-8").splitlines()
    judged = [line for line in lines if line.split("\t")[0] in kept]
    (out / _QRELS).write_text("\n".join([header, *judged]) + "\n", encoding="utf-8")
    click.echo(f"{out}: {len(apart)} articles, {len(judged)} judgements")


if __name__ == "__main__":
    main()
