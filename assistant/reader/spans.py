"""From the logits of first and last token to the words that are pointed at."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.types import Span

LONGEST = 30
"""Tokens of an answer."""


def best_span(starts: NDArray[np.float32], ends: NDArray[np.float32], offsets: Sequence[Span]) -> Span:
    """The span of the likeliest pair of a first and a last token, at most `LONGEST` tokens; of equal ones the first.

    `starts` and `ends` are logits [tokens or more]; tokens whose span is empty belong to no word.
    """
    real = np.array([end > start for start, end in offsets])
    size = len(offsets)
    first = np.where(real, starts[:size], -np.inf)[:, np.newaxis]
    last = np.where(real, ends[:size], -np.inf)[np.newaxis]
    apart = np.arange(size)[np.newaxis] - np.arange(size)[:, np.newaxis]
    scores = np.where((apart >= 0) & (apart < LONGEST), first + last, -np.inf)
    start, end = divmod(int(scores.argmax()), size)
    return Span(offsets[start].start, offsets[end].end)
