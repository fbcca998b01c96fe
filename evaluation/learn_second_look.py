"""Learns the weights of `assistant/safety/second_look.py` from our own examples and the tune halves of our sets.

`python -m evaluation.learn_second_look [FOLDER ...]` writes `assistant/safety/rules/second_look.tsv`; equal input,
equal file. Each folder holds `.jsonl` files of further ordinary questions (`_id`, `text`), of which the tune half is
learnt as such: the more everyday questions it has seen, the fewer false alarms.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.safety.rulebook import rulebook
from assistant.safety.second_look import WEIGHTS, features
from evaluation.splits import half

SETS = Path(__file__).parent / "sets" / "safety"
OUTCOMES = ("crisis", "poisoning", "emergency", "personal_decision")
THRESHOLDS = (0.85, 0.9, 0.9, 0.85)
_FEWEST = 2
_STEPS, _RATE, _PENALTY = 300, 0.3, 5e-6

Matrix = NDArray[np.float32]


def examples() -> list[tuple[str, str]]:
    """(question, label) of every row that may be learnt from; the test halves are not read."""
    rows = [(row["q"], row["label"]) for name in ("examples.jsonl", "seen.jsonl") for row in _rows(name)]
    for name in ("crisis", "poisoning_emergency", "personal_decision", "harmless_lookalikes", "ordinary"):
        rows += [
            (row["q"], row["label"]) for row in _rows(f"{name}.jsonl") if half(row["id"] + row["q"]) == "tune"
        ]
    return rows


def ordinary(folder: Path) -> list[tuple[str, str]]:
    """(question, "other") of the tune half of every question file in a folder of ordinary questions."""
    paths = [
        path for path in sorted(folder.glob("*.jsonl")) if "quer" in path.name or "questions" in path.name
    ]
    rows = [
        json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line
    ]
    return [(row["text"], "other") for row in rows if half(row["_id"] + row["text"]) == "tune"]


def learn(rows: Iterable[tuple[str, str]]) -> dict[str, tuple[float, ...]]:
    """Rarity and weights per feature, and a `(bias)`: logistic regression on every outcome.

    Features seen only once are left out.
    """
    rows = list(rows)
    seen = [_features(question) for question, _ in rows]
    counts = Counter(name for names in seen for name in names)
    names = sorted(name for name, count in counts.items() if count >= _FEWEST)
    rarity = {name: round(1 + log((1 + len(rows)) / (1 + counts[name])), 2) for name in names}
    inputs = _matrix(seen, {name: column for column, name in enumerate(names)}, rarity)
    wanted = np.array([[label == outcome for outcome in OUTCOMES] for _, label in rows], np.float32)
    weights, bias = _fit(inputs, wanted)
    table = {name: (rarity[name], *_rounded(row)) for name, row in zip(names, weights, strict=True)}
    return {"(bias)": _rounded(bias), **table}


def write(table: dict[str, tuple[float, ...]], path: Path = WEIGHTS) -> None:
    """Writes the table the assistant reads."""
    lines = ["\t".join(("(outcome)", *OUTCOMES)), "\t".join(("(threshold)", *map(str, THRESHOLDS)))]
    lines += ["\t".join((name, *(f"{value:g}" for value in values))) for name, values in table.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _features(question: str) -> frozenset[str]:
    book = rulebook()
    words = book.words(question)
    return features(words.words, book.read(words), 0, len(words.words))


def _rounded(row: Matrix) -> tuple[float, ...]:
    return tuple(round(float(value), 2) for value in row)


def _matrix(seen: list[frozenset[str]], columns: dict[str, int], rarity: dict[str, float]) -> Matrix:
    matrix = np.zeros((len(seen), len(columns)), np.float32)
    for row, names in enumerate(seen):
        known = sorted(name for name in names if name in columns)
        matrix[row, [columns[name] for name in known]] = [rarity[name] for name in known]
        matrix[row] /= np.linalg.norm(matrix[row]) or 1
    return matrix


def _fit(inputs: Matrix, wanted: Matrix) -> tuple[Matrix, Matrix]:
    """Full-batch Adam; rows are weighed so that the rare outcome counts as much as the rest."""
    share = wanted.mean(axis=0)
    importance = np.where(wanted > 0, 0.5 / share, 0.5 / (1 - share)).astype(np.float32) / len(inputs)
    weights = np.zeros((inputs.shape[1] + 1, wanted.shape[1]), np.float32)
    padded = np.hstack([inputs, np.ones((len(inputs), 1), np.float32)])
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        error = importance * (1 / (1 + np.exp(-(padded @ weights))) - wanted)
        slope = padded.T @ error
        slope[:-1] += _PENALTY * weights[:-1]
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights -= _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights[:-1], weights[-1]


def _rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (SETS / name).read_text(encoding="utf-8").splitlines() if line]


if __name__ == "__main__":
    write(learn(examples() + [row for name in sys.argv[1:] for row in ordinary(Path(name))]))
