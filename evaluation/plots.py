"""The report's plots, as PNG. matplotlib is imported only when one is drawn."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from evaluation.abstention import reliability, risk_coverage
from evaluation.figures import Figures, probabilities, rightness
from evaluation.judgements import Part, Role
from evaluation.runner import Outcome, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE = (4.6, 3.4)
_DPI = 110
_BINS = [each / 20 for each in range(21)]
_COLOURS = {
    Role.ANSWERABLE: "#1b7f5c",
    Role.UNANSWERABLE: "#c2452d",
    Role.OTHER_SUBJECT: "#3566b8",
}


def plots_of(run: Run, part: Part, figures: Figures) -> dict[str, bytes]:
    """By title, the plots that the part has questions for."""
    judged = run.of(part, Role.ANSWERABLE, Role.UNANSWERABLE)
    by_role = {role: outcomes for role in _COLOURS if (outcomes := run.of(part, role))}
    plots = {"Probability, by kind of question": _histogram(by_role)} if by_role else {}
    if judged:
        plots["Right passage among the first k"] = _bars(figures)
        plots["Risk and coverage"] = _risk_coverage(judged)
        plots["Reliability of the probability"] = _reliability(judged)
    return plots


def _risk_coverage(outcomes: Sequence[Outcome]) -> bytes:
    points = risk_coverage(probabilities(outcomes), rightness(outcomes))

    def draw(axes: "Axes") -> None:
        axes.step([point.coverage for point in points], [point.risk for point in points], where="pre")
        axes.set(
            xlabel="share of questions answered", ylabel="share of answers wrong", xlim=(0, 1), ylim=(0, 1)
        )

    return png(draw)


def _reliability(outcomes: Sequence[Outcome]) -> bytes:
    bins = reliability(probabilities(outcomes), rightness(outcomes))

    def draw(axes: "Axes") -> None:
        axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
        axes.plot([each.probability for each in bins], [each.right for each in bins], marker="o")
        for each in bins:
            axes.annotate(str(each.questions), (each.probability, each.right), fontsize=7)
        axes.set(xlabel="probability stated", ylabel="share answered rightly", xlim=(0, 1), ylim=(0, 1.05))

    return png(draw)


def _histogram(by_role: Mapping[Role, Sequence[Outcome]]) -> bytes:
    def draw(axes: "Axes") -> None:
        for role, outcomes in by_role.items():
            weights = [1 / len(outcomes)] * len(outcomes)
            label = f"{role.value.replace('_', ' ')} ({len(outcomes)})"
            colour = _COLOURS[role]
            axes.hist(
                probabilities(outcomes), _BINS, weights=weights, histtype="step", label=label, color=colour
            )
        axes.set(xlabel="probability", ylabel="share of its kind", xlim=(0, 1))
        axes.legend(fontsize=7)

    return png(draw)


def _bars(figures: Figures) -> bytes:
    chosen = {name: each for name, each in figures.items() if "success@" in name}
    values = [each.value for each in chosen.values()]
    below = [max(0.0, each.value - each.low) for each in chosen.values()]
    above = [max(0.0, each.high - each.value) for each in chosen.values()]

    def draw(axes: "Axes") -> None:
        places = range(len(chosen))
        axes.barh(places, values, xerr=[below, above], color="#9cc9b8", capsize=3)
        axes.set_yticks(places, [name.replace("_", " ") for name in chosen], fontsize=7)
        axes.invert_yaxis()
        axes.set(xlim=(0, 1), xlabel="share of questions, with 95% interval")

    return png(draw)


def png(draw: "Callable[[Axes], None]") -> bytes:
    """One plot, drawn on axes of the report's size."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained")
    draw(figure.subplots())
    file = BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()
