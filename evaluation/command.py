"""`python -m assistant evaluate`: measures the assistant and writes what was measured."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from assistant.settings import read_settings
from evaluation.ablation import run_all
from evaluation.datasets import DEFAULT_SET, open_set
from evaluation.engine import configurations
from evaluation.errors import EvaluationError
from evaluation.interface import Engine
from evaluation.judgements import QuestionSet
from evaluation.limits import failures, parse_limit
from evaluation.report import summary, write_report

RESULTS_DIR = Path(__file__).parent / "results"


def evaluate(
    sets: Sequence[str],
    out: Path,
    fail_under: Sequence[str],
    configs: Mapping[str, Callable[[], Engine]],
    corpus_dir: Path,
) -> list[str]:
    """Measures every configuration on every set, writes the report to `out`, says which limits fail.

    Limits are on the quoted figures of the first configuration, on every set. Our own sets are asked of
    the articles in `corpus_dir`. Raises `EvaluationError`, before anything is asked, if a set or a limit
    cannot be used.
    """
    limits = [parse_limit(text) for text in fail_under]
    opened = [open_set(each, corpus_dir) for each in sets]
    _refuse_same_name(opened)
    trials = run_all(configs, opened)
    paths = write_report(trials, out)
    product = [trial for trial in trials if trial.configuration == trials[0].configuration]
    for line in [*summary(product), *(f"Wrote {path}" for path in paths)]:
        click.echo(line)
    return [
        f"{trial.run.question_set.name}: {failure}"
        for trial in product
        for failure in failures(limits, trial.figures[trial.run.question_set.parts[0]])
    ]


@click.command("evaluate")
@click.argument("sets", nargs=-1, metavar="[SET]...")
@click.option("--out", type=click.Path(path_type=Path), default=RESULTS_DIR, help="Folder for the report.")
@click.option(
    "--fail-under",
    multiple=True,
    metavar="LIMIT",
    help="Exit 1 if a figure is beyond LIMIT: success@1=0.8 (at least) or found_false_rate<=0.3. Repeatable.",
)
@click.option("--ablation", is_flag=True, help="Also measure the engine with pieces left out.")
def command(sets: tuple[str, ...], out: Path, fail_under: tuple[str, ...], ablation: bool) -> None:
    """Measure the assistant on question sets: how often it is right, and whether it knows when it is not.

    SET is the name of a folder in evaluation/sets (clonazepam if none is given) or the path of a folder
    with corpus.jsonl, queries.jsonl and qrels.tsv.
    """
    configs = configurations()
    product = next(iter(configs))
    chosen = configs if ablation else {product: configs[product]}
    failed = evaluate(sets or (DEFAULT_SET,), out, fail_under, chosen, read_settings().corpus_dir)
    for failure in failed:
        click.echo(failure, err=True)
    if failed:
        raise SystemExit(1)


def _refuse_same_name(sets: Sequence[QuestionSet]) -> None:
    names = [each.name for each in sets]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise EvaluationError(
            f"Two sets have the same name, and so would their reports: {', '.join(repeated)}"
        )
