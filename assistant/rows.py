"""Which rows of an index belong to an article, and which of them holds some words."""

from collections.abc import Iterable, Sequence

from assistant.types import Passage, Span


def rows_by_article(passages: Iterable[Passage]) -> dict[str, list[int]]:
    """The rows of each article's passages, in order, by the article's id."""
    rows: dict[str, list[int]] = {}
    for row, passage in enumerate(passages):
        rows.setdefault(passage.doc_id, []).append(row)
    return rows


def row_holding(quote: Span, own: Iterable[int], passages: Sequence[Passage]) -> int | None:
    """Of an article's `own` rows the one whose passage holds most of the quote; None if none holds any."""

    def shared(row: int) -> int:
        return min(passages[row].end, quote.end) - max(passages[row].start, quote.start)

    best = max(own, key=shared, default=None)
    return best if best is not None and shared(best) > 0 else None
