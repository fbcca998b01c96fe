"""Arithmetic stand-ins: every score can be worked out by hand."""

from collections.abc import Sequence

import numpy as np

from assistant.encoder import FLOAT32, Progress, Vectors


class WordEncoder:
    """One dimension a known word: a text's row counts its known words, scaled to length 1.

    A text without a known word gets the last dimension, which no known word has.
    """

    name = "words"
    precision = FLOAT32
    max_tokens = 400

    def __init__(self, words: Sequence[str], revision: str = "1") -> None:
        self._dimension = {word: number for number, word in enumerate(words)}
        self.revision = revision
        self.dim = len(words) + 1
        self.encoded: list[str] = []

    def count_tokens(self, text: str) -> int:
        return len(text.split()) + 2

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        return self._rows(queries)

    def encode_passages(self, passages: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.encoded += passages
        if progress:
            progress(len(passages))
        return self._rows(passages)

    def _rows(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.casefold().replace(".", " ").replace("?", " ").split():
                if word in self._dimension:
                    row[self._dimension[word]] += 1
            if not row.any():
                row[-1] = 1
            row /= np.linalg.norm(row)
        return rows
