"""From the logits of first and last token to the words that are pointed at."""

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from assistant.types import Span

LONGEST = 30
"""Tokens of an answer."""


def best_spans(points: NDArray[np.float32], offsets: Sequence[NDArray[np.int64]]) -> list[Span]:
    """Of each text the span of the likeliest pair of a first and a last token, at most `LONGEST` tokens; of equal
    ones the first.

    `points` are logits of first and last token [texts, 2, tokens or more], `offsets` say of each text where its tokens
    start and end [tokens, 2]; tokens whose span is empty belong to no word.
    """
    texts, _, longest = points.shape
    if not texts:
        return []
    likely = np.full((texts, 2, longest + LONGEST - 1), -np.inf, np.float32)
    for row, places in enumerate(offsets):
        words = places[:, 1] > places[:, 0]
        likely[row, :, : len(places)] = np.where(words, points[row, :, : len(places)], -np.inf)
    # By text and first token, the last tokens that are near enough.
    pairs = likely[:, 0, :longest, np.newaxis] + sliding_window_view(likely[:, 1], LONGEST, axis=1)
    found = []
    for best, places in zip(pairs.reshape(texts, -1).argmax(1).tolist(), offsets, strict=True):
        first, further = divmod(best, LONGEST)
        found.append(Span(int(places[first, 0]), int(places[first + further, 1])))
    return found
