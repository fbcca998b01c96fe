"""Kills builds, spoils indexes and publishes under load, while readers ask: `python -m tools.endurance --help`.

Every edition of a small corpus says its number in every passage, and the arithmetic encoder has a dimension
for it. So text, vectors and build id each tell the edition, and a mixture of two editions cannot hide.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

from assistant.answering import Assistant
from assistant.building import build_id_of, build_index
from assistant.corpus import Corpus
from assistant.encoder import Progress, Vectors
from assistant.errors import AssistantError, IndexDamagedError, IndexStaleError
from assistant.evidence.context import PassageContext
from assistant.index import PassageIndex
from assistant.serving import LAST_GOOD, OK, LiveAssistant
from assistant.settings import Settings
from assistant.storage.opening import open_current
from assistant.types import Document, Source
from tests.fakes import WordEncoder

EDITIONS = 24
_QUESTION = "Is it given for fits and panic, and are the tablets taken at noon and at night?"
_ARTICLES = 6


class SlowEncoder(WordEncoder):
    """Takes a little time for each call, so that a build has a middle to be killed in."""

    def __init__(self, seconds: float) -> None:
        super().__init__(["fits", "panic", *(f"edition{number}" for number in range(EDITIONS))])
        self._seconds = seconds

    def encode_passages(self, passages: Sequence[str], progress: Progress | None = None) -> Vectors:
        time.sleep(self._seconds)
        return super().encode_passages(passages, progress)


def edition(number: int) -> Corpus:
    """The corpus of that number: equal in size to every other, and different in every passage."""
    return Corpus(tuple(_article(name, number) for name in "abcdef"[:_ARTICLES]))


def _article(name: str, number: int) -> Document:
    mark = f"edition{number}"
    parts = [
        f"Part {part}\n\nIt is given for fits and panic, says {mark} . "
        + f"The tablets of article {name} are taken at noon and at night, as {mark} has it. " * 4
        for part in range(4)
    ]
    text = "\n\n".join(parts) + "\n"
    source = Source("unknown", "unknown", "unknown", "unknown", hashlib.sha256(text.encode()).hexdigest())
    return Document(f"article-{name}", f"Article {name}", text, source, ("little",))


class Wrong(Exception):
    """What must never be: a mixture, or an error for a reader."""


def check_index(index: PassageIndex, encoder: WordEncoder, editions: dict[str, int]) -> None:
    """Raises `Wrong` unless text, vectors and name of the index are of one and the same edition."""
    mark = f"edition{editions[index.build_id]}"
    for row, passage in enumerate(index.passages):
        if mark not in passage.text:
            raise Wrong(f"{index.build_id}: {passage.passage_id} is of another edition than {mark}")
        title = index.documents[passage.doc_id].title
        context = PassageContext(encoder, title).text(passage.heading, passage.text)
        vector = WordEncoder.encode_queries(encoder, [context])[0]
        if index.passage_score(vector, row) < 0.9999:
            raise Wrong(f"{index.build_id}: the vector of {passage.passage_id} is not that of its text")


def check_answer(assistant: Assistant | LiveAssistant, editions: dict[str, int]) -> str:
    """Asks once; raises `Wrong` unless every passage is of the edition that the answer names. Its build id."""
    answer = assistant.ask(_QUESTION)
    mark = f"edition{editions[answer.build_id]}"
    if not answer.hits or not all(mark in hit.passage.text for hit in answer.hits):
        raise Wrong(f"the answer of {answer.build_id} has passages that are not of {mark}")
    return answer.build_id


def editions_by_id(encoder: WordEncoder) -> dict[str, int]:
    """The number of each edition by the build id it gets."""
    return {build_id_of(edition(number), encoder): number for number in range(EDITIONS)}


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
        start = time.monotonic()
        process = _start_build(index_dir, encoder, number)
        os.waitpid(process, 0)
        lengths.append(time.monotonic() - start)
    return statistics.median(lengths)


def _start_build(index_dir: Path, encoder: SlowEncoder, number: int) -> int:
    process = os.fork()
    if not process:
        try:
            build_index(edition(number), encoder, index_dir, force=True)
        finally:
            os._exit(0)
    return process


def _kill_one(index_dir: Path, encoder: SlowEncoder, number: int, seconds: float) -> bool:
    process = _start_build(index_dir, encoder, number)
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(process, 0)[1])


@contextmanager
def _readers(index_dir: Path, encoder: SlowEncoder, editions: dict[str, int]) -> Iterator[dict[str, object]]:
    """One reader that opens the index anew for each question, one that serves as the web chat does."""
    context = get_context("fork")
    stop, told = context.Event(), context.SimpleQueue()
    readers = [
        context.Process(target=_read_on, args=(reader, index_dir, encoder, editions, stop, told))
        for reader in (_open_and_ask, _serve_and_ask)
    ]
    for process in readers:
        process.start()
    result: dict[str, object] = {}
    try:
        yield result
    finally:
        stop.set()
        for _ in readers:
            name, answers, seen, errors = told.get()
            result[name] = {"answers": answers, "generations seen": seen, "errors": errors}
        for process in readers:
            process.join()


def _read_on(
    reader: Callable[[Path, SlowEncoder, dict[str, int]], Iterator[str]],
    index_dir: Path,
    encoder: SlowEncoder,
    editions: dict[str, int],
    stop: Event,
    told: object,
) -> None:
    answers, seen, errors = 0, set[str](), list[str]()
    replies = reader(index_dir, encoder, editions)
    while not stop.is_set():
        try:
            seen.add(next(replies))
            answers += 1
        except (AssistantError, Wrong, OSError, ValueError, StopIteration) as error:
            errors.append(f"{type(error).__name__}: {error}")
            replies = reader(index_dir, encoder, editions)
    told.put((reader.__name__.strip("_"), answers, len(seen), errors[:5]))  # type: ignore[attr-defined]


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


def serve(index_dir: Path, encoder: SlowEncoder) -> LiveAssistant:
    """A server's assistant on the current generation. Raises `Wrong` if it is told of any trouble later."""

    def trouble(message: str) -> None:
        raise Wrong(message)

    assistant = Assistant(PassageIndex.open(index_dir), encoder)
    return LiveAssistant(assistant, encoder, Settings(index_dir=index_dir), OK, trouble)


def publish_under_load(
    index_dir: Path, publishes: int, seconds: float, threads: int = 4
) -> dict[str, object]:
    """Publishes that often, evenly over that time, while threads ask one live assistant."""
    encoder = SlowEncoder(0)
    editions = editions_by_id(encoder)
    build_index(edition(0), encoder, index_dir)
    live = serve(index_dir, encoder)
    live.watch(0.1)
    stop, answers, errors, seen = threading.Event(), Counter[int](), list[str](), set[str]()

    def ask_on(number: int) -> None:
        while not stop.is_set():
            try:
                seen.add(check_answer(live, editions))
                answers[number] += 1
            except (AssistantError, Wrong, KeyError, ValueError, OSError) as error:
                errors.append(f"{type(error).__name__}: {error}")

    askers = [threading.Thread(target=ask_on, args=(number,)) for number in range(threads)]
    for asker in askers:
        asker.start()
    start = time.monotonic()
    for number in range(1, publishes + 1):
        os.waitpid(_start_build(index_dir, encoder, number % EDITIONS), 0)
        time.sleep(max(0.0, start + seconds * number / publishes - time.monotonic()))
    last = open_current(index_dir)[1].build_id
    while live.health()["build_id"] != last and time.monotonic() < start + seconds + 30:
        time.sleep(0.05)
    stop.set()
    for asker in askers:
        asker.join()
    live.close()
    return {
        "publishes": publishes,
        "seconds": round(time.monotonic() - start, 1),
        "answers": sum(answers.values()),
        "generations seen": len(seen),
        "last one serves": live.health() == {"status": OK, "build_id": last},
        "errors": errors[:5],
    }


def spoil_files(index_dir: Path, each: int, seed: int = 0) -> dict[str, object]:
    """Spoils every file of the current generation that often; each must be noticed, and the one before serve."""
    chance, encoder = random.Random(seed), SlowEncoder(0)
    build_index(edition(0), encoder, index_dir)
    build_index(edition(1), encoder, index_dir, force=True)
    current = open_current(index_dir)[0]
    [old] = [path for path in index_dir.iterdir() if path.is_dir() and path != current]
    tally: Counter[str] = Counter()
    for path in sorted(current.iterdir()):
        content = path.read_bytes()
        for number in range(each):
            kind = list(_SPOILS)[number % len(_SPOILS)]
            spoilt = _SPOILS[kind](content, (old / path.name).read_bytes(), chance)
            if spoilt == content:
                tally["no change possible"] += 1
                continue
            path.write_bytes(spoilt)
            tally[f"{kind}: {_noticed(index_dir, old.name, encoder)}"] += 1
            path.write_bytes(content)
        PassageIndex.open(index_dir)
    return {"files": len(list(current.iterdir())), "of each": each, "outcomes": dict(sorted(tally.items()))}


def _noticed(index_dir: Path, good: str, encoder: SlowEncoder) -> str:
    try:
        PassageIndex.open(index_dir)
    except (IndexDamagedError, IndexStaleError):
        index = PassageIndex.open_last_good(index_dir)
        live = LiveAssistant(
            Assistant(index, encoder), encoder, Settings(index_dir=index_dir), LAST_GOOD, print
        )
        healthy = live.health() == {"status": LAST_GOOD, "build_id": good}
        right = check_answer(live, editions_by_id(encoder)) == good
        return "noticed, the index before serves" if healthy and right else "noticed, nothing serves"
    return "SERVED"


def _truncate(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))] if content else content


def _flip(content: bytes, other: bytes, chance: random.Random) -> bytes:
    if not content:
        return content
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :]


def _swap(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return other


def _extend(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return content + chance.randbytes(chance.randint(1, 64))


def _zero(content: bytes, other: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content)) if content else 0
    end = min(len(content), start + chance.randint(1, 256))
    return content[:start] + bytes(end - start) + content[end:]


_SPOILS = {"truncate": _truncate, "bit flip": _flip, "swap": _swap, "extra bytes": _extend, "zero": _zero}


def main() -> None:
    """Runs one of the trials and prints what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trial", choices=["kills", "publishes", "spoils"])
    parser.add_argument("--count", type=int, help="300 kills, 100 publishes, 200 of each file if not given")
    parser.add_argument("--seconds", type=float, default=60, help="how long the publishes take")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        if asked.trial == "kills":
            result = kill_builds(folder / "index", asked.count or 300)
        elif asked.trial == "publishes":
            result = publish_under_load(folder / "index", asked.count or 100, asked.seconds)
        else:
            result = spoil_files(folder / "index", asked.count or 200)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
