"""Texts of like length are encoded together: padding is work that nobody reads."""

from collections.abc import Iterator, Sequence

import numpy as np

from assistant.encoder.protocol import Vectors


def length_sorted(lengths: Sequence[int]) -> list[int]:
    """The places of the texts, the longest first; equal lengths stay in order."""
    return sorted(range(len(lengths)), key=lambda place: -lengths[place])


def batches(lengths: Sequence[int], most_tokens: int) -> Iterator[list[int]]:
    """The places of the texts in batches of like length, the longest first.

    A batch, padded to its longest text, has at most `most_tokens` tokens, or is a single text.
    """
    batch: list[int] = []
    for place in length_sorted(lengths):
        if batch and (len(batch) + 1) * lengths[batch[0]] > most_tokens:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def in_order(rows: Vectors, order: Sequence[int]) -> Vectors:
    """Rows that were made in `order`, put back: row i belongs to text `order[i]`."""
    result = np.empty_like(rows)
    result[list(order)] = rows
    return result
