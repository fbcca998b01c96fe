"""A served chat, asked over HTTP by visitors while edition after edition of its articles is published."""

import hashlib
import json
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from assistant.building import build_id_of, build_index
from assistant.corpus import read_corpus
from assistant.encoder import Encoder, open_encoder
from evaluation.served import served_app

QUESTION = "What is clonazepam used for?"
_CONFIG = "window.gradio_config = "
_EDITION = re.compile(r"edition\d+")
_SECONDS_TO_SWAP = 20


def write_edition(corpus_dir: Path, number: int) -> None:
    """Articles that answer `QUESTION`; every passage says the number of the edition."""
    (corpus_dir / "articles").mkdir(parents=True, exist_ok=True)
    tables = []
    for name in ("one", "two"):
        text = "".join(
            f"{heading}\n\nClonazepam is used for seizures and for panic disorder, says edition{number} of {name}. "
            f"It is {heading.lower()} that edition{number} describes here, in a few more words than are needed, so "
            f"that there is enough to make a passage of, and edition{number} has no more to say of it than this.\n\n"
            for heading in ("Uses", "Effects")
        )
        # The file of an edition is never written over: who reads the list from before still finds its text.
        file = f"{name}-{number}.txt"
        (corpus_dir / "articles" / file).write_text(text, encoding="utf-8")
        entry = {"id": name, "file": file, "title": f"Clonazepam, {name}", "subjects": ["clonazepam"]}
        entry["sha256"] = hashlib.sha256(text.encode()).hexdigest()
        tables.append("[[article]]\n" + "".join(f"{key} = {json.dumps(it)}\n" for key, it in entry.items()))
    (corpus_dir / "sources.toml").write_text("\n".join(tables), encoding="utf-8")
    for old in (corpus_dir / "articles").iterdir():
        if not old.name.endswith(f"-{number}.txt"):
            old.unlink()


def publish(folder: Path, number: int, encoder: Encoder, known: set[str] | None = None) -> str:
    """Publishes that edition of the corpus in `folder`; its build id, which is `known` before anybody sees it."""
    write_edition(folder / "corpus", number)
    corpus = read_corpus(folder / "corpus")
    if known is not None:
        known.add(build_id_of(corpus, encoder))
    return build_index(corpus, encoder, folder / "index").build_id


@contextmanager
def served(folder: Path) -> Iterator[httpx.Client]:
    """Whoever asks `python -m assistant serve` over the articles and the index in `folder`."""
    places = {"ASSISTANT_CORPUS_DIR": folder / "corpus", "ASSISTANT_INDEX_DIR": folder / "index"}
    with (
        served_app(**{name: str(path) for name, path in places.items()}) as (address, _),
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield client


class Visitor:
    """Asks as the page does: through Gradio's queue, each time in a new conversation."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        _, _, told = client.get("/").text.partition(_CONFIG)
        config, _ = json.JSONDecoder().raw_decode(told)
        [send] = [part["id"] for part in config["components"] if part["props"].get("elem_id") == "send"]
        [self._asking] = [each for each in config["dependencies"] if [send, "click"] in each["targets"]]
        self._send = send

    def ask(self, question: str) -> str:
        """What the page is told of one question. Raises `httpx.HTTPError`, or `ValueError` if it fails."""
        session = uuid.uuid4().hex
        given = [question, *[""] * (len(self._asking["inputs"]) - 1)]
        asked = {
            "data": given,
            "fn_index": self._asking["id"],
            "session_hash": session,
            "trigger_id": self._send,
        }
        self._client.post("/gradio_api/queue/join", json=asked).raise_for_status()
        with self._client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as lines:
            for line in lines.iter_lines():
                told = json.loads(line.removeprefix("data: ")) if line else {}
                if told.get("msg") == "process_completed":
                    if not told["success"]:
                        raise ValueError(f"the question failed: {told}")
                    return str(told["output"]["data"][1])
        raise ValueError("the reply never came")


def publish_under_visitors(
    folder: Path, publishes: int, seconds: float, visitors: int = 3
) -> dict[str, object]:
    """Publishes that often, evenly over that time, while visitors ask and `/healthz` is watched."""
    encoder = open_encoder()
    known = {publish(folder, 0, encoder)}
    stop, answers, errors = threading.Event(), Counter[str](), list[str]()
    health = Counter[str]()
    with served(folder) as client:

        def visit() -> None:
            visitor = Visitor(client)
            while not stop.is_set():
                try:
                    editions = set(_EDITION.findall(visitor.ask(QUESTION)))
                    if len(editions) != 1:
                        errors.append(f"an answer from {sorted(editions)}")
                    answers.update(editions)
                except (httpx.HTTPError, ValueError) as error:
                    errors.append(f"{type(error).__name__}: {error}")

        def look() -> None:
            while not stop.wait(0.1):
                told = client.get("/healthz").json()
                health[told["status"]] += 1
                if told["build_id"] not in known:
                    errors.append(f"/healthz names {told['build_id']}, which nobody published")

        threads = [threading.Thread(target=visit) for _ in range(visitors)] + [threading.Thread(target=look)]
        for thread in threads:
            thread.start()
        start, last = time.monotonic(), ""
        for number in range(1, publishes + 1):
            last = publish(folder, number, encoder, known)
            time.sleep(max(0.0, start + seconds * number / publishes - time.monotonic()))
        taken_up = await_health(client, {"status": "ok", "build_id": last})
        stop.set()
        for thread in threads:
            thread.join()
    return {
        "publishes": publishes,
        "seconds": round(time.monotonic() - start, 1),
        "answers": answers.total(),
        "editions seen": len(answers),
        "looks at /healthz": dict(health),
        "last one serves": taken_up,
        "errors": errors[:5],
    }


def await_health(client: httpx.Client, wanted: dict[str, str]) -> bool:
    """Whether `/healthz` says so within the time that a server has for noticing."""
    until = time.monotonic() + _SECONDS_TO_SWAP
    while time.monotonic() < until:
        if client.get("/healthz").json() == wanted:
            return True
        time.sleep(0.1)
    return False
