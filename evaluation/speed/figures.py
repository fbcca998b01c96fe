"""From what was measured to figures and ratios."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np

_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
TARGETS = {
    "cold start": ("<=", 0.12),
    "question p50": ("<=", 0.35),
    "question p50, nothing read": ("<=", 0.35),
    "indexing, passages a second": (">=", 2.0),
    "serving memory": ("<=", 0.5),
}


def figures_of(measured: Mapping[str, Any]) -> dict[str, Any]:
    """`assistant` and `plain` with the same keys, and the `ratios` of the first to the second.

    `unread_milliseconds` are of the same questions where nothing is read, as with articles whose editors say what they
    do not answer; `read_share` of the questions had passages read otherwise, and took `read_milliseconds`.
    """
    ours, plain = measured["index"], measured["plain index"]
    unread = _questions(measured["unread questions"])["milliseconds"]
    figures = {
        "assistant": {
            **_questions(measured["questions"]),
            "unread_milliseconds": unread,
            **_read(measured["questions"]),
            **_cold(measured["cold"]),
            "passages_a_second": ours["passages"] / ours["passages_only_seconds"],
            "passages_a_second_whole_build": ours["passages"] / ours["build_seconds"],
            "index_megabytes": ours["index_megabytes"],
            "indexing_peak_megabytes": ours["peak_megabytes"],
            "web_peak_megabytes": measured["web"]["peak_megabytes"],
        },
        "plain": {
            **_questions(measured["plain questions"]),
            **_cold(measured["plain cold"]),
            "passages_a_second": plain["passages"] / plain["seconds"],
            "passages_a_second_with_sentences": plain["passages"]
            / (plain["seconds"] + plain["other_texts_seconds"]),
            "index_megabytes": plain["index_megabytes"],
            "indexing_peak_megabytes": plain["peak_megabytes"],
        },
    }
    one, other = figures["assistant"], figures["plain"]
    ratios = {
        "cold start": one["cold_seconds"] / other["cold_seconds"],
        "cold start, processor time": one["cold_processor_seconds"] / other["cold_processor_seconds"],
        "question p50": one["milliseconds"]["p50"] / other["milliseconds"]["p50"],
        "question p50, nothing read": unread["p50"] / other["milliseconds"]["p50"],
        **_ratio_read(one, other),
        "question p95": one["milliseconds"]["p95"] / other["milliseconds"]["p95"],
        "indexing, passages a second": one["passages_a_second"] / other["passages_a_second"],
        "whole build against plain with sentences": one["passages_a_second_whole_build"]
        / other["passages_a_second_with_sentences"],
        "whole build against plain passages alone": one["passages_a_second_whole_build"]
        / other["passages_a_second"],
        "serving memory": one["serving_megabytes"] / other["serving_megabytes"],
        "serving memory, with the web chat": one["web_peak_megabytes"] / other["serving_megabytes"],
        "index on disk": one["index_megabytes"] / other["index_megabytes"],
    }
    return {"passages": ours["passages"], **figures, "ratios": ratios}


def lines_of(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for people."""
    yield f"{figures['passages']} passages"
    for name in ("assistant", "plain"):
        for key, value in figures[name].items():
            shown = (
                ", ".join(f"{k} {v:.2f}" for k, v in value.items())
                if isinstance(value, dict)
                else f"{value:.2f}"
            )
            yield f"{name:10}{key:34}{shown}"
    for key, value in figures["ratios"].items():
        sign, target = TARGETS.get(key, ("", None))
        yield f"ratio     {key:44}{value:.3f}{f'   to reach: {sign} {target}' if target else ''}"


def _questions(turns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Milliseconds of each question at the median of its turns, so that other work does not count."""
    milliseconds = 1000 * np.median([turn["seconds"] for turn in turns], axis=0)
    names = list(turns[0]["stages"][0])
    rows = [[[row[name] for name in names] for row in turn["stages"]] for turn in turns]
    stages = 1000 * np.median(np.median(rows, axis=0), axis=0)
    return {
        "milliseconds": {name: float(np.quantile(milliseconds, q)) for name, q in _QUANTILES.items()},
        "stage_milliseconds": dict(zip(names, map(float, stages), strict=True)),
        "serving_megabytes": float(median(turn["peak_megabytes"] for turn in turns)),
    }


def _read(turns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How many questions had passages read, and the milliseconds of these."""
    read = np.array([row["reader"] > 0 for row in turns[0]["stages"]])
    milliseconds = 1000 * np.median([turn["seconds"] for turn in turns], axis=0)[read]
    quantiles = {name: float(np.quantile(milliseconds, q)) for name, q in _QUANTILES.items() if read.any()}
    return {"read_share": float(read.mean()), "read_milliseconds": quantiles}


def _ratio_read(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, float]:
    read = one["read_milliseconds"]
    return {"question p50, passages read": read["p50"] / other["milliseconds"]["p50"]} if read else {}


def _cold(starts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The first start fills the disk's cache and is left out."""
    wall = [start["wall"] for start in starts[1:]]
    return {
        "cold_seconds": median(wall),
        "cold_seconds_least": min(wall),
        "cold_seconds_most": max(wall),
        "cold_processor_seconds": median(start["processor"] for start in starts[1:]),
    }
