"""Kills builds at random moments while readers ask."""

import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from assistant.answering import Assistant
from assistant.building import build_index
from assistant.errors import AssistantError
from assistant.index import PassageIndex
from assistant.storage.opening import open_current
from tools.endurance.editions import (
    EDITIONS,
    SlowEncoder,
    Wrong,
    check_answer,
    check_index,
    edition,
    editions_by_id,
    publish_edition,
    serve,
)
from tools.endurance.processes import kill, start, start_talking


def kill_builds(index_dir: Path, kills: int, seed: int = 0) -> dict[str, object]:
    """Kills that many builds with SIGKILL at random moments, while two readers ask all the while."""
    chance, encoder = random.Random(seed), SlowEncoder(0.03)
    editions = editions_by_id(encoder)
    build_index(edition(0), encoder, index_dir)
    length = _usual_length(index_dir, encoder)
    outcomes: Counter[str] = Counter()
    with _readers(index_dir, encoder, editions) as readers:
        for number in range(kills):
            before = open_current(index_dir)[1].build_id
            wanted = (editions[before] + 1 + number % 3) % EDITIONS
            killed = _kill_one(index_dir, encoder, wanted, chance.uniform(0, 1.15 * length))
            index = PassageIndex.open(index_dir)
            check_index(index, encoder, editions)
            after = editions[index.build_id]
            if after not in (editions[before], wanted):
                raise Wrong(f"neither the old edition {editions[before]} nor the new {wanted}, but {after}")
            which = "new index" if after == wanted else "old index"
            outcomes[f"{'killed' if killed else 'ended before the kill'}, {which}"] += 1
    left = {path.name for path in index_dir.iterdir() if path.name.startswith((".tmp-", ".trash-"))}
    build_index(edition(EDITIONS - 1), encoder, index_dir, force=True)
    after_next = [path.name for path in index_dir.iterdir() if path.name.startswith((".tmp-", ".trash-"))]
    if after_next:
        raise Wrong(f"a build left {after_next} behind")
    return {
        "kills": kills,
        "usual build, s": round(length, 2),
        "outcomes": dict(outcomes),
        "left by the last kill, cleared by the next build": len(left),
        **readers,
    }


def _usual_length(index_dir: Path, encoder: SlowEncoder) -> float:
    lengths = []
    for number in range(1, 4):
        began = time.monotonic()
        start(publish_edition, index_dir, encoder, number).join()
        lengths.append(time.monotonic() - began)
    return statistics.median(lengths)


def _kill_one(index_dir: Path, encoder: SlowEncoder, number: int, seconds: float) -> bool:
    process = start(publish_edition, index_dir, encoder, number)
    time.sleep(seconds)
    return kill(process)


@contextmanager
def _readers(index_dir: Path, encoder: SlowEncoder, editions: dict[str, int]) -> Iterator[dict[str, object]]:
    """One reader that opens the index anew for each question, one that serves as the web chat does."""
    readers = [
        start_talking(_read_on, reader, index_dir, encoder, editions)
        for reader in (_open_and_ask, _serve_and_ask)
    ]
    result: dict[str, object] = {}
    try:
        yield result
    finally:
        for _, line in readers:
            line.send("stop")
        for process, line in readers:
            name, answers, seen, errors = line.recv()
            result[name] = {"answers": answers, "generations seen": seen, "errors": errors}
            process.join()


def _read_on(
    reader: Callable[[Path, SlowEncoder, dict[str, int]], Iterator[str]],
    index_dir: Path,
    encoder: SlowEncoder,
    editions: dict[str, int],
    line: Connection,
) -> None:
    answers, seen, errors = 0, set[str](), list[str]()
    replies = reader(index_dir, encoder, editions)
    while not line.poll():
        try:
            seen.add(next(replies))
            answers += 1
        except (AssistantError, Wrong, OSError, ValueError, StopIteration) as error:
            errors.append(f"{type(error).__name__}: {error}")
            replies = reader(index_dir, encoder, editions)
    line.send((reader.__name__.strip("_"), answers, len(seen), errors[:5]))


def _open_and_ask(index_dir: Path, encoder: SlowEncoder, editions: dict[str, int]) -> Iterator[str]:
    while True:
        index = PassageIndex.open(index_dir)
        check_index(index, encoder, editions)
        yield check_answer(Assistant(index, encoder), editions)


def _serve_and_ask(index_dir: Path, encoder: SlowEncoder, editions: dict[str, int]) -> Iterator[str]:
    live = serve(index_dir, encoder)
    live.watch(0.05)
    while True:
        yield check_answer(live, editions)
