"""Publishes edition after edition while threads ask one live assistant."""

import threading
import time
from collections import Counter
from pathlib import Path

from assistant.building import build_index
from assistant.errors import AssistantError
from assistant.serving import OK
from assistant.storage.opening import open_current
from tools.endurance.editions import (
    EDITIONS,
    SlowEncoder,
    Wrong,
    check_answer,
    edition,
    editions_by_id,
    publish_edition,
    serve,
)
from tools.endurance.processes import start


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
    began = time.monotonic()
    for number in range(1, publishes + 1):
        start(publish_edition, index_dir, encoder, number % EDITIONS).join()
        time.sleep(max(0.0, began + seconds * number / publishes - time.monotonic()))
    last = open_current(index_dir)[1].build_id
    while live.health()["build_id"] != last and time.monotonic() < began + seconds + 30:
        time.sleep(0.05)
    stop.set()
    for asker in askers:
        asker.join()
    live.close()
    return {
        "publishes": publishes,
        "seconds": round(time.monotonic() - began, 1),
        "answers": sum(answers.values()),
        "generations seen": len(seen),
        "last one serves": live.health() == {"status": OK, "build_id": last},
        "errors": errors[:5],
    }
