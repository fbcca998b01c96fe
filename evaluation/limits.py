"""Limits on figures, so that a change for the worse fails the build."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evaluation.bootstrap import Figure
from evaluation.errors import EvaluationError
from evaluation.figures import NAMES
from evaluation.safety_figures import SAFETY_NAMES

_FORM = re.compile(r"\s*(?P<name>[\w@]+)\s*(?P<sign>>=|<=|=)\s*(?P<value>\d*\.?\d+)\s*")


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure must not be below (`at_least`) or above a value; the value itself passes."""

    name: str
    value: float
    at_least: bool

    def __str__(self) -> str:
        return f"{self.name}{'>=' if self.at_least else '<='}{self.value:g}"

    def failure(self, figures: Mapping[str, Figure]) -> str | None:
        """Why the figures fail, or None. A figure that is not there fails."""
        found = figures.get(self.name)
        if found is None:
            return f"{self} failed: the set has no questions for {self.name}"
        passes = found.value >= self.value if self.at_least else found.value <= self.value
        return None if passes else f"{self} failed: {self.name} is {found.value:.4f}"


def parse_limit(text: str) -> Limit:
    """A limit written `NAME>=VALUE`, `NAME<=VALUE`, or `NAME=VALUE`, which means at least."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise EvaluationError(
            f"The limit {text!r} must be written like success@1=0.8 or auroc>=0.7 or missed_rate<=0.1."
        )
    names = (*NAMES, *SAFETY_NAMES)
    if match["name"] not in names:
        raise EvaluationError(f"There is no figure {match['name']!r}. Choose one of: {', '.join(names)}.")
    return Limit(match["name"], float(match["value"]), match["sign"] != "<=")


def failures(limits: Iterable[Limit], figures: Mapping[str, Figure]) -> list[str]:
    """One line for each limit that fails."""
    return [failure for limit in limits if (failure := limit.failure(figures))]
