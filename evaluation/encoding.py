"""An encoder that remembers: the same texts are asked of every configuration and every index."""

from collections.abc import Callable, Sequence

import numpy as np

from assistant.encoder import Encoder, Progress, Vectors


class RememberingEncoder:
    """The encoder `inner`, each text encoded once. For measuring only: it forgets nothing."""

    def __init__(self, inner: Encoder) -> None:
        self._inner = inner
        self._queries: dict[str, Vectors] = {}
        self._passages: dict[str, Vectors] = {}

    @property
    def name(self) -> str:
        """The model's name."""
        return self._inner.name

    @property
    def revision(self) -> str:
        """SHA-256 over the model's files."""
        return self._inner.revision

    @property
    def precision(self) -> str:
        """What texts are encoded in."""
        return self._inner.precision

    @property
    def dim(self) -> int:
        """Numbers in a row."""
        return self._inner.dim

    @property
    def max_tokens(self) -> int:
        """Most tokens read of a text."""
        return self._inner.max_tokens

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, special tokens counted."""
        return self._inner.count_tokens(text)

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """One row a query."""
        return self._rows(self._queries, queries, self._inner.encode_queries)

    def encode_passages(self, passages: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One row a passage; `progress` hears of all of them, remembered or not."""
        rows = self._rows(self._passages, passages, self._inner.encode_passages)
        if progress:
            progress(len(passages))
        return rows

    def _rows(
        self, known: dict[str, Vectors], texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors]
    ) -> Vectors:
        new = list(dict.fromkeys(text for text in texts if text not in known))
        if new:
            known.update(zip(new, encode(new), strict=True))
        return np.stack([known[text] for text in texts]) if texts else np.empty((0, self.dim), np.float32)
