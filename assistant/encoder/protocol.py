"""What an encoder is: text to unit vectors."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Progress = Callable[[int], None]


class Encoder(Protocol):
    """Encodes text as float32 unit rows of shape [n, dim].

    The same text gives the same row: bit for bit as a query, and within 1e-6 in each number as a passage,
    whatever passages are beside it and whichever runtime runs the model. Where questions are encoded in eight
    bits, a text's row as a query has a cosine of at least .997 with its row as a passage.
    """

    @property
    def name(self) -> str:
        """The model's name, without any folder."""

    @property
    def revision(self) -> str:
        """SHA-256 over the model's files: equal revision, equal passage vectors."""

    @property
    def dim(self) -> int:
        """Numbers in a row."""

    @property
    def max_tokens(self) -> int:
        """Most tokens read of a text, special tokens counted; the rest would be cut off unseen."""

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, special tokens counted."""

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """One row a query; no row depends on the other queries."""

    def encode_passages(self, passages: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One row a passage; `progress` is told how many more are done."""
