"""Stretches of a printed page that stand side by side: the columns of running text, or the cells of a table.

What is read across instead of down, or down instead of across, makes sentences that nobody wrote. So each such
place is told to whoever brings the document in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from assistant.ingest.layout import Line
from assistant.ingest.pieces import CELL_MARK
from assistant.ingest.types import Dropped

WIDE = 1.6
"""Times the size of the type: wider than any blank between two words of a line."""

_LEAST_LINES = 4
_LEAST_ROWS = 2
_LEAST_WORDS = 3.0
_SAME_EDGE = 3.0
_GOES_ON = 0.4

Row = tuple[Line, ...]
"""The stretches of one printed line, from left to right."""


def read_across_or_down(rows: Sequence[Row]) -> tuple[list[Line], list[Dropped]]:
    """The lines of a page in the order in which they are read, and where that was a guess."""
    lines: list[Line] = []
    told: list[Dropped] = []
    at = 0
    while at < len(rows):
        columns = _columns_from(rows, at)
        table = 0 if columns else _table_from(rows, at)
        if columns:
            lines += _down(rows[at : at + columns])
            told.append(Dropped("read as two columns", _beginning(rows[at])))
        elif table:
            lines += _across(rows[at : at + table])
            told.append(Dropped("read as a table", _beginning(rows[at])))
        else:
            lines.append(_joined(rows[at], " "))
        at += columns or table or 1
    return lines, told


def _columns_from(rows: Sequence[Row], start: int) -> int:
    """How many lines from here on are two columns of running text; 0 if they are not."""
    if len(rows[start]) != 2:
        return 0
    end, gutter = start, rows[start][1].left
    while end < len(rows) and _keeps_clear(rows[end], gutter):
        end += 1
    while len(rows[end - 1]) < 2:
        end -= 1
    run = rows[start:end]
    both = [row for row in run if len(row) == 2]
    if len(both) < _LEAST_LINES or not all(_is_running_text(side) for side in zip(*both, strict=True)):
        return 0
    return end - start


def _keeps_clear(row: Row, gutter: float) -> bool:
    """Whether nothing in the line crosses the gutter, and each side is one stretch."""
    left = [part for part in row if part.right < gutter]
    right = [part for part in row if abs(part.left - gutter) <= _SAME_EDGE * part.size]
    return len(left) <= 1 and len(right) <= 1 and len(left) + len(right) == len(row)


def _is_running_text(side: Sequence[Line]) -> bool:
    """Lines of several words that go on from one to the next, as the cells of a table seldom do."""
    words = sum(len(line.text.split()) for line in side) / len(side)
    going_on = sum(
        not before.text.endswith((".", ":")) and line.text[0].islower() for before, line in pairwise(side)
    )
    return words >= _LEAST_WORDS and going_on >= _GOES_ON * (len(side) - 1)


def _table_from(rows: Sequence[Row], start: int) -> int:
    """How many lines from here on are rows of a table, lines of wrapped cells among them; 0 if too few."""
    edges = [part.left for part in rows[start]]
    end = start
    while end < len(rows) and (_is_row(rows[end], edges) or _wraps(rows[end], edges, end > start)):
        end += 1
    full = sum(len(row) > 1 for row in rows[start:end])
    return end - start if len(edges) > 1 and full >= _LEAST_ROWS else 0


def _is_row(row: Row, edges: Sequence[float]) -> bool:
    return len(row) > 1 and all(_cell_of(part, edges) is not None for part in row)


def _wraps(row: Row, edges: Sequence[float], inside: bool) -> bool:
    """Whether the line goes on in a cell other than the first."""
    return inside and len(row) == 1 and bool(_cell_of(row[0], edges))


def _cell_of(part: Line, edges: Sequence[float]) -> int | None:
    near = [number for number, edge in enumerate(edges) if abs(part.left - edge) <= part.size]
    return near[0] if near else None


def _down(rows: Iterable[Row]) -> list[Line]:
    rows = list(rows)
    gutter = rows[0][1].left
    parts = [part for row in rows for part in row]
    left = [part for part in parts if part.right < gutter]
    return [*left, *(part for part in parts if part.right >= gutter)]


def _across(rows: Iterable[Row]) -> list[Line]:
    """One line a row of the table; what wraps goes on in its cell."""
    table: list[list[Line]] = []
    for row in rows:
        if len(row) > 1:
            table.append(list(row))
            continue
        [part] = row
        cell = min(range(len(table[-1])), key=lambda number: abs(table[-1][number].left - part.left))
        before = table[-1][cell]
        table[-1][cell] = replace(before, text=f"{before.text} {part.text}", baseline=part.baseline)
    return [replace(_joined(tuple(row), CELL_MARK), in_table=True) for row in table]


def _joined(row: Row, mark: str) -> Line:
    return replace(row[0], text=mark.join(part.text for part in row), right=row[-1].right)


def _beginning(row: Row) -> str:
    return " ".join(part.text for part in row)
