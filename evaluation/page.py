"""The report for people: one HTML file that needs nothing beside it."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from evaluation.ablation import Trial
from evaluation.bootstrap import RESAMPLES
from evaluation.figures import kinds_of
from evaluation.html import cell, count, document, heading, number, table
from evaluation.judgements import Part
from evaluation.plots import plots_of
from evaluation.worst import Failure, worst

_ABLATION = (
    "success@1",
    "success@3",
    "mrr@10",
    "ndcg@10",
    "auroc",
    "false_at_90",
    "found_rate",
    "found_false_rate",
)
_LOWER_IS_BETTER = {"false_at_90", "found_false_rate"}


def page(trials: Sequence[Trial]) -> str:
    """The whole report; the first configuration is the product."""
    product = [trial for trial in trials if trial.configuration == trials[0].configuration]
    body = [
        "<h1>How well the right passage is found, and its absence noticed</h1>",
        f"<p>In brackets 95% intervals: percentiles of {RESAMPLES} bootstrap samples of the questions. "
        "Every judged question counts. Definitions stand in evaluation/figures.py.</p>",
        *map(_set, product),
    ]
    if len(trials) > len(product):
        body.append(_ablation(trials))
    return document("Evaluation", body)


def _set(trial: Trial) -> str:
    run = trial.run
    quoted = run.question_set.parts[0]
    belongs = _flat({"build": run.build_id, "set": run.question_set.sha256[:16], **run.facts})
    left_out = (
        f"{run.unreachable} question(s) ask for a span that no passage holds half of; they count as failed."
    )
    plots = plots_of(run, quoted, trial.figures[quoted])
    pieces = [
        f"<h2>{escape(run.question_set.name)}</h2>",
        f"<p><small>{escape('; '.join(belongs))}</small></p>",
        f"<p>{left_out}</p>" if run.unreachable else "",
        _figures_table(trial),
        "".join(_plot(f"{title} ({quoted})", png) for title, png in plots.items()),
        _kinds_table(trial),
        _worst(worst(run), run.question_set.parts[-1]) if run.question_set.own else "",
    ]
    return "\n".join(pieces)


def _flat(facts: Mapping[str, object], before: str = "") -> Iterator[str]:
    """`encoder name: …`"""
    for key, value in facts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key} ")
        else:
            yield f"{before}{key}: {value}"


def _figures_table(trial: Trial) -> str:
    parts = trial.run.question_set.parts
    header = ["figure", *(head for part in parts for head in (part, "questions"))]
    names = list(dict.fromkeys(name for part in parts for name in trial.figures[part]))
    return table(header, ([cell(heading(name)), *_cells(trial, name)] for name in names))


def _cells(trial: Trial, name: str) -> list[str]:
    found = [trial.figures[part].get(name) for part in trial.run.question_set.parts]
    return [done for each in found for done in (number(each), count(each))]


def _kinds_table(trial: Trial) -> str:
    part = trial.run.question_set.parts[0]
    kinds = kinds_of(trial.run, part)
    names = list(dict.fromkeys(name for shares in kinds.values() for name in shares))
    rows = (
        [cell(heading(role)), *(number(shares.get(name)) for name in names)] for role, shares in kinds.items()
    )
    return f"<h3>Kinds of reply ({part})</h3>" + table(["questions", *names], rows)


def _plot(title: str, png: bytes) -> str:
    data = b64encode(png).decode()
    name = escape(title)
    image = f'<img alt="{name}" src="data:image/png;base64,{data}">'
    return f"<figure><figcaption>{name}</figcaption>{image}</figure>"


def _worst(failures: Sequence[Failure], part: str) -> str:
    title = f"<h3>The worst {len(failures)} questions of the {part} part</h3>"
    header = ["question", "what happened", "shown first", "wanted", "signals"]
    return title + table(header, map(_failure_cells, failures))


def _failure_cells(failure: Failure) -> list[str]:
    question, reply = failure.outcome.question, failure.outcome.reply
    signals = {"probability": reply.probability, **reply.signals}
    return [
        cell(f"{question.question_id}: {' / '.join([*question.history, question.text])}"),
        cell(f"{reply.kind.value}: {failure.what}"),
        cell(failure.shown),
        cell(" … ".join(failure.wanted)),
        cell("; ".join(f"{key}: {_short(value)}" for key, value in signals.items())),
    ]


def _ablation(trials: Sequence[Trial]) -> str:
    sets = dict.fromkeys((trial.run.question_set.name, trial.run.question_set.parts) for trial in trials)
    told = (
        f"<h2>Ablation</h2><p>Coloured where the difference from “{escape(trials[0].configuration)}” on the "
        "same questions is hardly chance (its 95% interval excludes 0). Choose by the part for tuning.</p>"
    )
    return told + "".join(_ablation_table(trials, name, part) for name, parts in sets for part in parts)


def _ablation_table(trials: Sequence[Trial], name: str, part: Part) -> str:
    chosen = [trial for trial in trials if trial.run.question_set.name == name]
    shown = [column for column in _ABLATION if any(column in trial.figures[part] for trial in chosen)]
    rows = (
        [cell(trial.configuration), *(_compared(trial, part, each) for each in shown)] for trial in chosen
    )
    return f"<h3>{escape(name)} ({part})</h3>" + table(["configuration", *map(heading, shown)], rows)


def _compared(trial: Trial, part: Part, name: str) -> str:
    figure, gain = trial.figures[part].get(name), trial.gains.get(part, {}).get(name)
    if gain is None or gain.low <= 0 <= gain.high:
        return number(figure)
    return number(figure, "better" if (gain.value > 0) != (name in _LOWER_IS_BETTER) else "worse")


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
