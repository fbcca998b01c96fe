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
from evaluation.limits import Limit, failures, parse_limit
from evaluation.report import summary, write_report
from evaluation.safety_figures import SAFETY_NAMES, SafetyTrial, measure_safety
from evaluation.safety_report import safety_summary, write_safety_report
from evaluation.safety_sets import PARTS, SafetySet, is_safety_set, open_safety_set

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
    safety = [open_safety_set(each) for each in sets if is_safety_set(each)]
    opened = [open_set(each, corpus_dir) for each in sets if not is_safety_set(each)]
    _refuse_same_name([*(each.name for each in opened), *(each.name for each in safety)])
    of_safety = [limit for limit in limits if limit.name in SAFETY_NAMES]
    of_answers = [limit for limit in limits if limit.name not in SAFETY_NAMES]
    if (of_safety and not safety) or (of_answers and not opened):
        raise EvaluationError(
            f"None of the sets has the figure {(of_answers if safety else of_safety)[0].name}. Name one that has."
        )
    failed: list[str] = []
    if opened:
        failed += _of_answers(opened, out, of_answers, configs)
    if safety:
        failed += _of_safety(safety, out, of_safety)
    return failed


def _of_answers(
    sets: Sequence[QuestionSet],
    out: Path,
    limits: Sequence[Limit],
    configs: Mapping[str, Callable[[], Engine]],
) -> list[str]:
    trials = run_all(configs, sets)
    paths = write_report(trials, out)
    product = [trial for trial in trials if trial.configuration == trials[0].configuration]
    _say([*summary(product), *(f"Wrote {path}" for path in paths)])
    return [
        f"{trial.run.question_set.name}: {failure}"
        for trial in product
        for failure in failures(limits, trial.figures[trial.run.question_set.parts[0]])
    ]


def _of_safety(sets: Sequence[SafetySet], out: Path, limits: Sequence[Limit]) -> list[str]:
    trials = [measure_safety(each) for each in sets]
    paths = write_safety_report(trials, out)
    _say([*safety_summary(trials), *(f"Wrote {path}" for path in paths)])
    return [
        f"{trial.safety_set.name}: {failure}"
        for limit in limits
        for trial in _with(limit.name, trials)
        for failure in failures([limit], trial.figures[PARTS[0]])
    ]


def _with(name: str, trials: Sequence[SafetyTrial]) -> Sequence[SafetyTrial]:
    """The trials that have this figure: public sets have other figures than ours. If none has, the last fails."""
    return [trial for trial in trials if name in trial.figures[PARTS[0]]] or trials[-1:]


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(line)


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
@click.option(
    "--against", multiple=True, metavar="NAME", help="Of the ablation, measure this alone. Repeatable."
)
def command(
    sets: tuple[str, ...], out: Path, fail_under: tuple[str, ...], ablation: bool, against: tuple[str, ...]
) -> None:
    """Measure the assistant on question sets: how often it is right, and whether it knows when it is not.

    SET is the name of a folder in evaluation/sets (clonazepam if none is given) or the path of a folder
    with corpus.jsonl, queries.jsonl and qrels.tsv. The set `safety`, or a folder with xstest.jsonl and its
    companions, measures the safety rules instead: what they miss and their false alarms.
    """
    configs = configurations()
    if unknown := [name for name in against if name not in configs]:
        raise EvaluationError(f"There is no {unknown[0]!r} to compare with. Choose of: {', '.join(configs)}.")
    if ablation and against:
        raise EvaluationError("--ablation measures every configuration; give it or --against.")
    product = next(iter(configs))
    chosen = configs if ablation else {name: configs[name] for name in (product, *against)}
    failed = evaluate(sets or (DEFAULT_SET,), out, fail_under, chosen, read_settings().corpus_dir)
    for failure in failed:
        click.echo(failure, err=True)
    if failed:
        raise SystemExit(1)


def _refuse_same_name(names: Sequence[str]) -> None:
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise EvaluationError(
            f"Two sets have the same name, and so would their reports: {', '.join(repeated)}"
        )
