"""Pieces of HTML that reports are made of; all words are escaped."""

from collections.abc import Iterable, Sequence
from html import escape

from evaluation.bootstrap import Figure

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:#1c2321}
table{border-collapse:collapse;margin:1rem 0;font-size:13px}
th,td{border-bottom:1px solid #d5dcd9;padding:.25rem .7rem;text-align:left;vertical-align:top}
td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
img{width:100%}figure{display:inline-block;max-width:34rem;width:48%;margin:0}small{color:#5b6663}
.better{background:#d9f0e6}.worse{background:#f7ded8}h2{margin-top:3rem;border-top:2px solid #1b7f5c}
"""


def document(title: str, body: Iterable[str]) -> str:
    """A whole page that needs nothing beside it; `body` holds finished pieces."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n'
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def table(header: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; `rows` hold finished cells."""
    head = "".join(f"<th>{escape(each)}</th>" for each in header)
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def cell(text: str) -> str:
    """A cell of words."""
    return f"<td>{escape(text)}</td>"


def number(figure: Figure | None, mark: str = "") -> str:
    """A cell with the figure and its interval, empty without one; `mark` is a class of the style."""
    if figure is None:
        return "<td></td>"
    interval = f"<small>[{figure.low:.3f}, {figure.high:.3f}]</small>"
    return f'<td class="number {mark}">{figure.value:.3f} {interval}</td>'


def count(figure: Figure | None) -> str:
    """A cell with the number of questions behind the figure."""
    return f'<td class="number">{figure.n if figure else ""}</td>'


def heading(name: str) -> str:
    """The name of a figure in words."""
    return name.replace("_", " ")
