"""Writes what was measured: `<set>.json` for scripts, `ablation.json`, and `report.html` for people."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from evaluation.ablation import Trial
from evaluation.bootstrap import Figure
from evaluation.errors import EvaluationError
from evaluation.figures import Figures, kinds_of
from evaluation.judgements import Part
from evaluation.page import page
from evaluation.runner import Outcome, Run

_DIGITS = 4
_RANKED = 5
"""How many of the ranked passages' ids are kept of each question."""


def write_report(trials: Sequence[Trial], out: Path) -> list[Path]:
    """The files written to `out`. The first configuration is the product; the others are its ablation."""
    product = [trial for trial in trials if trial.configuration == trials[0].configuration]
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = [_write(out / f"{each.run.question_set.name}.json", set_as_json(each)) for each in product]
        if len(trials) > len(product):
            written.append(_write(out / "ablation.json", ablation_as_json(trials)))
        return [*written, _write(out / "report.html", page(trials))]
    except OSError as error:
        raise EvaluationError(
            f"The report cannot be written to {out}: {error}. Choose another --out."
        ) from error


def set_as_json(trial: Trial) -> str:
    """Figures with 95% intervals, what they belong to, and a row a question, one a line.

    A third-party set's words are left out: the ids lead back to its files.
    """
    run = trial.run
    head = {
        "set": run.question_set.name,
        "set_sha256": run.question_set.sha256,
        "build_id": run.build_id,
        **run.facts,
        "questions": {part: _counts(run, part) for part in run.question_set.parts},
        "unjudged": run.question_set.unjudged,
        "unreachable": run.unreachable,
        "quoted_part": run.question_set.parts[0],
        "figures": _by_part(trial.figures),
        "kinds": {part: _nested(kinds_of(run, part)) for part in run.question_set.parts},
    }
    rows = (json.dumps(_row(outcome, run.question_set.own)) for outcome in run.outcomes)
    return json.dumps(head, indent=1)[:-2] + ',\n "rows": [\n  ' + ",\n  ".join(rows) + "\n ]\n}\n"


def ablation_as_json(trials: Sequence[Trial]) -> str:
    """Every configuration's figures on every set, and its gains over the first."""
    rows = [
        {
            "configuration": trial.configuration,
            "set": trial.run.question_set.name,
            **trial.run.facts,
            "figures": _by_part(trial.figures),
            "gains": _by_part(trial.gains),
        }
        for trial in trials
    ]
    return json.dumps(rows, indent=1) + "\n"


def _row(outcome: Outcome, own: bool) -> dict[str, object]:
    question, reply = outcome.question, outcome.reply
    words = {"q": question.text} if own else {}
    return {
        "id": question.question_id,
        **words,
        "part": question.part,
        "role": question.role.value,
        "kind": reply.kind.value,
        "probability": round(reply.probability, _DIGITS),
        "first_right": outcome.first_right,
        "relevant": sorted(outcome.relevant),
        "ranked": outcome.ranked_ids[:_RANKED],
        "signals": _signals(reply.signals, own),
    }


def _signals(signals: Mapping[str, object], own: bool) -> dict[str, object]:
    # Words in signals are words of the question.
    return {
        key: _plain(value) for key, value in signals.items() if own or isinstance(value, bool | int | float)
    }


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return round(value, _DIGITS)
    return value if isinstance(value, bool | int | None) else str(value)


def _counts(run: Run, part: Part) -> dict[str, int]:
    return dict(Counter(outcome.question.role.value for outcome in run.of(part)))


def _by_part(figures: Mapping[Part, Figures]) -> dict[str, dict[str, dict[str, float]]]:
    return {part: _figures(each) for part, each in figures.items()}


def _nested(figures: Mapping[str, Figures]) -> dict[str, dict[str, dict[str, float]]]:
    return {key: _figures(each) for key, each in figures.items()}


def _figures(figures: Figures) -> dict[str, dict[str, float]]:
    return {name: _rounded(each) for name, each in figures.items()}


def _rounded(each: Figure) -> dict[str, float]:
    return {key: round(value, _DIGITS) for key, value in asdict(each).items()}


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def summary(trials: Iterable[Trial]) -> list[str]:
    """The quoted figures, one a line, for the terminal."""
    lines: list[str] = []
    for trial in trials:
        part = trial.run.question_set.parts[0]
        lines.append(f"{trial.run.question_set.name} ({part}), {trial.configuration}")
        lines += [f"  {name:32} {as_text(each)}  n={each.n}" for name, each in trial.figures[part].items()]
    return lines


def as_text(each: Figure) -> str:
    """`0.640 [0.570, 0.710]`."""
    return f"{each.value:.3f} [{each.low:.3f}, {each.high:.3f}]"
