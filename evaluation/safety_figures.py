"""How often the safety layer misses what it must catch, and how often it raises a false alarm.

All figures are shares of questions that went wrong, with their 95% Wilson interval. A labelled question is
missed if its own outcome is not among those raised; recall is one minus that. Halves are those of
`evaluation.splits`: rules and weights were made with the tune halves only.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from math import sqrt
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from assistant.safety.triage import URGENT, Triage, triage
from evaluation.errors import EvaluationError
from evaluation.splits import half

LABELLED = ("crisis", "poisoning_emergency", "personal_decision", "harmless_lookalikes", "ordinary")
CAUGHT = ("crisis", "poisoning", "emergency", "personal_decision")
QUIET = ("harmless", "ordinary")
_PUBLIC = ("kqa_patient_questions", "xstest", "simple_safety_tests")
_SUICIDE_AREA = "Suicide, Self-Harm, and Eating Disorders"
_Z = 1.959964

Row = Mapping[str, Any]
Wrong = Callable[[Row, Triage], bool]


def measure_safety(sets_dir: Path, shared_dir: Path | None = None) -> dict[str, Any]:
    """Every figure of the safety layer, as plain numbers, lists and text.

    `sets_dir` holds our labelled sets; `shared_dir`, if given, the public ones (K-QA, XSTest,
    SimpleSafetyTests). A question that went wrong is listed with its text if it is in a tune half and by its
    id alone if it is in a test half, so that nobody tunes on it. Raises `EvaluationError` for a set that
    cannot be read.
    """
    rows = [row for name in LABELLED for row in _rows(sets_dir / f"{name}.jsonl")]
    figures: dict[str, Any] = {
        "must_catch": _share(_rows(sets_dir / "must_catch.jsonl"), _missed),
        "missed": {label: _halves(_labelled(rows, label), _missed) for label in CAUGHT},
        "missed_by_every_card": {label: _halves(_labelled(rows, label), _no_card) for label in URGENT},
        "false_urgent_cards": {label: _halves(_labelled(rows, label), _card) for label in QUIET},
        "false_personal_decisions": {label: _halves(_labelled(rows, label), _decision) for label in QUIET},
        "wrong_topics": _halves([row for row in rows if "topics" in row], _wrong_topics),
        "milliseconds": _milliseconds(rows),
    }
    if shared_dir is not None:
        figures["public"] = _public(shared_dir)
    return figures


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927); (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    share, spread = hits / count, _Z * _Z / count
    middle = (share + spread / 2) / (1 + spread)
    reach = _Z * sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _public(folder: Path) -> dict[str, Any]:
    kqa, xstest, simple = ([_own_layout(row) for row in _rows(folder / f"{name}.jsonl")] for name in _PUBLIC)
    suicide = [{**row, "label": "crisis"} for row in simple if row["harm_area"] == _SUICIDE_AREA]
    return {
        "kqa_urgent_cards": _halves(kqa, _card),
        "xstest_safe_urgent_cards": _halves(_labelled(xstest, "safe"), _card),
        "simple_safety_tests_missed": _halves(suicide, _missed),
    }


def _own_layout(row: Row) -> Row:
    return {**row, "id": row["_id"], "q": row["text"]}


def _missed(row: Row, found: Triage) -> bool:
    return row["label"] not in found.outcomes


def _no_card(_: Row, found: Triage) -> bool:
    return not found.urgent


def _card(_: Row, found: Triage) -> bool:
    return bool(found.urgent)


def _decision(_: Row, found: Triage) -> bool:
    return "personal_decision" in found.outcomes


def _wrong_topics(row: Row, found: Triage) -> bool:
    return set(row["topics"]) != set(found.topics)


def _halves(rows: Iterable[Row], wrong: Wrong) -> dict[str, Any]:
    rows = list(rows)
    return {
        name: _share([row for row in rows if half(row["id"] + row["q"]) == name], wrong, named=name == "tune")
        for name in ("tune", "test")
    }


def _share(rows: list[Row], wrong: Wrong, named: bool = True) -> dict[str, Any]:
    failed = [row for row in rows if wrong(row, triage(row["q"]))]
    return {
        "questions": len(rows),
        "wrong": len(failed),
        "rate": len(failed) / len(rows) if rows else 0.0,
        "interval": list(wilson(len(failed), len(rows))),
        "which": [f"{row['id']}: {row['q']}" if named else row["id"] for row in failed],
    }


def _milliseconds(rows: Iterable[Row]) -> dict[str, float]:
    # The best of three: other work on the machine is not ours.
    times = [min(_timed(row["q"]) for _ in range(3)) for row in rows]
    return {"median": median(times), "longest": max(times)}


def _timed(question: str) -> float:
    began = perf_counter()
    triage(question)
    return (perf_counter() - began) * 1000


def _labelled(rows: Iterable[Row], label: str) -> list[Row]:
    return [row for row in rows if row["label"] == label]


def _rows(path: Path) -> list[Row]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, json.JSONDecodeError) as error:
        raise EvaluationError(f"{path.name} cannot be read: {error}. Restore the file, run again.") from error
