"""`python -m evaluation.speed [FOLDER]`: the assistant's speed and size, and plain sentence-transformers' beside it.

FOLDER is in the evaluation's layout; without one, text is generated. Both index the same passages and are asked
the same questions in the same run, in turns, so that other work on the machine falls on both; the ratios are what
counts. Everything is written to evaluation/results/.
"""

import argparse
import compileall
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from assistant.encoder import prepare_encoder
from assistant.index import PassageIndex
from assistant.settings import ROOT, read_settings
from evaluation.command import RESULTS_DIR
from evaluation.errors import EvaluationError
from evaluation.speed.figures import figures_of, lines_of
from evaluation.speed.texts import Texts, generated, texts_of, write_corpus

_TURNS = 3
_COLD_STARTS = 5


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.speed", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="corpus.jsonl, queries.jsonl and qrels.tsv")
    parser.add_argument(
        "--articles", type=int, default=300, help="how many are indexed, and asked about (300)"
    )
    parser.add_argument("--out", type=Path, default=RESULTS_DIR, help="folder for the JSON")
    chosen = parser.parse_args()
    try:
        texts = texts_of(chosen.folder, chosen.articles) if chosen.folder else generated(chosen.articles)
    except EvaluationError as error:
        parser.error(str(error))
    prepare_encoder(read_settings())
    with tempfile.TemporaryDirectory() as folder:
        measured = _measure(texts, Path(folder))
    figures = figures_of(measured)
    for line in lines_of(figures):
        sys.stdout.write(f"{line}\n")
    chosen.out.mkdir(parents=True, exist_ok=True)
    path = chosen.out / f"speed-{texts.source}.json"
    path.write_text(json.dumps({"corpus": texts.source, "cores": os.cpu_count(), **figures}, indent=1) + "\n")
    sys.stdout.write(f"Wrote {path}\n")


def _measure(texts: Texts, folder: Path) -> dict[str, Any]:
    # As whatever pip installs is, plain's libraries among it: else every cold start compiles ours anew where the
    # environment forbids to write bytecode.
    for own in ("assistant", "evaluation"):
        compileall.compile_dir(ROOT / own, quiet=2)
    write_corpus(texts, folder / "corpus")
    ours = {"ASSISTANT_CORPUS_DIR": str(folder / "corpus"), "ASSISTANT_INDEX_DIR": str(folder / "index")}
    unread = {**ours, "ASSISTANT_INDEX_DIR": str(folder / "unread"), "ASSISTANT_READER": "off"}
    asked = "\n".join(" ".join(question.split()) for question in texts.questions)
    one_thread = {"OMP_NUM_THREADS": "1"}
    measured: dict[str, Any] = {"index": _product("index", ours)}
    _product("index", unread)
    _write_passages(folder)
    measured["plain index"] = _plain("index", folder)
    measured["questions"], measured["unread questions"], measured["plain questions"] = [], [], []
    measured["cold"], measured["plain cold"] = [], []
    for _ in range(_TURNS):
        measured["questions"].append(_product("questions", {**ours, **one_thread}, asked))
        measured["unread questions"].append(_product("questions", {**unread, **one_thread}, asked))
        measured["plain questions"].append(_plain("questions", folder, asked, one_thread))
    for question in texts.questions[:_COLD_STARTS]:
        measured["cold"].append(
            _seconds_cold([sys.executable, "-m", "assistant", "ask", "--json", question], ours)
        )
        plain = [sys.executable, "-m", "evaluation.speed.plain", "ask", str(folder)]
        measured["plain cold"].append(_seconds_cold(plain, {}, question))
    measured["web"] = _product("web", ours, asked)
    return measured


def _write_passages(folder: Path) -> None:
    """What plain indexes: the very same passages with title and heading before them, and our other texts."""
    index = PassageIndex.open(folder / "index")
    passages, others = [], []
    for passage in index.passages:
        title = index.documents[passage.doc_id].title
        before = ". ".join(part for part in (title, passage.heading) if part)
        passages.append(f"{before}. {passage.text}")
        others += [f"{before}. {sentence}" for sentence in passage.sentence_texts()]
    (folder / "passages.json").write_text(json.dumps(passages), encoding="utf-8")
    (folder / "others.json").write_text(json.dumps(others), encoding="utf-8")


def _product(what: str, settings: dict[str, str], asked: str = "") -> dict[str, Any]:
    return _json([sys.executable, "-m", "evaluation.speed.product", what], settings, asked)


def _plain(
    what: str, folder: Path, asked: str = "", settings: dict[str, str] | None = None
) -> dict[str, Any]:
    return _json([sys.executable, "-m", "evaluation.speed.plain", what, str(folder)], settings or {}, asked)


def _json(command: list[str], settings: dict[str, str], asked: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(_run(command, settings, asked).splitlines()[-1])
    return answer


def _seconds_cold(command: list[str], settings: dict[str, str], asked: str = "") -> dict[str, float]:
    """From starting the process to its end, which is when the answer stands; and what the processor did for it."""
    began, used = perf_counter(), _processor_seconds()
    _run(command, settings, asked)
    return {"wall": perf_counter() - began, "processor": _processor_seconds() - used}


def _processor_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def _run(command: list[str], settings: dict[str, str], asked: str) -> str:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **settings},
        input=asked,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        text=True,
    )
    return done.stdout


if __name__ == "__main__":
    main()
