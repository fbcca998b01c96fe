"""Dense search measured against exact search."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter, thread_time

import numpy as np

from assistant.encoder import Vectors
from assistant.stores import VectorSearch
from evaluation.scale.extending import closeness
from evaluation.speed.memory import peak_megabytes

TOP, CANDIDATES = 10, 200
"""The best ten, and what a question asks for."""
_SAMPLE = 1500
_AT_ONCE = 20_000


def search_figures(store: VectorSearch, asked: Vectors, path: Path) -> dict[str, object]:
    """Times, memory and recall of searching for each row of `asked`; `path` has all rows."""
    times = {
        k: [timed(lambda q=query, k=k: store.search(q[None], k)) for query in asked]  # type: ignore[misc]
        for k in (TOP, CANDIDATES)
    }
    peak = peak_megabytes()
    vectors = np.load(path, mmap_mode="r")
    return {
        "engine": type(store).__name__,
        **percentiles("dense_top_10", times[TOP]),
        **percentiles("dense_top_200", times[CANDIDATES]),
        **{f"recall_at_{k}": recall(vectors, asked, store.search(asked, k)[1]) for k in times},
        "serving_megabytes": peak,
        "closeness": _closeness(vectors),
    }


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of this thread's processor time."""
    began, used = perf_counter(), thread_time()
    act()
    return perf_counter() - began, thread_time() - used


def percentiles(name: str, times: list[tuple[float, float]]) -> dict[str, float]:
    """p50 and p95 in milliseconds, by the clock and of processor time: other work on the machine is not in it."""
    return {
        f"{name}_{kind}_p{percent}": float(np.percentile([each[at] for each in times], percent)) * 1000
        for at, kind in enumerate(("ms", "cpu_ms"))
        for percent in (50, 95)
    }


def recall(vectors: Vectors, asked: Vectors, found: np.ndarray) -> float:
    """The share of each question's nearest rows, by exact search, that are among those found."""
    k = found.shape[1]
    scores = np.concatenate(
        [asked @ np.asarray(vectors[at : at + _AT_ONCE]).T for at in range(0, len(vectors), _AT_ONCE)], axis=1
    )
    best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    shared = [len(set(a) & set(b)) for a, b in zip(best.tolist(), found.tolist(), strict=True)]
    return float(sum(shared) / found.size)


def _closeness(vectors: Vectors) -> list[float]:
    """Of about as many passages as the pool has, so that the two can be compared."""
    chosen = np.random.default_rng(1).choice(len(vectors), min(_SAMPLE, len(vectors)), replace=False)
    return closeness(np.asarray(vectors[np.sort(chosen)]))
