"""What `python -m assistant evaluate` wrote, for the page that shows it."""

import json
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

REPORT = "report.html"
_PLOT = re.compile(
    r"<figure><figcaption>(?P<title>[^<]*)</figcaption>"
    r'<img alt="[^"]*" src="data:image/png;base64,(?P<png>[A-Za-z0-9+/=]+)"></figure>'
)
_MOST_BYTES = 50 << 20


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture of the report; `png` is base64."""

    title: str
    png: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its 95% interval, over `n` questions."""

    name: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class SetResult:
    """One question set: the figures of its quoted part, from the generation `build_id`."""

    name: str
    part: str
    build_id: str
    figures: tuple[Figure, ...]


def read_results(folder: Path) -> tuple[SetResult, ...]:
    """Every set's figures by name; what is no such file is passed over."""
    found = (_set_of(path) for path in sorted(folder.glob("*.json")))
    return tuple(each for each in found if each)


def read_plots(folder: Path) -> tuple[Plot, ...]:
    """The report's plots in its order; none if there is no report."""
    path = folder / REPORT
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return ()
    page = path.read_text(encoding="utf-8", errors="replace")
    return tuple(Plot(unescape(match["title"]), match["png"]) for match in _PLOT.finditer(page))


def _set_of(path: Path) -> SetResult | None:
    try:
        body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        figures = body["figures"][body["quoted_part"]]
        return SetResult(
            str(body["set"]),
            str(body["quoted_part"]),
            str(body.get("build_id", "")),
            tuple(_figure(name, each) for name, each in figures.items()),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _figure(name: str, each: dict[str, Any]) -> Figure:
    value, low, high = (float(each[key]) for key in ("value", "low", "high"))
    return Figure(name.replace("_", " "), value, low, high, int(each["n"]))
