"""How the server bears many people at once: `python -m evaluation.load`.

Starts the server on a free port of this machine, lets 1, 10, 50 and 100 people ask our own questions through
`POST /api/ask`, each again as soon as the reply is there, and once more 10 people while an index is built by a niced
process. Written to evaluation/results/load.json: questions a second, milliseconds, what was replied, memory.
A request that gets neither an answer nor "busy" is lost.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from assistant.settings import ROOT, read_settings
from evaluation.command import RESULTS_DIR
from evaluation.datasets import DEFAULT_SET, open_set
from evaluation.served import served_app

PEOPLE = (1, 10, 50, 100)
_SECONDS_TO_WAIT = 60


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of each number of people (20)")
    parser.add_argument("--questions", type=int, default=10_000, help="asked in all, for the memory (10000)")
    chosen = parser.parse_args()
    corpus = read_settings().corpus_dir
    questions = [question.text for question in open_set(DEFAULT_SET, corpus).questions]
    with served_app() as (address, process):
        rows = [asyncio.run(_ask(address, questions, 2, 3.0))][1:]
        before = _megabytes(process)
        for people in PEOPLE:
            rows.append(asyncio.run(_ask(address, questions, people, chosen.seconds)))
            _say(rows[-1])
        with _building():
            rows.append(asyncio.run(_ask(address, questions, 10, chosen.seconds)) | {"during": "a build"})
            _say(rows[-1])
        asked = sum(row["replies"].get("200", 0) for row in rows)
        if asked < chosen.questions:
            most = chosen.questions - asked
            asked += asyncio.run(_ask(address, questions, 10, float("inf"), most))["replies"].get("200", 0)
        memory = {"before": before, "after": _megabytes(process), "questions": asked}
    _say(memory)
    RESULTS_DIR.mkdir(parents=True, exist_ok=True)
    path = RESULTS_DIR / "load.json"
    path.write_text(json.dumps({"cores": os.cpu_count(), "rows": rows, "megabytes": memory}, indent=1) + "\n")
    sys.stdout.write(f"Wrote {path}\n")


async def _ask(
    address: str, questions: Sequence[str], people: int, seconds: float, most: float = float("inf")
) -> dict[str, Any]:
    """What so many people were replied, and how fast those with an answer."""
    waiting, replies, times = cycle(questions), Counter[str](), list[float]()
    began = time.perf_counter()
    # Shorter than the server keeps a connection, which it would otherwise close just as a request begins.
    limits = httpx.Limits(max_connections=people, max_keepalive_connections=people, keepalive_expiry=2)
    async with httpx.AsyncClient(base_url=address, timeout=_SECONDS_TO_WAIT, limits=limits) as client:

        async def person() -> None:
            while time.perf_counter() - began < seconds and len(times) < most:
                asked = time.perf_counter()
                try:
                    reply = await client.post("/api/ask", json={"question": next(waiting)})
                except httpx.HTTPError as error:
                    replies[f"lost: {type(error).__name__}"] += 1
                    continue
                replies[str(reply.status_code)] += 1
                if reply.status_code == httpx.codes.OK:
                    times.append(time.perf_counter() - asked)
                else:
                    # As the server asks of whoever is one too many.
                    await asyncio.sleep(float(reply.headers.get("Retry-After", 1)))

        await asyncio.gather(*(person() for _ in range(people)))
    p50, p95, p99 = (1000 * np.quantile(times or [0], (0.5, 0.95, 0.99))).tolist()
    return {
        "people": people,
        "questions_a_second": len(times) / (time.perf_counter() - began),
        "milliseconds": {"p50": p50, "p95": p95, "p99": p99},
        "replies": dict(replies),
    }


@contextmanager
def _building() -> Iterator[None]:
    """Indexes are built into a folder of their own, one after the other, by a process of low priority."""
    code = "import os, runpy; os.nice(19); runpy.run_module('assistant', run_name='__main__', alter_sys=True)"
    with tempfile.TemporaryDirectory() as folder:
        settings = {**os.environ, "ASSISTANT_INDEX_DIR": str(Path(folder) / "index")}
        command = [sys.executable, "-c", code, "build"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def _megabytes(process: subprocess.Popen[bytes]) -> float:
    """What the server holds resident now; 0 where the system does not say."""
    status = Path(f"/proc/{process.pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmRSS:")), 0.0)


def _say(row: object) -> None:
    sys.stdout.write(f"{json.dumps(row)}\n")


if __name__ == "__main__":
    main()
