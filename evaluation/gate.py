"""Measures the entity gate and the spelling repair: `python -m evaluation.gate [SHARED_SETS_FOLDER]`.

On our own set: the share of questions about another drug, brand or supplement that the gate closes (it should
be all), and of the other files' questions that it closes (none) or calls mixed. On the question sets in a
folder of others: substances found per 1,000 questions, all of them false where the questions are not about
medicine. Prints a table per half; never the test half's questions.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import perf_counter

from assistant.corpus import read_corpus
from assistant.evidence.coverage import Coverage, Gate, readable
from assistant.evidence.wording import wording_of
from assistant.language.conditions import Conditions
from assistant.language.drug_names import TOPIC
from assistant.language.repair import Speller
from assistant.settings import ROOT
from evaluation.splits import Half, half

OWN_SET = ROOT / "evaluation" / "sets" / "clonazepam"
FILES = ("answerable", "false_premise", "followup", "unanswerable", "other_subject")
HALVES: tuple[Half, ...] = ("tune", "test")


def main(arguments: list[str]) -> None:
    """Prints the tables."""
    documents = read_corpus(ROOT / "corpus").documents
    wording = wording_of(documents, map(readable, documents))
    coverage, conditions = Coverage(documents, wording), Conditions(wording.conditions)
    speller = Speller(coverage.vocabulary)
    speller.repair("warmm upp")
    for part in HALVES:
        _say(f"\n{part} half          questions   closed    mixed  condition  repaired")
        for kind, questions in _own_questions(part):
            gates = Counter(_state(coverage.gate(question)) for question in questions)
            foreign = sum(bool(conditions.foreign(question)) for question in questions)
            repaired = sum(bool(speller.repair(question).changes) for question in questions)
            shares = (gates["closed"], gates["mixed"], foreign, repaired)
            _say(f"{kind:22}{len(questions):6}" + "".join(f"{_percent(n, questions):>10}" for n in shares))
    for folder in arguments:
        _say("\nquestions of others            questions  per 1,000: substances  repairs   ms a question")
        for name, questions in _other_questions(Path(folder)):
            _print_detections(name, questions, coverage, speller)


def _own_questions(part: Half) -> Iterator[tuple[str, list[str]]]:
    kinds: dict[str, list[str]] = {}
    for file in FILES:
        for row in _rows(OWN_SET / f"{file}.jsonl"):
            if half(row["id"] + row["q"]) == part:
                kinds.setdefault(f"{file} {row.get('type', '')}".strip(), []).append(row["q"])
    yield from kinds.items()


def _other_questions(folder: Path) -> Iterator[tuple[str, list[str]]]:
    for file in sorted(folder.glob("*/*.jsonl")):
        rows = [row for row in _rows(file) if file.stem != "corpus" and isinstance(row.get("text"), str)]
        questions = [row["text"] for row in rows]
        if questions:
            yield f"{file.parent.name}/{file.stem}", questions


def _print_detections(name: str, questions: list[str], coverage: Coverage, speller: Speller) -> None:
    start = perf_counter()
    found = sum(entity.kind != TOPIC for question in questions for entity in coverage.entities(question))
    each = (perf_counter() - start) / len(questions) * 1_000
    repairs = sum(len(speller.repair(question).changes) for question in questions)
    per_1000 = [count / len(questions) * 1_000 for count in (found, repairs)]
    _say(f"{name[:40]:40}{len(questions):6}{per_1000[0]:18.1f}{per_1000[1]:12.1f}{each:13.2f}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _state(gate: Gate) -> str:
    return "closed" if gate.closed else "mixed" if gate.mixed else "open"


def _percent(count: int, of: Iterable[str]) -> str:
    return f"{count / len(list(of)):.1%}"


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


if __name__ == "__main__":
    main(sys.argv[1:])
