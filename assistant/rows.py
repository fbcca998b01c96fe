"""Which rows of an index belong together, and which of an article's holds some words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from assistant.types import Passage, Span

Starts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layout:
    """Article number d has the passages from row `articles[d]` to before `articles[d + 1]`; the passage in a
    row has the sentences from `sentences[row]` to before `sentences[row + 1]`, counted over all passages."""

    articles: Starts
    sentences: Starts

    def rows(self, number: int) -> range:
        """The rows of one article's passages, in order."""
        return range(int(self.articles[number]), int(self.articles[number + 1]))

    def sentences_of(self, rows: Sequence[int]) -> tuple[Starts, Starts]:
        """For each of these passages the row of its first sentence, and how many it has."""
        places = np.asarray(rows)
        first: Starts = self.sentences[places]
        return first, self.sentences[places + 1] - first


def layout_of(doc_ids: Sequence[str], passages: Sequence[Passage]) -> Layout:
    """The layout of passages that come article by article, in this order of the articles.

    Raises `ValueError` if they do not.
    """
    counts = {doc_id: len(list(own)) for doc_id, own in groupby(passages, lambda each: each.doc_id)}
    lengths = [counts.get(doc_id, 0) for doc_id in doc_ids]
    if list(counts) != [doc_id for doc_id in doc_ids if doc_id in counts] or sum(lengths) != len(passages):
        raise ValueError("the passages do not come article by article, in the order of the articles")
    return Layout(_starts(lengths), _starts([len(passage.sentences) for passage in passages]))


def _starts(lengths: Sequence[int]) -> Starts:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


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
