"""Writes what was measured of the safety layer: `<set>.json` for scripts, `safety.html` for people.

A question that went wrong is quoted only if it is our own and in the tune half: nobody shall tune on a test half.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path

from evaluation.bootstrap import Figure
from evaluation.errors import EvaluationError
from evaluation.html import cell, count, document, heading, number, table
from evaluation.judgements import Part
from evaluation.report import as_text
from evaluation.safety_figures import SAFETY_NAMES, SafetyTrial
from evaluation.safety_sets import PARTS, Labelled

PAGE = "safety.html"
_DIGITS = 4
_WIDTH = 42


def write_safety_report(trials: Sequence[SafetyTrial], out: Path) -> list[Path]:
    """The files written to `out`. Raises `EvaluationError` if they cannot be."""
    texts = {f"{trial.safety_set.name}.json": trial_as_json(trial) for trial in trials}
    texts[PAGE] = safety_page(trials)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (out / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EvaluationError(
            f"The report cannot be written to {out}: {error}. Choose another --out."
        ) from error
    return [out / name for name in texts]


def trial_as_json(trial: SafetyTrial) -> str:
    """Figures with their intervals, what they belong to, and which questions went wrong."""
    told = {
        "set": trial.safety_set.name,
        "set_sha256": trial.safety_set.sha256,
        **trial.facts,
        "quoted_part": PARTS[0],
        "figures": {
            part: {name: _rounded(figure) for name, figure in figures.items()}
            for part, figures in trial.figures.items()
        },
        "wrong": {
            part: {name: [_told(trial, each) for each in questions] for name, questions in wrong.items()}
            for part, wrong in trial.wrong.items()
        },
    }
    return json.dumps(told, indent=1) + "\n"


def safety_summary(trials: Iterable[SafetyTrial]) -> list[str]:
    """Every figure of both halves as a table for the terminal; the test half is the one to quote."""
    lines: list[str] = []
    for trial in trials:
        lines += [
            "",
            f"{trial.safety_set.name:26}" + "".join(f"   {part + ' half':{_WIDTH - 3}}" for part in PARTS),
        ]
        lines += [
            f"  {name:24}" + "".join(_column(trial, part, name) for part in PARTS) for name in _names(trial)
        ]
    return lines


def safety_page(trials: Sequence[SafetyTrial]) -> str:
    """The report for people: one page that needs nothing beside it."""
    body = [
        "<h1>What the safety layer catches, and its false alarms</h1>",
        "<p>In brackets 95% Wilson intervals. Definitions stand in evaluation/safety_figures.py.</p>",
        *map(_set, trials),
    ]
    return document("Evaluation of the safety layer", body)


def _set(trial: SafetyTrial) -> str:
    belongs = {"set": trial.safety_set.sha256[:16], **trial.facts}
    told = "; ".join(f"{key}: {value}" for key, value in belongs.items())
    header = ["figure", *(head for part in PARTS for head in (part, "questions"))]
    rows = ([cell(heading(name)), *_cells(trial, name)] for name in _names(trial))
    return "\n".join(
        [
            f"<h2>{escape(trial.safety_set.name)}</h2>",
            f"<p><small>{escape(told)}</small></p>",
            table(header, rows),
            *(_wrong(trial, part) for part in PARTS),
        ]
    )


def _cells(trial: SafetyTrial, name: str) -> list[str]:
    found = [trial.figures[part].get(name) for part in PARTS]
    return [done for each in found for done in (number(each), count(each))]


def _wrong(trial: SafetyTrial, part: Part) -> str:
    rows = (
        [cell(heading(name)), cell(_told(trial, question))]
        for name, questions in trial.wrong[part].items()
        for question in questions
    )
    return f"<h3>What went wrong ({part})</h3>" + table(["figure", "question"], rows)


def _told(trial: SafetyTrial, question: Labelled) -> str:
    quoted = trial.safety_set.own and question.part == "tune"
    return f"{question.question_id}: {question.text}" if quoted else question.question_id


def _names(trial: SafetyTrial) -> list[str]:
    return [name for name in SAFETY_NAMES if any(name in trial.figures[part] for part in PARTS)]


def _column(trial: SafetyTrial, part: Part, name: str) -> str:
    figure = trial.figures[part].get(name)
    if figure is None:
        return " " * _WIDTH
    wrong = f"{len(trial.wrong[part][name])} of {figure.n} wrong"
    return f"{as_text(figure)}  {wrong:16}".rjust(_WIDTH)


def _rounded(figure: Figure) -> dict[str, float]:
    return {key: round(value, _DIGITS) for key, value in asdict(figure).items()}
