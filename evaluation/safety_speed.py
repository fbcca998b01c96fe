"""How long the safety layer takes to read a question: `python -m evaluation.safety_speed [FILE ...]`.

Prints median, 99th percentile and longest in milliseconds, each question at its best of five so that other work
on the machine does not count: of our labelled questions, of hostile texts of the longest length that may be asked,
and of the JSON lines (`text`) of each FILE. To reach: 5 ms for every question.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import numpy as np

from assistant.questions import LONGEST_QUESTION
from assistant.safety.rulebook import rulebook
from assistant.safety.triage import triage
from evaluation.reading import read_rows
from evaluation.safety_sets import SAFETY_SET, open_safety_set

_REPEATS = 5
_HOSTILE = (
    "a ", "i 2 a ", "s u i ", "1 ", "not ", "a.b?", "i want to die ", "k1l1l1l1l1 ", "1 w4n7 70 d13 ", "su*cidal ",
    "s****** ", "overdosse ", "aaaaaaa1", "iwanttodieandtakeallmypills", "💊", "💊🔪😭🍷", "\ufdfa", "d̷i̷e̷ ",
    "I took my tablets last night and my son said that he cannot wake up. ",
)  # fmt: skip


def main(files: list[str]) -> None:
    """Prints one line a set of questions."""
    triage("the first question also reads the rules")
    _say(f"{'':32}{'questions':>10}{'median':>9}{'99%':>9}{'longest':>9}  ms")
    _measure("our labelled questions", [each.text for each in open_safety_set(SAFETY_SET).questions])
    _measure(f"hostile, {LONGEST_QUESTION:,} characters", list(hostile()))
    for file in map(Path, files):
        _measure(file.stem, [row.text("text", default="") for row in read_rows(file)])


def hostile() -> Iterator[str]:
    """Texts of the longest length: repeated pieces, and all the rules' own examples and patterns run together."""
    rules = [rule.text for rule in rulebook().rules]
    yield from (piece * LONGEST_QUESTION for piece in _HOSTILE)
    for texts in (
        [text for rule in rules for text in rule.must_match],
        [text for rule in rules for text in rule.must_not_match],
        [pattern for rule in rules for pattern in rule.when],
    ):
        joined = " ".join(texts)
        yield from (joined[start:] for start in range(0, len(joined), LONGEST_QUESTION))


def _measure(name: str, questions: list[str]) -> None:
    asked = [question[:LONGEST_QUESTION] for question in questions]
    times = [min(_milliseconds(question) for _ in range(_REPEATS)) for question in asked]
    figures = np.quantile(times, (0.5, 0.99, 1))
    _say(f"{name:32}{len(times):10}" + "".join(f"{figure:9.2f}" for figure in figures))


def _milliseconds(question: str) -> float:
    began = perf_counter()
    triage(question)
    return (perf_counter() - began) * 1000


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
