"""How the server bears many people at once: `python -m evaluation.load`.

Starts the server on a free port of this machine and lets 1, 10, 50 and 100 people ask our own questions through
`POST /api/ask`, each again as soon as the reply is there; then 10 people by turns without and with indexes being
built by a process of low priority; then 10 people until 10,000 more questions are answered or the time is over, for
the memory. Prints every figure with what is to be reached and writes evaluation/results/load.json.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from assistant.settings import read_settings
from evaluation.builds import building
from evaluation.command import RESULTS_DIR
from evaluation.crowd import ANSWERED, BUSY, Crowd, ask_together
from evaluation.datasets import DEFAULT_SET, open_set
from evaluation.served import served_app

PEOPLE = (1, 10, 50, 100)
FEW, MANY = 10, 100
_TURNS = 3
_TO_WARM_UP = 100


class Figure(NamedTuple):
    """A figure, and the most that it is to be, or the least if `least`."""

    name: str
    value: float
    limit: float
    least: bool = False

    @property
    def reached(self) -> bool:
        """Whether it is what it is to be."""
        return self.value >= self.limit if self.least else self.value <= self.limit

    def line(self) -> str:
        """For a person to read."""
        limit = f"{'at least' if self.least else 'at most'} {self.limit:g}"
        return f"{self.name:50}{self.value:10.1f}   to reach {limit:14}{'yes' if self.reached else 'NO'}\n"


class Load:
    """Crowds that ask the server at `address`, each told and kept."""

    def __init__(self, address: str, questions: Sequence[str]) -> None:
        self._address = address
        self._questions = cycle(questions)
        self.rows: list[dict[str, Any]] = []
        self.lost = 0

    def ask(self, people: int, seconds: float, most: int | None = None, note: str = "") -> Crowd:
        """Lets so many people ask for so long, or `most` questions."""
        crowd = ask_together(self._address, islice(self._questions, most), people, seconds)
        self.lost += crowd.lost
        self.rows.append({**crowd.figures(), "note": note})
        sys.stdout.write(f"{json.dumps(self.rows[-1])}\n")
        sys.stdout.flush()
        return crowd


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="of each number of people (15)")
    parser.add_argument("--questions", type=int, default=10_000, help="answered for the memory (10000)")
    parser.add_argument("--minutes", type=float, default=6, help="after which it ends, whatever is left (6)")
    chosen = parser.parse_args()
    until = time.monotonic() + 60 * chosen.minutes
    questions = [question.text for question in open_set(DEFAULT_SET, read_settings().corpus_dir).questions]
    with served_app() as (address, process):
        load = Load(address, questions)
        load.ask(FEW, chosen.seconds, _TO_WARM_UP, "warming up")
        figures = list(_crowds(load, chosen.seconds))
        figures += _beside_builds(load, chosen.seconds / _TURNS)
        before = _megabytes(process)
        asked = load.ask(FEW, max(1.0, until - time.monotonic()), chosen.questions, "for the memory")
        after = _megabytes(process)
    answered = asked.outcomes.get(ANSWERED, 0)
    figures.append(Figure(f"memory grown by {answered} questions, MB", after - before, 30))
    figures.append(Figure("questions lost, of all", load.lost, 0))
    sys.stdout.write("".join(figure.line() for figure in figures))
    _write(load, figures, after)


def _crowds(load: Load, seconds: float) -> Iterator[Figure]:
    crowds = {people: load.ask(people, seconds) for people in PEOPLE}
    yield Figure(f"questions a second, {FEW} people", crowds[FEW].a_second, 25, least=True)
    yield Figure(f"p95, {FEW} people, ms", crowds[FEW].milliseconds(0.95), 400)
    yield Figure(
        f"p95 until told that it is busy, {MANY} people, ms", crowds[MANY].milliseconds(0.95, BUSY), 1000
    )


def _beside_builds(load: Load, seconds: float) -> Iterator[Figure]:
    """By turns without and with builds: what else the machine does then weighs on both."""
    quiet, beside = list[Crowd](), list[Crowd]()
    for _ in range(_TURNS):
        quiet.append(load.ask(FEW, seconds))
        with building():
            beside.append(load.ask(FEW, seconds, note="beside builds"))
    slower = Crowd.together(beside).milliseconds(0.95) / max(1, Crowd.together(quiet).milliseconds(0.95))
    yield Figure(f"p95 beside builds, {FEW} people, times as long", slower, 2)


def _megabytes(process: subprocess.Popen[bytes]) -> float:
    """What the server holds resident now; 0 where the system does not say."""
    status = Path(f"/proc/{process.pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmRSS:")), 0.0)


def _write(load: Load, figures: Sequence[Figure], megabytes: float) -> None:
    RESULTS_DIR.mkdir(parents=True, exist_ok=True)
    path = RESULTS_DIR / "load.json"
    told = {
        "cores": os.cpu_count(),
        "busy": os.getloadavg(),
        "megabytes": round(megabytes),
        "figures": [{**figure._asdict(), "reached": figure.reached} for figure in figures],
        "crowds": load.rows,
    }
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"Wrote {path}\n")


if __name__ == "__main__":
    main()
