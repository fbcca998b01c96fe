"""Learns the weights of `assistant/safety/second_look.py` from our own examples and the tune halves of our sets.

`python -m evaluation.learn_second_look [FOLDER ...]` writes `assistant/safety/rules/second_look.tsv`; equal input,
equal file. Each folder holds `.jsonl` files of further ordinary questions (`_id`, `text`), of which the tune half is
learnt as such: the more everyday questions it has seen, the fewer false alarms.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from math import log, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from assistant.safety.rulebook import rulebook
from assistant.safety.second_look import GAP, WEIGHTS, parts
from assistant.safety.triage import URGENT
from evaluation.datasets import DEFAULT_SET, SETS_DIR
from evaluation.splits import half

SETS = SETS_DIR / "safety"
OUTCOMES = ("crisis", "poisoning", "emergency", "personal_decision")
THRESHOLDS = (0.8, 0.75, 0.8, 0.7)
"""From which score on an outcome is raised: chosen by five-fold cross-validation for few false alarms."""
_LABELLED = ("crisis", "poisoning_emergency", "personal_decision", "harmless_lookalikes", "ordinary")
_ARTICLE = ("answerable", "unanswerable", "other_subject", "false_premise", "followup")
_FEWEST, _FEWEST_WITH_GAP = 2, 3
_STRENGTH = 10.0

Rows = list[tuple[str, str]]
"""Questions and their labels; a label that is no outcome means that none is called for."""


def examples() -> Rows:
    """Every labelled question of our own that may be learnt from; the test halves are not read."""
    rows = [
        (row["q"], row["label"]) for name in ("examples", "seen") for row in _rows(SETS / f"{name}.jsonl")
    ]
    for name in _LABELLED:
        rows += [(row["q"], row["label"]) for row in _tune_half(SETS / f"{name}.jsonl")]
    return rows


def about_the_article() -> Rows:
    """The tune half of our questions about the first article, labelled by the rules; without urgent ones."""
    rows = [row for name in _ARTICLE for row in _tune_half(SETS_DIR / DEFAULT_SET / f"{name}.jsonl")]
    labelled = [(row["q"], _outcomes_by_rule(row["q"])) for row in rows]
    return [
        (question, "personal_decision" if outcomes else "other")
        for question, outcomes in labelled
        if outcomes.isdisjoint(URGENT)
    ]


def ordinary(folder: Path) -> Rows:
    """The tune half of every question file in a folder of ordinary questions."""
    paths = [
        path for path in sorted(folder.glob("*.jsonl")) if "quer" in path.name or "questions" in path.name
    ]
    rows = [row for path in paths for row in _rows(path)]
    return [(row["text"], "other") for row in rows if half(row["_id"] + row["text"]) == "tune"]


def learn(rows: Iterable[tuple[str, str]]) -> dict[str, tuple[float, ...]]:
    """Rarity and weights per feature, and a `(bias)`: logistic regression on every outcome.

    Where a question calls for no card, no stretch of it does: its stretches are learnt too. Features seen only
    once or twice are left out.
    """
    learnt = [(part, label, whole) for question, label in rows for part, whole in _parts(question, label)]
    seen = [part for part, _, _ in learnt]
    counts = Counter(name for part in seen for name in part)
    names = sorted(name for name, count in counts.items() if count >= _fewest(name))
    rarity = {name: round(1 + log((1 + len(seen)) / (1 + counts[name])), 2) for name in names}
    inputs = _matrix(seen, {name: column for column, name in enumerate(names)}, rarity)
    fitted = []
    for outcome in OUTCOMES:
        used = np.flatnonzero([whole or label != outcome for _, label, whole in learnt])
        fitted.append(_fit(inputs[used], np.array([learnt[row][1] == outcome for row in used])))
    weights = np.stack([model.coef_[0] for model in fitted], axis=1)
    bias = np.array([model.intercept_[0] for model in fitted])
    table = {name: (rarity[name], *_rounded(row)) for name, row in zip(names, weights, strict=True)}
    return {"(bias)": _rounded(bias), **table}


def write(table: dict[str, tuple[float, ...]], path: Path = WEIGHTS) -> None:
    """Writes the table the assistant reads."""
    lines = ["\t".join(("(outcome)", *OUTCOMES)), "\t".join(("(threshold)", *map(str, THRESHOLDS)))]
    lines += ["\t".join((name, *(f"{value:g}" for value in values))) for name, values in table.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _outcomes_by_rule(question: str) -> set[str]:
    book = rulebook()
    text = book.read(book.words(question))
    return {rule.text.outcome for rule in book.rules if rule.text.outcome in OUTCOMES and rule.matches(text)}


def _fewest(name: str) -> int:
    return _FEWEST_WITH_GAP if GAP in name else _FEWEST


def _parts(question: str, label: str) -> list[tuple[tuple[str, ...], bool]]:
    """The features of the question, marked as the whole, and of its stretches unless it calls for a card."""
    book = rulebook()
    words = book.words(question)
    whole, *stretches = parts(words, book.read(words))
    return [(whole, True), *((part, False) for part in stretches if label not in URGENT)]


def _rounded(row: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(value), 2) for value in row)


def _matrix(seen: list[tuple[str, ...]], columns: dict[str, int], rarity: dict[str, float]) -> csr_matrix:
    """A row a question, each of length 1: the rarity of its features."""
    found = [sorted(name for name in names if name in columns) for names in seen]
    lengths = [sqrt(sum(rarity[name] ** 2 for name in names)) or 1.0 for names in found]
    values = [rarity[name] / length for names, length in zip(found, lengths, strict=True) for name in names]
    where = [columns[name] for names in found for name in names]
    ends = np.cumsum([0, *map(len, found)])
    return csr_matrix((values, where, ends), shape=(len(seen), len(columns)))


def _fit(inputs: csr_matrix, wanted: NDArray[np.bool_]) -> LogisticRegression:
    """Rows are weighed so that the rare outcome counts as much as the rest."""
    model = LogisticRegression(C=_STRENGTH, class_weight="balanced", solver="liblinear", random_state=0)
    return model.fit(inputs, wanted)


def _tune_half(path: Path) -> list[dict[str, str]]:
    return [row for row in _rows(path) if half(row["id"] + row["q"]) == "tune"]


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


if __name__ == "__main__":
    others = [row for name in sys.argv[1:] for row in ordinary(Path(name))]
    write(learn(examples() + about_the_article() + others))
