"""What an encoder is: text to unit vectors."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Progress = Callable[[int], None]

FLOAT32, INT8 = PRECISIONS = ("float32", "int8-1")
"""What texts can be encoded in. The number is to be changed with the graph in eight bits, so that no vectors of
another graph are taken over."""


class Encoder(Protocol):
    """Encodes text as float32 unit rows of shape [n, dim].

    The same text gives the same row: bit for bit as a query, and within 1e-6 in each number as a passage,
    whatever passages are beside it and whichever runtime runs the model in this precision. In eight bits a text's
    row is the same as a query and as a passage; its cosine with the row in 32 bits is at least .997.
    """

    @property
    def name(self) -> str:
        """The model's name, without any folder."""

    @property
    def revision(self) -> str:
        """SHA-256 over the model's files: equal revision and precision, equal vectors."""

    @property
    def precision(self) -> str:
        """One of `PRECISIONS`: rows of one can be asked with a query in the other, but are not mixed with them."""

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
