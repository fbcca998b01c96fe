"""Time, size and memory against the number of passages, as PNG."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evaluation.plots import png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINES = {
    "Build": ("seconds", {"build_seconds": "by the clock", "build_cpu": "processor"}),
    "Index on disk": ("megabytes", {"index_megabytes": "all files"}),
    "Memory": ("megabytes", {"serving_megabytes": "serving", "build_megabytes": "building"}),
    "Dense search, best 10": (
        "milliseconds of processor time",
        {"dense_top_10_cpu_ms_p50": "p50", "dense_top_10_cpu_ms_p95": "p95"},
    ),
    "A whole question": (
        "milliseconds of processor time",
        {"question_cpu_ms_p50": "p50", "question_cpu_ms_p95": "p95"},
    ),
    "Open to first answer": (
        "seconds",
        {"first_answer_seconds": "by the clock", "first_answer_cpu": "processor"},
    ),
    "Recall against exact search": ("share found", {"recall_at_10": "of 10", "recall_at_200": "of 200"}),
}


def plots_of(sizes: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """By title, one plot for each kind of figure; `sizes` are the figures of each number of passages."""
    return {title: _plot(sizes, unit, lines) for title, (unit, lines) in _LINES.items()}


def _plot(sizes: Sequence[Mapping[str, Any]], unit: str, lines: Mapping[str, str]) -> bytes:
    def draw(axes: "Axes") -> None:
        for name, label in lines.items():
            axes.plot(
                [each["passages"] for each in sizes],
                [each[name] for each in sizes],
                marker="o",
                label=label,
            )
        axes.set(xlabel="passages", ylabel=unit, xscale="log")
        axes.set_ylim(bottom=0)
        axes.legend(fontsize=7)

    return png(draw)
