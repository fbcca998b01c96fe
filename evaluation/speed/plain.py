"""Plain sentence-transformers and FAISS with the same weights, as a tutorial would have it; what we compare with.

`python -m evaluation.speed.plain index|questions|ask FOLDER`: FOLDER has `passages.json`, and `index` writes
`index.faiss` beside it. It has no triage, no lexical search, no judgement and no verification. Prints JSON.
"""

import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from evaluation.speed.memory import MEGABYTE, peak_megabytes

_PASSAGES, _INDEX = "passages.json", "index.faiss"
_TOP_K = 3
_WARM_UP = 10


def load() -> Any:
    """The encoder of the settings through sentence-transformers alone, our adapter merged into its weights."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from sentence_transformers import SentenceTransformer

    from assistant.encoder.adapter import merge_adapter
    from assistant.encoder.models import find_model
    from assistant.settings import read_settings

    found = find_model(read_settings().encoder)
    model = SentenceTransformer(str(found.folder), device="cpu")
    if found.adapter:
        merge_adapter(model[0], found.adapter)
    return model


def index(folder: Path) -> dict[str, object]:
    """Encodes the passages, and then, for comparison, all texts that our own index has vectors of."""
    import faiss

    model = load()
    passages = json.loads((folder / _PASSAGES).read_text(encoding="utf-8"))
    model.encode(["to load it"])
    began = perf_counter()
    vectors = model.encode(passages, normalize_embeddings=True)
    store = faiss.IndexFlatIP(vectors.shape[1])
    store.add(vectors)
    faiss.write_index(store, str(folder / _INDEX))
    seconds = perf_counter() - began
    sentences = json.loads((folder / "others.json").read_text(encoding="utf-8"))
    began = perf_counter()
    model.encode(sentences, normalize_embeddings=True)
    return {
        "passages": len(passages),
        "seconds": seconds,
        "other_texts": len(sentences),
        "other_texts_seconds": perf_counter() - began,
        "peak_megabytes": peak_megabytes(),
        "index_megabytes": sum((folder / name).stat().st_size for name in (_PASSAGES, _INDEX)) / MEGABYTE,
    }


def questions(folder: Path) -> dict[str, object]:
    """Asks every question on stdin, a line each, on one thread."""
    import faiss
    import torch

    model = load()
    torch.set_num_threads(1)
    faiss.omp_set_num_threads(1)
    store = faiss.read_index(str(folder / _INDEX))
    passages = json.loads((folder / _PASSAGES).read_text(encoding="utf-8"))
    asked = sys.stdin.read().splitlines()
    times, stages = [], []
    for question in asked[:_WARM_UP] + asked:
        began = perf_counter()
        vector = model.encode([question], normalize_embeddings=True)
        encoded = perf_counter()
        scores, rows = store.search(vector, _TOP_K)
        searched = perf_counter()
        _render(passages, scores, rows)
        ended = perf_counter()
        times.append(ended - began)
        stages.append({"encode": encoded - began, "dense": searched - encoded, "render": ended - searched})
    return {
        "seconds": times[_WARM_UP:],
        "stages": stages[_WARM_UP:],
        "peak_megabytes": peak_megabytes(),
    }


def ask(folder: Path) -> dict[str, object]:
    """Answers one question in a process of its own."""
    import faiss

    model = load()
    store = faiss.read_index(str(folder / _INDEX))
    passages = json.loads((folder / _PASSAGES).read_text(encoding="utf-8"))
    scores, rows = store.search(model.encode([sys.stdin.read()], normalize_embeddings=True), _TOP_K)
    return {"hits": json.loads(_render(passages, scores, rows))}


def _render(passages: list[str], scores: Any, rows: Any) -> str:
    hits = [
        {"score": float(score), "text": passages[row]} for score, row in zip(scores[0], rows[0], strict=True)
    ]
    return json.dumps(hits)


def main(what: str, folder: Path) -> None:
    """Prints one line of JSON."""
    commands = {"index": index, "questions": questions, "ask": ask}
    sys.stdout.write(json.dumps(commands[what](folder)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
